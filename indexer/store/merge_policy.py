"""Merge policy: chooses which segments of the previous generation are merged with the new documents of a run.

Few segments are searched faster, and merging costs. So small segments are merged often, with those of their own size,
and large ones seldom: over many runs a document is merged about once each time that the size of its segment multiplies
by eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

#: With more segments a search takes longer than with one by a third.
MAX_SEGMENTS: Final = 10
#: Segments are of similar size if the larger one has at most so many times the documents of the smaller one.
_SIMILAR: Final = 8
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
    while True:
        merged = new_documents + sum(segments[at].live for at in chosen)
        others = [at for at in range(len(segments)) if at not in chosen]
        if len(others) + (merged > 0) <= MAX_SEGMENTS:
            return chosen
        smallest = min(size for size in (merged, *(segments[at].live for at in others)) if size)
        similar = [at for at in others if segments[at].live <= _SIMILAR * smallest]
        chosen.update(similar or [min(others, key=lambda at: segments[at].live)])
