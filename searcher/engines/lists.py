"""Where the posting lists of everything that a plan names lie, looked up once and before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from indexer.columns import BODY_BLOCK, TITLE_BLOCK
from indexer.engines.packed import PackedIndex, Postings
from indexer.postings import EDGE_CODE, GramList, gram_list, gram_lists
from searcher.plan import Plan, String


@dataclass(frozen=True, slots=True)
class Field:
    """The names of one text field's parts in the index."""

    words: str
    grams: str
    blocks: str
    block: int


TITLE: Final = Field("title", "title_grams", "title_blocks", TITLE_BLOCK)
BODY: Final = Field("body", "body_grams", "body_blocks", BODY_BLOCK)


class Lists:
    """The lists of one plan."""

    def __init__(self, index: PackedIndex, plan: Plan) -> None:
        self._index = index
        self.words: dict[tuple[Field, str], Postings | None] = {}
        self.grams: dict[tuple[Field, String], list[tuple[GramList, int]]] = {}
        #: Numbers to be decoded, about.
        self.work = 0
        strings = {*plan.strings.values(), *plan.pairs}
        for field in (TITLE, BODY):
            for word in {*plan.words, *(string.text for string in strings if string.is_word)}:
                found = self.words[field, word] = index.find(field.words, word)
                self.work += found.documents if found else 0
            for string in strings:
                if string.is_title <= (field is TITLE):
                    lists = self.grams[field, string] = self._proof(field, string)
                    self.work += sum(gram.length for gram, _ in lists)

    def _proof(self, field: Field, string: String) -> list[tuple[GramList, int]]:
        """The lists that prove a string, each with its offset; none where one is missing: no document has it.

        Those of a single character are the lists of all its pairs: one of them stands wherever it does.
        """
        found = []
        for gram, offset in string.grams:
            postings = self._index.find(field.grams, gram[0])
            if postings is None:
                return []
            if len(gram) == 1:
                every = gram_lists(self._index.postings, postings.start)
                return [(pair, 0) for code, pair in every if code != EDGE_CODE]
            pair = gram_list(self._index.postings, postings.start, ord(gram[1]))
            if pair is None:
                return []
            found.append((pair, offset))
        return found
