"""Lists the learned words of a generation: how many documents have each, which became frequent lately, examples."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from corpus.document import Document
from indexer.analysis.normalise import normalise
from indexer.learned_words import LearnedWords
from indexer.postings.reader import PackedIndex
from indexer.postings.string_documents import StringDocuments
from indexer.postings.varints import Offsets
from indexer.store.columns import ColumnReader
from indexer.store.stored_documents import DocumentReader

#: A word rises if the share of the documents that have it, in the last days, is twice that of the days before, and if
#: so many documents have it.
RECENT_DAYS: Final = 92
DAYS_BEFORE: Final = 365
_LEAST_RISE: Final = 2.0
_LEAST_RECENT: Final = 3
#: One in so many dates may be wrong, and lie in the future.
WRONG_DATES: Final = 1000
#: Characters of an example before and after the word.
_AROUND: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedWord:
    """A learned word: how many documents have it, and where one of them does.

    `recent` counts the documents of the last three months of the collection, `before` those of the year before that;
    `rise` compares their shares of all documents of these times. `example` is a part of the newest document.
    """

    word: str
    documents: int
    recent: int
    before: int
    rise: float
    example: str
    example_id: str


def list_words(generation: Path, limit: int | None, *, is_rising: bool) -> tuple[tuple[LearnedWord, ...], int]:
    """The learned words of a generation, and how many there are; raises IndexDamaged.

    The words of most documents come first; if `is_rising`, only words that rise are listed, the steepest first. Takes
    less than a second for 100,000 documents.
    """
    with closing(PackedIndex(generation)) as index, closing(LearnedWords(generation)) as learned:
        words = learned.all()
        counter = _Counter(index)
        found = ranked([counter.count(word) for word in words], is_rising=is_rising)
        with DocumentReader(generation, index.columns) as stored:
            return tuple(counter.with_example(entry, stored) for entry in found[:limit]), len(words)


class Periods(NamedTuple):
    """How many documents a collection has of the last three months, and of the year before that."""

    recent: int
    before: int

    def word(self, word: str, documents: int, recent: int, before: int) -> LearnedWord:
        """A word that so many documents have in all, and in these times; still without example."""
        # One more document in each time: what is new has no share before.
        rise = recent / (self.recent + 1) / ((before + 1) / (self.before + 1))
        return LearnedWord(
            word=word,
            documents=documents,
            recent=recent,
            before=before,
            rise=round(rise, 1),
            example="",
            example_id="",
        )


def ranked(found: Iterable[LearnedWord], *, is_rising: bool) -> list[LearnedWord]:
    """The words of most documents first; if `is_rising`, only words that rise, the steepest first."""
    if is_rising:
        found = [entry for entry in found if entry.rise >= _LEAST_RISE and entry.recent >= _LEAST_RECENT]
    return sorted(found, key=lambda entry: (-entry.rise if is_rising else 0, -entry.documents, entry.word))


def with_example(entry: LearnedWord, document: Document) -> LearnedWord:
    """A word with an example from a document that has it."""
    texts = map(normalise, (document.title, document.body, *document.notes, *document.original_texts))
    text = next(text for text in texts if entry.word in text)
    at = text.index(entry.word)
    example = text[max(at - _AROUND, 0) : at + len(entry.word) + _AROUND]
    return replace(entry, example=" ".join(example.split()), example_id=document.id)


class _Counter:
    """Counts the documents of words in one generation."""

    def __init__(self, index: PackedIndex) -> None:
        self._strings = StringDocuments(index)
        self._days = np.array(index.columns["days"], np.int64)
        self._ids = index.columns["ids"]
        dated = np.sort(self._days[_live(index.columns)])
        dated = dated[dated > 0]
        last = int(dated[-1 - len(dated) // WRONG_DATES]) if len(dated) else 0
        self._first_recent = last - RECENT_DAYS + 1
        self._first_before = self._first_recent - DAYS_BEFORE
        self._all = Periods(*self._periods(dated))

    def count(self, word: str) -> LearnedWord:
        """The word with its numbers, still without example."""
        documents = self._documents(word)
        recent, before = self._periods(self._days[documents])
        return self._all.word(word, len(documents), recent, before)

    def with_example(self, entry: LearnedWord, stored: DocumentReader) -> LearnedWord:
        """The word with its example."""
        documents = self._documents(entry.word)
        newest = max(documents.tolist(), key=lambda number: (self._days[number], self._ids[number]))
        return with_example(entry, stored.read(newest))

    def _documents(self, word: str) -> Offsets:
        return np.union1d(self._strings.of(word, "title"), self._strings.of(word, "body"))

    def _periods(self, days: Offsets) -> tuple[int, int]:
        """How many of some days are recent, and how many are of the time before."""
        recent = int((days >= self._first_recent).sum())
        return recent, int((days >= self._first_before).sum()) - recent


def _live(columns: ColumnReader) -> Offsets:
    """The numbers of the live documents."""
    every = np.arange(columns.max_document)
    return every if columns.live is None else every[np.asarray(columns.live, bool)]
