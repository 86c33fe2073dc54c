"""Executes a plan over packed posting lists: matches the query tree, applies filters, ranks by tier, counts facets.

Each step is done when a collector first needs it, and once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias

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
from searcher.execution.days import day_range
from searcher.execution.plan import Plan, String, set_aside_only
from searcher.execution.posting_lists import PostingLists
from searcher.execution.ranking import Parameters, inverse_frequency
from searcher.execution.term_matching import TermKey, TermMatcher
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Term, as_typed
from searcher.results import Sort, Tier, Totals

if TYPE_CHECKING:
    from searcher.execution.arrays.protocol import ArrayOperations


class WeightedTerm(Value, Generic[Match]):
    """A term with its match, the number of documents it matches, and the factor of its weights."""

    key: TermKey
    match: Match
    documents: int
    factor: float


class Recorder(Protocol[Match]):
    """Is told what an execution does, so that scores can be explained."""

    def on_match(self, term: WeightedTerm[Match]) -> None:
        """A term of the query tree was matched that a document may be found by; its factor is that of its scores."""

    def on_threshold(self, words: Sequence[WeightedTerm[Match]], least: float) -> None:
        """Documents were matched that hold words whose factors add up to `least`."""

    def on_scores(self, tier: Tier, terms: Sequence[WeightedTerm[Match]]) -> None:
        """The scores of a tier are the sums over these terms, demoted or not."""


class Resources(Value):
    """What the executions of one generation share."""

    columns: ColumnReader
    lists: PostingLists
    parameters: Parameters


class PlanExecution(Generic[Match, DocumentSet, Members, Scores, Counts]):
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
        self._columns = resources.columns
        self._lists = resources.lists
        self._parameters = resources.parameters
        #: The number of live documents, and that of all documents that the arrays have places for.
        self.documents = resources.columns.documents
        self._places = resources.columns.max_document
        self._arrays = arrays
        self._matcher = matcher
        self._plan = plan
        self._recorder = recorder
        #: Terms of the query tree by text: a word that is one of them scores as that term.
        self._by_text: dict[str, WeightedTerm[Match]] = {}
        #: Terms that score in both tiers, in the order in which they were matched.
        self._scoring: list[WeightedTerm[Match]] = []

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

    def scoring_terms(self, tier: Tier) -> Sequence[WeightedTerm[Match]]:
        """The terms that the scores of a tier are summed from."""
        _ = self._hits  # matching finds them
        terms = self._scoring if tier == "exact" else [*self._scoring, *self._character_terms]
        if self._recorder is not None:
            self._recorder.on_scores(tier, terms)
        return terms

    def score_in(self, term: WeightedTerm[Match], number: int) -> float:
        """What a term adds to the score of a document, demoted as its score is; 0 if the document lacks it."""
        demotion = self._parameters.demotion if self._columns["demoted"][number] else 1.0
        return demotion * term.factor * self._arrays.weight_at(term.match, number)

    def frequency_in(self, term: WeightedTerm[Match], field: str, number: int) -> int:
        """How often a document has a term in a field."""
        return self._arrays.frequency_at(self._matcher.frequencies(term.key, field), number)

    def document_frequency(self) -> int:
        """How many documents have any of the plan's strings, whatever the filters."""
        return self._match_strings(tuple(self._plan.strings)).documents

    # Matching

    @cached_property
    def _exact(self) -> DocumentSet:
        """Documents that match the query tree."""
        return self._matching(self._plan.root)

    @cached_property
    def _found(self) -> DocumentSet:
        """Documents that match the query tree or enough of its words."""
        return self._arrays.union(self._exact, self._related()) if self._plan.has_related else self._exact

    @cached_property
    def _hits(self) -> DocumentSet:
        """Those that pass all filters."""
        return reduce(self._arrays.intersect, self._passing.values(), self._found)

    @cached_property
    def _members(self) -> Members:
        return self._arrays.members(self._hits)

    @cached_property
    def _every(self) -> DocumentSet:
        """All live documents."""
        live = self._columns.live
        return self._arrays.every_document(self._places) if live is None else self._arrays.with_codes(live, (1,))

    def _live_ones(self, found: DocumentSet) -> DocumentSet:
        """Without deleted documents, which columns still have values of."""
        return found if self._columns.live is None else self._arrays.intersect(found, self._every)

    def _matching(self, node: Node | None, is_scoring: bool = True, is_everywhere: bool = False) -> DocumentSet:
        """Documents that match a node; its terms score, except those under a Not."""
        arrays = self._arrays
        if node is None:
            return self._every
        if isinstance(node, And):
            positive = [part for part in node.parts if not isinstance(part, Not)]
            wanted = [self._matching(part, is_scoring, is_everywhere) for part in positive]
            found = reduce(arrays.intersect, wanted) if wanted else self._every
            for part in node.parts:
                if isinstance(part, Not):
                    found = arrays.difference(found, self._matching(part.part, False, is_everywhere))
            return found
        if isinstance(node, Or):
            return reduce(arrays.union, [self._matching(part, is_scoring, is_everywhere) for part in node.parts])
        if isinstance(node, Not):
            excluded = self._matching(node.part, False, is_everywhere)
            return arrays.difference(self._every, excluded)
        if isinstance(node, FieldValue):
            return self._live_ones(self._with_value(node))
        if isinstance(node, DateRange):
            return self._live_ones(arrays.between(self._columns["days"], *day_range(node.first, node.last)))
        terms = node.terms if isinstance(node, Alternatives) else (node,)
        term = self._match_strings(terms)
        if is_scoring:
            if self._recorder is not None:
                self._recorder.on_match(term)
            self._let_score(term)
        found = arrays.documents_of(term.match, self._places)
        if is_everywhere and (
            strings := tuple(self._set_aside_strings[one] for one in terms if one in self._set_aside_strings)
        ):
            found = arrays.union(found, arrays.documents_of(self._matcher.match(strings), self._places))
        return found

    @cached_property
    def _set_aside_strings(self) -> dict[Term, String]:
        """The terms that are looked for in the text only, and that some document has in what is set aside."""
        terms = [term for term, string in self._plan.strings.items() if string.scope == "text" and not term.is_title]
        strings = {term: set_aside_only(term) for term in terms if term.text}
        return {term: string for term, string in strings.items() if self._lists.of_string(string)}

    def _related(self) -> DocumentSet:
        """Documents whose words hold enough of the query's weight (minimum should match); the words score."""
        arrays, plan, parameters = self._arrays, self._plan, self._parameters
        words = []
        whole = 0.0
        for word in plan.words:
            term = self._by_text.get(word)
            if term is None:
                key = (plan.further[word],) if word in plan.further else word
                term = self._weighted(key, self._matcher.match(key))
                self._let_score(term)
            # A further word that no document has says nothing, for the query has its parts as well.
            if term.documents or word not in plan.further:
                words.append(term)
                # A learned word counts towards what is asked for and asks for nothing: it never makes hits fewer.
                whole += term.factor if word not in plan.learned else 0.0
        missing = sum(not word.documents for word in words)
        if missing == len(words):
            return arrays.no_document(self._places)
        # Further words are not counted: more words would ask for less of the query's weight.
        share = parameters.least_share(len(plan.words) - len(plan.further), missing, plan.is_compound)
        least = share * (whole or sum(word.factor for word in words))
        if self._recorder is not None:
            self._recorder.on_threshold(words, least)
        found = arrays.min_should_match([(word.match, word.factor) for word in words], least, self._places)
        return found if plan.strict is None else arrays.intersect(found, self._matching(plan.strict, False))

    def _match_strings(self, terms: tuple[Term, ...]) -> WeightedTerm[Match]:
        """Documents that have any of the terms."""
        strings = tuple(dict.fromkeys(self._plan.strings[term] for term in terms))
        match = self._weighted(strings, self._matcher.match(strings))
        for string in strings:
            # A word that is an alternative scores beside them, but a further one is no more than its string.
            if (len(strings) == 1 or string.text in self._plan.further) and not string.is_title:
                self._by_text.setdefault(string.text, match)
        return match

    def _weighted(self, key: TermKey, match: Match, factor: float = 1.0) -> WeightedTerm[Match]:
        documents = self._arrays.size(match)
        return WeightedTerm(key, match, documents, factor * inverse_frequency(documents, self.documents))

    def _let_score(self, term: WeightedTerm[Match]) -> None:
        if term.documents:
            self._scoring.append(term)

    # Filters

    @cached_property
    def _passing(self) -> dict[str, DocumentSet]:
        """The documents that pass each filter: facets, "date" for the days, "form" for the kinds of documents."""
        filters = self._plan.filters
        passing: dict[str, DocumentSet] = {
            name: self._with_any(name, values) for name, values in filters.chosen.items()
        }
        if filters.first_day is not None or filters.last_day is not None:
            days = day_range(filters.first_day, filters.last_day)
            passing["date"] = self._arrays.between(self._columns["days"], *days)
        if filters.forms:
            passing["form"] = self._with_any("form", filters.forms)
        return passing

    def _with_any(self, name: FacetName | Literal["form"], values: Collection[str]) -> DocumentSet:
        """Documents with one of the selected values."""
        codes = [code for value in values if (code := self._columns.ordinal(name, value)) is not None]
        return self._with_codes(name, codes)

    def _with_value(self, node: FieldValue) -> DocumentSet:
        """Documents with a value that contains the text, or equals it if the node is literal."""
        names = enumerate(map(normalise, self._columns.dictionaries[node.field]))
        if node.is_literal:
            return self._with_codes(node.field, [code for code, name in names if name == node.text])
        return self._with_codes(node.field, [code for code, name in names if node.text in name])

    def _with_codes(self, column: str, codes: list[int]) -> DocumentSet:
        return self._arrays.with_codes(self._columns[column], self._columns.array_values_with(column, codes))

    # Collectors

    def _totals(self) -> Totals:
        arrays = self._arrays
        hits = arrays.cardinality(self._hits)
        if not self._plan.has_related:
            return Totals(exact=hits, related=0)
        exact = arrays.cardinality(arrays.intersect(self._hits, self._exact))
        return Totals(exact=exact, related=hits - exact)

    def _set_aside_hits(self) -> int:
        if not self._set_aside_strings:
            return 0
        arrays = self._arrays
        found = arrays.difference(self._matching(self._plan.root, False, True), self._found)
        return arrays.cardinality(reduce(arrays.intersect, self._passing.values(), found))

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
        arrays, plan, parameters = self._arrays, self._plan, self._parameters
        keys: list[TermKey] = [(plan.further[word],) if word in plan.further else word for word in plan.words]
        words = [self._weighted(key, self._matcher.match(key)) for key in keys]
        terms = [term for term in (*words, *self._character_terms) if term.documents]
        if not terms:
            return ()
        least = parameters.share_of_nearest * sum(term.factor for term in terms)
        near = arrays.min_should_match([(term.match, term.factor) for term in terms], least, self._places)
        members = arrays.members(arrays.intersect(near, self._hits))
        return self._ranked(members, terms, "relevance", most, "nearest")

    def _ranked(
        self, members: Members, terms: Sequence[WeightedTerm[Match]], sort: Sort, most: int, tier: Tier
    ) -> tuple[RankedHit, ...]:
        """The first `most` members of a tier, scored by the terms."""
        arrays, columns = self._arrays, self._columns
        scores = arrays.sum_scores([(term.match, term.factor) for term in terms], members, self._places)
        scores = arrays.demote(scores, members, columns["demoted"], self._parameters.demotion)
        ranked = arrays.top_k(members, scores, columns["days"], columns["ids"], sort, most)
        return tuple(RankedHit(number, score, tier) for number, score in ranked)

    @cached_property
    def _character_terms(self) -> list[WeightedTerm[Match]]:
        """Bigrams and rare characters, which score related hits; common ones weigh next to nothing and cost most."""
        parameters = self._parameters
        rare = self.documents * parameters.rare
        characters = [string for string in self._plan.characters if self._lists.body_occurrences(string.text) < rare]
        groups: tuple[tuple[Sequence[String], float], ...] = (
            (self._plan.pairs, parameters.pairs),
            (characters, parameters.characters),
        )
        terms = [
            self._weighted((string,), self._matcher.match_characters((string,)), factor)
            for strings, factor in groups
            for string in strings
            if string.text not in self._by_text
        ]
        return [term for term in terms if term.documents]

    def _facet(self, name: FacetName, values: int) -> dict[str, int]:
        """Counts of a facet over the hits that there would be without its own selection."""
        if name not in self._passing:
            return self._values(name, self._members, values)
        others = [passing for other, passing in self._passing.items() if other != name]
        return self._values(name, self._arrays.members(reduce(self._arrays.intersect, others, self._found)), values)

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
