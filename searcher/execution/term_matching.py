"""Matches terms: decodes posting lists, proves exact strings by the positions of their bigrams, weighs by BM25F."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic

from indexer.postings.reader import PackedIndex
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.arrays.protocol import Frequencies, Match, Positions
from searcher.execution.lru_cache import LruCache
from searcher.execution.plan import String
from searcher.execution.posting_lists import PostingLists
from searcher.execution.ranking import SET_ASIDE, FieldWeight

if TYPE_CHECKING:
    from searcher.execution.arrays.protocol import ArrayOperations

#: What matches and scores as one term: a word, or strings, the one typed first.
TermKey = str | tuple[String, ...]


class TermMatcher(Generic[Positions, Frequencies, Match]):
    """Matches terms in one generation with one implementation of the array operations; may be shared by threads."""

    def __init__(
        self,
        index: PackedIndex,
        lists: PostingLists,
        fields: Mapping[str, FieldWeight],
        k1: float,
        # Sets, members, scores and counts are none of this class's.
        arrays: ArrayOperations[Positions, Frequencies, Match, Any, Any, Any, Any],
        cache: LruCache[Any],  # shared by the implementations: each asks for keys of its own
    ) -> None:
        self._index = index
        self._lists = lists
        self._fields = fields
        self._k1 = k1
        self._arrays = arrays
        self._cache = cache

    def match(self, key: TermKey) -> Match:
        """The documents that have the term, weighed; kept for the next plans: pages and facets ask for it again."""
        match: Match = self._cache.get(
            (self._arrays.__name__, key),
            lambda: self._arrays.weigh(
                ((self.frequencies(key, field), weight) for field, weight in self._fields.items()), self._k1
            ),
            self._arrays.size,
        )
        return match

    def frequencies(self, key: TermKey, field: str) -> Frequencies:
        """The documents that have the term in a field, and how often."""
        if isinstance(key, str):
            return self._word(key, field)
        return reduce(self._arrays.add, [self._string(string, field) for string in key])

    def _word(self, word: str, field: str) -> Frequencies:
        found = self._lists.of_word(field, word)
        if found is None:
            return self._arrays.no_frequencies()
        return self._arrays.decode_words(self._index.postings[found.start : found.end], found.documents)

    def _string(self, string: String, field: str) -> Frequencies:
        arrays, postings, size = self._arrays, self._index.postings, BLOCK_SIZES[field]
        if field == SET_ASIDE:
            if not string.in_set_aside:
                return arrays.no_frequencies()
        elif not string.in_text or (string.is_title and field != "title"):
            return arrays.no_frequencies()
        elif string.is_word:
            return self._word(string.text, field)
        lists = self._lists.of_string(field, string)
        if not lists:
            return arrays.no_frequencies()
        blocks = self._index.columns[f"{field}_blocks"]
        if len(string.grams[0][0]) == 1:
            return arrays.documents_of_lists(postings, [gram for gram, _ in lists], blocks, size)
        # From the rarest bigram on: each intersection leaves fewer positions to look for.
        (rarest, base), *others = sorted(lists, key=lambda pair: pair[0].length)
        positions = arrays.decode_positions(postings[rarest.start : rarest.end])
        for gram, offset in others:
            if not len(positions):
                return arrays.no_frequencies()
            following = arrays.decode_positions(postings[gram.start : gram.end])
            positions = arrays.intersect_at(positions, following, offset - base)
        return arrays.documents_at(positions, blocks, size)
