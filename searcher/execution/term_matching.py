"""Matches terms: decodes posting lists, proves exact strings by the positions of their bigrams, weighs by BM25F."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Generic

from indexer.postings.reader import PackedIndex
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.arrays.protocol import Frequencies, Match, Positions
from searcher.execution.lru_cache import LruCache
from searcher.execution.plan import String
from searcher.execution.plan_matching import TermKey
from searcher.execution.posting_lists import PostingLists
from searcher.execution.ranking import SET_ASIDE, FieldWeight, FieldWeights

if TYPE_CHECKING:
    from searcher.execution.arrays.protocol import ArrayOperations


class TermMatcher(Generic[Positions, Frequencies, Match]):
    """Matches terms in one generation with one implementation of the array operations; may be shared by threads."""

    def __init__(
        self,
        index: PackedIndex,
        lists: PostingLists,
        fields: FieldWeights,
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
        """The documents that have the string or word, weighed; kept, for pages and facets ask for it again."""
        return self._match(key, self._fields.terms, "term")

    def match_characters(self, key: TermKey) -> Match:
        """The documents that have the pair of characters or single character, weighed as such; kept too."""
        return self._match(key, self._fields.characters, "characters")

    def size(self, match: Match) -> int:
        """How many documents match."""
        return self._arrays.size(match)

    def _match(self, key: TermKey, fields: Mapping[str, FieldWeight], kind: str) -> Match:
        match: Match = self._cache.get(
            (self._arrays.__name__, kind, key),
            lambda: self._arrays.weigh(
                ((self.frequencies(key, field), weight) for field, weight in fields.items()), self._k1
            ),
            self._arrays.size,
        )
        return match

    def frequencies(self, key: TermKey, field: str) -> Frequencies:
        """The live documents that have the term in a field, and how often."""
        found = self._word(key, field) if isinstance(key, str) else self._strings(key, field)
        live = self._index.columns.live
        return found if live is None else self._arrays.restrict(found, live)

    def document_frequency(self, word: str, field: str) -> int:
        """The number of live documents that have a word in a field."""
        return self._arrays.size(self.frequencies(word, field))

    def _strings(self, strings: Sequence[String], field: str) -> Frequencies:
        return reduce(self._arrays.add, [self._string(string, field) for string in strings])

    def _word(self, word: str, field: str) -> Frequencies:
        found = self._lists.of_word(word).get(field)
        return self._arrays.no_frequencies() if found is None else self._arrays.decode_words(found.parts)

    def _string(self, string: String, field: str) -> Frequencies:
        arrays, size = self._arrays, BLOCK_SIZES[field]
        if string.is_word and string.in_text and field != SET_ASIDE:
            return arrays.no_frequencies() if string.is_title and field != "title" else self._word(string.text, field)
        proof = self._lists.of_string(string).get(field)
        if proof is None:
            return arrays.no_frequencies()
        blocks = self._index.columns[f"{field}_blocks"]
        if len(string.grams[0][0]) == 1:
            return arrays.documents_of_lists(proof[0][0].parts, blocks, size)
        # From the rarest bigram on: each intersection leaves fewer positions to look for.
        (rarest, base), *others = sorted(proof, key=lambda pair: pair[0].length)
        positions = arrays.decode_positions(rarest.parts)
        for grams, offset in others:
            if not len(positions):
                return arrays.no_frequencies()
            positions = arrays.intersect_at(positions, arrays.decode_positions(grams.parts), offset - base)
        return arrays.documents_at(positions, blocks, size)
