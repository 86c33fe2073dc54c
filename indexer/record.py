"""A document with its tokens, ready for an engine to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from indexer.analysis import Cutter, words_of
from indexer.normalise import normalise

#: Between body and notes: no normal form contains it, so that no string is found across it.
_BORDER: Final = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecord:
    """A document, the normal forms of title and body, from which the grams follow, and their words in order.

    `body` goes on with the notes, which are found like it; their words do not rank.
    """

    document: Document
    title: str
    body: str
    title_words: list[str]
    body_words: list[str]

    @property
    def characters(self) -> int:
        """Characters of both normal forms."""
        return len(self.title) + len(self.body)


def make_record(document: Document, cutter: Cutter) -> IndexRecord:
    """The document with both streams of both fields."""
    title = normalise(document.title)
    body = normalise(document.body)
    notes = [normalise(note) for note in document.notes]
    return IndexRecord(
        document=document,
        title=title,
        body=_BORDER.join((body, *notes)),
        title_words=words_of(title, cutter),
        body_words=words_of(body, cutter),
    )
