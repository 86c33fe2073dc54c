"""Counts the live documents of each word of a generation."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.postings.merge import chunks, word_postings
from indexer.postings.segment_lists import SegmentTerms
from indexer.store.columns import ColumnReader

#: Postings decoded at a time.
_POSTINGS: Final = 1 << 19


class WordCounts:
    """The words of a generation, by field; `live` tells which documents are, by their numbers in it."""

    def __init__(self, directory: Path, columns: ColumnReader, live: npt.NDArray[np.bool_]) -> None:
        """`directory` is the folder of the generation."""
        self._segments = [
            (
                SegmentTerms(directory / segment.name / segment.prefix),
                segment.fields,
                live[segment.first_document : segment.first_document + segment.documents],
            )
            for segment in columns.segments
        ]

    def of(self, field: str) -> Iterator[tuple[str, int]]:
        """Each word that live documents have in a field, with their number, in the order of code points."""
        tables = [_counts(terms, terms.of_field(fields[field]), live) for terms, fields, live in self._segments]
        for word, same in groupby(merge(*tables), itemgetter(0)):
            yield word.decode("utf-8", "surrogatepass"), sum(count for _, count in same)


def _counts(terms: SegmentTerms, entries: slice, live: npt.NDArray[np.bool_]) -> Iterator[tuple[bytes, int]]:
    """Each word of a segment that live documents have, with their number; posting lists tell which are deleted."""
    documents = terms.documents(entries).astype(np.int64)
    for low, high in chunks(documents, _POSTINGS) if len(documents) else ():
        chosen = slice(entries.start + low, entries.start + high)
        counts = documents[low:high]
        if not live.all():
            numbers, _ = word_postings(terms.word_rows(chosen))
            counts = np.add.reduceat(live[numbers], np.cumsum(counts) - counts, dtype=np.int64)
        yield from ((word, count) for word, count in zip(terms.terms(chosen), counts.tolist(), strict=True) if count)
