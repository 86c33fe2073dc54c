"""Writes the inverted index as one Whoosh segment, with posting lists in the format of format.py.

This is the only module that imports whoosh. Searches read the same files through reader.py without Whoosh. Whoosh's own
reader can open and search them as well; a test does so.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from whoosh import columns, fields, formats, matching, writing
from whoosh.codec import whoosh3
from whoosh.filedb import filetables
from whoosh.filedb.filestore import FileStorage
from whoosh.util.numeric import length_to_byte
from whoosh.util.numlists import GrowableArray

from indexer.postings.format import RUN_BOUNDARY_CODE, GramBlock, decode_positions, decode_word_list
from indexer.postings.merge_task import TermTable
from indexer.postings.rows import encode_word_lists
from indexer.postings.segment_format import CRC32_HASH, ENTRY_LENGTHS, FIELD_ID, HASH_SLOT, HASH_TABLES, pack_term_info
from indexer.postings.varints import Numbers
from indexer.store.columns import BLOCK_SIZES, WORD_FIELDS, ColumnReader

#: Gram field → its text field. The terms of a gram field are first characters, with a gram block each.
GRAM_FIELDS: Final = {f"{name}_grams": name for name in BLOCK_SIZES}
#: The name of the only segment in a folder.
_SEGMENT_ID: Final = "segment"
#: What the names of Whoosh's files in a segment begin with.
SEGMENT_PREFIX: Final = f"MAIN_{_SEGMENT_ID}"
#: Fields that hold values rather than text → the column with these values.
_VALUE_FIELDS: Final = {"account": "account", "genre": "genre", "program_type": "type", "date": "days"}
_COPIED_BYTES: Final = 1 << 20


class WordField(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A Whoosh field whose posting lists are given ready-made; it has no analyzer."""

    def __init__(self, posting_format: formats.Format | None = None) -> None:
        self.format = posting_format or formats.Frequency()
        self.analyzer = None
        self.scorable = True
        self.indexed = True
        self.stored = False
        self.unique = False
        self.vector = None

    def to_bytes(self, value: str | bytes) -> bytes:
        """The term as bytes, for the term table."""
        return value if isinstance(value, bytes) else value.encode()


def make_schema() -> fields.Schema:
    """The Whoosh schema. The id is a numeric column; a date is a proleptic Gregorian ordinal, 0 if unknown.

    No field is stored in Whoosh, because it pickles stored fields: the id alone would take 50 bytes a document.
    """
    return fields.Schema(
        id=fields.COLUMN(columns.NumericColumn("Q")),
        **{name: WordField() for name in WORD_FIELDS},
        **{name: WordField(formats.Positions()) for name in GRAM_FIELDS},
        account=fields.ID(sortable=columns.RefBytesColumn()),
        genre=fields.ID(sortable=columns.RefBytesColumn()),
        program_type=fields.KEYWORD(sortable=columns.RefBytesColumn()),
        date=fields.NUMERIC(int, bits=32, signed=True, sortable=True),
    )


class PackedCodec(whoosh3.W3Codec):  # type: ignore[misc]
    """Whoosh's W3 codec with posting lists in the format of format.py instead of pickled blocks."""

    def new_segment(self, storage: Any, name: str) -> Any:
        """A segment whose files have the same names in every build, where Whoosh chooses random ones."""
        segment = super().new_segment(storage, name)
        segment.segid = _SEGMENT_ID
        return segment

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:
        """The writer of the term table and the postings file."""
        return _FieldWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> _TermsReader:
        """The reader through which Whoosh searches the segment."""
        name = segment.make_filename(self.TERMS_EXT)
        terms, postings = storage.open_file(name), segment.open_file(storage, self.POSTS_EXT)
        reader = _TermsReader(self, terms, storage.file_length(name), postings)
        reader.folder = Path(storage.folder)
        return reader


