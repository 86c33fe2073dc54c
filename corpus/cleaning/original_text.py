"""Keeps the original text around changes that cleaning made inside a line, so that searches find it unchanged.

Cleaning removes a page number from the middle of a word, or adds a line break before a heading. A string copied from
the source file may then no longer occur in the body; the original text around the change is indexed beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from corpus.chinese import is_han

#: Characters kept on both sides of removed text, and of an added line break, which is much more frequent. A longer
#: string across the change may not be found.
_CONTEXT: Final = 80
_BREAK_CONTEXT: Final = 16
#: Equal text is compared in pieces of this size.
_PIECE: Final = 256
#: A limit for texts that were changed everywhere.
_MAX_PARTS: Final = 1000


def original_texts(before: str, after: str) -> tuple[str, ...]:
    """The parts of `before` around the positions where `after` lacks characters or has additional line breaks.

    A line break between two Han characters is ignored, as it is in searches. Overlapping parts are merged.
    """
    if before == after:
        return ()
    parts: list[tuple[int, int]] = []
    for position, context in _changes(before, after):
        start, end = max(position - context, 0), min(position + context, len(before))
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        elif len(parts) == _MAX_PARTS:
            break
        else:
            parts.append((start, end))
    return tuple(before[start:end] for start, end in parts)


def _changes(before: str, after: str) -> Iterator[tuple[int, int]]:
    """The positions in `before` of removed characters and added breaks, with the context to keep around each."""
    old = new = 0
    while old < len(before) and new < len(after):
        if before[old : old + _PIECE] == after[new : new + _PIECE]:
            old, new = old + _PIECE, new + _PIECE
        elif before[old] == after[new]:
            old, new = old + 1, new + 1
        elif after[new].isspace():
            if not _is_between_han(before, old):
                yield old, _BREAK_CONTEXT
            new += 1
        else:
            yield old, _CONTEXT
            old += 1


def _is_between_han(text: str, position: int) -> bool:
    return 0 < position < len(text) and is_han(text[position - 1]) and is_han(text[position])
