"""Collectors: what a caller wants of the documents that match a plan. What no collector asks for is not computed.

found = engine.execute(plan, total := TotalHits(), top := TopHits(0, 10))
found[total].exact, found[top][0].score
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast

from corpus.fields import FacetName
from corpus.value import Value
from searcher.results import Tier, Totals

Result = TypeVar("Result")

#: Values of a facet that are named, besides the selected ones; their counts are exact.
FACET_VALUES = 50


class Collector(Value, Generic[Result]):
    """A thing to be collected; `Result` is the type of what comes back."""


class RankedHit(NamedTuple):
    """A document of a ranking. The number is the engine's own, valid for one opened generation."""

    number: int
    score: float
    tier: Tier


class TotalHits(Collector[Totals]):
    """The exact number of hits in each tier."""


class TopHits(Collector[tuple[RankedHit, ...]]):
    """The hits from rank `first` to before rank `last`, counted from 0; to the last one if that is None.

    All exact hits come before all related ones.
    """

    first: int
    last: int | None


class NearestHits(Collector[tuple[RankedHit, ...]]):
    """The first `most` of the documents that match the query tree and hold enough of the plan's words, best first.

    For plans of `nearest_plan`, whose words are parts of a query that has no hits; of the tier "nearest".
    """

    most: int


class FacetCounts(Collector[Mapping[FacetName, Mapping[str, int]]]):
    """The values of some facets with their numbers of hits, each facet's own selection set aside.

    The most frequent `values` of each facet, the lower value first where counts are equal (of months the newest ones),
    and all selected values, also those without a hit.
    """

    names: tuple[FacetName, ...]
    values: int = FACET_VALUES


class SetAsideHits(Collector[int]):
    """The number of documents that are no hits, and would match the query tree with what is set aside."""


class Collected:
    """What was collected, by collector."""

    __slots__ = ("_results",)

    def __init__(self, results: Mapping[Collector[Any], object]) -> None:
        self._results = results

    def __getitem__(self, collector: Collector[Result]) -> Result:
        """What the collector asked for; KeyError for one that was not passed."""
        return cast("Result", self._results[collector])
