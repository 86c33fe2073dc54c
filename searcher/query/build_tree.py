"""Building the tree of a query: flat, without repetitions, negations never doubled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from searcher.query.tree import And, Node, Not, Or, Query, Same


def all_of(parts: Iterable[Node]) -> Node | None:
    """The node for documents that meet all of the parts; None without parts."""
    return _joined(And, parts)


def any_of(parts: Iterable[Node]) -> Node | None:
    """The node for documents that meet one of the parts; None without parts."""
    return _joined(Or, parts)


def negated(part: Node | None) -> Node | None:
    """The node for all documents but those of the part; None without a part."""
    if part is None:
        return None
    return part.part if isinstance(part, Not) else Not(part)


def bare(node: Node) -> Node:
    """The node with all places set to zero: two nodes that mean the same are equal."""
    if isinstance(node, Not):
        return Not(bare(node.part))
    if isinstance(node, And | Or):
        return type(node)(tuple(map(bare, node.parts)))
    if isinstance(node, Same):
        return bare(node.terms[0])
    return replace(node, start=0, end=0)


def bare_query(query: Query) -> Query:
    """The same for a whole query."""
    return query if query.root is None else Query(bare(query.root))


def _joined(kind: type[And] | type[Or], parts: Iterable[Node]) -> Node | None:
    distinct: dict[Node, Node] = {}
    for part in parts:
        for inner in part.parts if isinstance(part, kind) else (part,):
            distinct.setdefault(bare(inner), inner)
    if len(distinct) < 2:
        return next(iter(distinct.values()), None)
    return kind(tuple(distinct.values()))
