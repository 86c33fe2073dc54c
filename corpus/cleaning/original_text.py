"""What cleaning changed inside a line, as the file has it: so that a string from the file is found as it stands there.

A page number taken out of the middle of a word, a line break put before a glued heading: the text reads better, and a
string copied from the file is no longer in it. Its stretch is kept beside the body, for searches alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from corpus.chinese import is_han

#: Characters kept on both sides of what was taken out, and of a break that was put in, of which there are many more. A
#: string across it that is longer than this may not be found.
_AROUND: Final = 80
_AROUND_BREAK: Final = 16
#: Equal stretches are passed over in pieces of this size.
_PIECE: Final = 256
#: A text rewritten throughout has no places to point at.
_MOST: Final = 1000


def original_texts(before: str, after: str) -> tuple[str, ...]:
    """The stretches of the earlier text around the places where the later one lacks characters or has more breaks.

    A break between two Han characters is none: searches do not see it.
    """
    if before == after:
        return ()
    stretches: list[tuple[int, int]] = []
    for at, around in _changes(before, after):
        start, end = max(at - around, 0), min(at + around, len(before))
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        elif len(stretches) == _MOST:
            break
        else:
            stretches.append((start, end))
    return tuple(before[start:end] for start, end in stretches)


def _changes(before: str, after: str) -> Iterator[tuple[int, int]]:
    """Where, in the earlier text, something was taken out or a break put in; and how much to keep around it."""
    at = there = 0
    while at < len(before) and there < len(after):
        if before[at : at + _PIECE] == after[there : there + _PIECE]:
            at, there = at + _PIECE, there + _PIECE
        elif before[at] == after[there]:
            at, there = at + 1, there + 1
        elif after[there].isspace():
            if not _is_between_han(before, at):
                yield at, _AROUND_BREAK
            there += 1
        else:
            yield at, _AROUND
            at += 1


def _is_between_han(text: str, at: int) -> bool:
    return 0 < at < len(text) and is_han(text[at - 1]) and is_han(text[at])
