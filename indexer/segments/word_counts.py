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

from indexer.postings.merge import Renumbering, chunks, merge_words, sums_by_term
from indexer.postings.segment_lists import SegmentLists, read_segment
from indexer.postings.varints import distinct
from indexer.store.columns import WORD_FIELDS, ColumnReader

#: Postings decoded at a time.
_POSTINGS: Final = 1 << 19


class WordCounts:
    """The words of a generation, by field; `live` tells which documents are, by their numbers in it."""

    def __init__(self, directory: Path, columns: ColumnReader, live: npt.NDArray[np.bool_]) -> None:
        """`directory` is the folder of the generation."""
        self._sources: dict[str, list[tuple[SegmentLists, Renumbering]]] = {field: [] for field in WORD_FIELDS}
        for segment in columns.segments:
            own = live[segment.first_document : segment.first_document + segment.documents]
            renumbering = Renumbering(
                run_position=0,
                first_document=segment.first_document,
                first_position=0,
                live=None if own.all() else own,
                columns=directory / segment.name,
            )
            numbers = {segment.fields[field]: field for field in WORD_FIELDS}
            for field, lists in read_segment(directory / segment.name / segment.prefix, {}, numbers).items():
                self._sources[field].append((lists, renumbering))

    def of(self, field: str) -> Iterator[tuple[str, int]]:
        """Each word that live documents have in a field, with their number, in the order of code points."""
        sources = self._sources[field]
        if all(renumbering.live is None for _, renumbering in sources):
            yield from self._of_terms(field)
            return
        codes = distinct(np.concatenate([lists.leading for lists, _ in sources]))
        ranks = [np.searchsorted(codes, lists.leading) for lists, _ in sources]
        totals = sums_by_term(ranks, [lists.postings for lists, _ in sources], len(codes))
        for low, high in chunks(totals, _POSTINGS):
            bounds = int(codes[low]), int(codes[high - 1]) + 1
            for found in merge_words([(lists.extent(*bounds), own) for lists, own in sources], _POSTINGS):
                for word, count in zip(found.rows.words, found.rows.counts.tolist(), strict=True):
                    yield word.decode("utf-8", "surrogatepass"), count

    def _of_terms(self, field: str) -> Iterator[tuple[str, int]]:
        """The same where no document is deleted: term tables have the counts, and no posting list is decoded."""
        tables = [lists.word_documents() for lists, _ in self._sources[field]]
        for word, same in groupby(merge(*tables), itemgetter(0)):
            yield word.decode("utf-8", "surrogatepass"), sum(documents for _, documents in same)
