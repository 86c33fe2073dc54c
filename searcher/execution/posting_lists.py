"""Finds the posting lists of words and exact strings in all segments, before anything of them is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from indexer.postings.format import GramBlock, ListPart
from indexer.postings.reader import PackedIndex, SegmentReader
from indexer.store.columns import RANKED_FIELDS, WORD_FIELDS
from searcher.execution.lru_cache import LruCache
from searcher.execution.plan import Plan, String
from searcher.execution.ranking import SET_ASIDE

#: Words and strings that are remembered: with every page and facet the same ones come again.
_REMEMBERED: Final = 10_000
#: Those of a thousand characters in three fields of ten segments; about 15 MB.
_REMEMBERED_BLOCKS: Final = 30_000


class PostingList(NamedTuple):
    """A posting list: its length in all segments, those deleted included, and the part that each segment has of it."""

    length: int
    parts: Sequence[ListPart]


#: The gram lists that together prove a string, each with its offset in it.
Proof = Sequence[tuple[PostingList, int]]


class PostingLists:
    """The lists of one generation by text field (title, heading, body, set-aside text); may be shared by threads.

    What no document has is in no mapping.
    """

    def __init__(self, index: PackedIndex) -> None:
        self._index = index
        self._words: LruCache[Mapping[str, PostingList]] = LruCache(_REMEMBERED)
        self._strings: LruCache[Mapping[str, Proof]] = LruCache(_REMEMBERED)
        self._blocks: LruCache[Sequence[tuple[SegmentReader, GramBlock]]] = LruCache(_REMEMBERED_BLOCKS)
        self._occurrences: LruCache[int] = LruCache(_REMEMBERED)
        self.deleted_grams = index.deleted_grams

    def is_longer(self, plan: Plan, limit: int) -> bool:
        """True if a plan needs more than about `limit` numbers decoded; looks no farther than needed."""
        total = 0
        for length in self._lengths(plan):
            total += length
            if total > limit:
                return True
        return total > limit

    def _lengths(self, plan: Plan) -> Iterator[int]:
        """The lengths of the lists of a plan."""
        strings = (*plan.strings.values(), *plan.further.values(), *plan.pairs)
        for word in {*plan.words, *(string.text for string in strings if string.is_word)}:
            yield from (found.length for found in self.of_word(word).values())
        for string in dict.fromkeys(strings):
            yield from (found.length for proof in self.of_string(string).values() for found, _ in proof)

    def of_word(self, word: str) -> Mapping[str, PostingList]:
        """The list of a word in each field whose words are indexed."""
        return self._words.get(word, lambda: self._find_word(word))

    def of_string(self, string: String) -> Mapping[str, Proof]:
        """The gram lists that prove a string, in each field in which it is looked for by grams.

        Those of a single character are the lists of all bigrams that begin with it, as one list.
        """
        return self._strings.get(string, lambda: self._find_string(string))

    def blocks(self, field: str, character: str) -> Sequence[tuple[SegmentReader, GramBlock]]:
        """The gram block of a first character in each segment that has one, in their order."""
        return self._blocks.get((field, character), lambda: self._find_blocks(field, character), len)

    def body_occurrences(self, character: str) -> int:
        """How often a character occurs in all bodies."""
        return self._occurrences.get(character, lambda: self._count(character))

    def _find_word(self, word: str) -> dict[str, PostingList]:
        found = {}
        for field in WORD_FIELDS:
            if postings := self._index.find(field, word):
                found[field] = _joined(
                    [
                        ListPart(segment.postings[start:end], (documents,), segment.first_document)
                        for segment, documents, _, start, end in postings
                    ]
                )
        return found

    def _find_string(self, string: String) -> dict[str, Proof]:
        fields: tuple[str, ...] = ()
        if string.in_text and not string.is_word:
            fields = ("title",) if string.is_title else RANKED_FIELDS
        if string.in_set_aside:
            fields = (*fields, SET_ASIDE)
        return {field: proof for field in fields if (proof := self._proof(field, string))}

    def _proof(self, field: str, string: String) -> Proof:
        """The lists of a string in one field, of the segments that have all of them."""
        if not string.grams:
            return ()
        if len(string.grams[0][0]) == 1:
            blocks = self.blocks(field, string.grams[0][0])
            runs = ((segment, run) for segment, block in blocks for run in block.runs())
            parts = [ListPart(*run, segment.first_position[field]) for segment, run in runs]
            return ((_joined(parts), 0),) if parts else ()
        rows: dict[SegmentReader, list[ListPart]] = {segment: [] for segment in self._index.segments}
        for gram, _ in string.grams:
            having = {}
            for segment, block in self.blocks(field, gram[0]):
                row = rows.get(segment)
                if row is not None and (found := block.find(ord(gram[1]))) is not None:
                    raw, length = found
                    row.append(ListPart(raw, (length,), segment.first_position[field]))
                    having[segment] = row
            rows = having
        lists = zip(*rows.values(), strict=True)
        return [(_joined(parts), offset) for parts, (_, offset) in zip(lists, string.grams, strict=False)]

    def _find_blocks(self, field: str, character: str) -> list[tuple[SegmentReader, GramBlock]]:
        found = self._index.find(f"{field}_grams", character)
        return [(segment, GramBlock.read(segment.postings, start, end)) for segment, _, _, start, end in found]

    def _count(self, character: str) -> int:
        occurrences = sum(postings.occurrences for postings in self._index.find("body_grams", character))
        deleted = self.deleted_grams
        return occurrences - (sum(count for _, count in deleted.following("body", ord(character))) if deleted else 0)


def _joined(parts: Sequence[ListPart]) -> PostingList:
    return PostingList(sum(sum(part.lengths) for part in parts), parts)
