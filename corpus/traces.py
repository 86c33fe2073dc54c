"""What cleaning changed inside a line, for searches alone: a string from the file is found as it stands there.

A page number taken out of the middle of a word, a line break put before a glued heading: the text reads better, and a
string copied from the file is no longer in it. Where something was taken out, the stretch of the file is kept beside
the body; where a break was put in, its place is told, so that an index can leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Characters kept on both sides of what was taken out. A string across it that is longer than this may not be found.
_AROUND: Final = 80
#: Equal stretches are passed over in pieces of this size.
_PIECE: Final = 256
#: A text rewritten throughout has no places to point at.
_MOST: Final = 1000
_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Traces:
    """Stretches of the file around what was taken out, and places in the cleaned text of breaks that were put in."""

    stretches: tuple[str, ...] = ()
    breaks: tuple[int, ...] = ()


def find_traces(before: str, after: str) -> Traces:
    """The traces of a cleaning. A break between two Han characters is none: searches do not see it."""
    if before == after:
        return Traces()
    stretches: list[tuple[int, int]] = []
    breaks = []
    for at, there, is_break in _changes(before, after):
        start, end = max(at - _AROUND, 0), min(at + _AROUND, len(before))
        if is_break:
            breaks.append(there)
        elif stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], end)
        elif len(stretches) < _MOST:
            stretches.append((start, end))
    return Traces(tuple(before[start:end] for start, end in stretches), tuple(breaks))


def _changes(before: str, after: str) -> Iterator[tuple[int, int, bool]]:
    """Places in both texts where the later one has a break more, or lacks a character."""
    at = there = 0
    while at < len(before) and there < len(after):
        if before[at : at + _PIECE] == after[there : there + _PIECE]:
            at, there = at + _PIECE, there + _PIECE
        elif before[at] == after[there]:
            at, there = at + 1, there + 1
        elif after[there].isspace():
            if not _is_between_han(before, at):
                yield at, there, True
            there += 1
        else:
            yield at, there, False
            at += 1


def _is_between_han(text: str, at: int) -> bool:
    return bool(0 < at < len(text) and _HAN.match(text[at - 1]) and _HAN.match(text[at]))
