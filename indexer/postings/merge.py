"""Merges posting lists of several sources, which are runs of a build or existing segments, in bounded memory.

Documents of the sources are numbered one source after the other, without those that were deleted. A field is merged in
ranges of leading codes (see rows.py), each in a task that any process can do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from indexer.postings.rows import GramRows, Keys, WordRows, encode_word_lists
from indexer.postings.varints import Numbers, Offsets, decode_numbers, distinct, sums_within, value_starts
from indexer.store.columns import ColumnReader

#: The key of a word's posting: number of the word 26 bits, document 26 bits, frequency 12 bits.
_DOCUMENT_BITS: Final = 26
_FREQUENCY_BITS: Final = 12
MAX_DOCUMENTS: Final = 1 << _DOCUMENT_BITS
_WORD_SHIFT: Final = _DOCUMENT_BITS + _FREQUENCY_BITS
#: The key of a gram's posting: number of the bigram 32 bits, position 32 bits.
_POSITION_BITS: Final = 32


class Extent(Protocol):
    """Consecutive rows of a source, to be read where they are needed."""

    def grams(self) -> GramRows:
        """Read them as gram rows."""

    def words(self) -> WordRows:
        """Read them as word rows."""


class ListSource(Protocol):
    """The posting lists of one field in a source: leading codes, ascending, with the number of postings of each."""

    @property
    def leading(self) -> Offsets:
        """The leading codes, ascending; one may occur several times."""

    @property
    def postings(self) -> Offsets:
        """The number of postings of each."""

    def extent(self, low: int, high: int) -> Extent:
        """The rows whose leading codes are from `low` up to but excluding `high`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumbering:
    """New numbers of the documents and positions of one field in a source.

    Positions of the source first grow by `run_position`, documents by nothing. `live` tells which documents of the
    source are not deleted, None if all are; `columns` is the folder with its columns, needed if some are. The first
    live document gets the number `first_document`, its text the position `first_position`.
    """

    run_position: int
    first_document: int
    first_position: int
    live: npt.NDArray[np.bool_] | None
    columns: Path

    def documents(self, old: Numbers) -> tuple[Numbers, npt.NDArray[np.bool_] | None]:
        """The new numbers of documents, and which of them are live."""
        if self.live is None:
            return old + np.uint32(self.first_document), None
        new = np.cumsum(self.live, dtype=np.uint32) - np.uint32(1) + np.uint32(self.first_document)
        return new[old], self.live[old]

    def positions(self, old: Numbers, field: str, block_size: int) -> tuple[Numbers, npt.NDArray[np.bool_] | None]:
        """The new positions, and which of them are in live documents."""
        old = old + np.uint32(self.run_position)
        if self.live is None:
            return old + np.uint32(self.first_position), None
        columns = ColumnReader(self.columns)
        is_live = self.live[np.asarray(columns[f"{field}_blocks"])]
        columns.close()
        new_blocks = np.cumsum(is_live, dtype=np.uint32) - np.uint32(1)
        shifts = (new_blocks - np.arange(len(is_live), dtype=np.uint32)) * np.uint32(block_size)
        blocks = old // np.uint32(block_size)
        return old + shifts[blocks] + np.uint32(self.first_position), is_live[blocks]


Sources = Sequence[tuple[Extent, Renumbering]]


class WordLists(NamedTuple):
    """Merged word rows with statistics; `maxima` are the greatest frequencies in a document."""

    rows: WordRows
    occurrences: Offsets
    maxima: Numbers
    firsts: Numbers
    lasts: Numbers


def merge_words(sources: Sources, limit: int) -> Iterator[WordLists]:
    """The word lists of all sources, ascending by word, some `limit` postings at a time."""
    rows = [extent.words() for extent, _ in sources]
    vocabulary = sorted(set().union(*(each.words for each in rows)))
    rank_of = {word: rank for rank, word in enumerate(vocabulary)}
    ranks = [np.fromiter(map(rank_of.__getitem__, each.words), np.int64, len(each.words)) for each in rows]
    totals = sums_by_term(ranks, [each.counts for each in rows], len(vocabulary))
    for low, high in chunks(totals, limit):
        pieces = []
        for each, own, (_, renumbering) in zip(rows, ranks, sources, strict=True):
            first, end = np.searchsorted(own, [low, high])
            pieces.append(_word_keys(_slice(each, first, end), own[first:end] - low, renumbering))
        keys = np.concatenate(pieces)
        if len(pieces) > 1:
            keys.sort()
        if len(keys):
            yield _word_lists(vocabulary[low:high], keys)


