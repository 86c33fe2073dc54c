"""Executes a plan over packed posting lists: matches the query tree, applies filters, ranks by tier, counts facets.

Each step is done when a collector first needs it, and once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

from corpus.fields import FACETS, FacetName
from corpus.value import Value
from indexer.analysis.normalise import normalise
from indexer.store.columns import ColumnReader
from searcher.execution.arrays.protocol import Counts, DocumentSet, Match, Members, Scores
from searcher.execution.collectors import (
    Collector,
    FacetCounts,
    NearestHits,
    RankedHit,
    SetAsideHits,
    TopHits,
    TotalHits,
)
from searcher.execution.plan import Plan, String
from searcher.execution.plan_matching import PlanMatching, Recorder, WeightedTerm
from searcher.execution.posting_lists import PostingLists
from searcher.execution.ranking import Parameters
from searcher.execution.term_matching import TermMatcher
from searcher.query.tree import FieldValue, as_typed
from searcher.results import Sort, Tier, Totals

if TYPE_CHECKING:
    from searcher.execution.arrays.protocol import ArrayOperations


class Resources(Value):
    """What the executions of one generation share."""

    columns: ColumnReader
    lists: PostingLists
    parameters: Parameters


class PlanExecution(PlanMatching[Match, DocumentSet], Generic[Match, DocumentSet, Members, Scores, Counts]):
    """The execution of one plan with one implementation of the array operations; for one thread."""

    def __init__(
        self,
        resources: Resources,
        # Positions and frequencies are the matcher's own.
        arrays: ArrayOperations[Any, Any, Match, DocumentSet, Members, Scores, Counts],
        matcher: TermMatcher[Any, Any, Match],
        plan: Plan,
        recorder: Recorder[Match] | None = None,
    ) -> None:
        columns = resources.columns
        documents, places = columns.documents, columns.max_document
        super().__init__(arrays, matcher, resources.parameters, documents, places, plan, recorder)
        self._columns = columns
        self._lists = resources.lists
        self._arrays = arrays
        self._matcher = matcher

    def collect(self, collector: Collector[Any]) -> object:
        """What one collector asks for."""
        if isinstance(collector, TotalHits):
            return self._totals()
        if isinstance(collector, TopHits):
            return self._top(collector.first, collector.last)
        if isinstance(collector, NearestHits):
            return self._nearest(collector.most)
        if isinstance(collector, FacetCounts):
            return {name: self._facet(name, collector.values) for name in collector.names}
        if isinstance(collector, SetAsideHits):
            return self._set_aside_hits()
        raise TypeError(f"no such collector: {collector!r}")

    def tier_of(self, number: int) -> Tier | None:
        """The tier that a document is a hit in, None if it is no hit."""
        if not self._arrays.contains(self._hits, number):
            return None
        return "exact" if self._arrays.contains(self._exact, number) else "related"

    def score_in(self, term: WeightedTerm[Match], number: int) -> float:
        """What a term adds to the score of a document, demoted as its score is; 0 if the document lacks it."""
        demotion = self._parameters.demotion if self._columns["demoted"][number] else 1.0
        return demotion * term.factor * self._arrays.weight_at(term.match, number)

    def frequency_in(self, term: WeightedTerm[Match], field: str, number: int) -> int:
        """How often a document has a term in a field."""
        return self._arrays.frequency_at(self._matcher.frequencies(term.key, field), number)

    # Documents by their columns

    @cached_property
    def _every(self) -> DocumentSet:
        """All live documents."""
        live = self._columns.live
        return self._arrays.every_document(self._places) if live is None else self._arrays.with_codes(live, (1,))

    def _live_ones(self, found: DocumentSet) -> DocumentSet:
        """Without deleted documents, which columns still have values of."""
        return found if self._columns.live is None else self._arrays.intersect(found, self._every)

    def _with_any(self, name: FacetName | Literal["form"], values: Collection[str]) -> DocumentSet:
        """Documents with one of the selected values."""
        codes = [code for value in values if (code := self._columns.ordinal(name, value)) is not None]
        return self._with_codes(name, codes)

    def _with_value(self, node: FieldValue) -> DocumentSet:
        """Documents with a value that contains the text, or equals it if the node is literal."""
        names = enumerate(map(normalise, self._columns.dictionaries[node.field]))
        if node.is_literal:
            codes = [code for code, name in names if name == node.text]
        else:
            codes = [code for code, name in names if node.text in name]
        return self._live_ones(self._with_codes(node.field, codes))

    def _with_codes(self, column: str, codes: list[int]) -> DocumentSet:
        return self._arrays.with_codes(self._columns[column], self._columns.array_values_with(column, codes))

    def _dated(self, first: int, last: int) -> DocumentSet:
        """Live documents dated from one day to another."""
        return self._live_ones(self._arrays.between(self._columns["days"], first, last))

    def _occurs(self, string: String) -> bool:
        """True if a document may have a string."""
        return bool(self._lists.of_string(string))

    def _body_occurrences(self, character: str) -> int:
        """How often a character occurs in all bodies."""
        return self._lists.body_occurrences(character)

    @cached_property
    def _members(self) -> Members:
        """The hits."""
        return self._arrays.members(self._hits)

    # Collectors

    def _totals(self) -> Totals:
        arrays = self._arrays
        hits = arrays.cardinality(self._hits)
        if not self._plan.has_related:
            return Totals(exact=hits, related=0)
        exact = arrays.cardinality(arrays.intersect(self._hits, self._exact))
        return Totals(exact=exact, related=hits - exact)

    def _set_aside_hits(self) -> int:
        found = self._beside()
        return 0 if found is None else self._arrays.cardinality(found)

    def _top(self, first: int, last: int | None) -> tuple[RankedHit, ...]:
        arrays = self._arrays
        exact, related = self._members, None
        if self._plan.has_related:
            exact, related = arrays.split(self._members, self._exact)
        tiers: list[tuple[Tier, Members]] = [("exact", exact)]
        if (typed := as_typed(self._plan.root)) is not self._plan.root:
            tiers = [("exact", part) for part in arrays.split(exact, self._matching(typed, False))]
        if related is not None:
            tiers.append(("related", related))
        top: list[RankedHit] = []
        before = 0
        for tier, members in tiers:
            size = len(members)
            low, high = max(first - before, 0), size if last is None else min(last - before, size)
            if low < high:
                top += self._ranked(members, self.scoring_terms(tier), self._plan.sort, high, tier)[low:]
            before += size
        return tuple(top)

    def _nearest(self, most: int) -> tuple[RankedHit, ...]:
        terms, near = self._near()
        return self._ranked(self._arrays.members(near), terms, "relevance", most, "nearest") if terms else ()

    def _ranked(
        self, members: Members, terms: Sequence[WeightedTerm[Match]], sort: Sort, most: int, tier: Tier
    ) -> tuple[RankedHit, ...]:
        """The first `most` members of a tier, scored by the terms."""
        arrays, columns = self._arrays, self._columns
        scores = arrays.sum_scores([(term.match, term.factor) for term in terms], members, self._places)
        scores = arrays.demote(scores, members, columns["demoted"], self._parameters.demotion)
        ranked = arrays.top_k(members, scores, columns["days"], columns["ids"], sort, most)
        return tuple(RankedHit(number, score, tier) for number, score in ranked)

    def _facet(self, name: FacetName, values: int) -> dict[str, int]:
        """Counts of a facet over the hits that there would be without its own selection."""
        if name not in self._passing:
            return self._values(name, self._members, values)
        return self._values(name, self._arrays.members(self._without_own(name)), values)

    def _values(self, name: FacetName, members: Members, values: int) -> dict[str, int]:
        arrays, columns = self._arrays, self._columns
        counts = arrays.counts(columns[name], members)
        selected = dict.fromkeys(self._plan.filters.chosen.get(name, ()), 0)
        if name in columns.combinations:
            counts = arrays.counts_of_groups(counts, columns.combinations[name], len(columns.dictionaries[name]))
        listed = (arrays.latest if FACETS[name].is_chronological else arrays.top_counts)(counts, values)
        for value in selected:
            code = columns.ordinal(name, value)
            selected[value] = arrays.count_of(counts, code) if code is not None else 0
        names = columns.dictionaries[name]
        return {names[code]: count for code, count in listed if code} | selected


#: Which implementation serves is decided per plan, so that its types are not known.
AnyExecution: TypeAlias = PlanExecution[Any, Any, Any, Any, Any]
