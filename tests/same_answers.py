"""Compares what two engines answer: all of it is equal, but for the last digit of scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from searcher.results import Request
from searcher.service import Searcher

#: A cluster computes scores in single precision, and pages round them to four decimals.
PRECISION = 1.5e-4
#: More than any index of the tests has.
ALL = 1000
TIERS = ("exact", "related", "nearest")


def assert_same(ours: Any, theirs: Any, where: str = "") -> None:
    """Assert that two results are equal but for the last digit of numbers; generations may differ."""
    ours, theirs = (asdict(one) if is_dataclass(one) and not isinstance(one, type) else one for one in (ours, theirs))
    if isinstance(ours, Mapping):
        assert ours.keys() == theirs.keys(), where
        for name in ours.keys() - {"generation", "updated", "took_ms"}:
            assert_same(ours[name], theirs[name], f"{where}.{name}")
    elif isinstance(ours, Sequence) and not isinstance(ours, str):
        if ours and isinstance(ours[0], Mapping) and "tier" in ours[0]:
            assert_same_hits(ours, theirs, where)
            return
        assert len(ours) == len(theirs), f"{where}: {ours} {theirs}"
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            assert_same(*pair, f"{where}[{number}]")
    elif isinstance(ours, float):
        assert math.isclose(ours, theirs, rel_tol=0, abs_tol=PRECISION), f"{where}: {ours} {theirs}"
    else:
        assert ours == theirs, f"{where}: {ours!r} {theirs!r}"


def assert_same_hits(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]], where: str) -> None:
    """Assert that rankings have the same hits, in an order that differs only where scores hardly do."""
    assert sorted(hit["id"] for hit in ours) == sorted(hit["id"] for hit in theirs), where
    by_id = {hit["id"]: hit for hit in ours}
    for hit in theirs:
        for name in hit:
            assert_same(by_id[hit["id"]][name], hit[name], f"{where}[{hit['id']}].{name}")
    expected = [(hit["tier"], hit["score"]) for hit in ours]
    found = [(by_id[hit["id"]]["tier"], by_id[hit["id"]]["score"]) for hit in theirs]
    for (tier, score), (other, score_of_other) in zip(expected, found, strict=True):
        assert tier == other, where
        assert math.isclose(score, score_of_other, rel_tol=0, abs_tol=PRECISION), where


def assert_same_page(ours: Searcher, theirs: Searcher, request: Request) -> None:
    """Assert that two searchers give the same answer to a request."""
    where = f"{request.query!r} {dict(request.filters)} {request.sort}"
    assert_same(ours.search(request), theirs.search(request), where)
