"""Where the posting lists of strings and words lie, looked up before anything is decoded."""

from __future__ import annotations

from typing import Final

from indexer.postings.format import RUN_BOUNDARY_CODE, GramList, gram_list, gram_lists
from indexer.postings.reader import PackedIndex, Postings
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.plan import Plan, String

#: Strings and words whose places are remembered: with every page and facet the same ones come again.
_REMEMBERED: Final = 10_000


class Lists:
    """The lists of one generation, by text field: title, heading, body; may be shared by threads."""

    def __init__(self, index: PackedIndex) -> None:
        self._index = index
        self._words: dict[tuple[str, str], Postings | None] = {}
        self._proofs: dict[tuple[str, String], list[tuple[GramList, int]]] = {}

    def work(self, plan: Plan) -> int:
        """How many numbers have to be decoded for a plan, about."""
        work = 0
        strings = {*plan.strings.values(), *plan.pairs}
        words = {*plan.words, *(string.text for string in strings if string.is_word)}
        for field in BLOCK_SIZES:
            for word in words:
                found = self.word(field, word)
                work += found.documents if found else 0
            for string in strings:
                work += sum(gram.length for gram, _ in self.proof(field, string))
        return work

    def word(self, field: str, word: str) -> Postings | None:
        """The list of a word; None when no document has it."""
        key = (field, word)
        if key not in self._words:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            self._words[key] = self._index.find(*key)
        return self._words[key]

    def places(self, character: str) -> int:
        """In how many places of all bodies a character stands, about."""
        found = self.word("body_grams", character)
        return found.occurrences if found else 0

    def proof(self, field: str, string: String) -> list[tuple[GramList, int]]:
        """The lists that prove a string, each with its offset; none where one is missing: no document has it.

        Those of a single character are the lists of all its pairs: one of them stands wherever it does.
        """
        key = (f"{field}_grams", string)
        if key not in self._proofs:
            if len(self._proofs) >= _REMEMBERED:
                self._proofs.clear()
            self._proofs[key] = self._find(field, string)
        return self._proofs[key]

    def _find(self, field: str, string: String) -> list[tuple[GramList, int]]:
        found = []
        for gram, offset in string.grams:
            postings = self._index.find(f"{field}_grams", gram[0])
            if postings is None:
                return []
            if len(gram) == 1:
                every = gram_lists(self._index.postings, postings.start)
                return [(pair, 0) for code, pair in every if code != RUN_BOUNDARY_CODE]
            pair = gram_list(self._index.postings, postings.start, ord(gram[1]))
            if pair is None:
                return []
            found.append((pair, offset))
        return found
