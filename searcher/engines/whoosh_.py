"""Evaluates a plan over a generation written through Whoosh: which documents, in which tier, how well, how many.

Whoosh's matchers, query parser, Searcher, groupedby and highlighter are not on this path: postings are read as they
stand, and everything else happens here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from indexer.engines.whoosh_ import BODY_GRAMS, BODY_WORDS, TITLE_GRAMS, TITLE_WORDS, IndexReader
from searcher.page import FacetName
from searcher.plan import Filters, Plan, String
from searcher.ranking import PARAMETERS, Frequencies, Lengths, bm25f, inverse_frequency

_FACETS: Final[tuple[FacetName, ...]] = ("account", "type", "genre", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """All hits in order, exact ones first; numbers are the generation's own and never leave the searcher."""

    numbers: list[int]
    scores: dict[int, float]
    exact: frozenset[int]
    facets: dict[FacetName, dict[str, int]]


class Evaluator:
    """Answers plans from one generation; for one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self._reader = IndexReader(directory)
        self._columns = self._reader.columns()
        self._all = frozenset(range(self._reader.documents))
        title, body = self._reader.lengths(TITLE_WORDS), self._reader.lengths(BODY_WORDS)
        count = max(len(self._all), 1)
        self._lengths = Lengths(title=title, body=body, title_mean=sum(title) / count, body_mean=sum(body) / count)
        self._values: dict[FacetName, list[tuple[str, ...]]] = {
            "account": [(value,) if value else () for value in self._columns.accounts],
            "type": self._columns.program_types,
            "genre": [(value,) for value in self._columns.genres],
            "month": [(date.fromordinal(day).isoformat()[:7],) if day else () for day in self._columns.days],
        }
        self._numbers = {id: number for number, id in enumerate(self._columns.ids)}

    def close(self) -> None:
        """Release the generation's files."""
        self._reader.close()

    def number(self, id: str) -> int | None:
        """The number of a document, None when there is no such id."""
        return self._numbers.get(id)

    def evaluate(self, plan: Plan) -> Ranked:
        """All documents that match, ranked; exact totals and facet counts follow from them."""
        scores: defaultdict[int, float] = defaultdict(float)
        exact = self._exact(plan, scores)
        related = self._related(plan, scores) - exact
        if plan.unwanted:
            unwanted = set().union(*(self._matching(string) for string in plan.unwanted))
            exact, related = exact - unwanted, related - unwanted
        matching = exact | related
        passing = {name: self._passing(name, plan.filters) for name in _FACETS}
        in_range = matching & self._in_range(plan.filters)
        hits = in_range.intersection(*passing.values())
        facets = {
            name: self._count(name, in_range.intersection(*(passing[other] for other in _FACETS if other != name)))
            for name in _FACETS
        }
        return Ranked(
            numbers=sorted(hits, key=self._order(plan, scores, exact)),
            scores=scores,
            exact=frozenset(hits & exact),
            facets=facets,
        )

    def _exact(self, plan: Plan, scores: defaultdict[int, float]) -> set[int]:
        """Documents that have every string; each string adds to the scores."""
        matching: set[int] = set(self._all)
        for string in plan.wanted:
            title = self._occurrences(TITLE_GRAMS, string)
            body = self._occurrences(BODY_GRAMS, string)
            self._add_scores(scores, title, body, PARAMETERS.strings)
            matching &= title.keys() | body.keys()
        return matching

    def _related(self, plan: Plan, scores: defaultdict[int, float]) -> set[int]:
        """Documents whose words hold enough of the query's weight; each word adds to the scores."""
        held: defaultdict[int, float] = defaultdict(float)
        whole = 0.0
        for word in plan.words:
            title, body = self._frequencies(TITLE_WORDS, word), self._frequencies(BODY_WORDS, word)
            weight = self._add_scores(scores, title, body, 1.0)
            whole += weight
            for number in title.keys() | body.keys():
                held[number] += weight
        return {number for number, weight in held.items() if weight >= PARAMETERS.share * whole}

    def _add_scores(
        self, scores: defaultdict[int, float], title: Frequencies, body: Frequencies, factor: float
    ) -> float:
        weight = inverse_frequency(len(title.keys() | body.keys()), len(self._all))
        for number, saturated in bm25f(title, body, self._lengths).items():
            scores[number] += factor * weight * saturated
        return weight

    def _matching(self, string: String) -> set[int]:
        return self._occurrences(TITLE_GRAMS, string).keys() | self._occurrences(BODY_GRAMS, string).keys()

    def _occurrences(self, field: str, string: String) -> dict[int, int]:
        """Document number → how often the string stands in the field."""
        places: dict[int, set[int]] | None = None
        for gram, offset in string.grams:
            found = self._reader.positions(field, gram)
            if places is None:
                places = {number: {at - offset for at in positions} for number, positions in found.items()}
            else:
                places = {
                    number: left
                    for number in places.keys() & found.keys()
                    if (left := places[number].intersection(at - offset for at in found[number]))
                }
            if not places:
                return {}
        return {number: len(starts) for number, starts in (places or {}).items()}

    def _frequencies(self, field: str, word: str) -> dict[int, int]:
        return {number: len(positions) for number, positions in self._reader.positions(field, word).items()}

    def _passing(self, name: FacetName, filters: Filters) -> frozenset[int]:
        chosen = {
            "account": filters.accounts,
            "type": filters.types,
            "genre": filters.genres,
            "month": filters.months,
        }[name]
        if not chosen:
            return self._all
        return frozenset(number for number, values in enumerate(self._values[name]) if not chosen.isdisjoint(values))

    def _in_range(self, filters: Filters) -> frozenset[int]:
        if filters.first_day is None and filters.last_day is None:
            return self._all
        first, last = filters.first_day or 1, filters.last_day or date.max.toordinal()
        return frozenset(number for number, day in enumerate(self._columns.days) if first <= day <= last)

    def _count(self, name: FacetName, numbers: Iterable[int]) -> dict[str, int]:
        values = self._values[name]
        return dict(Counter(value for number in numbers for value in values[number]))

    def _order(
        self, plan: Plan, scores: defaultdict[int, float], exact: set[int]
    ) -> Callable[[int], tuple[bool, float, int, str]]:
        """Exact before related; then score or day as asked; then newest; then id: never a tie."""
        days, ids = self._columns.days, self._columns.ids
        if plan.sort == "relevance":
            return lambda number: (number not in exact, -scores[number], -days[number], ids[number])
        if plan.sort == "newest":
            return lambda number: (False, -days[number], 0, ids[number])
        return lambda number: (False, days[number] or date.max.toordinal(), 0, ids[number])
