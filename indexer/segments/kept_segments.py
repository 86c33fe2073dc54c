"""The segments of the previous generation in a run that keeps them: what is deleted, what is merged, what is linked."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.postings.deleted_grams import TEXT_END, DeletedGrams, count_grams
from indexer.record import normal_texts
from indexer.segments.write_segment import Mask, SegmentSource
from indexer.store.columns import RANKED_FIELDS, ColumnReader
from indexer.store.merge_policy import SegmentSize, segments_to_merge
from indexer.store.stored_documents import DocumentReader

#: Documents whose texts are in memory together.
_READ_AT_ONCE: Final = 64


class KeptSegments:
    """The segments of a published generation, and which of their documents are live in the next one."""

    def __init__(self, generation: Path) -> None:
        """Raises IndexDamaged."""
        self._generation = generation
        with closing(ColumnReader(generation)) as columns:
            self._entries = columns.segments
            self._ids = np.array(columns["ids"], np.uint64)
            self._was_live = np.ones(columns.max_document, bool)
            if columns.live is not None:
                self._was_live = np.array(columns.live, bool)
        self._live = self._was_live.copy()

    def delete(self, ids: Iterable[str]) -> None:
        """Delete the documents with these ids; an id that no live document has is ignored."""
        self._live &= ~np.isin(self._ids, np.array([int(id, 16) for id in ids], np.uint64))

    def text(self, id: str) -> tuple[str, str] | None:
        """Title and body of the document with an id, None if there is none."""
        columns, stored = self._opened
        number = columns.number_of(int(id, 16))
        if number is None:
            return None
        document = stored.read(number)
        return document.title, document.body

    def close(self) -> None:
        """Release all files."""
        if "_opened" in self.__dict__:
            columns, stored = self._opened
            stored.close()
            columns.close()

    @cached_property
    def _opened(self) -> tuple[ColumnReader, DocumentReader]:
        """Columns and stored documents, until this object is closed."""
        columns = ColumnReader(self._generation)
        return columns, DocumentReader(self._generation, columns)

    @property
    def newest(self) -> Path:
        """The folder of the last segment."""
        return self._generation / self._entries[-1].name

    @property
    def deleted(self) -> int:
        """How many documents were deleted in this run."""
        return int(self._was_live.sum() - self._live.sum())

    @property
    def deleted_ids(self) -> npt.NDArray[np.uint64]:
        """The ids of the documents that were deleted in this run, as numbers."""
        return self._ids[self._was_live & ~self._live]

    def choose(self, new_documents: int) -> tuple[list[int], list[int]]:
        """The segments, by index, that stay, and those that are merged with the new documents."""
        live = [int(self._live_of(at).sum()) for at in range(len(self._entries))]
        sizes = [SegmentSize(own, entry.documents - own) for own, entry in zip(live, self._entries, strict=True)]
        merged = segments_to_merge(sizes, new_documents)
        return [at for at in range(len(sizes)) if at not in merged], sorted(merged)

    def sources(self, chosen: Sequence[int]) -> list[SegmentSource]:
        """Segments as sources of a merge; none for a segment without live documents."""
        return [
            SegmentSource(
                folder=self._generation / self._entries[at].name,
                live=None if self._live_of(at).all() else self._live_of(at),
            )
            for at in chosen
            if self._live_of(at).any()
        ]

    def link(self, chosen: Sequence[int], folder: Path) -> tuple[list[str], list[Mask]]:
        """Link segments into the folder of the new generation; returns their names and their live documents.

        Where hard links cannot be made, files are copied.
        """
        for at in chosen:
            name = self._entries[at].name
            (folder / name).mkdir()
            for path in (self._generation / name).iterdir():
                try:
                    os.link(path, folder / name / path.name)
                except OSError:
                    shutil.copy2(path, folder / name / path.name)
        return [self._entries[at].name for at in chosen], [self._live_of(at) for at in chosen]

    def deleted_grams(self, staying: Sequence[int], merged: Sequence[int]) -> Counter[int]:
        """The bigrams in the deleted documents of the segments that stay.

        They are those of the generation before, plus those deleted in this run, without those of merged segments.
        """
        counts: Counter[int] = Counter()
        if not self._was_live.all():
            with closing(DeletedGrams(self._generation)) as known:
                counts = known.counts()
        for at in staying:
            for grams in self._grams(at, self._was_live_of(at) & ~self._live_of(at)):
                counts.update(grams)
        for at in merged:
            for grams in self._grams(at, ~self._was_live_of(at)):
                counts.subtract(grams)
        return counts

    def _grams(self, at: int, chosen: Mask) -> Iterator[Counter[int]]:
        """The bigrams of some documents of a segment."""
        _, stored = self._opened
        numbers = (np.flatnonzero(chosen) + self._entries[at].first_document).tolist()
        for first in range(0, len(numbers), _READ_AT_ONCE):
            texts = [normal_texts(stored.read(number)) for number in numbers[first : first + _READ_AT_ONCE]]
            yield count_grams({field: TEXT_END.join(getattr(each, field) for each in texts) for field in RANKED_FIELDS})

    def _live_of(self, at: int) -> Mask:
        return self._live[self._slice(at)]

    def _was_live_of(self, at: int) -> Mask:
        return self._was_live[self._slice(at)]

    def _slice(self, at: int) -> slice:
        entry = self._entries[at]
        return slice(entry.first_document, entry.first_document + entry.documents)
