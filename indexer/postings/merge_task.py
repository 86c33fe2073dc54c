"""Divides the merging of a field into tasks; each merges a range of leading codes and writes a piece of postings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.postings.format import GRAM_HEADER, RUN_BOUNDARY_CODE, bytes_per_number
from indexer.postings.merge import ListSource, Renumbering, Sources, chunks, merge_grams, merge_words, sums_by_term
from indexer.postings.rows import CODE_BITS, GramRows, encode_gram_rows
from indexer.postings.varints import distinct, value_starts
from indexer.store.columns import BLOCK_SIZES, ColumnReader


class TermTable(NamedTuple):
    """Terms, ascending, with the statistics of each and the size of its posting list in bytes.

    `documents` counts the documents of a term, `occurrences` its occurrences in all of them, `max_frequency` those in
    the document that has most; `first` and `last` are the lowest and the highest document number.
    """

    terms: list[bytes]
    documents: list[int]
    occurrences: list[int]
    max_frequency: list[int]
    first: list[int]
    last: list[int]
    size: list[int]

    @classmethod
    def empty(cls) -> TermTable:
        """A table to add to."""
        return cls([], [], [], [], [], [], [])

    def extend(self, *columns: list[Any]) -> None:
        """Append terms, given as columns."""
        own: tuple[list[Any], ...] = self
        for column, more in zip(own, columns, strict=True):
            column.extend(more)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeTask:
    """What is to be merged, for any process.

    `field` is the text field, `segment` the folder of the new segment, which has its columns already, `piece` the file
    to write. About `limit` postings are decoded at a time.
    """

    field: str
    is_gram: bool
    sources: Sources
    segment: Path
    piece: Path
    limit: int


def plan_tasks(
    field: str,
    sources: Sequence[tuple[ListSource, Renumbering]],
    segment: Path,
    *,
    is_gram: bool,
    postings: int,
    limit: int,
) -> Iterator[MergeTask]:
    """Tasks of about so many postings each, in the order of the terms."""
    if not sources:
        return
    codes = distinct(np.concatenate([source.leading for source, _ in sources]))
    ranks = [np.searchsorted(codes, source.leading) for source, _ in sources]
    totals = sums_by_term(ranks, [source.postings for source, _ in sources], len(codes))
    for number, (low, high) in enumerate(chunks(totals, postings)):
        bounds = int(codes[low]), int(codes[high - 1]) + 1
        yield MergeTask(
            field=field,
            is_gram=is_gram,
            sources=[(source.extent(*bounds), renumbering) for source, renumbering in sources],
            segment=segment,
            piece=segment / f"{field}.{'grams' if is_gram else 'words'}.{number}",
            limit=limit,
        )


def merge(task: MergeTask) -> TermTable:
    """Write the piece: the posting lists of the terms that are returned, one after the other."""
    with task.piece.open("wb") as file:
        return _merge_grams(task, file) if task.is_gram else _merge_words(task, file)


def _merge_words(task: MergeTask, file: BinaryIO) -> TermTable:
    table = TermTable.empty()
    for lists in merge_words(task.sources, task.limit):
        words, counts, sizes, data = lists.rows
        file.write(data.data)
        statistics = (counts, lists.occurrences, lists.maxima, lists.firsts, lists.lasts, sizes)
        table.extend(list(words), *(column.tolist() for column in statistics))
    return table


def _merge_grams(task: MergeTask, file: BinaryIO) -> TermTable:
    """Gram blocks: the rows of all bigrams with one first character become one posting list."""
    table = TermTable.empty()
    block_size = BLOCK_SIZES[task.field]
    columns = ColumnReader(task.segment)
    blocks = np.array(columns[f"{task.field}_blocks"], np.uint32)
    documents_of_segment = columns.max_document
    columns.close()
    has_term = np.zeros(documents_of_segment, bool)
    block = _GramBlock(-1, has_term)
    for bigrams, positions in merge_grams(task.sources, task.limit, task.field, block_size):
        documents = blocks[positions // np.uint32(block_size)]
        rows = encode_gram_rows(bigrams, positions)
        postings = np.concatenate(([0], np.cumsum(rows.counts, dtype=np.int64)))
        lists = np.concatenate(([0], np.cumsum(rows.sizes, dtype=np.int64)))
        firsts = rows.bigrams >> np.uint64(CODE_BITS)
        for start, end in pairwise([*value_starts(firsts).tolist(), len(firsts)]):
            first = int(firsts[start])
            if first != block.first:
                block.write(file, table)
                block = _GramBlock(first, has_term)
            own = GramRows(
                rows.bigrams[start:end],
                rows.counts[start:end],
                rows.sizes[start:end],
                rows.data[lists[start] : lists[end]],
            )
            block.add(own, documents[postings[start] : postings[end]])
    block.write(file, table)
    return table


class _GramBlock:
    """The rows of one first character, -1 for none, with the documents that have it.

    `has_term` has a place for each document; blocks use it in turn, and leave it empty.
    """

    def __init__(self, first: int, has_term: npt.NDArray[np.bool_]) -> None:
        self.first = first
        self._rows: list[GramRows] = []
        self._has_term = has_term

    def add(self, rows: GramRows, documents: npt.NDArray[np.uint32]) -> None:
        """Append rows of further bigrams, with the document of each posting."""
        self._rows.append(rows)
        self._has_term[documents] = True

    def write(self, file: BinaryIO, table: TermTable) -> None:
        """Append the gram block to the file and its entry to the table; nothing if there are no rows."""
        if not self._rows:
            return
        bigrams, counts, sizes = (np.concatenate([rows[at] for rows in self._rows]) for at in range(3))
        codes = bigrams & np.uint64((1 << CODE_BITS) - 1)
        arrays = (codes, counts, sizes)
        widths = [bytes_per_number(int(array.max())) for array in arrays]
        head = GRAM_HEADER.pack(len(codes), *widths)
        for width, array in zip(widths, arrays, strict=True):
            head += array.astype(f"<u{width}").tobytes()
        file.write(head)
        for rows in self._rows:
            file.write(rows.data.data)
        documents = np.flatnonzero(self._has_term)
        self._has_term[documents] = False
        occurrences = int(counts[codes != RUN_BOUNDARY_CODE].sum())
        table.extend(
            [chr(self.first).encode("utf-8", "surrogatepass")],
            [len(documents)],
            [occurrences],
            [occurrences],
            [int(documents[0])],
            [int(documents[-1])],
            [len(head) + int(sizes.sum(dtype=np.int64))],
        )
