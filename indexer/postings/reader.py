"""Reads the term table and posting lists of a generation from mapped files, with the standard library alone.

Nothing is unpickled, and nothing is copied when an index is opened. The layouts are in segment_format.py (term table)
and format.py (posting lists); whoosh_writer.py writes both.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from indexer.errors import IndexDamaged
from indexer.postings.segment_format import (
    ENTRY_LENGTHS,
    EXTRAS_LENGTH,
    FIELD_ID,
    HASH_SLOT,
    HASH_TABLES,
    HEADER_BYTES,
    TABLE_POINTER,
    unpack_term_info,
)
from indexer.store.columns import ColumnReader


class Postings(NamedTuple):
    """A term's posting list: number of documents, number of occurrences, byte range in `PackedIndex.postings`."""

    documents: int
    occurrences: int
    start: int
    end: int


class PackedIndex:
    """Term table, postings file and columns of one generation; threads may share it, because it keeps no position."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        self.columns = ColumnReader(directory)
        segment = self.columns.segments[0]
        self._fields = segment.fields
        self._terms, self._terms_map = _map(directory / segment.name / f"{segment.prefix}.trm")
        self.postings, self._postings_map = _map(directory / segment.name / f"{segment.prefix}.pst")
        try:
            extras_end = len(self._terms) - EXTRAS_LENGTH.size
            (extras_length,) = EXTRAS_LENGTH.unpack_from(self._terms, extras_end)
            self._directory = extras_end - extras_length - HASH_TABLES * TABLE_POINTER.size
        except struct.error as error:
            raise IndexDamaged(f"{directory.name}/{segment.name}/{segment.prefix}.trm is too short") from error

    @property
    def documents(self) -> int:
        """The number of documents."""
        return self.columns.documents

    def find(self, field: str, term: str) -> Postings | None:
        """The posting list of a term, None if no document has it."""
        number = self._fields.get(field)
        if number is None:
            return None
        key = FIELD_ID.pack(number) + term.encode("utf-8", "surrogatepass")
        key_hash = zlib.crc32(key)
        table, slots = TABLE_POINTER.unpack_from(self._terms, self._directory + (key_hash & 255) * TABLE_POINTER.size)
        slot = (key_hash >> 8) % slots if slots else 0
        for _ in range(slots):
            slot_hash, entry = HASH_SLOT.unpack_from(self._terms, table + slot * HASH_SLOT.size)
            if not entry:
                return None
            if slot_hash == key_hash and (found := self._postings_at(entry, key)) is not None:
                return found
            slot = (slot + 1) % slots
        return None

    def words(self, field: str, min_documents: int = 1) -> Iterator[tuple[str, int]]:
        """Every term of a field that at least `min_documents` have, with its number of documents, in byte order."""
        if field not in self._fields:
            return
        prefix = FIELD_ID.pack(self._fields[field])
        end, _ = TABLE_POINTER.unpack_from(self._terms, self._directory)
        at = HEADER_BYTES
        while at < end:
            key_length, value_length = ENTRY_LENGTHS.unpack_from(self._terms, at)
            at += ENTRY_LENGTHS.size
            value = at + key_length
            if self._terms[at : at + len(prefix)] == prefix:
                documents = unpack_term_info(self._terms, value)[0]
                if documents >= min_documents:
                    yield str(self._terms[at + len(prefix) : value], "utf-8", "surrogatepass"), documents
            at = value + value_length

    def close(self) -> None:
        """Release the files; views of them that are still in use keep their memory until they are released."""
        for view, mapped in ((self._terms, self._terms_map), (self.postings, self._postings_map)):
            try:
                view.release()
                mapped.close()
            except BufferError:
                continue
        self.columns.close()

    def _postings_at(self, entry: int, key: bytes) -> Postings | None:
        """The posting list of the entry at an offset, None if the entry has another key with the same hash."""
        key_length, _ = ENTRY_LENGTHS.unpack_from(self._terms, entry)
        start = entry + ENTRY_LENGTHS.size
        if key_length != len(key) or self._terms[start : start + key_length] != key:
            return None
        return Postings(*unpack_term_info(self._terms, start + key_length))


def _map(path: Path) -> tuple[memoryview, mmap.mmap]:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{path.parent.name}/{path.name} cannot be read ({error})") from error
    return memoryview(mapped), mapped
