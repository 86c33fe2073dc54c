"""A document with its tokens, ready for an engine to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from indexer.analysis import Cutter, words_of
from indexer.normalise import normalise

#: Between texts of one field: no normal form contains it, so that no string is found across it.
_BORDER: Final = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecord:
    """A document, the normal forms of title, headings and body, from which the grams follow, and their words in order.

    `heading` joins the titles of all sections, which stand in the body too. `body` goes on with notes and traces,
    which are found like it; their words do not rank.
    """

    document: Document
    title: str
    heading: str
    body: str
    title_words: list[str]
    heading_words: list[str]
    body_words: list[str]

    @property
    def characters(self) -> int:
        """Characters of title and body."""
        return len(self.title) + len(self.body)


def make_record(document: Document, cutter: Cutter) -> IndexRecord:
    """The document with both streams of both fields."""
    title = normalise(document.title)
    body = normalise(document.body)
    headings = [normalise(section.title) for section in document.sections]
    others = [normalise(text) for text in (*document.notes, *document.traces)]
    return IndexRecord(
        document=document,
        title=title,
        heading=_BORDER.join(headings),
        body=_BORDER.join((body, *others)),
        title_words=words_of(title, cutter),
        heading_words=[word for heading in headings for word in words_of(heading, cutter)],
        body_words=words_of(body, cutter),
    )