def merge_grams(sources: Sources, limit: int, field: str, block_size: int) -> Iterator[tuple[Keys, Numbers]]:
    """The bigrams and positions of all postings of all sources, ascending, some `limit` postings at a time."""
    rows = [extent.grams() for extent, _ in sources]
    bigrams = distinct(np.concatenate([each.bigrams for each in rows]))
    ranks = [np.searchsorted(bigrams, each.bigrams) for each in rows]
    totals = sums_by_term(ranks, [each.counts for each in rows], len(bigrams))
    for low, high in chunks(totals, limit):
        pieces = []
        for each, own, (_, renumbering) in zip(rows, ranks, sources, strict=True):
            first, end = np.searchsorted(own, [low, high])
            lists = _slice(each, first, end)
            starts = np.cumsum(lists.counts, dtype=np.int64) - lists.counts
            old = sums_within(decode_numbers(lists.data)[0], starts, lists.counts)
            positions, is_live = renumbering.positions(old, field, block_size)
            keys = (own[first:end] - low).astype(np.uint64) << np.uint64(_POSITION_BITS)
            keys = np.repeat(keys, lists.counts) | positions
            pieces.append(keys if is_live is None else keys[is_live])
        merged = np.concatenate(pieces)
        if len(pieces) > 1:
            merged.sort()
        chosen = bigrams[low:high][merged >> np.uint64(_POSITION_BITS)]
        yield chosen, (merged & np.uint64((1 << _POSITION_BITS) - 1)).astype(np.uint32)


def sums_by_term(ranks: Sequence[Offsets], counts: Sequence[npt.NDArray[Any]], terms: int) -> Offsets:
    """The number of postings of each term in all sources."""
    return np.bincount(np.concatenate(ranks), np.concatenate(counts), terms).astype(np.int64)


def chunks(totals: Offsets, limit: int) -> Iterator[tuple[int, int]]:
    """Ranges of terms, given the postings of each, that have about `limit` postings each."""
    before = np.cumsum(totals) - totals
    return pairwise([*value_starts(before // limit).tolist(), len(totals)])


def _slice(rows: Any, first: int, end: int) -> Any:
    """Consecutive rows of the same kind."""
    terms, counts, sizes, data = rows
    start = int(sizes[:first].sum(dtype=np.int64))
    size = int(sizes[first:end].sum(dtype=np.int64))
    return type(rows)(terms[first:end], counts[first:end], sizes[first:end], data[start : start + size])


def word_postings(rows: WordRows) -> tuple[Numbers, Keys]:
    """The document, as the source numbers it, and the frequency of each posting of all rows."""
    numbers, ends = decode_numbers(rows.data)
    list_ends = np.searchsorted(ends, np.cumsum(rows.sizes, dtype=np.int64), side="right")
    lengths = np.diff(list_ends, prepend=0)
    within = np.arange(len(numbers)) - np.repeat(list_ends - lengths, lengths)
    is_document = within < np.repeat(rows.counts, lengths)
    encoded = numbers[is_document]
    frequencies = np.ones(len(encoded), np.uint64)
    frequencies[(encoded & np.uint32(1)).astype(bool)] = numbers[~is_document]
    starts = np.cumsum(rows.counts, dtype=np.int64) - rows.counts
    return sums_within(encoded >> np.uint32(1), starts, rows.counts), frequencies


def _word_keys(rows: WordRows, ranks: Offsets, renumbering: Renumbering) -> Keys:
    """The sort keys of all postings of word rows."""
    old, frequencies = word_postings(rows)
    documents, is_live = renumbering.documents(old)
    keys = np.repeat(ranks.astype(np.uint64) << np.uint64(_WORD_SHIFT), rows.counts)
    keys |= documents.astype(np.uint64) << np.uint64(_FREQUENCY_BITS) | frequencies
    return keys if is_live is None else keys[is_live]


def _word_lists(vocabulary: Sequence[bytes], keys: Keys) -> WordLists:
    """The lists of consecutive words, given all their keys in order; a word without postings has none."""
    documents = (keys >> np.uint64(_FREQUENCY_BITS) & np.uint64(MAX_DOCUMENTS - 1)).astype(np.uint32)
    frequencies = (keys & np.uint64((1 << _FREQUENCY_BITS) - 1)).astype(np.uint32)
    ranks = keys >> np.uint64(_WORD_SHIFT)
    starts = value_starts(ranks)
    ends = np.append(starts[1:], len(keys))
    sizes, data = encode_word_lists(starts, documents, frequencies)
    words = [vocabulary[rank] for rank in ranks[starts].tolist()]
    return WordLists(
        WordRows(words, (ends - starts).astype(np.uint32), sizes, data),
        np.add.reduceat(frequencies, starts, dtype=np.int64),
        np.maximum.reduceat(frequencies, starts),
        documents[starts],
        documents[ends - 1],
    )
