"""String search in a folded text: disjoint occurrences from left to right, the longest of those with one start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, count, repeat
from operator import add
from typing import NamedTuple

from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import run_class

#: (start, end) of an occurrence in a text, in characters.
Span = tuple[int, int]


class Needle(NamedTuple):
    """A string to search for.

    `left` and `right` are the classes of the runs (letters or digits) that its first and last character must not cut,
    0 where any neighbour is allowed. `overlaps` says whether two occurrences may overlap.
    """

    text: str
    left: int
    right: int
    overlaps: bool


def needle(text: str, starts_whole: bool, ends_whole: bool) -> Needle:
    """The needle of a string; with `starts_whole` (`ends_whole`) it must not begin (end) inside a run."""
    overlaps = any(text.startswith(text[at:]) for at in range(1, len(text)))
    return Needle(text, starts_whole and run_class(text[0]), ends_whole and run_class(text[-1]), overlaps)


def occurrences(text: str, needles: Sequence[Needle]) -> list[Span]:
    """Disjoint, ascending occurrences of the needles, which are given the longest first.

    They are chosen from left to right, the longest of those with the same start.
    """
    found = [(each, starts) for each in needles if each.text in text for starts in [_starts(text, each)] if starts]
    if not found:
        return []
    if len(found) == 1:
        only, starts = found[0]
        only_occurrences = list(zip(starts, map(add, starts, repeat(len(only.text))), strict=True))
        return _disjoint(only_occurrences) if only.overlaps else only_occurrences
    lengths = [len(each.text) for each, _ in found]
    # One number encodes a start and the rank of its needle: numbers sort several times as fast as pairs.
    size = len(found)
    codes = sorted(start * size + rank for rank, (_, starts) in enumerate(found) for start in starts)
    return _disjoint((code // size, code // size + lengths[code % size]) for code in codes)


def without_overlaps(candidates: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """Those of the candidates that share no character with the taken ones; both are ascending."""
    free = []
    at = 0
    for start, end in candidates:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        if at == len(taken) or end <= taken[at][0]:
            free.append((start, end))
    return free


def _starts(text: str, needle: Needle) -> list[int]:
    """The starts of all occurrences of a needle that the text contains, including overlapping ones."""
    string, left, right, overlaps = needle
    length = len(string)
    if overlaps:
        starts = []
        start = text.find(string)
        while start >= 0:
            starts.append(start)
            start = text.find(string, start + 1)
    else:
        pieces = text.split(string)
        pieces.pop()
        starts = list(map(add, accumulate(map(len, pieces)), count(0, length)))
    if left:
        starts = [start for start in starts if not start or _class_before(text[start - 1]) != left]
    if right:
        size = len(text) - length
        starts = [start for start in starts if start == size or _class_after(text[start + length]) != right]
    return starts


def _disjoint(occurrences: Iterable[Span]) -> list[Span]:
    """The occurrences that do not overlap one chosen before them."""
    chosen = []
    last = 0
    for occurrence in occurrences:
        if occurrence[0] >= last:
            chosen.append(occurrence)
            last = occurrence[1]
    return chosen


@lru_cache(maxsize=65536)
def _class_before(character: str) -> int:
    """The class of the last character of a character's normal form: the text may be folded only in part."""
    return run_class(normalise(character)[-1:])


@lru_cache(maxsize=65536)
def _class_after(character: str) -> int:
    """The class of the first character of a character's normal form."""
    return run_class(normalise(character)[:1])
