"""Lexicon: document frequencies of strings, frequencies of character pairs, and words, as the helpers need them.

Helpers judge by what the indexed texts contain, so no helper needs an index of its own. What depends on the index is
cached here, once per open generation; what depends only on packaged tables is cached per process by the helper itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import accumulate
from math import log
from typing import TYPE_CHECKING, Any, Final, TypeVar

from searcher.execution.lru_cache import LruCache
from searcher.query.tree import Term

if TYPE_CHECKING:
    from searcher.execution.engine import Engine
    from searcher.query.query_cutter import QueryCutter

#: A term in more documents than this is not taken for misspelt.
MAX_MISSPELT_DOCUMENTS: Final = 2

#: Size of the cache: a table of followers counts one for each character in it, any other result counts one.
_CACHE_SIZE: Final = 200_000

#: Characters of a word in running text, on the average.
_CHARACTERS_PER_WORD: Final = 1.6
#: Words that the texts are taken to have besides: in a small collection a few occurrences prove little.
_PRIOR_WORDS: Final = 200_000

T = TypeVar("T")


class Lexicon:
    """Statistics of one open generation, with the further words of its queries; safe to share by threads."""

    def __init__(self, engine: Engine, cutter: QueryCutter) -> None:
        self._engine = engine
        self._cutter = cutter
        self._cache: LruCache[Any] = LruCache(_CACHE_SIZE)  # results of any function, see `cached`

    @property
    def documents(self) -> int:
        """The number of documents of the index."""
        return self._engine.info.documents

    def cached(self, function: Callable[..., T], *arguments: Hashable) -> T:
        """`function(lexicon, *arguments)`, computed once: paging and choosing a facet ask for the same again."""
        result: T = self._cache.get((function, arguments), lambda: function(self, *arguments), _size)
        return result

    @property
    def own_words(self) -> tuple[str, ...]:
        """The words of the user."""
        return self._cutter.further.own

    def document_frequency(self, text: str, is_title: bool = False) -> int:
        """The number of documents that an unquoted term (a string in normal form) matches; in titles if `is_title`."""
        return self.cached(Lexicon._document_frequency, text, is_title)

    def followers(self, character: str) -> dict[str, int]:
        """The characters that follow one in any field, each with the number of occurrences of the pair."""
        return self.cached(Lexicon._followers, character, False)

    def title_followers(self, character: str) -> dict[str, int]:
        """The characters that follow one in titles, each with the number of occurrences of the pair."""
        return self.cached(Lexicon._followers, character, True)

    def pair_frequency(self, first: str, second: str) -> int:
        """The number of occurrences of two adjacent characters; cheaper than a table of followers."""
        return self._engine.bigram_count(first, second)

    def max_frequency(self, text: str) -> int:
        """An upper bound for the occurrences of a string, that of its rarest pair; 1 for less than two characters."""
        return min((self.pair_frequency(text[at], text[at + 1]) for at in range(len(text) - 1)), default=1)

    def words_with(self, word: str) -> int:
        """The number of documents that have a word as a word; cheaper than that of those that have it as a string."""
        return self.cached(Lexicon._words_with, word)

    def log_probability(self, word: str) -> float:
        """The logarithm of a word's share of all words: of the dictionary's or of the texts', whichever is greater."""
        return self.cached(Lexicon._log_probability, word)

    def log_share(self, occurrences: int) -> float:
        """The logarithm of the share of all words of the texts that some occurrences are; at least one."""
        return log(occurrences / (self._engine.info.characters / _CHARACTERS_PER_WORD + _PRIOR_WORDS))

    def words_at(self, text: str, start: int) -> list[tuple[float, int]]:
        """The logarithm of the probability, and the end, of every word that begins at an offset of a text."""
        return self._cutter.words_at(text, start)

    def words(self, text: str) -> list[str]:
        """The words of a text; joined they are the text."""
        return self._cutter.split(text)

    def dictionary_words(self, text: str) -> list[str]:
        """The same without further words: what related documents are found by."""
        return self._cutter.split_by_dictionary(text)

    def word_boundaries(self, text: str) -> set[int]:
        """The offsets at which words of the text, or parts of further words, begin or end."""
        return {0, *accumulate(map(len, self.words(text))), *accumulate(map(len, self.dictionary_words(text)))}

    def _document_frequency(self, text: str, is_title: bool) -> int:
        if not is_title and not self.max_frequency(text):
            return 0
        return self._engine.document_frequency(Term(text=text, is_title=is_title))

    def _words_with(self, word: str) -> int:
        # Documents were not cut into further words.
        found = self._engine.word_frequency(word)
        return self.document_frequency(word) if not found and self._cutter.is_further(word) else found

    def _log_probability(self, word: str) -> float:
        found = self.words_at(word, 0)
        in_dictionary = max((weight for weight, end in found if end == len(word)), default=found[0][0])
        documents = self.words_with(word)
        # One document may have cut something else into this word.
        return max(in_dictionary, self.log_share(documents)) if documents > 1 else in_dictionary

    def _followers(self, character: str, is_title: bool) -> dict[str, int]:
        return self._engine.followers(character, is_title=is_title)


def _size(result: object) -> int:
    return max(len(result), 1) if isinstance(result, dict) else 1
