"""Finds the posting lists of words and exact strings in all segments, before anything of them is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from indexer.postings.format import ListPart, gram_list, list_runs
from indexer.postings.reader import PackedIndex, SegmentReader
from indexer.store.columns import RANKED_FIELDS, WORD_FIELDS
from searcher.execution.lru_cache import LruCache
from searcher.execution.plan import Plan, String
from searcher.execution.ranking import SET_ASIDE

#: Words, and strings, whose lists are remembered: with every page and facet the same ones come again.
_REMEMBERED: Final = 10_000


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
        self._occurrences: LruCache[int] = LruCache(_REMEMBERED)

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
        if string.grams and len(string.grams[0][0]) == 1:
            block = self._index.find(f"{field}_grams", string.grams[0][0])
            runs = ((one.segment, run) for one in block for run in list_runs(one.segment.postings, one.start))
            parts = [ListPart(*run, segment.first_position[field]) for segment, run in runs]
            return ((_joined(parts), 0),) if parts else ()
        segments: Sequence[SegmentReader] = self._index.segments
        rows: dict[SegmentReader, list[ListPart]] = {segment: [] for segment in segments}
        for gram, _ in string.grams:
            having = []
            for segment, _, _, start, _ in self._index.find(f"{field}_grams", gram[0], segments):
                found = gram_list(segment.postings, start, ord(gram[1]))
                if found is not None:
                    raw = segment.postings[found.start : found.end]
                    rows[segment].append(ListPart(raw, (found.length,), segment.first_position[field]))
                    having.append(segment)
            segments = having
        lists = zip(*(rows[segment] for segment in segments), strict=True)
        return [(_joined(parts), offset) for parts, (_, offset) in zip(lists, string.grams, strict=False)]

    def _count(self, character: str) -> int:
        deleted = self._index.deleted_grams
        occurrences = sum(postings.occurrences for postings in self._index.find("body_grams", character))
        return occurrences - (sum(count for _, count in deleted.following("body", ord(character))) if deleted else 0)


def _joined(parts: Sequence[ListPart]) -> PostingList:
    return PostingList(sum(sum(part.lengths) for part in parts), parts)
