"""The terms of one generation in a cluster: in how many documents each is, asked for together and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from indexer.opensearch.layout import grams_id
from searcher.execution.lru_cache import LruCache
from searcher.execution.opensearch.generation_searches import GenerationSearches
from searcher.execution.opensearch.queries import TermMatch, documents_with, fields_of
from searcher.execution.plan import Plan, set_aside_only
from searcher.execution.plan_matching import TermKey
from searcher.execution.ranking import FieldWeights
from searcher.query.tree import Alternatives, And, Node, Not, Or, Term, as_typed

_REMEMBERED: Final = 200_000
#: Tables of the bigrams of a character; a common one has some thousand entries.
_REMEMBERED_TABLES: Final = 2_000
_MOST_SEARCHES: Final = 200


class ClusterTerms:
    """Matches terms and counts their documents (see `plan_matching.TermSource`); threads may share it."""

    def __init__(self, searches: GenerationSearches, weights: FieldWeights) -> None:
        self._searches = searches
        self._weights = weights
        self._counts: LruCache[int] = LruCache(_REMEMBERED)
        self._tables: LruCache[Mapping[str, Any]] = LruCache(_REMEMBERED_TABLES)

    def match(self, key: TermKey) -> TermMatch:
        """The documents that have the string or word, weighed."""
        return TermMatch(fields_of(key), self.documents(key), self._weights.terms)

    def match_characters(self, key: TermKey) -> TermMatch:
        """The documents that have the pair of characters or single character, weighed as such."""
        return TermMatch(fields_of(key), self.documents(key), self._weights.characters)

    def size(self, match: TermMatch) -> int:
        """How many documents match."""
        return match.documents

    def documents(self, key: TermKey) -> int:
        """How many documents have a term."""
        return self._counts.get(key, lambda: self._count([key])[0])

    def in_field(self, word: str, field: str) -> int:
        """How many documents have a word in one field."""
        return self._counts.get((word, field), lambda: self._searches.counts(fields_of(word)[field])[0])

    def ask_for(self, keys: Iterable[TermKey], characters: Iterable[str] = ()) -> None:
        """Ask for the counts of all these in one request, so that each need not be asked for alone."""
        unknown = [key for key in dict.fromkeys(keys) if self._counts.find(key) is None]
        for start in range(0, len(unknown), _MOST_SEARCHES):
            some = unknown[start : start + _MOST_SEARCHES]
            for key, count in zip(some, self._count(some), strict=True):
                self._counts.put(key, count)
        tables = [one for one in dict.fromkeys(characters) if self._tables.find(one) is None]
        for character, table in zip(tables, self._read_tables(tables), strict=True):
            self._tables.put(character, table)

    def ask_for_plan(self, plan: Plan) -> None:
        """Ask for all that executing a plan needs to know of its terms."""
        keys = [*_keys(plan.root, plan), *_keys(as_typed(plan.root), plan)]
        keys += [(plan.further[word],) if word in plan.further else word for word in plan.words]
        keys += [(string,) for string in (*plan.pairs, *plan.characters)]
        keys += [
            (set_aside_only(term),)
            for term, string in plan.strings.items()
            if string.scope == "text" and term.text and not term.is_title
        ]
        self.ask_for(keys, (string.text for string in plan.characters))

    def table(self, character: str) -> Mapping[str, Any]:
        """The table of the bigrams that begin with a character."""
        return self._tables.get(character, lambda: self._read_tables([character])[0])

    def _count(self, keys: list[TermKey]) -> list[int]:
        return self._searches.counts([documents_with(fields_of(key)) for key in keys])

    def _read_tables(self, characters: list[str]) -> list[Mapping[str, Any]]:
        found = self._searches.get([grams_id(character) for character in characters], ("table",))
        return [source["table"] if source is not None else {} for source in found]


def _keys(node: Node | None, plan: Plan) -> Iterable[TermKey]:
    """The terms of a query tree, as they are matched."""
    if isinstance(node, Term | Alternatives):
        terms = node.terms if isinstance(node, Alternatives) else (node,)
        yield tuple(dict.fromkeys(plan.strings[term] for term in terms))
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _keys(part, plan)
    elif isinstance(node, Not):
        yield from _keys(node.part, plan)
