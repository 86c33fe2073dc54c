"""Reads term tables and posting lists of a generation's segments from mapped files, with the standard library alone.

Nothing is unpickled, and nothing is copied when an index is opened. The layouts are in segment_format.py (term table)
and format.py (posting lists); whoosh_writer.py writes both.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from indexer.errors import IndexDamaged
from indexer.postings.deleted_grams import DeletedGrams
from indexer.postings.segment_format import (
    ENTRY_LENGTHS,
    EXTRAS_LENGTH,
    FIELD_ID,
    HASH_SLOT,
    HASH_TABLES,
    TABLE_POINTER,
    TERM_INFO_BYTES,
    unpack_term_info,
)
from indexer.store.columns import BLOCK_SIZES, ColumnReader, SegmentEntry


class Postings(NamedTuple):
    """A term in one segment: its numbers of documents and occurrences, and the byte range of its posting list."""

    segment: SegmentReader
    documents: int
    occurrences: int
    start: int
    end: int


class PackedIndex:
    """Segments and columns of one generation; threads may share it, because it keeps no position.

    Documents and positions are numbered over all segments; each segment's posting lists begin to count at its own first
    document and first position. They contain the deleted documents too.
    """

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        self.columns = ColumnReader(directory)
        self.segments = tuple(SegmentReader(directory, entry) for entry in self.columns.segments)
        #: What the gram blocks count beyond the live documents; None if all documents are live.
        self.deleted_grams = None if self.columns.live is None else DeletedGrams(directory)

    @property
    def documents(self) -> int:
        """The number of live documents."""
        return self.columns.documents

    def find(self, field: str, term: str) -> list[Postings]:
        """A term in every segment that has it, in their order."""
        found = []
        encoded = term.encode("utf-8", "surrogatepass")
        last, entry, key_hash = -1, b"", 0
        for segment in self.segments:
            number = segment.fields.get(field)
            if number is None:
                continue
            if number != last:  # mostly all segments give a field the same number
                last, key = number, FIELD_ID.pack(number) + encoded
                entry, key_hash = ENTRY_LENGTHS.pack(len(key), TERM_INFO_BYTES) + key, zlib.crc32(key)
            if (postings := segment.find(entry, key_hash)) is not None:
                found.append(postings)
        return found

    def close(self) -> None:
        """Release the files; views of them that are still in use keep their memory until they are released."""
        for segment in self.segments:
            segment.close()
        if self.deleted_grams is not None:
            self.deleted_grams.close()
        self.columns.close()


class SegmentReader:
    """Term table and postings file of one segment.

    `first_document`, and `first_position` of each text field, are added to the numbers of its posting lists.
    """

    def __init__(self, directory: Path, entry: SegmentEntry) -> None:
        """Raises IndexDamaged."""
        self.fields = entry.fields
        self.first_document = entry.first_document
        self.first_position = {field: entry.first_block[field] * size for field, size in BLOCK_SIZES.items()}
        self._terms, self._terms_map = _map(directory / entry.name / f"{entry.prefix}.trm")
        self.postings, self._postings_map = _map(directory / entry.name / f"{entry.prefix}.pst")
        try:
            extras_end = len(self._terms) - EXTRAS_LENGTH.size
            (extras_length,) = EXTRAS_LENGTH.unpack_from(self._terms, extras_end)
            end = extras_end - extras_length
            directory_of_tables = self._terms[end - HASH_TABLES * TABLE_POINTER.size : end]
            self._tables: list[tuple[int, int]] = list(TABLE_POINTER.iter_unpack(directory_of_tables))
        except struct.error as error:
            raise IndexDamaged(f"{directory.name}/{entry.name}/{entry.prefix}.trm is too short") from error

    def find(self, entry: bytes, key_hash: int) -> Postings | None:
        """The postings of a term, None if the segment lacks it.

        `entry` is the beginning of its entry in the term table, up to the end of the key, whose CRC-32 is the hash.
        """
        terms = self._terms_map
        table, slots = self._tables[key_hash & 255]
        slot = (key_hash >> 8) % slots if slots else 0
        for _ in range(slots):
            slot_hash, at = HASH_SLOT.unpack_from(terms, table + slot * HASH_SLOT.size)
            if not at:
                return None
            if slot_hash == key_hash and terms[at : at + len(entry)] == entry:
                return Postings(self, *unpack_term_info(terms, at + len(entry)))
            slot = (slot + 1) % slots
        return None

    def close(self) -> None:
        """Release the files."""
        for view, mapped in ((self._terms, self._terms_map), (self.postings, self._postings_map)):
            try:
                view.release()
                mapped.close()
            except BufferError:
                continue


def _map(path: Path) -> tuple[memoryview, mmap.mmap]:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{path.parent.name}/{path.name} cannot be read ({error})") from error
    return memoryview(mapped), mapped
