"""Where strings stand in a text in normal form: disjoint places, from left to right the longest of each place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, count, repeat
from operator import add
from typing import NamedTuple

from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import run_class

#: (start, end) in the text that is searched.
Place = tuple[int, int]


class Needle(NamedTuple):
    """A string that is sought, and the class of run that its first and last character must not cut (0: none)."""

    text: str
    left: int
    right: int
    overlaps: bool


def needle(text: str, starts_whole: bool, ends_whole: bool) -> Needle:
    """A string that must not begin, or end, within a run of letters or of digits."""
    overlaps = any(text.startswith(text[at:]) for at in range(1, len(text)))
    return Needle(text, starts_whole and run_class(text[0]), ends_whole and run_class(text[-1]), overlaps)


def occurrences(text: str, needles: Sequence[Needle]) -> list[Place]:
    """Disjoint places of the needles, which come longest first; ascending.

    From left to right, the longest of those that begin at a place.
    """
    found = [(each, starts) for each in needles if each.text in text for starts in [_starts(text, each)] if starts]
    if not found:
        return []
    if len(found) == 1:
        only, starts = found[0]
        places = list(zip(starts, map(add, starts, repeat(len(only.text))), strict=True))
        return _disjoint(places) if only.overlaps else places
    lengths = [len(each.text) for each, _ in found]
    # One number for a place and the rank of its needle: these sort several times as fast as pairs.
    size = len(found)
    codes = sorted(start * size + rank for rank, (_, starts) in enumerate(found) for start in starts)
    return _disjoint((code // size, code // size + lengths[code % size]) for code in codes)


def beside(places: Iterable[Place], taken: Sequence[Place]) -> list[Place]:
    """Those of ascending places that share no character with other ascending ones."""
    free = []
    at = 0
    for start, end in places:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        if at == len(taken) or end <= taken[at][0]:
            free.append((start, end))
    return free


def _starts(text: str, needle: Needle) -> list[int]:
    """Every start of a needle that is in the text, overlapping ones too."""
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


def _disjoint(places: Iterable[Place]) -> list[Place]:
    chosen = []
    last = 0
    for place in places:
        if place[0] >= last:
            chosen.append(place)
            last = place[1]
    return chosen


@lru_cache(maxsize=65536)
def _class_before(character: str) -> int:
    """Which run a character's folds end with: the text may be folded in part only."""
    return run_class(normalise(character)[-1:])


@lru_cache(maxsize=65536)
def _class_after(character: str) -> int:
    """Which run a character's folds begin with."""
    return run_class(normalise(character)[:1])