class _TermTable(filetables.OrderedHashWriter):  # type: ignore[misc]
    """Whoosh's term table, hashed by CRC-32 (the fastest of its hash functions for a reader) and written in batches."""

    def __init__(self, file: Any) -> None:
        filetables.HashWriter.__init__(self, file, hashtype=CRC32_HASH)
        self.index = GrowableArray("H")
        #: Hashes and offsets, alternating. The tuples that Whoosh keeps take 120 MB for a million terms.
        self.buckets: list[array[int]] = [array("Q") for _ in range(HASH_TABLES)]

    def add_all(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Append entries (key, value), which must come in the order of their keys."""
        at = self.dbfile.tell()
        pieces: list[bytes] = []
        for key, value in items:
            self.index.append(at)
            key_hash = zlib.crc32(key)
            self.buckets[key_hash & 255].extend((key_hash, at))
            pieces += (ENTRY_LENGTHS.pack(len(key), len(value)), key, value)
            at += ENTRY_LENGTHS.size + len(key) + len(value)
        self.dbfile.write(b"".join(pieces))

    def _write_hashes(self) -> None:
        """Write the hash tables, with the same contents as Whoosh's own method but assembled in memory."""
        for entries in self.buckets:
            slots = len(entries)  # two slots per term: `entries` has a hash and an offset of each
            self.directory.append((self.dbfile.tell(), slots))
            table = bytearray(slots * HASH_SLOT.size)
            taken = bytearray(slots)
            for key_hash, offset in zip(entries[::2], entries[1::2], strict=True):
                slot = (key_hash >> 8) % slots
                while taken[slot]:
                    slot = (slot + 1) % slots
                taken[slot] = 1
                HASH_SLOT.pack_into(table, slot * HASH_SLOT.size, key_hash, offset)
            self.dbfile.write(bytes(table))


class _FieldWriter(whoosh3.W3FieldWriter):  # type: ignore[misc]
    """Writes the posting lists and the term table of all fields."""

    def __init__(self, codec: PackedCodec, storage: Any, segment: Any) -> None:
        super().__init__(codec, storage, segment)
        self._tindex.dbfile.close()  # the line above created an empty table with a slower hash function
        self._tindex: Any = _TermTable(self._create_file(codec.TERMS_EXT))
        self._tindex.extras["fieldmap"] = self._fieldmap

    def add_pieces(self, name: str, field: Any, pieces: Pieces) -> None:
        """Append the posting lists of a field, and delete the files that they come from."""
        self.start_field(name, field)
        prefix = FIELD_ID.pack(self._fieldid)
        at = self._postfile.tell()
        for table, path in pieces:
            size = sum(table.size)
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, self._postfile.file, _COPIED_BYTES)
            if self._postfile.tell() != at + size:
                raise OSError(f"{path} holds {self._postfile.tell() - at} bytes, {size} were written")
            path.unlink()
            entries = []
            for term, documents, occurrences, max_frequency, first, last, length in zip(*table, strict=True):
                info = pack_term_info(documents, occurrences, max_frequency, first, last, at, length)
                entries.append((prefix + term, info))
                at += length
            self._tindex.add_all(entries)
        self.finish_field()


