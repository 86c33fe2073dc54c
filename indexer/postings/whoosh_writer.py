"""The inverted index on disk as a Whoosh index: its segment, term table and columns, with posting lists of our own.

The only module that imports whoosh. It writes; searches read the same files through packed.py, without Whoosh. That
Whoosh's own reader can open and search them too is what makes this a Whoosh index, and a test does it.
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
from indexer.postings.invert import RUN_PLACES, GramInverter, TermPostings, WordInverter
from indexer.record import IndexRecord
from indexer.store.columns import BLOCK_SIZES, WORD_FIELDS, ColumnReader, ColumnWriter, packed

#: Fields whose terms are first characters → the text field.
_GRAM_FIELDS: Final = {f"{name}_grams": name for name in BLOCK_SIZES}
_FIELD_ID: Final = struct.Struct("!H")
#: Whoosh's number for that hash function.
_CRC32: Final = 1
_LENGTHS: Final = struct.Struct("!ii")
_SLOT: Final = struct.Struct("!Iq")
#: Enough to make writing cheap; the lists of the commonest first characters take megabytes each.
_TERMS_AT_ONCE: Final = 64
_EXTENT: Final = struct.Struct("!qi")
#: Bytes of memory that a key of a run takes while it is collected, sorted and merged, about.
_BYTES_PER_KEY: Final = 40


class WordField(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """Words with their frequencies, ready-made."""

    def __init__(self, posting_format: formats.Format | None = None) -> None:
        self.format = posting_format or formats.Frequency()
        self.analyzer = None
        self.scorable = True
        self.indexed = True
        self.stored = False
        self.unique = False
        self.vector = None

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the term table holds it."""
        return value if isinstance(value, bytes) else value.encode()


def make_schema() -> fields.Schema:
    """All fields; an id is a column of numbers, a day a proleptic ordinal in signed 32 bits, 0 where it is unknown.

    Nothing is stored in Whoosh, which pickles it: 50 bytes a document for the id alone.
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
    """Whoosh's third format with the posting lists of postings.py in place of its pickled blocks."""

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:
        """Writes ready-made lists."""
        return _FieldWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> _TermsReader:
        """Reads them for Whoosh."""
        name = segment.make_filename(self.TERMS_EXT)
        terms, postings = storage.open_file(name), segment.open_file(storage, self.POSTS_EXT)
        reader = _TermsReader(self, terms, storage.file_length(name), postings)
        reader.folder = Path(storage.folder)
        return reader


