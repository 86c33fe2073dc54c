"""Matches a plan, whatever holds the index: which documents are hits of each tier, and which terms score them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Generic, Literal, Protocol

from corpus.fields import FacetName
from corpus.value import Value
from searcher.execution.arrays.protocol import DocumentSet, Match
from searcher.execution.days import day_range
from searcher.execution.plan import Plan, String, set_aside_only
from searcher.execution.ranking import Parameters, inverse_frequency
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Term
from searcher.results import Tier

if TYPE_CHECKING:
    from searcher.execution.arrays.protocol import SetOperations

#: What matches and scores as one term: a word, or strings, the one typed first.
TermKey = str | tuple[String, ...]


class TermSource(Protocol[Match]):
    """Finds the documents of terms."""

    def size(self, match: Match) -> int:
        """How many documents match."""

    def match(self, key: TermKey) -> Match:
        """The documents that have the string or word, weighed."""

    def match_characters(self, key: TermKey) -> Match:
        """The documents that have the pair of characters or single character, weighed as such."""


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


class PlanMatching(ABC, Generic[Match, DocumentSet]):
    """The matching of one plan, for one thread. Each step is done when it is first needed, and once."""

    def __init__(
        self,
        sets: SetOperations[Match, DocumentSet],
        terms: TermSource[Match],
        parameters: Parameters,
        documents: int,
        places: int,
        plan: Plan,
        recorder: Recorder[Match] | None = None,
    ) -> None:
        """`documents` is the number of live documents, `places` that of all, deleted ones too."""
        self._sets = sets
        self._terms = terms
        self._parameters = parameters
        self.documents = documents
        self._places = places
        self._plan = plan
        self._recorder = recorder
        #: Terms of the query tree by text: a word that is one of them scores as that term.
        self._by_text: dict[str, WeightedTerm[Match]] = {}
        #: Terms that score in both tiers, in the order in which they were matched.
        self._scoring: list[WeightedTerm[Match]] = []

    # What an engine has

    @property
    @abstractmethod
    def _every(self) -> DocumentSet:
        """All live documents."""

    @abstractmethod
    def _with_any(self, name: FacetName | Literal["form"], values: Collection[str]) -> DocumentSet:
        """Documents with one of the values."""

    @abstractmethod
    def _with_value(self, node: FieldValue) -> DocumentSet:
        """Live documents with a value that contains the text, or equals it if the node is literal."""

    @abstractmethod
    def _dated(self, first: int, last: int) -> DocumentSet:
        """Live documents dated from one day to another."""

    @abstractmethod
    def _occurs(self, string: String) -> bool:
        """True if a document may have a string."""

    @abstractmethod
    def _body_occurrences(self, character: str) -> int:
        """How often a character occurs in all bodies."""

    # What a caller asks for

    def scoring_terms(self, tier: Tier) -> Sequence[WeightedTerm[Match]]:
        """The terms that the scores of a tier are summed from."""
        _ = self._hits  # matching finds them
        terms = self._scoring if tier == "exact" else [*self._scoring, *self._character_terms]
        if self._recorder is not None:
            self._recorder.on_scores(tier, terms)
        return terms

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
        return self._sets.union(self._exact, self._related) if self._plan.has_related else self._exact

    @cached_property
    def _hits(self) -> DocumentSet:
        """Those that pass all filters."""
        return reduce(self._sets.intersect, self._passing.values(), self._found)

    def _matching(self, node: Node | None, is_scoring: bool = True, is_everywhere: bool = False) -> DocumentSet:
        """Documents that match a node; its terms score, except those under a Not."""
        sets = self._sets
        if node is None:
            return self._every
        if isinstance(node, And):
            positive = [part for part in node.parts if not isinstance(part, Not)]
            wanted = [self._matching(part, is_scoring, is_everywhere) for part in positive]
            found = reduce(sets.intersect, wanted) if wanted else self._every
            for part in node.parts:
                if isinstance(part, Not):
                    found = sets.difference(found, self._matching(part.part, False, is_everywhere))
            return found
        if isinstance(node, Or):
            return reduce(sets.union, [self._matching(part, is_scoring, is_everywhere) for part in node.parts])
        if isinstance(node, Not):
            excluded = self._matching(node.part, False, is_everywhere)
            return sets.difference(self._every, excluded)
        if isinstance(node, FieldValue):
            return self._with_value(node)
        if isinstance(node, DateRange):
            return self._dated(*day_range(node.first, node.last))
        terms = node.terms if isinstance(node, Alternatives) else (node,)
        term = self._match_strings(terms)
        if is_scoring:
            if self._recorder is not None:
                self._recorder.on_match(term)
            self._let_score(term)
        found = sets.documents_of(term.match, self._places)
        if is_everywhere and (
            strings := tuple(self._set_aside_strings[one] for one in terms if one in self._set_aside_strings)
        ):
            found = sets.union(found, sets.documents_of(self._terms.match(strings), self._places))
        return found

    @cached_property
    def _set_aside_strings(self) -> dict[Term, String]:
        """The terms that are looked for in the text only, and that some document has in what is set aside."""
        terms = [term for term, string in self._plan.strings.items() if string.scope == "text" and not term.is_title]
        strings = {term: set_aside_only(term) for term in terms if term.text}
        return {term: string for term, string in strings.items() if self._occurs(string)}

    @cached_property
    def _related(self) -> DocumentSet:
        """Documents whose words hold enough of the query's weight (minimum should match); the words score."""
        sets, plan, parameters = self._sets, self._plan, self._parameters
        words = []
        whole = 0.0
        for word in plan.words:
            term = self._by_text.get(word)
            if term is None:
                key = (plan.further[word],) if word in plan.further else word
                term = self._weighted(key, self._terms.match(key))
                self._let_score(term)
            # A further word that no document has says nothing, for the query has its parts as well.
            if term.documents or word not in plan.further:
                words.append(term)
                # A learned word counts towards what is asked for and asks for nothing: it never makes hits fewer.
                whole += term.factor if word not in plan.learned else 0.0
        missing = sum(not word.documents for word in words)
        if missing == len(words):
            return sets.no_document(self._places)
        # Further words are not counted: more words would ask for less of the query's weight.
        share = parameters.least_share(len(plan.words) - len(plan.further), missing, plan.is_compound)
        least = share * (whole or sum(word.factor for word in words))
        if self._recorder is not None:
            self._recorder.on_threshold(words, least)
        found = sets.min_should_match([(word.match, word.factor) for word in words], least, self._places)
        return found if plan.strict is None else sets.intersect(found, self._matching(plan.strict, False))

    def _match_strings(self, terms: tuple[Term, ...]) -> WeightedTerm[Match]:
        """Documents that have any of the terms."""
        strings = tuple(dict.fromkeys(self._plan.strings[term] for term in terms))
        match = self._weighted(strings, self._terms.match(strings))
        for string in strings:
            # A word that is an alternative scores beside them, but a further one is no more than its string.
            if (len(strings) == 1 or string.text in self._plan.further) and not string.is_title:
                self._by_text.setdefault(string.text, match)
        return match

    def _weighted(self, key: TermKey, match: Match, factor: float = 1.0) -> WeightedTerm[Match]:
        documents = self._terms.size(match)
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
            passing["date"] = self._dated(*day_range(filters.first_day, filters.last_day))
        if filters.forms:
            passing["form"] = self._with_any("form", filters.forms)
        return passing

    @cached_property
    def _character_terms(self) -> list[WeightedTerm[Match]]:
        """Bigrams and rare characters, which score related hits; common ones weigh next to nothing and cost most."""
        parameters = self._parameters
        rare = self.documents * parameters.rare
        characters = [string for string in self._plan.characters if self._body_occurrences(string.text) < rare]
        groups: tuple[tuple[Sequence[String], float], ...] = (
            (self._plan.pairs, parameters.pairs),
            (characters, parameters.characters),
        )
        terms = [
            self._weighted((string,), self._terms.match_characters((string,)), factor)
            for strings, factor in groups
            for string in strings
            if string.text not in self._by_text
        ]
        return [term for term in terms if term.documents]

    def _near(self) -> tuple[Sequence[WeightedTerm[Match]], DocumentSet]:
        """The terms that score the nearest documents, and these."""
        sets, plan = self._sets, self._plan
        keys: list[TermKey] = [(plan.further[word],) if word in plan.further else word for word in plan.words]
        words = [self._weighted(key, self._terms.match(key)) for key in keys]
        terms = [term for term in (*words, *self._character_terms) if term.documents]
        if not terms:
            return (), sets.no_document(self._places)
        least = self._parameters.share_of_nearest * sum(term.factor for term in terms)
        near = sets.min_should_match([(term.match, term.factor) for term in terms], least, self._places)
        return terms, sets.intersect(near, self._hits)

    def _beside(self) -> DocumentSet | None:
        """Documents that are no hits, and would be with what is set aside; None where nothing is set aside."""
        if not self._set_aside_strings:
            return None
        sets = self._sets
        found = sets.difference(self._matching(self._plan.root, False, True), self._found)
        return reduce(sets.intersect, self._passing.values(), found)

    def _without_own(self, name: FacetName) -> DocumentSet:
        """The hits that there would be without a facet's own selection."""
        others = [passing for other, passing in self._passing.items() if other != name]
        return reduce(self._sets.intersect, others, self._found)
