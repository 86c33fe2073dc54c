"""Where the query stands in a text: spans of the author's own characters, under every fold of the normal form."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from indexer.analysis import cuts_run, run_class
from indexer.normalise import Normalised
from searcher.page import Marked

#: (start, end) in the original text.
Span = tuple[int, int]

#: A word alone marks only where no string of the query stands; single characters would speckle the text.
_MIN_WORD_CHARS: Final = 2


def find_spans(text: str, strings: Iterable[tuple[str, bool]], words: Iterable[str]) -> list[Span]:
    """Places of the strings (normal form, is it literal?) and, where these leave room, of the words.

    Ascending and disjoint; at one place the longest wins.
    """
    normal = Normalised(text)
    whole = normal.text
    found = [span for string, is_literal in strings for span in _places(whole, string, is_literal)]
    chosen = _longest_first(found)
    others = [span for word in words if len(word) >= _MIN_WORD_CHARS for span in _places(whole, word, False)]
    taken = sorted(chosen + [span for span in _longest_first(others) if not _overlaps(span, chosen)])
    return _merge(normal.span(start, end) for start, end in taken)


def _places(normal: str, string: str, is_literal: bool) -> Iterator[Span]:
    """Every place of a string, overlapping ones too."""
    is_bounded = not is_literal and (run_class(string[0]) or run_class(string[-1]))
    start = normal.find(string)
    while start >= 0:
        end = start + len(string)
        if not is_bounded or not (cuts_run(normal, start) or cuts_run(normal, end)):
            yield start, end
        start = normal.find(string, start + 1)


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> Marked:
    """The stretch of a text cut at its spans; joining the pieces gives back the stretch."""
    end = len(text) if end is None else end
    pieces: list[tuple[str, bool]] = []
    at = start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if at < first:
            pieces.append((text[at:first], False))
        pieces.append((text[first:last], True))
        at = last
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def _longest_first(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in order: from left to right, the longest of those that begin at a place."""
    chosen: list[Span] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


def _overlaps(span: Span, chosen: Sequence[Span]) -> bool:
    at = bisect_left(chosen, (span[1], 0))
    return at > 0 and chosen[at - 1][1] > span[0]


def _merge(spans: Iterable[Span]) -> list[Span]:
    """Spans that share an original character become one (a ligature may stand for two matches)."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
