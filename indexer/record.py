"""Analyses a document into the normal forms and words that an engine indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import Cutter, words_of

#: Separates the texts of one field. No normal form contains it, so that no term matches across it.
_SEPARATOR: Final = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecord:
    """A document with the normal forms of its text fields, from which the grams are made, and its words in order.

    `heading` joins the titles of all sections, which the body contains too. `body` also has the notes and the original
    texts, which match like the body but whose words are not ranked; `set_aside` has the seams too, and only some
    queries look there. `characters` counts title, body and notes.
    """

    document: Document
    title: str
    heading: str
    body: str
    set_aside: str
    title_words: list[str]
    body_words: list[str]
    characters: int


def make_record(document: Document, cutter: Cutter) -> IndexRecord:
    """Analyse a document; if its first line serves as the title, that line is indexed as a heading."""
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
        heading=_SEPARATOR.join(headings),
        body=_SEPARATOR.join((body, *notes, *original_texts)),
        set_aside=_SEPARATOR.join(map(normalise, (*(item.text for item in document.set_aside), *document.seams))),
        title_words=words_of(title, cutter),
        body_words=words_of(body, cutter),
        characters=len(title) + len(body) + sum(map(len, notes)),
    )
