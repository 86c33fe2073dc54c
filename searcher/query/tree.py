"""What a query means, whatever engine answers it: a tree of strings, prefixes, field values and days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: Fields with a closed set of values; a value stands for all of them that contain it, a quoted one for itself.
ValueField = Literal["account", "type", "genre", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A string in normal form, in the title or the body, or in the title alone.

    A literal one (quoted, or under --exact) is found anywhere; another one must not begin or end within a run of
    letters or digits. A prefix may end within one. The empty string stands for a term without content: no document
    has it. start and end are its place in the query as typed.
    """

    text: str
    is_literal: bool = False
    is_prefix: bool = False
    is_title: bool = False
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Same:
    """A term as typed, and others that a helper lets stand for it: found, weighed and counted as one.

    `main` is the one of them whose words find related documents: a slip's own words would find anything.
    """

    terms: tuple[Term, ...]
    main: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Documents one of whose values in a field contains the text (in normal form), or is the text if literal."""

    field: ValueField
    text: str
    is_literal: bool = False
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Documents dated from the first to the last day, as proleptic ordinals, both included; None is unbounded."""

    first: int | None
    last: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts; there are at least two."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts; there are at least two."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """All documents without the part."""

    part: Node


Leaf = Term | Value | Days
Node = Leaf | Same | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """The root of the tree; None stands for every document."""

    root: Node | None


def conjuncts(query: Query) -> tuple[Node, ...]:
    """What a document must all satisfy; none for a query that every document answers."""
    if query.root is None:
        return ()
    return query.root.parts if isinstance(query.root, And) else (query.root,)


def wanted_terms(node: Node | None) -> Iterator[Term]:
    """The terms that a document may be found by, in the order typed: all but those under a Not."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Same):
        yield from node.terms
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from wanted_terms(part)


def all_terms(node: Node | None) -> Iterator[Term]:
    """The terms of a tree in the order typed, those under a Not as well."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from all_terms(part)
    elif isinstance(node, Not):
        yield from all_terms(node.part)
    else:
        yield from wanted_terms(node)