class _TermsReader(whoosh3.W3TermsReader):  # type: ignore[misc]
    """Decodes posting lists for Whoosh's own searcher; for tests and for other programs, not for speed."""

    folder: Path

    def matcher(self, name: str, term: bytes, posting_format: Any, scorer: Any = None) -> matching.ListMatcher:
        """The decoded postings of a term."""
        info = self.term_info(name, term)
        start, (length,) = info.extent()  # Whoosh 2.7.4 returns the length as a tuple of one
        encoded = memoryview(self._postfile.get(start, length))
        if name in GRAM_FIELDS:
            ids, frequencies, values = self._positions(name, encoded, posting_format)
        else:
            ids, frequencies = decode_word_list(encoded, info.doc_frequency())
            values = [struct.pack("!I", frequency) for frequency in frequencies]
        return matching.ListMatcher(
            ids, frequencies, values, posting_format, scorer=scorer, term=(name, term), terminfo=info
        )

    def _positions(
        self, name: str, encoded: memoryview, posting_format: Any
    ) -> tuple[list[int], list[int], list[bytes]]:
        """Documents, frequencies, and encoded positions within each document."""
        text = GRAM_FIELDS[name]
        documents, block_size = ColumnReader(self.folder)[f"{text}_blocks"], BLOCK_SIZES[text]
        found: dict[int, list[int]] = {}
        positions = sorted(
            position
            for code, raw in GramBlock.read(encoded, 0, len(encoded)).all()
            if code != RUN_BOUNDARY_CODE
            for position in decode_positions(raw)
        )
        for position in positions:
            number = documents[position // block_size]
            found.setdefault(number, []).append(position - bisect_left(documents, number) * block_size)
        encode = posting_format.encode
        return list(found), [len(at) for at in found.values()], [encode(at) for at in found.values()]


#: What was merged of one field, in the order of the terms: tables of terms, each with the file of its posting lists.
Pieces: TypeAlias = Iterable[tuple[TermTable, Path]]


def field_numbers() -> dict[str, int]:
    """Indexed field → its number in the term table."""
    names = sorted({*GRAM_FIELDS, *WORD_FIELDS, *_VALUE_FIELDS})
    return {name: number for number, name in enumerate(names)}


def write_whoosh_files(folder: Path, merged: Mapping[str, Pieces]) -> None:
    """Write the inverted index of a segment, whose columns are in the folder already.

    `merged` has the pieces of each gram field and word field. They are read, and deleted, while they are appended.
    """
    index = FileStorage(str(folder)).create_index(make_schema())
    writer: writing.SegmentWriter = index.writer(codec=PackedCodec(), compound=False)
    columns = ColumnReader(folder)
    try:
        values = _Values(columns, writer.schema)
        values.write_columns(writer.perdocwriter)
        for name in field_numbers():  # Whoosh numbers fields as they come
            pieces = merged[name] if name in merged else values.pieces(name, folder)
            writer.fieldwriter.add_pieces(name, writer.schema[name], pieces)
        writer.fieldwriter.close()
        segment = writer.get_segment()
        segment.set_doc_count(columns.max_document)
        writer.pool.cleanup()
        writer._commit_toc([segment])
        writer._finish()
    except BaseException:
        with suppress(OSError):  # a full disk makes this fail too
            writer.cancel()
        raise
    finally:
        columns.close()
    (folder / f"{writer.indexname}_WRITELOCK").unlink(missing_ok=True)


class _Values:
    """What Whoosh keeps of each document beside its text: id, account, genre, program types, date and lengths."""

    def __init__(self, columns: ColumnReader, schema: fields.Schema) -> None:
        self._columns = columns
        self._schema = schema

    def write_columns(self, out: Any) -> None:
        """Write Whoosh's columns; the length of a field is its number of characters."""
        documents = self._columns.max_document
        self._write(out, "id", self._schema["id"].column_type, self._columns["ids"])
        for name in _VALUE_FIELDS:
            field = self._schema[name]
            codes, values = self._of(name)
            converted = {code: field.to_column_value(value) for code, value in values.items()}
            self._write(out, name, field.column_type, map(converted.__getitem__, codes))
        for name in WORD_FIELDS:
            lengths = self._columns[f"{name}_lengths"]
            self._write(out, f"_{name}_len", whoosh3.LENGTHS_COLUMN, map(length_to_byte, lengths))
            out._fieldlengths[name] = sum(lengths)
        out._doccount = documents
        out._indoc = None
        out.close()

    def pieces(self, name: str, folder: Path) -> Pieces:
        """The posting lists of the values of a field, as one piece."""
        codes, values = self._of(name)
        order = np.argsort(codes, kind="stable").astype(np.uint32)
        bounds = np.searchsorted(np.asarray(codes)[order], sorted(values), side="left").tolist()
        found: defaultdict[bytes, list[Numbers]] = defaultdict(list)
        for (_, value), (start, end) in zip(sorted(values.items()), pairwise([*bounds, len(order)]), strict=True):
            for term, *_ in self._schema[name].index(value):
                found[term].append(order[start:end])
        if not found:
            return
        terms = sorted(found)
        lists = [np.sort(np.concatenate(found[term])) for term in terms]
        counts = [len(numbers) for numbers in lists]
        starts = np.cumsum([0, *counts[:-1]])
        sizes, data = encode_word_lists(starts, np.concatenate(lists), np.ones(sum(counts), np.uint32))
        piece = folder / f"{name}.values"
        with piece.open("wb") as file:
            file.write(data.data)
        firsts, lasts = [int(numbers[0]) for numbers in lists], [int(numbers[-1]) for numbers in lists]
        yield TermTable(terms, counts, counts, [1] * len(terms), firsts, lasts, sizes.tolist()), piece

    def _of(self, name: str) -> tuple[memoryview[int], dict[int, str | int]]:
        """The code of each document's value, and the value that each code in use stands for."""
        if name == "date":
            days = self._columns["days"]
            return days, {day: day for day in set(days)}
        column = _VALUE_FIELDS[name]
        codes, values = self._columns[column], self._columns.dictionaries[column]
        if column not in self._columns.combinations:
            return codes, {code: values[code] for code in set(codes)}
        combinations = self._columns.combinations[column]
        return codes, {code: " ".join(values[ordinal] for ordinal in combinations[code]) for code in set(codes)}

    def _write(self, out: Any, name: str, kind: Any, values: Iterable[Any]) -> None:
        out._create_column(name, kind)
        add = out._get_column(name).add
        for number, value in enumerate(values):
            add(number, value)
