"""Keeps the original text around changes that cleaning made, so that searches find it unchanged.

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
#: The same for lines removed from the beginning and end of a text, which nearly every article has.
_SEAM_CONTEXT: Final = 40
#: Equal text is compared in pieces of these sizes.
_PIECE: Final = 256
_SMALL_PIECE: Final = 16
#: A limit for texts that were changed everywhere.
_MAX_PARTS: Final = 1000


def original_texts(before: str, after: str, context: int = _CONTEXT) -> tuple[str, ...]:
    """The parts of `before` around the positions where `after` lacks characters or has additional line breaks.

    A line break between two Han characters is ignored, as it is in searches. Overlapping parts are merged.
    `context` characters are kept on both sides of removed text.
    """
    return _parts(before, after, context)


def seams(before: str, after: str) -> tuple[str, ...]:
    """The parts of `before` around the positions where `after` lacks lines of its beginning and end."""
    return _parts(before, after, _SEAM_CONTEXT)


def removed_texts(before: str, after: str) -> tuple[str, ...]:
    """What `after` lacks of `before`, but for blanks, in order."""
    if before == after:
        return ()
    return tuple(text for start, end in _changes(before, after) if (text := before[start:end].strip()))


def _parts(before: str, after: str, context: int) -> tuple[str, ...]:
    if before == after:
        return ()
    parts: list[tuple[int, int]] = []
    for start, end in _around(before, after, context):
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        elif len(parts) == _MAX_PARTS:
            break
        else:
            parts.append((start, end))
    return tuple(before[start:end] for start, end in parts)


def _around(before: str, after: str, context: int) -> Iterator[tuple[int, int]]:
    """Start and end of what to keep: a change with its context; only both ends of a long one."""
    for start, end in _changes(before, after):
        beside = context if start < end else _BREAK_CONTEXT
        if end - start <= 2 * beside:
            yield max(start - beside, 0), min(max(end - 1, start) + beside, len(before))
        else:
            yield max(start - beside, 0), start + beside
            if end < len(before):
                yield end - beside, min(end + beside, len(before))


def _changes(before: str, after: str) -> Iterator[tuple[int, int]]:
    """Start and end in `before` of removed characters; start and start of a break that `after` adds."""
    old = new = 0
    while old < len(before) and new < len(after):
        if before[old : old + _PIECE] == after[new : new + _PIECE]:
            old, new = old + _PIECE, new + _PIECE
        elif before[old : old + _SMALL_PIECE] == after[new : new + _SMALL_PIECE]:
            old, new = old + _SMALL_PIECE, new + _SMALL_PIECE
        elif before[old] == after[new]:
            old, new = old + 1, new + 1
        elif after[new].isspace():
            if not _is_between_han(before, old):
                yield old, old
            new += 1
        else:
            start = old
            while old < len(before) and before[old] != after[new]:
                old += 1
            yield start, old
    if before[old:].strip():
        yield old, len(before)


def _is_between_han(text: str, position: int) -> bool:
    return 0 < position < len(text) and is_han(text[position - 1]) and is_han(text[position])
