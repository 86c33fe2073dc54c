"""Merge policy: chooses which segments of the previous generation are merged with the new documents of a run.

Few segments are searched faster, and merging costs. When there would be too many, the smallest ones become one, and
with them each larger one that is no larger than all smaller ones together. So large segments are merged seldom: in a
thousand runs of ten documents each document is written four times, in ten thousand runs seven times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

#: With more segments a search takes longer than with one by a third.
MAX_SEGMENTS: Final = 10
#: A segment is written anew if at least one in so many of its documents is deleted.
_DELETED_SHARE: Final = 3


class SegmentSize(NamedTuple):
    """Numbers of live and of deleted documents."""

    live: int
    deleted: int


def segments_to_merge(segments: Sequence[SegmentSize], new_documents: int) -> set[int]:
    """The segments, by index, that become one with each other and with the new documents.

    Segments without live documents are among them, because they contribute nothing.
    """
    chosen = {at for at, (live, deleted) in enumerate(segments) if deleted * _DELETED_SHARE >= live + deleted}
    others = sorted((at for at in range(len(segments)) if at not in chosen), key=lambda at: segments[at].live)
    merged = new_documents + sum(segments[at].live for at in chosen)
    too_many = len(others) + (merged > 0) - MAX_SEGMENTS
    is_full = too_many > 0
    for at in others:
        if too_many <= 0 and not (is_full and segments[at].live <= merged):
            break
        too_many -= merged > 0
        merged += segments[at].live
        chosen.add(at)
    return chosen
