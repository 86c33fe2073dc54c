"""Lexicon: document frequencies of strings, frequencies of character pairs, and words, as the helpers need them.

Helpers judge by what the indexed texts contain, so no helper needs an index of its own. What depends on the index is
cached here, once per open generation; what depends only on packaged tables is cached per process by the helper itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeVar

from corpus.chinese import is_han
from indexer.analysis.dictionary import PackedDictionary
from indexer.postings.format import RUN_BOUNDARY_CODE, TEXT_END_CODE, gram_counts, gram_list
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.evaluator import Evaluator
from searcher.execution.lru_cache import Recent
from searcher.execution.plan import term_plan
from searcher.query.tree import Term

#: A term in more documents than this is not taken for misspelt.
MAX_MISSPELT_DOCUMENTS: Final = 2

#: Size of the cache: a table of followers counts one for each character in it, any other result counts one.
_CACHE_SIZE: Final = 200_000

T = TypeVar("T")
#: One string object for each character, however many tables of followers contain it.
_character = lru_cache(None)(chr)


class Lexicon:
    """Statistics of one open generation; safe to share by threads."""

    def __init__(self, evaluator: Evaluator, dictionary: PackedDictionary) -> None:
        self._evaluator = evaluator
        self._index = evaluator.index
        self._dictionary = dictionary
        self._cache = Recent(_CACHE_SIZE)

    @property
    def documents(self) -> int:
        """The number of documents of the index."""
        return self._index.documents

    def cached(self, function: Callable[..., T], *arguments: Hashable) -> T:
        """`function(lexicon, *arguments)`, computed once: paging and choosing a facet ask for the same again."""
        key = (function, arguments)
        entry: tuple[T] | None = self._cache.get(key)
        if entry is None:
            entry = (function(self, *arguments),)
            self._cache.put(key, entry, max(len(entry[0]), 1) if isinstance(entry[0], dict) else 1)
        return entry[0]

    def document_frequency(self, text: str, is_title: bool = False) -> int:
        """The number of documents that an unquoted term (a string in normal form) matches; in titles if `is_title`."""
        return self.cached(Lexicon._document_frequency, text, is_title)

    def followers(self, character: str) -> dict[str, int]:
        """The characters that follow one in any field, each with the number of occurrences of the pair."""
        return self.cached(Lexicon._followers, character, tuple(BLOCK_SIZES))

    def title_followers(self, character: str) -> dict[str, int]:
        """The characters that follow one in titles, each with the number of occurrences of the pair."""
        return self.cached(Lexicon._followers, character, ("title",))

    def pair_frequency(self, first: str, second: str) -> int:
        """The number of occurrences of two adjacent characters; cheaper than a table of followers."""
        total = 0
        for field in BLOCK_SIZES:
            postings = self._index.find(f"{field}_grams", first)
            if postings is not None:
                found = gram_list(self._index.postings, postings.start, ord(second))
                total += found.length if found else 0
        return total

    def max_frequency(self, text: str) -> int:
        """An upper bound for the occurrences of a string, that of its rarest pair; 1 for less than two characters."""
        return min((self.pair_frequency(text[at], text[at + 1]) for at in range(len(text) - 1)), default=1)

    def words(self, text: str) -> list[str]:
        """The words of a text; joined they are the text."""
        words: list[str] = []
        for is_chinese, characters in groupby(text, is_han):
            run = "".join(characters)
            words += self._dictionary.cut([run]) if is_chinese else [run]
        return words

    def word_boundaries(self, text: str) -> set[int]:
        """The offsets at which words of the text begin or end."""
        boundaries, at = {0}, 0
        for word in self.words(text):
            at += len(word)
            boundaries.add(at)
        return boundaries

    def _document_frequency(self, text: str, is_title: bool) -> int:
        if not is_title and not self.max_frequency(text):
            return 0
        return self._evaluator.count(term_plan(Term(text=text, is_title=is_title)))

    def _followers(self, character: str, fields: tuple[str, ...]) -> dict[str, int]:
        found: dict[str, int] = {}
        for field in fields:
            postings = self._index.find(f"{field}_grams", character)
            counts = gram_counts(self._index.postings, postings.start) if postings else {}
            for code, occurrences in counts.items():
                if code not in (TEXT_END_CODE, RUN_BOUNDARY_CODE):
                    found[_character(code)] = found.get(_character(code), 0) + occurrences
        return found
