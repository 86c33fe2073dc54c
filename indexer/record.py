"""A document with its tokens, ready for an engine to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import Cutter, words_of

#: Between texts of one field: no normal form contains it, so that no string is found across it.
_BORDER: Final = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecord:
    """A document, the normal forms of title, headings and body, from which the grams follow, and their words in order.

    `heading` joins the titles of all sections, which stand in the body too. The body is followed by notes
    and original texts, which are found like it; their words do not rank. `characters` counts title, body and notes.
    """

    document: Document
    title: str
    heading: str
    body: str
    title_words: list[str]
    body_words: list[str]
    characters: int


def make_record(document: Document, cutter: Cutter) -> IndexRecord:
    """The document with both streams of all fields; a first line that stands in for a title counts as a heading."""
    title = "" if document.is_untitled else normalise(document.title)
    body = normalise(document.body)
    headings = [normalise(section.title) for section in document.sections]
    if document.is_untitled:
        headings.insert(0, normalise(document.title))
    notes = [normalise(note) for note in document.notes]
    original_texts = [normalise(text) for text in document.original_texts]
    return IndexRecord(
        document=document,
        title=title,
        heading=_BORDER.join(headings),
        body=_BORDER.join((body, *notes, *original_texts)),
        title_words=words_of(title, cutter),
        body_words=words_of(body, cutter),
        characters=len(title) + len(body) + sum(map(len, notes)),
    )
