"""Stored documents: what a search shows of each document, in two compressed stores with random access.

Each segment has both: `heads` has what a list of hits shows, `texts` the rest (body, notes, set-aside text, sections),
so that a list without snippets reads little. The clusters of near-duplicates, which change when other documents do, are
in the columns of the generation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from corpus.document import NO_FACTS, Cluster, Document, Facts, Section, SetAside
from corpus.value import as_dict
from indexer.errors import IndexDamaged
from indexer.store.columns import SIMILARITY_PARTS, ColumnReader
from indexer.store.json_store import JsonStoreReader, JsonStoreWriter, make_dictionary

_HEADS: Final = "heads"
_TEXTS: Final = "texts"
_TEXT_FIELDS: Final = ("body", "notes", "original_texts", "set_aside", "seams")
_HEAD_FIELDS: Final = (
    "id",
    "source_id",
    "title",
    "account",
    "date",
    "url",
    "program_types",
    "genre",
    "state",
    "kind",
    "is_untitled",
)
#: Values of fields that a head leaves out if they are empty.
_EMPTY_VALUES: Final[dict[str, Any]] = {"account": "", "date": None, "url": "", "body": ""}
#: Values of other fields that a head leaves out; they are the defaults of Document.
_DEFAULTS: Final = {"state": "full", "kind": "article"}


class Presets(NamedTuple):
    """The preset dictionaries of both stores."""

    heads: bytes
    texts: bytes

    @classmethod
    def of_sample(cls, documents: Sequence[Document]) -> Presets:
        """Presets made of sample documents, which should come from all over the collection."""
        return cls(
            make_dictionary(list(map(head_fields, documents))), make_dictionary(list(map(text_fields, documents)))
        )

    @classmethod
    def of_segment(cls, directory: Path) -> Presets:
        """The presets that a segment was written with."""
        return cls(*((directory / f"{name}.dictionary").read_bytes() for name in (_HEADS, _TEXTS)))


class DocumentWriter:
    """Appends documents; the files are complete after `close`."""

    def __init__(self, directory: Path, presets: Presets) -> None:
        self._stores = (
            JsonStoreWriter(directory, _HEADS, presets.heads),
            JsonStoreWriter(directory, _TEXTS, presets.texts),
        )

    def add(self, document: Document) -> None:
        """Append one document."""
        heads, texts = self._stores
        heads.add(head_fields(document))
        texts.add(text_fields(document))

    def add_all(self, directory: Path, is_live: Sequence[bool] | None) -> None:
        """Append the documents of a part or segment, without deleted ones; None if all are live."""
        for name, store in zip((_HEADS, _TEXTS), self._stores, strict=True):
            source = JsonStoreReader(directory, name)
            store.add_all(source, is_live)
            source.close()

    def close(self) -> None:
        """Close the files. Raises OSError if any of them cannot be written."""
        for store in self._stores:
            store.close()

    def cancel(self) -> None:
        """Close the files after an error; the caller removes the folder."""
        for store in self._stores:
            store.cancel()


class PartReader:
    """Reads titles and bodies of a part that is no segment yet."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        self._columns = ColumnReader(directory)
        self._heads, self._texts = JsonStoreReader(directory, _HEADS), JsonStoreReader(directory, _TEXTS)

    def text(self, id: str) -> tuple[str, str] | None:
        """Title and body of the document with an id, None if there is none."""
        number = self._columns.number_of(int(id, 16))
        if number is None:
            return None
        return self._heads.read(number).get("title", ""), self._texts.read(number).get("body", "")

    def close(self) -> None:
        """Release the files."""
        self._columns.close()
        self._heads.close()
        self._texts.close()


class DocumentReader:
    """Reads documents of a generation by number; threads may share it."""

    def __init__(self, directory: Path, columns: ColumnReader) -> None:
        """`columns` are those of the generation, and stay open as long as this reader. Raises IndexDamaged."""
        self._columns = columns
        self._first = [segment.first_document for segment in columns.segments]
        self._heads = [JsonStoreReader(directory / segment.name, _HEADS) for segment in columns.segments]
        self._texts = [JsonStoreReader(directory / segment.name, _TEXTS) for segment in columns.segments]
        for segment, heads, texts in zip(columns.segments, self._heads, self._texts, strict=True):
            if not len(heads) == len(texts) == segment.documents:
                raise IndexDamaged(f"{directory.name}/{segment.name} has different numbers of heads, texts and columns")

    def head(self, number: int) -> Document:
        """The document with this number, without body, notes, original texts and sections. Raises IndexDamaged."""
        return self._document(number, {})

    def read(self, number: int) -> Document:
        """The complete document with this number. Raises IndexDamaged."""
        return self._document(number, self._read(self._texts, number))

    def _document(self, number: int, text: dict[str, Any]) -> Document:
        """The document with this number, given the fields of its text."""
        try:
            return make_document(self._read(self._heads, number), text, self._cluster(number))
        except (TypeError, KeyError, IndexError) as error:
            raise IndexDamaged(f"document {number} cannot be read") from error

    def _read(self, stores: Sequence[JsonStoreReader], number: int) -> dict[str, Any]:
        segment = bisect_right(self._first, number) - 1
        return stores[segment].read(number - self._first[segment])

    def _cluster(self, number: int) -> Cluster | None:
        earliest = self._columns["cluster"][number]
        if not earliest:
            return None
        id = f"{self._columns['ids'][earliest - 1]:016x}"
        return Cluster(id=id, earliest=id, similarity=self._columns["similarity"][number] / SIMILARITY_PARTS)

    def close(self) -> None:
        """Release the files."""
        for store in (*self._heads, *self._texts):
            store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_document(head: Mapping[str, Any], text: Mapping[str, Any], cluster: Cluster | None) -> Document:
    """The document with these fields; raises TypeError, KeyError or IndexError if they are not those of one."""
    fields = {**_EMPTY_VALUES, **head, "cluster": cluster}
    fields["program_types"] = tuple(fields["program_types"])
    if "facts" in fields:
        fields["facts"] = Facts(**{name: _frozen(value) for name, value in fields["facts"].items()})
    for name, value in text.items():
        make = _PART_TYPES.get(name)
        fields[name] = tuple(map(make, value)) if make else _frozen(value)
    return Document(**fields)


def head_fields(document: Document) -> dict[str, Any]:
    """The fields that a list of hits shows, without empty and default values."""
    fields = {name: getattr(document, name) for name in _HEAD_FIELDS}
    if document.facts != NO_FACTS:
        fields["facts"] = {name: value for name, value in as_dict(document.facts).items() if value}
    return {name: value for name, value in fields.items() if value and value != _DEFAULTS.get(name)}


def text_fields(document: Document) -> dict[str, Any]:
    """The other fields of the document, without empty ones."""
    fields = {name: getattr(document, name) for name in _TEXT_FIELDS}
    fields["sections"] = [as_dict(section) for section in document.sections]
    return {name: value for name, value in fields.items() if value}


def _frozen(value: Any) -> Any:
    """A list from JSON as a tuple, any other value unchanged."""
    return tuple(value) if isinstance(value, list) else value


def _section(row: dict[str, Any]) -> Section:
    row["path"] = tuple(row["path"])
    return Section(**row)


def _set_aside(row: list[Any]) -> SetAside:
    return SetAside(*row)


#: What makes the parts of a field of JSON.
_PART_TYPES: Final[dict[str, Callable[[Any], Any]]] = {"sections": _section, "set_aside": _set_aside}
