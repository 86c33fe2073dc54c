"""Reads the posting lists of an existing segment as rows, so that they can be merged with others."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from indexer.postings.format import GRAM_HEADER
from indexer.postings.rows import CODE_BITS, GramRows, WordRows, leading_code
from indexer.postings.segment_format import (
    ENTRY_LENGTHS,
    EXTRAS_LENGTH,
    FIELD_ID,
    HASH_TABLES,
    HEADER_BYTES,
    TABLE_POINTER,
    unpack_term_info,
)
from indexer.postings.varints import Bytes, Offsets

#: Entries of a term table that are read at a time.
_ENTRIES: Final = 1 << 16


class SegmentExtent(NamedTuple):
    """Consecutive entries of a term table, from offset `start` up to `end`, whose lists follow each other."""

    prefix: Path
    start: int
    end: int

    def words(self) -> WordRows:
        """Read the lists of words."""
        entries = list(self.entries())
        counts = np.array([documents for _, documents, *_ in entries], np.uint32)
        sizes = np.array([end - start for *_, start, end in entries], np.uint32)
        return WordRows([term for term, *_ in entries], counts, sizes, self._lists(entries))

    def grams(self) -> GramRows:
        """Read gram blocks."""
        entries = list(self.entries())
        data = self._lists(entries)
        blocks = [(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint8))]
        offset = entries[0][3] if entries else 0
        for term, _, _, start, end in entries:
            number, *widths = GRAM_HEADER.unpack_from(data.data, start - offset)
            at = start - offset + GRAM_HEADER.size
            arrays = []
            for width in widths:
                arrays.append(data[at : at + width * number].view(f"<u{width}"))
                at += width * number
            first = np.uint64(ord(term.decode("utf-8", "surrogatepass")) << CODE_BITS)
            seconds, counts, sizes = arrays
            lists = data[at : end - offset]
            blocks.append((seconds + first, counts.astype(np.uint32), sizes.astype(np.uint32), lists))
        bigrams, counts, sizes, lists = map(np.concatenate, zip(*blocks, strict=True))
        return GramRows(bigrams, counts, sizes, lists)

    def entries(self) -> Iterator[tuple[bytes, int, int, int, int]]:
        """Term, documents, occurrences, and start and end of the posting list."""
        with self.prefix.with_suffix(".trm").open("rb") as file:
            file.seek(self.start)
            table = memoryview(file.read(self.end - self.start))
        at = 0
        while at < len(table):
            key_length, value_length = ENTRY_LENGTHS.unpack_from(table, at)
            key = at + ENTRY_LENGTHS.size
            value = key + key_length
            yield bytes(table[key + FIELD_ID.size : value]), *unpack_term_info(table, value)
            at = value + value_length

    def _lists(self, entries: list[tuple[bytes, int, int, int, int]]) -> Bytes:
        if not entries:
            return np.empty(0, np.uint8)
        with self.prefix.with_suffix(".pst").open("rb") as file:
            file.seek(entries[0][3])
            return np.frombuffer(file.read(entries[-1][4] - entries[0][3]), np.uint8)


class SegmentLists:
    """The lists of one field of a segment: leading codes (several entries may have the same) and postings of each."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        self._leading, self._postings, self._offsets = array("q"), array("q"), array("q")
        self._end = 0

    def append(self, leading: int, postings: int, start: int, end: int) -> None:
        """Add the next entry, given where it begins and ends in the term table."""
        self._leading.append(leading)
        self._postings.append(postings)
        self._offsets.append(start)
        self._end = end

    @property
    def leading(self) -> Offsets:
        """The leading code of each entry, ascending."""
        return np.frombuffer(self._leading, np.int64) if self._leading else np.empty(0, np.int64)

    @property
    def postings(self) -> Offsets:
        """The number of postings of each entry."""
        return np.frombuffer(self._postings, np.int64) if self._postings else np.empty(0, np.int64)

    def word_documents(self) -> Iterator[tuple[bytes, int]]:
        """Each word in order, with the number of its documents; the term table is read some entries at a time."""
        bounds = [*self._offsets[::_ENTRIES], self._end]
        for start, end in pairwise(bounds):
            for word, documents, *_ in SegmentExtent(self._prefix, start, end).entries():
                yield word, documents

    def extent(self, low: int, high: int) -> SegmentExtent:
        """The entries whose leading codes are from `low` up to but excluding `high`."""
        first, end = (bisect_left(self._leading, code) for code in (low, high))
        starts = (self._offsets[at] if at < len(self._offsets) else self._end for at in (first, end))
        return SegmentExtent(self._prefix, *starts)


def read_segment(
    prefix: Path, gram_fields: Mapping[int, str], word_fields: Mapping[int, str]
) -> dict[str, SegmentLists]:
    """The lists of the fields with these numbers, by name; reads the whole term table of a segment."""
    names = {**gram_fields, **word_fields}
    found = {field: SegmentLists(prefix) for field in names}
    table = memoryview(prefix.with_suffix(".trm").read_bytes())
    extras_end = len(table) - EXTRAS_LENGTH.size
    directory = extras_end - EXTRAS_LENGTH.unpack_from(table, extras_end)[0] - HASH_TABLES * TABLE_POINTER.size
    table_end, _ = TABLE_POINTER.unpack_from(table, directory)
    at = HEADER_BYTES
    while at < table_end:
        key_length, value_length = ENTRY_LENGTHS.unpack_from(table, at)
        key = at + ENTRY_LENGTHS.size
        value = key + key_length
        end = value + value_length
        (field,) = FIELD_ID.unpack_from(table, key)
        if field in names:
            documents, occurrences, _, _ = unpack_term_info(table, value)
            term = bytes(table[key + FIELD_ID.size : value])
            if field in gram_fields:
                found[field].append(ord(term.decode("utf-8", "surrogatepass")), occurrences, at, end)
            else:
                found[field].append(leading_code(term), documents, at, end)
        at = end
    return {name: found[field] for field, name in names.items()}
