"""Canonical form: a query tree written as a query, which the parser turns into an equal tree.

A word is written as it is if the parser takes it as one word. A sign in it that would be an operator is replaced by a
variant with the same normal form that is none: ﹙ for (, 丨 for |.
"""

from __future__ import annotations

from typing import Final

from indexer.analysis.normalise import context_forms
from searcher.query.lexer import EVERYWHERE, split_lexemes
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Leaf, Node, Not, Or, Query, Term

#: Signs that are operators anywhere in a word, and signs that are operators in some contexts, with their variants.
_ALWAYS: Final = str.maketrans('"|', "〞丨")
_SOMEWHERE: Final = _ALWAYS | str.maketrans("-()*:?!+&>=;,", "‐﹙﹚﹡﹕﹖﹗﹢﹠﹥﹦﹔﹐")
#: A character that the normal form drops: it keeps 或, 且 and 非, which have no variants, from being operators.
_INVISIBLE: Final = "\u200b"


def canonical_form(query: Query) -> str:
    """The query in canonical form; empty for the query that matches every document."""
    text = "" if query.root is None else _node(query.root)
    return f"{text} {EVERYWHERE}".lstrip() if query.is_everywhere else text


def _node(node: Node) -> str:
    if isinstance(node, Or):
        return " OR ".join(map(_node, node.parts))
    if isinstance(node, And):
        return " ".join(f"({_node(part)})" if isinstance(part, Or) else _node(part) for part in node.parts)
    if isinstance(node, Not):
        is_leaf = isinstance(node.part, Leaf)
        return f"-{_node(node.part)}" if is_leaf else f"-({_node(node.part)})"
    return _leaf(_as_typed(node) if isinstance(node, Alternatives) else node)


def _as_typed(node: Alternatives) -> Term:
    """The term that the parser turns into these alternatives; the first of those that a helper added."""
    forms = tuple(term.text for term in node.terms)
    return next((term for term in node.terms if term.is_literal and context_forms(term.text) == forms), node.terms[0])


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, DateRange):
        from searcher.query.date_ranges import format_date_range  # deferred: few queries name days

        return f"date:{format_date_range(leaf.first, leaf.last)}"
    if isinstance(leaf, FieldValue):
        return f"{leaf.field}:{_string(leaf)}"
    return ("title:" if leaf.is_title else "") + _string(leaf) + ("*" if leaf.is_prefix else "")


def _string(leaf: Term | FieldValue) -> str:
    if leaf.is_literal or not leaf.text:
        return '"' + leaf.text.replace('"', "〞") + '"'
    for table in (_ALWAYS, _SOMEWHERE):
        word = leaf.text.translate(table)
        if _is_plain(word):
            return word
    return word + _INVISIBLE


def _is_plain(word: str) -> bool:
    """True if the word is one lexeme in any context, after a minus as well."""
    lexemes, problems = split_lexemes(f"-{word} x")
    return not problems and [lexeme.kind for lexeme in lexemes] == ["minus", "word", "word"]
