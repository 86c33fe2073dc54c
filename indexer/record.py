"""A document with its tokens, ready for an engine to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.document import Document
from indexer.analysis import Analyzer, grams
from indexer.normalise import normalise

#: token → its positions, ascending.
Positions = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRecord:
    """What is written for one document; lengths count words, `characters` those of the normal forms."""

    document: Document
    title_words: Positions
    title_grams: Positions
    body_words: Positions
    body_grams: Positions
    characters: int


def make_record(document: Document, analyzer: Analyzer) -> IndexRecord:
    """The document with both streams of both fields."""
    title = normalise(document.title)
    body = normalise(document.body)
    return IndexRecord(
        document=document,
        title_words=_positions((word, at) for at, word in enumerate(analyzer.words(title))),
        title_grams=_positions(grams(title)),
        body_words=_positions((word, at) for at, word in enumerate(analyzer.words(body))),
        body_grams=_positions(grams(body)),
        characters=len(title) + len(body),
    )


def _positions(tokens: Iterable[tuple[str, int]]) -> Positions:
    found: dict[str, list[int]] = {}
    for token, at in tokens:
        found.setdefault(token, []).append(at)
    return found
