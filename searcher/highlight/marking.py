"""Where the query stands in a text: spans of the author's own characters, under every fold of the normal form."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final

from searcher.highlight.folding import Folded, Folding, Span
from searcher.highlight.occurrences import Needle, beside, needle, occurrences
from searcher.results import Marked

#: A word alone marks only where no string of the query stands; single characters would speckle the text.
_MIN_WORD_CHARS: Final = 2


class Marker:
    """Finds a query's places in any number of texts; made once for a query, safe to share by threads.

    `strings` are (normal form, must it begin and must it end where a run of letters or digits does?). `words` mark
    where the strings leave room, and keep to whole runs.
    """

    def __init__(self, strings: Iterable[tuple[str, bool, bool]], words: Iterable[str] = ()) -> None:
        self._strings = _needles(string for string in strings if string[0])
        others = {word for word in words if len(word) >= _MIN_WORD_CHARS}
        if others <= {each.text for each in self._strings}:
            others = set()  # where they stand a string does, or overlaps them
        self._words = _needles((word, True, True) for word in others)
        self._folding = Folding([each.text for each in (*self._strings, *self._words)])

    def spans(self, text: str) -> list[Span]:
        """The places, ascending and disjoint: from left to right, the longest of those that begin at a place."""
        if not (self._strings or self._words):
            return []
        folded = self._folding.of(text)
        chosen = occurrences(folded.text, self._strings)
        others = beside(occurrences(folded.text, self._words), chosen)
        found = folded.origins(sorted(chosen + others) if others else chosen)
        return found if isinstance(folded, Folded) else _merged(found)


def find_spans(text: str, strings: Iterable[tuple[str, bool]], words: Iterable[str]) -> list[Span]:
    """What `Marker` finds of strings (normal form, is it literal?) and words in one text."""
    return Marker([(string, not is_literal, not is_literal) for string, is_literal in strings], words).spans(text)


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> Marked:
    """The stretch of a text cut at its spans; joining the pieces gives back the stretch."""
    end = len(text) if end is None else end
    pieces: list[tuple[str, bool]] = []
    at = start
    for index in range(bisect_right(spans, start, key=itemgetter(1)), len(spans)):
        first, last = max(spans[index][0], start), min(spans[index][1], end)
        if first >= last:
            break
        if at < first:
            pieces.append((text[at:first], False))
        pieces.append((text[first:last], True))
        at = last
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def _needles(strings: Iterable[tuple[str, bool, bool]]) -> list[Needle]:
    """Each string once, the longest first."""
    return sorted({needle(*string) for string in strings}, key=lambda each: (-len(each.text), each))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that share an original character become one (a ligature may stand for two matches)."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
