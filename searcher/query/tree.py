"""The query tree (AST): terms, field values and date ranges joined by AND, OR and NOT, whatever engine executes it.

Two nodes are equal if they mean the same: the span of a leaf (`start`, `end`: its place in the query as typed, in
characters) counts neither for equality nor for hashing.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.fields import ValueField
from corpus.value import Value
from corpus.value import field as attribute


class Term(Value, kw_only=True):
    """A string in normal form that a document must contain, in any field or in the title alone.

    A literal term (quoted, or under --exact) matches anywhere; any other must not begin or end inside a run of letters
    or digits, except that a prefix may end inside one. The empty string matches no document.
    """

    text: str
    is_literal: bool = False
    is_prefix: bool = False
    is_title: bool = False
    start: int = attribute(default=0, compare=False)
    end: int = attribute(default=0, compare=False)


class Alternatives(Value):
    """A term as typed, first, and terms that may replace it; they match, score and count as one term.

    Helpers add such terms, and the parser the other normal forms that a quoted string has inside longer texts.

    `main` is the index of the term whose words find related documents: the words of a misspelt term would match
    anything. If `is_correction`, documents that have the first term come before those that have only another one.
    """

    terms: tuple[Term, ...]
    main: int = 0
    is_correction: bool = False


class FieldValue(Value, kw_only=True):
    """Documents with a value in the field that contains the text (in normal form), or equals it if literal."""

    field: ValueField
    text: str
    is_literal: bool = False
    start: int = attribute(default=0, compare=False)
    end: int = attribute(default=0, compare=False)


class DateRange(Value, kw_only=True):
    """Documents dated from the first to the last day, as proleptic ordinals, both included; None is unbounded."""

    first: int | None
    last: int | None
    start: int = attribute(default=0, compare=False)
    end: int = attribute(default=0, compare=False)


class And(Value):
    """Documents that match all of the parts, at least two."""

    parts: tuple[Node, ...]


class Or(Value):
    """Documents that match any of the parts, at least two."""

    parts: tuple[Node, ...]


class Not(Value):
    """Documents that do not match the part."""

    part: Node
    start: int = attribute(default=0, compare=False)
    end: int = attribute(default=0, compare=False)


Leaf = Term | FieldValue | DateRange
Node = Leaf | Alternatives | And | Or | Not


class Query(Value):
    """The root of a query tree; None matches every document.

    If `is_everywhere`, unquoted terms are also looked for in what is set aside, as quoted ones always are.
    """

    root: Node | None
    is_everywhere: bool = False


def conjuncts(query: Query) -> tuple[Node, ...]:
    """The nodes that a document must all match; none for a query that matches every document."""
    if query.root is None:
        return ()
    return query.root.parts if isinstance(query.root, And) else (query.root,)


def span_of(node: Node) -> tuple[int, int]:
    """Start and end of a node in the query as typed; those of AND and OR do not include brackets around them."""
    if isinstance(node, And | Or):
        spans = [span_of(part) for part in node.parts]
        return min(start for start, _ in spans), max(end for _, end in spans)
    if isinstance(node, Alternatives):
        return span_of(node.terms[0])
    return node.start, node.end


def wanted_parts(node: Node | None) -> Iterator[Term | Alternatives]:
    """The terms, alone or with alternatives, that a document may be found by, in the order typed: none under a Not."""
    if isinstance(node, Term | Alternatives):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from wanted_parts(part)


def as_typed(node: Node | None) -> Node | None:
    """The node without corrections; the same object if it has none. Nothing under a Not is ever corrected."""
    if isinstance(node, Alternatives):
        return node.terms[0] if node.is_correction else node
    if isinstance(node, And | Or):
        parts = tuple(part for part in map(as_typed, node.parts) if part is not None)
        return node if parts == node.parts else type(node)(parts)
    return node


def wanted_terms(node: Node | None) -> Iterator[Term]:
    """The terms that a document may be found by, and their alternatives."""
    for part in wanted_parts(node):
        yield from part.terms if isinstance(part, Alternatives) else (part,)


def all_terms(node: Node | None) -> Iterator[Term]:
    """All terms of a tree in the order typed, those under a Not as well."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from all_terms(part)
    elif isinstance(node, Not):
        yield from all_terms(node.part)
    else:
        yield from wanted_terms(node)