class _TermTable(filetables.OrderedHashWriter):  # type: ignore[misc]
    """Whoosh's term table with the one of its hash functions that costs readers least, written many terms at once."""

    def __init__(self, file: Any) -> None:
        filetables.HashWriter.__init__(self, file, hashtype=_CRC32)
        self.index = GrowableArray("H")
        #: Hash and position in turn: Whoosh's tuples of a million terms take 120 MB.
        self.buckets: list[array[int]] = [array("Q") for _ in range(256)]

    def add_all(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Append terms, which come in order, with what is known of them."""
        at = self.dbfile.tell()
        pieces: list[bytes] = []
        for key, value in items:
            self.index.append(at)
            hashed = zlib.crc32(key)
            self.buckets[hashed & 255].extend((hashed, at))
            pieces += (_LENGTHS.pack(len(key), len(value)), key, value)
            at += _LENGTHS.size + len(key) + len(value)
        self.dbfile.write(b"".join(pieces))

    def _write_hashes(self) -> None:
        """The hash tables: as Whoosh's own method writes them, slot by slot into memory."""
        for entries in self.buckets:
            slots = len(entries)  # twice as many as terms
            self.directory.append((self.dbfile.tell(), slots))
            table = bytearray(slots * _SLOT.size)
            taken = bytearray(slots)
            for hashed, position in zip(entries[::2], entries[1::2], strict=True):
                slot = (hashed >> 8) % slots
                while taken[slot]:
                    slot = (slot + 1) % slots
                taken[slot] = 1
                _SLOT.pack_into(table, slot * _SLOT.size, hashed, position)
            self.dbfile.write(bytes(table))


class _FieldWriter(whoosh3.W3FieldWriter):  # type: ignore[misc]
    def __init__(self, codec: PackedCodec, storage: Any, segment: Any) -> None:
        super().__init__(codec, storage, segment)
        self._tindex.dbfile.close()  # an empty table with the costlier hash, made by the line above
        self._tindex: Any = _TermTable(self._create_file(codec.TERMS_EXT))
        self._tindex.extras["fieldmap"] = self._fieldmap

    def add_lists(self, name: str, field: Any, lists: Iterable[TermPostings]) -> None:
        """Write a field whose terms come in order."""
        self.start_field(name, field)
        prefix = _FIELD_ID.pack(self._fieldid)
        at = self._postfile.tell()
        pack = whoosh3.W3TermInfo._struct.pack
        every = iter(lists)
        while batch := list(islice(every, _TERMS_AT_ONCE)):
            items = []
            for term in batch:
                about = pack(0, term.occurrences, term.df, 1, 255, term.most, term.first, term.last)
                items.append((prefix + term.term, about + _EXTENT.pack(at, len(term.encoded))))
                at += len(term.encoded)
            self._tindex.add_all(items)
            self._postfile.write(b"".join(term.encoded for term in batch))
        self.finish_field()

    @property
    def field_ids(self) -> dict[str, int]:
        """Field → the number its keys begin with in the term table."""
        return dict(self._fieldmap)


class _TermsReader(whoosh3.W3TermsReader):  # type: ignore[misc]
    folder: Path

    def matcher(self, name: str, term: bytes, posting_format: Any, scorer: Any = None) -> matching.ListMatcher:
        """All postings of a term, decoded: Whoosh's searcher is not meant to be fast here."""
        about = self.term_info(name, term)
        start, (length,) = about.extent()  # Whoosh 2.7.4 leaves the second one in its tuple
        encoded = memoryview(self._postfile.get(start, length))
        if name in _GRAM_FIELDS:
            ids, frequencies, values = self._positions(name, encoded, posting_format)
        else:
            ids, frequencies = decode_word_list(encoded, about.doc_frequency())
            values = [struct.pack("!I", frequency) for frequency in frequencies]
        return matching.ListMatcher(
            ids, frequencies, values, posting_format, scorer=scorer, term=(name, term), terminfo=about
        )

    def _positions(
        self, name: str, encoded: memoryview, posting_format: Any
    ) -> tuple[list[int], list[int], list[bytes]]:
        text = _GRAM_FIELDS[name]
        arrays, block = ColumnReader(self.folder), BLOCK_SIZES[text]
        documents = arrays[f"{text}_blocks"]
        found: dict[int, list[int]] = {}
        places = sorted(
            place
            for code, gram in gram_lists(encoded, 0)
            if code != RUN_BOUNDARY_CODE
            for place in decode_positions(encoded[gram.start : gram.end])
        )
        for place in places:
            number = documents[place // block]
            found.setdefault(number, []).append(place - bisect_left(documents, number) * block)
        encode = posting_format.encode
        return list(found), [len(at) for at in found.values()], [encode(at) for at in found.values()]


class IndexWriter:
    """Writes one generation's inverted index into an empty folder, in memory bounded by `memory_mb`."""

    def __init__(self, directory: Path, memory_mb: int) -> None:
        index = FileStorage(str(directory)).create_index(make_schema())
        keys = max(memory_mb, 1) * 1024 * 1024 // _BYTES_PER_KEY
        self._directory = directory
        self._writer: writing.SegmentWriter = index.writer(codec=PackedCodec(), compound=False)
        self._number = 0
        self._columns = ColumnWriter()
        self._words = {name: WordInverter(directory, name, keys) for name in WORD_FIELDS}
        self._grams = {
            name: GramInverter(directory, name, BLOCK_SIZES[text], min(keys, RUN_PLACES))
            for name, text in _GRAM_FIELDS.items()
        }
        self._values: dict[str, dict[bytes, array[int]]] = {}
        self._made: dict[tuple[str, str | int], tuple[Any, list[bytes]]] = {}

    def add(self, record: IndexRecord) -> None:
        """Append one document; its number is the count of those before it."""
        document, number = record.document, self._number
        self._words["title"].add(number, record.title_words)
        self._words["body"].add(number, record.body_words)
        self._grams["title_grams"].add(record.title)
        self._grams["heading_grams"].add(record.heading)
        self._grams["body_grams"].add(record.body)
        self._columns.add(document)
        self._add_to_whoosh(document, number, len(record.title_words), len(record.body_words))
        self._number += 1

    def close(self) -> None:
        """Write everything as one segment."""
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
        """Give up, releasing all files; the folder is to be removed."""
        with suppress(OSError):  # the full disk that ended the run ends this too
            self._writer.cancel()

    def _add_to_whoosh(self, document: Document, number: int, title_words: int, body_words: int) -> None:
        """ColumnReader and lengths, which Whoosh keeps per document."""
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
            column_value, terms = self._cached(name, value)
            out.add_column_value(name, field.column_type, column_value)
            lists = self._values.setdefault(name, {})
            for term in terms:
                lists.setdefault(term, array("I")).append(number)
        out.finish_doc()

    def _cached(self, name: str, value: str | int) -> tuple[Any, list[bytes]]:
        """What a field makes of a value, for its column and its terms; the same few values come again and again."""
        known = self._made.get((name, value))
        if known is None:
            field = self._writer.schema[name]
            known = field.to_column_value(value), [term for term, *_ in field.index(value)]
            self._made[name, value] = known
        return known

    def _write_columns(self, segment: str, field_ids: dict[str, int]) -> None:
        extra = {}
        about: dict[str, Any] = {"segment": segment, "fields": field_ids}
        for name, text in _GRAM_FIELDS.items():
            grams = self._grams[name]
            extra[f"{text}_blocks"] = grams.block_documents()
            extra[f"{text}_lengths"] = packed(grams.lengths)
            about[f"{text}_mean"] = sum(grams.lengths) / max(self._number, 1)
        self._columns.write(self._directory, extra, about)


def _value_lists(values: dict[bytes, array[int]]) -> Iterator[TermPostings]:
    for term, numbers in sorted(values.items()):
        yield TermPostings.of_documents(term, numbers)
