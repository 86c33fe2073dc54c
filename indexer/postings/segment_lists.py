"""Reads the posting lists of an existing segment as rows, so that they can be merged with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from indexer.postings.format import GRAM_HEADER
from indexer.postings.rows import CODE_BITS, GramRows, WordRows, leading_code
from indexer.postings.segment_format import (
    DOCUMENTS_AT,
    ENTRY_LENGTHS,
    EXTRAS_LENGTH,
    FIELD_ID,
    HASH_TABLES,
    LIST_AT,
    OCCURRENCES_AT,
    TABLE_POINTER,
    TERM_INFO_BYTES,
    unpack_term_info,
)
from indexer.postings.varints import Bytes, Numbers, Offsets

#: A slot of the hash tables (see segment_format.HASH_SLOT).
_SLOT: Final = np.dtype([("hash", ">u4"), ("offset", ">i8")])


class SegmentExtent(NamedTuple):
    """Consecutive entries of a term table, from offset `start` up to `end`, whose lists follow each other."""

    prefix: Path
    start: int
    end: int

    def words(self) -> WordRows:
        """Read the lists of words."""
        entries = list(self._entries())
        counts = np.array([documents for _, documents, *_ in entries], np.uint32)
        sizes = np.array([end - start for *_, start, end in entries], np.uint32)
        return WordRows([term for term, *_ in entries], counts, sizes, self._lists(entries))

    def grams(self) -> GramRows:
        """Read gram blocks."""
        entries = list(self._entries())
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

    def _entries(self) -> Iterator[tuple[bytes, int, int, int, int]]:
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
        return _read_lists(self.prefix, entries[0][3], entries[-1][4]) if entries else np.empty(0, np.uint8)


class SegmentTerms:
    """The term table of a segment as arrays, with an element for each entry, in their order.

    `fields` are the numbers of the fields, ascending; `starts` and `ends` the offsets of the entries in the table.
    """

    def __init__(self, prefix: Path) -> None:
        """Reads the whole table."""
        self.prefix = prefix
        self._raw = prefix.with_suffix(".trm").read_bytes()
        table = np.frombuffer(self._raw, np.uint8)
        extras_end = len(table) - EXTRAS_LENGTH.size
        directory = extras_end - EXTRAS_LENGTH.unpack_from(self._raw, extras_end)[0] - HASH_TABLES * TABLE_POINTER.size
        tables_start, _ = TABLE_POINTER.unpack_from(self._raw, directory)
        # The hash tables together have the offset of each entry once; walking through the entries is slower.
        offsets = table[tables_start:directory].view(_SLOT)["offset"]
        self.starts: Offsets = np.sort(offsets[offsets > 0].astype(np.int64))
        self.ends: Offsets = np.append(self.starts[1:], tables_start)[: len(self.starts)]
        self._infos = self.ends - TERM_INFO_BYTES
        self.fields = self._read(">u2", self.starts + ENTRY_LENGTHS.size).astype(np.int64)

    def of_field(self, number: int) -> slice:
        """The entries of a field."""
        return slice(*np.searchsorted(self.fields, [number, number + 1]).tolist())

    def terms(self, chosen: slice) -> list[bytes]:
        """The terms of some entries."""
        firsts = (self.starts[chosen] + ENTRY_LENGTHS.size + FIELD_ID.size).tolist()
        return [self._raw[first:end] for first, end in zip(firsts, self._infos[chosen].tolist(), strict=True)]

    def documents(self, chosen: slice) -> Numbers:
        """The number of documents of each, deleted ones included."""
        documents: Numbers = self._read(">u4", self._infos[chosen] + DOCUMENTS_AT).astype(np.uint32)
        return documents

    def occurrences(self, chosen: slice) -> Offsets:
        """The number of occurrences of each."""
        occurrences: Offsets = self._read(">f4", self._infos[chosen] + OCCURRENCES_AT).astype(np.int64)
        return occurrences

    def word_rows(self, chosen: slice) -> WordRows:
        """The posting lists of some words, at least one, which are consecutive entries of one field."""
        starts = self._read(">i8", self._infos[chosen] + LIST_AT)
        sizes = self._read(">i4", self._infos[chosen] + LIST_AT + starts.itemsize).astype(np.uint32)
        lists = _read_lists(self.prefix, int(starts[0]), int(starts[-1]) + int(sizes[-1]))
        return WordRows(self.terms(chosen), self.documents(chosen), sizes, lists)

    def _read(self, kind: str, offsets: Offsets) -> Any:
        """The numbers of a kind at some offsets of the table."""
        size = np.dtype(kind).itemsize
        return np.ndarray((len(self._raw) - size + 1,), kind, self._raw, strides=(1,))[offsets]


class SegmentLists(NamedTuple):
    """The lists of one field of a segment: leading codes (several entries may have the same) and postings of each."""

    prefix: Path
    leading: Offsets
    postings: Offsets
    #: The offset of each entry in the term table, and the end of the last one.
    offsets: Offsets

    def extent(self, low: int, high: int) -> SegmentExtent:
        """The entries whose leading codes are from `low` up to but excluding `high`."""
        return SegmentExtent(self.prefix, *self.offsets[np.searchsorted(self.leading, [low, high])].tolist())


def read_segment(
    prefix: Path, gram_fields: Mapping[int, str], word_fields: Mapping[int, str]
) -> dict[str, SegmentLists]:
    """The lists of the fields with these numbers, by name; reads the whole term table of a segment."""
    terms = SegmentTerms(prefix)
    found = {}
    for number, name in (*gram_fields.items(), *word_fields.items()):
        chosen = terms.of_field(number)
        if number in gram_fields:
            codes = [ord(term.decode("utf-8", "surrogatepass")) for term in terms.terms(chosen)]
            postings = terms.occurrences(chosen)
        else:
            codes = list(map(leading_code, terms.terms(chosen)))
            postings = terms.documents(chosen).astype(np.int64)
        offsets = np.append(terms.starts[chosen], terms.ends[chosen].max(initial=0))
        found[name] = SegmentLists(prefix, np.array(codes, np.int64), postings, offsets)
    return found


def _read_lists(prefix: Path, start: int, end: int) -> Bytes:
    with prefix.with_suffix(".pst").open("rb") as file:
        file.seek(start)
        return np.frombuffer(file.read(end - start), np.uint8)
