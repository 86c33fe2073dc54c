"""Writes the inverted index as one Whoosh segment, with posting lists in the format of format.py.

This is the only module that imports whoosh. Searches read the same files through reader.py without Whoosh. Whoosh's own
reader can open and search them as well; a test does so.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

from whoosh import columns, fields, formats, matching, writing
from whoosh.codec import whoosh3
from whoosh.filedb import filetables
from whoosh.filedb.filestore import FileStorage
from whoosh.util.numlists import GrowableArray

from corpus.document import Document
from indexer.postings.format import RUN_BOUNDARY_CODE, decode_positions, decode_word_list, gram_lists
from indexer.postings.invert import RUN_POSITIONS, GramInverter, TermPostings, WordInverter
from indexer.postings.segment_format import CRC32_HASH, ENTRY_LENGTHS, FIELD_ID, HASH_SLOT, HASH_TABLES, pack_term_info
from indexer.record import IndexRecord
from indexer.store.column_writer import ColumnWriter, narrow_array
from indexer.store.columns import BLOCK_SIZES, RANKED_FIELDS, WORD_FIELDS, ColumnReader

#: Gram field → its text field. The terms of a gram field are first characters, with a gram block each.
_GRAM_FIELDS: Final = {f"{name}_grams": name for name in BLOCK_SIZES}
#: The name of the only segment in a folder.
_SEGMENT_ID: Final = "segment"
#: Terms per write: enough to make writes cheap; the gram blocks of common characters take megabytes each.
_TERMS_PER_WRITE: Final = 64
#: Approximate memory per sort key while keys are collected, sorted and merged.
_BYTES_PER_KEY: Final = 40


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
        **{name: WordField(formats.Positions()) for name in _GRAM_FIELDS},
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

    def add_lists(self, name: str, field: Any, lists: Iterable[TermPostings]) -> None:
        """Write the posting lists of a field, which must come in the order of their terms."""
        self.start_field(name, field)
        prefix = FIELD_ID.pack(self._fieldid)
        at = self._postfile.tell()
        remaining = iter(lists)
        while batch := list(islice(remaining, _TERMS_PER_WRITE)):
            entries = []
            for term in batch:
                numbers = (term.documents, term.occurrences, term.max_frequency, term.first, term.last)
                entries.append((prefix + term.term, pack_term_info(*numbers, at, len(term.encoded))))
                at += len(term.encoded)
            self._tindex.add_all(entries)
            self._postfile.write(b"".join(term.encoded for term in batch))
        self.finish_field()

    @property
    def field_ids(self) -> dict[str, int]:
        """Field → its number, with which its keys in the term table begin."""
        return dict(self._fieldmap)


class _TermsReader(whoosh3.W3TermsReader):  # type: ignore[misc]
    """Decodes posting lists for Whoosh's own searcher; for tests and for other programs, not for speed."""

    folder: Path

    def matcher(self, name: str, term: bytes, posting_format: Any, scorer: Any = None) -> matching.ListMatcher:
        """The decoded postings of a term."""
        info = self.term_info(name, term)
        start, (length,) = info.extent()  # Whoosh 2.7.4 returns the length as a tuple of one
        encoded = memoryview(self._postfile.get(start, length))
        if name in _GRAM_FIELDS:
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
        text = _GRAM_FIELDS[name]
        documents, block_size = ColumnReader(self.folder)[f"{text}_blocks"], BLOCK_SIZES[text]
        found: dict[int, list[int]] = {}
        positions = sorted(
            position
            for code, gram in gram_lists(encoded, 0)
            if code != RUN_BOUNDARY_CODE
            for position in decode_positions(encoded[gram.start : gram.end])
        )
        for position in positions:
            number = documents[position // block_size]
            found.setdefault(number, []).append(position - bisect_left(documents, number) * block_size)
        encode = posting_format.encode
        return list(found), [len(at) for at in found.values()], [encode(at) for at in found.values()]


class IndexWriter:
    """Writes one segment's inverted index and columns into an empty folder, in memory bounded by `memory_mb`."""

    def __init__(self, directory: Path, memory_mb: int) -> None:
        index = FileStorage(str(directory)).create_index(make_schema())
        keys = max(memory_mb, 1) * 1024 * 1024 // _BYTES_PER_KEY
        self._directory = directory
        self._writer: writing.SegmentWriter = index.writer(codec=PackedCodec(), compound=False)
        self._number = 0
        self._columns = ColumnWriter()
        self._words = {name: WordInverter(directory, name, keys) for name in WORD_FIELDS}
        self._grams = {
            name: GramInverter(directory, name, BLOCK_SIZES[text], min(keys, RUN_POSITIONS))
            for name, text in _GRAM_FIELDS.items()
        }
        #: Field → term → documents, of the fields that hold values rather than text.
        self._values: dict[str, dict[bytes, array[int]]] = {}
        #: Field and value → column value and terms; unbounded, for one run: few values occur again and again.
        self._converted: dict[tuple[str, str | int], tuple[Any, list[bytes]]] = {}

    def add(self, record: IndexRecord) -> None:
        """Append one document; documents are numbered from 0 in this order."""
        document, number = record.document, self._number
        self._words["title"].add(number, record.title_words)
        self._words["body"].add(number, record.body_words)
        self._grams["title_grams"].add(record.title)
        self._grams["heading_grams"].add(record.heading)
        self._grams["body_grams"].add(record.body)
        self._grams["set_aside_grams"].add(record.set_aside)
        self._columns.add(document)
        self._add_to_whoosh(document, number, len(record.title_words), len(record.body_words))
        self._number += 1

    def close(self) -> None:
        """Merge the sorted runs and write the segment and the columns."""
        writer, field_writer = self._writer, self._writer.fieldwriter
        writer.perdocwriter.close()
        schema = writer.schema
        for name in sorted(schema.names()):
            if name in self._grams:
                field_writer.add_lists(name, schema[name], self._grams[name].lists())
            elif name in self._words:
                field_writer.add_lists(name, schema[name], self._words[name].lists())
            elif name in self._values:
                field_writer.add_lists(name, schema[name], _value_lists(self._values[name]))
        field_writer.close()
        segment = writer.get_segment()
        segment.set_doc_count(self._number)
        self._write_columns(segment.segment_id(), field_writer.field_ids)
        writer.pool.cleanup()
        writer._commit_toc([segment])
        writer._finish()
        (self._directory / f"{writer.indexname}_WRITELOCK").unlink(missing_ok=True)

    def cancel(self) -> None:
        """Release all files after an error; the caller removes the folder."""
        with suppress(OSError):  # a full disk makes this fail too
            self._writer.cancel()

    def _add_to_whoosh(self, document: Document, number: int, title_words: int, body_words: int) -> None:
        """Write the columns and field lengths that Whoosh keeps per document; collect the documents of each value."""
        schema, out = self._writer.schema, self._writer.perdocwriter
        values: dict[str, str | int] = {
            "account": document.account,
            "genre": document.genre,
            "program_type": " ".join(document.program_types),
            "date": date.fromisoformat(document.date).toordinal() if document.date else 0,
        }
        out.start_doc(number)
        out.add_column_value("id", schema["id"].column_type, int(document.id, 16))
        out.add_field("title", schema["title"], None, title_words)
        out.add_field("body", schema["body"], None, body_words)
        for name, value in values.items():
            field = schema[name]
            column_value, terms = self._convert(name, value)
            out.add_column_value(name, field.column_type, column_value)
            lists = self._values.setdefault(name, {})
            for term in terms:
                lists.setdefault(term, array("I")).append(number)
        out.finish_doc()

    def _convert(self, name: str, value: str | int) -> tuple[Any, list[bytes]]:
        """The column value and the terms of a value, as Whoosh's field type makes them."""
        converted = self._converted.get((name, value))
        if converted is None:
            field = self._writer.schema[name]
            converted = field.to_column_value(value), [term for term, *_ in field.index(value)]
            self._converted[name, value] = converted
        return converted

    def _write_columns(self, segment: str, field_ids: dict[str, int]) -> None:
        arrays = {}
        for name, text in _GRAM_FIELDS.items():
            grams = self._grams[name]
            arrays[f"{text}_blocks"] = grams.block_documents()
            if text in RANKED_FIELDS:
                arrays[f"{text}_lengths"] = narrow_array(grams.lengths)
        self._columns.write(self._directory, arrays, {"prefix": segment, "fields": field_ids})


def _value_lists(values: dict[bytes, array[int]]) -> Iterator[TermPostings]:
    for term, numbers in sorted(values.items()):
        yield TermPostings.of_documents(term, numbers)
