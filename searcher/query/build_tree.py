"""Constructors of query tree nodes that keep the tree flat, without repeated parts and without double negations."""

from __future__ import annotations

from collections.abc import Iterable

from searcher.query.tree import And, Node, Not, Or


def all_of(parts: Iterable[Node]) -> Node | None:
    """The node for documents that match all of the parts; None without parts."""
    return _join(And, parts)


def any_of(parts: Iterable[Node]) -> Node | None:
    """The node for documents that match any of the parts; None without parts."""
    return _join(Or, parts)


def negated(part: Node | None, start: int = 0, end: int = 0) -> Node | None:
    """The node for documents that do not match the part; None without a part. The span includes the operator."""
    if part is None:
        return None
    return part.part if isinstance(part, Not) else Not(part, start, end)


def _join(kind: type[And] | type[Or], parts: Iterable[Node]) -> Node | None:
    flat = (inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,)))
    distinct = tuple(dict.fromkeys(flat))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    return kind(distinct)
