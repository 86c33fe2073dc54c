"""Reads what whoosh_writer.py writes, with the standard library alone: nothing is unpickled, nothing copied at opening.

The term table is Whoosh's own hash file: keys (field number, then the term) hashed by CRC-32 into 256 tables of
(hash, position) slots; a position leads to key and value (see whoosh.filedb.filetables).
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from indexer.errors import IndexDamaged
from indexer.store.columns import ColumnReader

_LENGTHS: Final = struct.Struct("!ii")
#: The table's tag, hash function and two numbers that Whoosh keeps for later.
_FIRST_KEY: Final = 13
_SLOT: Final = struct.Struct("!Iq")
_TABLE: Final = struct.Struct("!qi")
_TABLES: Final = 256
_FIELD_ID: Final = struct.Struct("!H")
_LAST_INT: Final = struct.Struct("!i")
#: Whoosh's term info: flags, occurrences, documents, four bounds, first and last document; then where the list lies.
_TERM: Final = struct.Struct("!BfIBBfIIqi")


class Postings(NamedTuple):
    """A term's list: number of documents and occurrences, and its byte range in `PackedIndex.postings`."""

    documents: int
    occurrences: int
    start: int
    end: int


class PackedIndex:
    """The files of one generation, mapped into memory; may be shared by threads, for it keeps no position."""

    def __init__(self, directory: Path) -> None:
        self.columns = ColumnReader(directory)
        segment: str = self.columns.header["segment"]
        self._fields: dict[str, int] = self.columns.header["fields"]
        self._terms, self._terms_map = _map(directory / f"{segment}.trm")
        self.postings, self._postings_map = _map(directory / f"{segment}.pst")
        try:
            (length,) = _LAST_INT.unpack_from(self._terms, len(self._terms) - _LAST_INT.size)
            self._tables = len(self._terms) - _LAST_INT.size - length - _TABLES * _TABLE.size
        except struct.error as error:
            raise IndexDamaged(f"the index is damaged: {directory.name}/{segment}.trm is too short") from error

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.columns.documents

    def find(self, field: str, term: str) -> Postings | None:
        """The list of a term; None when no document has it."""
        number = self._fields.get(field)
        if number is None:
            return None
        key = _FIELD_ID.pack(number) + term.encode("utf-8", "surrogatepass")
        hashed = zlib.crc32(key)
        table, slots = _TABLE.unpack_from(self._terms, self._tables + (hashed & 255) * _TABLE.size)
        slot = (hashed >> 8) % slots if slots else 0
        for _ in range(slots):
            slot_hash, position = _SLOT.unpack_from(self._terms, table + slot * _SLOT.size)
            if not position:
                return None
            if slot_hash == hashed and (found := self._term_at(position, key)) is not None:
                return found
            slot = (slot + 1) % slots
        return None

    def words(self, field: str, least: int = 1) -> Iterator[tuple[str, int]]:
        """Every term of a field with its number of documents, if that is the least, in the order of the file."""
        if field not in self._fields:
            return
        prefix = _FIELD_ID.pack(self._fields[field])
        end, _ = _TABLE.unpack_from(self._terms, self._tables)
        at = _FIRST_KEY
        while at < end:
            key_length, value_length = _LENGTHS.unpack_from(self._terms, at)
            at += _LENGTHS.size
            after = at + key_length
            if self._terms[at : at + len(prefix)] == prefix:
                documents = _TERM.unpack_from(self._terms, after)[2]
                if documents >= least:
                    yield str(self._terms[at + len(prefix) : after], "utf-8", "surrogatepass"), documents
            at = after + value_length

    def close(self) -> None:
        """Release the files; arrays over them that are still held keep their memory until they go."""
        for view, mapped in ((self._terms, self._terms_map), (self.postings, self._postings_map)):
            try:
                view.release()
                mapped.close()
            except BufferError:
                continue
        self.columns.close()

    def _term_at(self, position: int, key: bytes) -> Postings | None:
        key_length, _ = _LENGTHS.unpack_from(self._terms, position)
        start = position + _LENGTHS.size
        if key_length != len(key) or self._terms[start : start + key_length] != key:
            return None
        _, occurrences, documents, _, _, _, _, _, at, length = _TERM.unpack_from(self._terms, start + key_length)
        return Postings(documents, int(occurrences), at, at + length)


def _map(path: Path) -> tuple[memoryview, mmap.mmap]:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"the index is damaged: {path.parent.name}/{path.name} cannot be read ({error})") from error
    return memoryview(mapped), mapped
