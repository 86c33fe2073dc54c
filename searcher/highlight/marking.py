"""Highlighting: the spans of a text, in original characters, that match a query, and the text cut at them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

from indexer.analysis.tokens import run_class
from searcher.highlight.occurrences import Needle, Span, needle, occurrences, without_overlaps
from searcher.highlight.partial_folding import PartialFolding, PartiallyFolded
from searcher.results import Marked

#: Shorter words are not marked by themselves: single characters would be marked all over the text.
_MIN_WORD_CHARS: Final = 2


class Marker:
    """Finds the matches of one query in any number of texts; safe to share by threads.

    `strings` are (normal form, must it begin and must it end where a run of letters or digits does?). `words` mark
    where the strings leave room, and keep to whole runs. Words that follow each other in a string as they do in the
    text, also by a single character, are marked as one: a reader of 一带一路 or 17号线 sees one word.
    """

    def __init__(self, strings: Iterable[Needle], words: Iterable[str] = ()) -> None:
        self._strings = _longest_first(strings)
        texts = [each.text for each in self._strings]
        words = set(words)
        self._characters = {word for word in words if len(word) < _MIN_WORD_CHARS and not run_class(word)}
        others = {word for word in words if len(word) >= _MIN_WORD_CHARS}
        for text in texts:
            runs = ("".join(run) for is_word, run in groupby(text, self._characters.__contains__) if is_word)
            others.update(run for run in runs if len(run) >= _MIN_WORD_CHARS)
        if others.issubset(texts):
            others = set()  # each of their occurrences is one of a string, or overlaps one
        self._words = _longest_first(needle(word, True, True) for word in others)
        self._folding = PartialFolding([*texts, *(each.text for each in self._words)])

    def spans(self, text: str) -> list[Span]:
        """The spans to mark, ascending and disjoint: from left to right, the longest of those with the same start."""
        if not (self._strings or self._words):
            return []
        folded = self._folding.fold(text)
        chosen = occurrences(folded.text, self._strings)
        others = without_overlaps(occurrences(folded.text, self._words), chosen)
        found = folded.origins(self._joined(sorted(chosen + others), folded.text) if others else chosen)
        return found if isinstance(folded, PartiallyFolded) else _merged(found)

    def _joined(self, spans: Sequence[Span], text: str) -> list[Span]:
        """The spans, joined and extended to the right by characters that are words, to parts of the strings."""
        found: list[Span] = []
        for (start, end), (ceiling, _) in pairwise([*spans, (len(text), 0)]):
            while end < ceiling and text[end] in self._characters and self._is_part(text[start : end + 1]):
                end += 1
            if found and found[-1][1] == start and self._is_part(text[found[-1][0] : end]):
                start = found.pop()[0]
            found.append((start, end))
        return found

    def _is_part(self, text: str) -> bool:
        return any(text in each.text for each in self._strings)


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> Marked:
    """The text from `start` to `end`, cut into marked and unmarked pieces; joining the pieces gives it back."""
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


def _longest_first(needles: Iterable[Needle]) -> list[Needle]:
    """Each needle once, the longest first."""
    return sorted(set(needles), key=lambda each: (-len(each.text), each))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Merge spans that share an original character: two matches may begin and end inside one ligature."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
