"""Analyses a document into the normal forms and words that an engine indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

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


class NormalTexts(NamedTuple):
    """The normal forms of a document's text fields (see IndexRecord)."""

    title: str
    heading: str
    body: str
    set_aside: str


def normal_texts(document: Document) -> NormalTexts:
    """The normal forms from which the grams are made; if the first line serves as the title, it is a heading."""
    headings = [normalise(section.title) for section in document.sections]
    if document.is_untitled:
        headings.insert(0, normalise(document.title))
    return NormalTexts(
        title="" if document.is_untitled else normalise(document.title),
        heading=_SEPARATOR.join(headings),
        body=_SEPARATOR.join(map(normalise, (document.body, *document.notes, *document.original_texts))),
        set_aside=_SEPARATOR.join(map(normalise, (*(item.text for item in document.set_aside), *document.seams))),
    )


def make_record(document: Document, cutter: Cutter) -> IndexRecord:
    """Analyse a document."""
    texts = normal_texts(document)
    body, *others = texts.body.split(_SEPARATOR)
    notes = others[: len(document.notes)]
    return IndexRecord(
        document=document,
        **texts._asdict(),
        title_words=words_of(texts.title, cutter),
        body_words=words_of(body, cutter),
        characters=len(texts.title) + len(body) + sum(map(len, notes)),
    )
