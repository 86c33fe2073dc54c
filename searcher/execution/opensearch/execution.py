"""Executes a plan in a cluster: its matching as queries, what collectors ask for as few requests of several searches.

Totals, facets and the first tier's hits come with one request; hits of the other tiers with another one, if need be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final, Literal

from corpus.fields import FACETS, FacetName
from corpus.value import Value
from indexer.opensearch.prepared_text import decoded, prepared_value
from searcher.execution.collectors import (
    Collected,
    Collector,
    FacetCounts,
    NearestHits,
    RankedHit,
    SetAsideHits,
    TopHits,
    TotalHits,
)
from searcher.execution.opensearch import queries
from searcher.execution.opensearch.document_cache import DocumentCache, id_of
from searcher.execution.opensearch.generation_searches import Body, GenerationSearches, total
from searcher.execution.opensearch.queries import Query, QuerySets, TermMatch
from searcher.execution.opensearch.scores import ORDERS, scored
from searcher.execution.opensearch.terms import ClusterTerms
from searcher.execution.opensearch.texts import ScoredText
from searcher.execution.plan import Plan, String
from searcher.execution.plan_matching import PlanMatching, Recorder, WeightedTerm
from searcher.execution.ranking import Parameters
from searcher.query.tree import FieldValue, as_typed
from searcher.results import Sort, Tier, Totals

#: Hits that one search may return.
_WINDOW: Final = 10_000
#: Values that every shard counts for a facet at first, and at most.
_SHARD_VALUES: Final = 1_000
_MOST_SHARD_VALUES: Final = 65_000


class ClusterResources(Value):
    """What the executions of one generation share."""

    searches: GenerationSearches
    terms: ClusterTerms
    cache: DocumentCache
    parameters: Parameters
    documents: int


class _TierQuery(Value):
    """Documents that are ranked together, and the terms that score them."""

    tier: Tier
    found: Query
    terms: Sequence[WeightedTerm[TermMatch]]


class ClusterExecution(PlanMatching[TermMatch, Query]):
    """The execution of one plan; for one thread."""

    def __init__(self, resources: ClusterResources, plan: Plan, recorder: Recorder[TermMatch] | None = None) -> None:
        own = resources
        super().__init__(QuerySets(), own.terms, own.parameters, own.documents, 0, plan, recorder)
        self._resources = own
        self._searches = own.searches
        self._texts: dict[int, ScoredText] = {}
        own.terms.ask_for_plan(plan)

    def collect(self, collectors: Sequence[Collector[Any]]) -> Collected:
        """What the collectors ask for, all in one request if their first searches are enough."""
        asked = [(collector, *self._asked(collector)) for collector in collectors]
        answers = iter(self._searches.search([body for _, bodies, _ in asked for body in bodies]))
        return Collected({collector: finish([*islice(answers, len(bodies))]) for collector, bodies, finish in asked})

    def tier_of(self, number: int) -> Tier | None:
        """The tier that a document is a hit in, None if it is no hit."""
        one = {"term": {"id": id_of(number)}}
        found = (self._hits, self._sets.intersect(self._hits, self._exact))
        hits, exact = self._searches.counts([self._sets.intersect(one, each) for each in found])
        return None if not hits else "exact" if exact else "related"

    def score_in(self, term: WeightedTerm[TermMatch], number: int) -> float:
        """What a term adds to the score of a document, demoted as its score is; 0 if the document lacks it."""
        text = self._text(number)
        demotion = self._parameters.demotion if text.is_demoted else 1.0
        return demotion * term.factor * text.weight(term.key, term.match.weights, self._parameters.k1)

    def frequency_in(self, term: WeightedTerm[TermMatch], field: str, number: int) -> int:
        """How often a document has a term in a field."""
        return self._text(number).frequency(term.key, field)

    def _text(self, number: int) -> ScoredText:
        if number not in self._texts:
            self._texts[number] = ScoredText(self._resources.cache.source(number, ScoredText.FIELDS))
        return self._texts[number]

    # Documents by their fields

    @property
    def _every(self) -> Query:
        """All live documents; every search asks for these only."""
        return queries.ALL

    def _with_any(self, name: FacetName | Literal["form"], values: Collection[str]) -> Query:
        """Documents with one of the values."""
        return queries.with_any(name, values)

    def _with_value(self, node: FieldValue) -> Query:
        """Live documents with a value that contains the text, or equals it if the node is literal."""
        return queries.with_value(node)

    def _dated(self, first: int, last: int) -> Query:
        """Live documents dated from one day to another."""
        return queries.dated(first, last)

    def _occurs(self, string: String) -> bool:
        """True if a document has a string."""
        return self._resources.terms.documents((string,)) > 0

    def _body_occurrences(self, character: str) -> int:
        """How often a character occurs in all bodies."""
        return int(self._resources.terms.table(character).get("occurrences", 0))

    # Collectors

    def _asked(self, collector: Collector[Any]) -> tuple[list[Body], Callable[[list[Any]], object]]:
        """The searches for a collector, and what makes its result of their answers."""
        if isinstance(collector, TotalHits):
            return [self._searches.count_body(tier.found) for tier in self._tiers], self._totals
        if isinstance(collector, TopHits):
            last = _WINDOW if collector.last is None else min(collector.last, _WINDOW)
            first = min(collector.first, last)
            page = self._ranked_body(self._tiers[0], self._plan.sort, size=last - first) | {"from": first}
            others = [self._searches.count_body(tier.found) for tier in self._tiers[1:]]
            return [page, *others], partial(self._top, collector)
        if isinstance(collector, NearestHits):
            terms, near = self._near()
            tier = _TierQuery("nearest", near, terms)
            body = self._ranked_body(tier, "relevance", size=min(collector.most, _WINDOW))
            return [body], lambda answers: self._ranked(answers[0], "nearest")
        if isinstance(collector, FacetCounts):
            return self._facets(collector)
        if isinstance(collector, SetAsideHits):
            found = self._beside()
            bodies = [] if found is None else [self._searches.count_body(found)]
            return bodies, lambda answers: sum(map(total, answers))
        raise TypeError(f"no such collector: {collector!r}")

    @cached_property
    def _tiers(self) -> list[_TierQuery]:
        """The tiers in the order of their hits: the exact one with what was typed first, then the related one."""
        sets, hits, root = self._sets, self._hits, self._plan.root
        exact = sets.intersect(hits, self._exact) if self._plan.has_related else hits
        terms = self.scoring_terms("exact")
        tiers = [_TierQuery("exact", exact, terms)]
        if (typed := as_typed(root)) is not root:
            as_written = self._matching(typed, False)
            parts = (sets.intersect(exact, as_written), sets.difference(exact, as_written))
            tiers = [_TierQuery("exact", part, terms) for part in parts]
        if self._plan.has_related:
            tiers.append(_TierQuery("related", sets.difference(hits, self._exact), self.scoring_terms("related")))
        return tiers

    def _totals(self, answers: list[Any]) -> Totals:
        sizes = dict.fromkeys(("exact", "related"), 0)
        for tier, answer in zip(self._tiers, answers, strict=True):
            sizes[tier.tier] += total(answer)
        return Totals(**sizes)

    def _top(self, collector: TopHits, answers: list[Any]) -> tuple[RankedHit, ...]:
        top: list[RankedHit] = []
        before = 0
        for at, (tier, answer) in enumerate(zip(self._tiers, answers, strict=True)):
            size = total(answer)
            low = max(collector.first - before, 0)
            high = size if collector.last is None else min(collector.last - before, size)
            if low < high:
                is_answered = at == 0 and high <= _WINDOW
                top += self._ranked(answer, tier.tier) if is_answered else self._from_to(tier, low, high)
            before += size
        return tuple(top)

    def _from_to(self, tier: _TierQuery, low: int, high: int) -> Iterator[RankedHit]:
        """The hits of a tier from one rank to before another."""
        sort = self._plan.sort
        if high <= _WINDOW:
            [answer] = self._searches.search([self._ranked_body(tier, sort, size=high - low) | {"from": low}])
            yield from self._ranked(answer, tier.tier)
            return
        at, after = 0, Body()
        while at < high:
            size = min(_WINDOW, high - at)
            [answer] = self._searches.search([self._ranked_body(tier, sort, size=size) | after])
            ranked = self._ranked(answer, tier.tier)
            yield from ranked[max(low - at, 0) :]
            if not ranked:
                return
            at += len(ranked)
            after = {"search_after": answer["hits"]["hits"][-1]["sort"]}

    def _ranked_body(self, tier: _TierQuery, sort: Sort, size: int) -> Body:
        """The search for the first hits of a tier, without their documents."""
        query = scored(tier.found, tier.terms, self._parameters)
        return self._searches.body(query, size=size, sort=ORDERS[sort], track_scores=True, _source=False)

    def _ranked(self, answer: Any, tier: Tier) -> tuple[RankedHit, ...]:
        hits = answer["hits"]["hits"]
        numbers = self._resources.cache.expect([hit["_id"] for hit in hits])
        return tuple(RankedHit(number, hit["_score"], tier) for number, hit in zip(numbers, hits, strict=True))

    # Facets

    def _facets(self, collector: FacetCounts) -> tuple[list[Body], Callable[[list[Any]], object]]:
        """One search for all facets without a selection, and one for each other facet."""
        selected = [name for name in collector.names if name in self._passing]
        others = tuple(name for name in collector.names if name not in self._passing)
        groups: list[tuple[tuple[FacetName, ...], Query]]
        groups = [((name,), self._without_own(name)) for name in selected]
        groups += [(others, self._hits)] if others else []
        bodies = [self._facet_body(collector, names, found, _SHARD_VALUES) for names, found in groups]

        def finish(answers: list[Any]) -> dict[str, dict[str, int]]:
            counts = {}
            for (names, found), answer in zip(groups, answers, strict=True):
                values = _SHARD_VALUES
                while _is_inexact(answer) and values < _MOST_SHARD_VALUES:
                    values = min(8 * values, _MOST_SHARD_VALUES)
                    [answer] = self._searches.search([self._facet_body(collector, names, found, values)])
                counts.update({name: self._values(name, answer["aggregations"]) for name in names})
            return {name: counts[name] for name in collector.names}

        return bodies, finish

    def _facet_body(self, collector: FacetCounts, names: Sequence[FacetName], found: Query, values: int) -> Body:
        aggregations: dict[str, Any] = {}
        for name in names:
            order = [{"_key": "desc"}] if FACETS[name].is_chronological else [{"_count": "desc"}, {"_key": "asc"}]
            size = {"size": collector.values, "shard_size": max(values, collector.values)}
            aggregations[name] = {"terms": {"field": name, "order": order, **size}}
            if chosen := self._plan.filters.chosen.get(name):
                own = sorted(map(prepared_value, chosen))
                aggregations[f"{name}_chosen"] = {"terms": {"field": name, "include": own, "size": len(own)}}
        return self._searches.count_body(found) | {"aggs": aggregations}

    def _values(self, name: FacetName, found: Mapping[str, Any]) -> dict[str, int]:
        counts = {decoded(each["key"]): each["doc_count"] for each in found[name]["buckets"]}
        chosen = self._plan.filters.chosen.get(name, ())
        own = {each["key"]: each["doc_count"] for each in found[f"{name}_chosen"]["buckets"]} if chosen else {}
        return counts | {value: own.get(prepared_value(value), 0) for value in chosen}


def _is_inexact(answer: Any) -> bool:
    """True if a facet's counts may be too low, or a value may be missing, because shards listed too few."""
    return any(each.get("doc_count_error_upper_bound", 0) > 0 for each in answer["aggregations"].values())
