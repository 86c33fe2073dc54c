"""Splits the body of an article into headings, paragraphs and tables with numbered matches; builds its outline."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from corpus.chinese import CLOSING_MARKS, SENTENCE_ENDS
from searcher.results import Heading, Marked

#: Some exporters drop all line breaks; a longer line is shown as several paragraphs.
MAX_PARAGRAPH_CHARS: Final = 500

_SENTENCE_END: Final = re.compile(f"[{SENTENCE_ENDS}][{CLOSING_MARKS}]?")
_HEADING_MARKS: Final = re.compile("#{1,6}[ \t]+")
_TABLE_RULE: Final = re.compile(r"\|(?:[ \t]*:?-+:?[ \t]*\|)+")
#: h1 is the title of the page, so sections are h2 to h6.
_TOP_LEVEL: Final = 2
_DEEPEST_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `match` is the number of its match, counted from 1, and 0 for text between matches.

    A match across the end of a paragraph has several pieces; only the first one has the anchor.
    """

    text: str
    match: int
    has_anchor: bool


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (level 2 to 6, with its anchor's number), a table (rows of cells), or else a paragraph.

    `rest` is the text that follows a heading on the same line.
    """

    level: int = 0
    anchor: int = -1
    pieces: Pieces = ()
    rest: Pieces = ()
    rows: tuple[tuple[Pieces, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outline: title, page in the source, number of the anchor, and the entries below it."""

    title: str
    page: int | None
    anchor: int
    below: list[Entry] = field(default_factory=list)


class _Span(NamedTuple):
    start: int
    end: int


def split_blocks(body: Marked, headings: Sequence[Heading]) -> Iterator[Block]:
    """The blocks in order; together they contain all of the body except line breaks and Markdown's signs."""
    text = "".join(piece for piece, _ in body)
    matches = _Matches(body)
    levels = _levels(headings)
    numbers = {heading.start: number for number, heading in enumerate(headings)}
    spans = _paragraphs(text, sorted(numbers))
    for is_table, group in groupby(spans, lambda span: span.start not in numbers and _is_row(text, span)):
        if is_table:
            rows = [span for span in group if not _TABLE_RULE.fullmatch(text, *span)]
            cells = [tuple(matches.pieces(text, cell) for cell in _cells(text, row)) for row in rows]
            if cells:
                yield Block(rows=tuple(cells))
            continue
        for span in group:
            number = numbers.get(span.start)
            if number is None:
                yield Block(pieces=matches.pieces(text, span))
            else:
                marks = _HEADING_MARKS.match(text, *span)
                start, end = marks.end() if marks else span.start, span.end
                title = headings[number].title
                if title and text.startswith(title, start, end) and text[start + len(title) : end].strip():
                    end = start + len(title)
                yield Block(
                    level=levels[number],
                    anchor=number,
                    pieces=matches.pieces(text, _Span(start, end)),
                    rest=matches.pieces(text, _Span(end, span.end)),
                )


def note_pieces(notes: Sequence[Marked], before: int) -> tuple[Pieces, ...]:
    """The pieces of each note; its matches are numbered on from the `before` matches of the body."""
    found = []
    for note in notes:
        pieces = []
        for text, is_match in note:
            before += is_match
            pieces.append(Piece(text, before if is_match else 0, is_match))
        found.append(tuple(pieces))
    return tuple(found)


def build_outline(headings: Sequence[Heading]) -> list[Entry]:
    """The outline: the entries of the highest level, each with the entries below it."""
    top: list[Entry] = []
    above: list[tuple[int, Entry]] = []
    for number, heading in enumerate(headings):
        entry = Entry(heading.title, heading.page, number)
        while above and above[-1][0] >= heading.level:
            above.pop()
        (above[-1][1].below if above else top).append(entry)
        above.append((heading.level, entry))
    return top


def _levels(headings: Sequence[Heading]) -> list[int]:
    top = min((heading.level for heading in headings), default=1)
    return [min(heading.level - top + _TOP_LEVEL, _DEEPEST_LEVEL) for heading in headings]


class _Matches:
    """The spans of a body's matches, and the pieces of any span."""

    def __init__(self, body: Marked) -> None:
        self._spans: list[_Span] = []
        at = 0
        for piece, is_match in body:
            if is_match:
                self._spans.append(_Span(at, at + len(piece)))
            at += len(piece)
        self._ends = [span.end for span in self._spans]

    def pieces(self, text: str, span: _Span) -> Pieces:
        """The span, split at its matches."""
        found = []
        at = span.start
        for number in range(bisect_right(self._ends, span.start), len(self._spans)):
            match = self._spans[number]
            if match.start >= span.end:
                break
            if match.start > at:
                found.append(Piece(text[at : match.start], 0, False))
            left, right = max(match.start, span.start), min(match.end, span.end)
            found.append(Piece(text[left:right], number + 1, left == match.start))
            at = right
        if at < span.end:
            found.append(Piece(text[at : span.end], 0, False))
        return tuple(found)


def _paragraphs(text: str, heading_starts: Sequence[int]) -> Iterator[_Span]:
    """The lines that are not blank, split before headings, and long ones after sentences."""
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        cuts = [cut for cut in heading_starts if start < cut < end]
        for left, right in zip([start, *cuts], [*cuts, end], strict=True):
            for span in _short_spans(text, left, right):
                if text[span.start : span.end].strip():
                    yield span
        start = end + 1


def _short_spans(text: str, start: int, end: int) -> Iterator[_Span]:
    while end - start > MAX_PARAGRAPH_CHARS:
        sentence = _SENTENCE_END.search(text, start + MAX_PARAGRAPH_CHARS // 2, end)
        if sentence is None or sentence.end() >= end:
            break
        yield _Span(start, sentence.end())
        start = sentence.end()
    yield _Span(start, end)


def _is_row(text: str, span: _Span) -> bool:
    """True for a line of a Markdown table."""
    return span.end - span.start > 2 and text[span.start] == "|" and text[span.end - 1] == "|"


def _cells(text: str, row: _Span) -> Iterator[_Span]:
    """The spans between the bars of a row."""
    start = row.start + 1
    while start < row.end:
        end = text.index("|", start)
        yield _Span(start, end)
        start = end + 1
