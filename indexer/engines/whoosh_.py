"""The index on disk, through Whoosh: writing records, and reading postings, columns and stored fields back.

The only module that imports whoosh. Scoring, boolean algebra, phrases, facets and highlighting are not Whoosh's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from whoosh import fields, formats, index, writing
from whoosh.filedb.filestore import FileStorage

from indexer.errors import IndexDamaged
from indexer.record import IndexRecord, Positions

#: The field that holds each stream.
TITLE_WORDS: Final = "title"
TITLE_GRAMS: Final = "title_grams"
BODY_WORDS: Final = "body"
BODY_GRAMS: Final = "body_grams"

_VALUE_SEPARATOR: Final = "\x1f"


class TokenField(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A field whose tokens come ready-made: its value is a mapping of token to ascending positions."""

    def __init__(self) -> None:
        self.format = formats.Positions()
        self.analyzer = None
        self.scorable = True
        self.indexed = True
        self.stored = False
        self.unique = False
        self.vector = None

    def index(self, value: Positions, **_: Any) -> Iterable[tuple[bytes, int, float, bytes]]:
        """(token, frequency, weight, encoded positions) of each token."""
        encode = self.format.encode
        for token, positions in value.items():
            yield token.encode(), len(positions), float(len(positions)), encode(positions)

    def to_bytes(self, value: str | bytes) -> bytes:
        """A token as the term table holds it."""
        return value if isinstance(value, bytes) else value.encode()


def make_schema() -> fields.Schema:
    """All fields; days are proleptic ordinals in signed 64 bits, 0 where the date is unknown."""
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        url=fields.STORED(),
        title=TokenField(),
        title_grams=TokenField(),
        body=TokenField(),
        body_grams=TokenField(),
        account=fields.ID(stored=True, sortable=True),
        genre=fields.ID(stored=True, sortable=True),
        program_type=fields.KEYWORD(stored=True, sortable=True, commas=False),
        date=fields.NUMERIC(int, bits=64, signed=True, stored=True, sortable=True),
    )


class IndexWriter:
    """Writes one generation's inverted index into an empty folder."""

    def __init__(self, directory: Path, memory_mb: int) -> None:
        self._storage = FileStorage(str(directory))
        self._index = self._storage.create_index(make_schema())
        self._writer: writing.IndexWriter = self._index.writer(limitmb=memory_mb, procs=1)

    def add(self, record: IndexRecord) -> None:
        """Append one document; its number is the count of those before it."""
        document = record.document
        self._writer.add_document(
            id=document.id,
            url=document.url,
            title=record.title_words,
            title_grams=record.title_grams,
            body=record.body_words,
            body_grams=record.body_grams,
            account=document.account,
            genre=document.genre,
            program_type=_VALUE_SEPARATOR.join(document.program_types),
            date=date.fromisoformat(document.date).toordinal() if document.date else 0,
        )

    def close(self) -> None:
        """Write everything as one segment."""
        self._writer.commit(optimize=True)
        self._index.close()

    def cancel(self) -> None:
        """Give up; the folder is to be removed."""
        self._writer.cancel()


@dataclass(frozen=True, slots=True)
class Columns:
    """One value for each document, by document number: what filters and facets read."""

    ids: list[str]
    accounts: list[str]
    genres: list[str]
    program_types: list[tuple[str, ...]]
    days: list[int]


class IndexReader:
    """Reads one generation; for one thread at a time. Any failure of Whoosh is IndexDamaged."""

    def __init__(self, directory: Path) -> None:
        try:
            self._index = index.open_dir(str(directory), readonly=True)
            self._reader = self._index.reader()
        except Exception as error:
            raise IndexDamaged(f"the index is damaged: {directory.name} cannot be opened ({error})") from error

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return int(self._reader.doc_count_all())

    def positions(self, field: str, token: str) -> dict[int, list[int]]:
        """Document number → ascending positions of the token; empty when it does not occur."""
        term = (field, token.encode())
        if term not in self._reader:
            return {}
        matcher = self._reader.postings(*term)
        found = {}
        while matcher.is_active():
            found[matcher.id()] = matcher.value_as("positions")
            matcher.next()
        return found

    def lengths(self, field: str) -> list[int]:
        """Document number → how many tokens the field has, as exactly as Whoosh's one byte holds it."""
        length = self._reader.doc_field_length
        return [length(number, field, 0) or 0 for number in range(self.documents)]

    def columns(self) -> Columns:
        """All columns, read once."""
        stored = [self._reader.stored_fields(number) for number in range(self.documents)]
        return Columns(
            ids=[row["id"] for row in stored],
            accounts=[row.get("account", "") for row in stored],
            genres=[row.get("genre", "") for row in stored],
            program_types=[_split(row.get("program_type", "")) for row in stored],
            days=[row.get("date", 0) for row in stored],
        )

    def close(self) -> None:
        """Release the files."""
        self._reader.close()
        self._index.close()


def _split(joined: str) -> tuple[str, ...]:
    return tuple(value for value in joined.split(_VALUE_SEPARATOR) if value)
