"""Finds the posting lists of words and exact strings, before anything of them is decoded."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from indexer.postings.format import RUN_BOUNDARY_CODE, GramList, gram_list, gram_lists
from indexer.postings.reader import PackedIndex, Postings
from indexer.store.columns import BLOCK_SIZES, RANKED_FIELDS
from searcher.execution.lru_cache import LruCache
from searcher.execution.plan import Plan, String

#: Words, and strings, whose lists are remembered: with every page and facet the same ones come again.
_REMEMBERED: Final = 10_000


class PostingLists:
    """The lists of one generation by text field (title, heading, body, set-aside text); may be shared by threads."""

    def __init__(self, index: PackedIndex) -> None:
        self._index = index
        self._words: LruCache[Postings | None] = LruCache(_REMEMBERED)
        self._strings: LruCache[list[tuple[GramList, int]]] = LruCache(_REMEMBERED)

    def cost(self, plan: Plan) -> int:
        """About how many numbers have to be decoded to execute a plan."""
        cost = 0
        strings = {*plan.strings.values(), *plan.pairs}
        words = {*plan.words, *(string.text for string in strings if string.is_word)}
        for field in BLOCK_SIZES:
            for word in words:
                found = self.of_word(field, word)
                cost += found.documents if found else 0
            for string in strings if field in RANKED_FIELDS else filter(attrgetter("in_set_aside"), strings):
                cost += sum(gram.length for gram, _ in self.of_string(field, string))
        return cost

    def of_word(self, field: str, word: str) -> Postings | None:
        """The list of a word; None if no document has it."""
        return self._words.get((field, word), lambda: self._index.find(field, word))

    def body_occurrences(self, character: str) -> int:
        """About how often a character occurs in all bodies."""
        found = self.of_word("body_grams", character)
        return found.occurrences if found else 0

    def of_string(self, field: str, string: String) -> list[tuple[GramList, int]]:
        """The gram lists that together prove a string, each with its offset in it; empty if no document has one.

        Those of a single character are the lists of all bigrams that begin with it.
        """
        return self._strings.get((field, string), lambda: self._find(field, string))

    def _find(self, field: str, string: String) -> list[tuple[GramList, int]]:
        found = []
        for gram, offset in string.grams:
            postings = self._index.find(f"{field}_grams", gram[0])
            if postings is None:
                return []
            if len(gram) == 1:
                every = gram_lists(self._index.postings, postings.start)
                return [(bigram, 0) for code, bigram in every if code != RUN_BOUNDARY_CODE]
            bigram = gram_list(self._index.postings, postings.start, ord(gram[1]))
            if bigram is None:
                return []
            found.append((bigram, offset))
        return found
