"""Stored documents: what a search shows of each document, in two compressed stores with random access.

`heads` has what a list of hits shows, `texts` the rest (body, notes, set-aside text, sections), so that a list without
snippets reads little.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from corpus.document import NO_FACTS, Cluster, Document, Facts, Section, SetAside
from indexer.errors import IndexDamaged
from indexer.store.json_store import JsonStoreReader, JsonStoreWriter

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


class DocumentWriter:
    """Appends documents; the files are complete after `close`."""

    def __init__(self, directory: Path) -> None:
        self._heads = JsonStoreWriter(directory, _HEADS)
        self._texts = JsonStoreWriter(directory, _TEXTS)

    def add(self, document: Document) -> None:
        """Append one document."""
        self._heads.add(_head(document))
        self._texts.add(_text(document))

    def close(self) -> None:
        """Write the remaining documents and close the files."""
        self._heads.close()
        self._texts.close()

    def cancel(self) -> None:
        """Close the files after an error; the caller removes the folder."""
        self._heads.cancel()
        self._texts.cancel()


class DocumentReader:
    """Reads documents by number; threads may share it."""

    def __init__(self, directory: Path) -> None:
        self._heads = JsonStoreReader(directory, _HEADS)
        self._texts = JsonStoreReader(directory, _TEXTS)
        if len(self._heads) != len(self._texts):
            raise IndexDamaged(f"{directory.name} has different numbers of heads and texts")

    def __len__(self) -> int:
        return len(self._heads)

    def head(self, number: int) -> Document:
        """The document with this number, without body, notes, original texts and sections. Raises IndexDamaged."""
        fields = self._heads.read(number)
        try:
            fields["program_types"] = tuple(fields["program_types"])
            if "facts" in fields:
                fields["facts"] = Facts(**{name: _frozen(value) for name, value in fields["facts"].items()})
            if "cluster" in fields:
                fields["cluster"] = Cluster(**fields["cluster"])
            return Document(**{**_EMPTY_VALUES, **fields})
        except (TypeError, KeyError) as error:
            raise IndexDamaged(f"document {number} cannot be read") from error

    def read(self, number: int) -> Document:
        """The complete document with this number. Raises IndexDamaged."""
        text = self._texts.read(number)
        try:
            sections = tuple(Section(**{**row, "path": tuple(row["path"])}) for row in text.get("sections", ()))
            return replace(
                self.head(number),
                body=text.get("body", ""),
                sections=sections,
                notes=tuple(text.get("notes", ())),
                original_texts=tuple(text.get("original_texts", ())),
                set_aside=tuple(SetAside(*item) for item in text.get("set_aside", ())),
                seams=tuple(text.get("seams", ())),
            )
        except (TypeError, KeyError) as error:
            raise IndexDamaged(f"document {number} cannot be read") from error

    def close(self) -> None:
        """Release the files."""
        self._heads.close()
        self._texts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _head(document: Document) -> dict[str, Any]:
    """The fields that a list of hits shows, without empty and default values."""
    fields = {name: getattr(document, name) for name in _HEAD_FIELDS}
    if document.facts != NO_FACTS:
        fields["facts"] = {name: value for name, value in asdict(document.facts).items() if value}
    if document.cluster is not None:
        fields["cluster"] = asdict(document.cluster)
    return {name: value for name, value in fields.items() if value and value != _DEFAULTS.get(name)}


def _text(document: Document) -> dict[str, Any]:
    """The other fields of the document, without empty ones."""
    fields = {name: getattr(document, name) for name in _TEXT_FIELDS}
    fields["sections"] = [asdict(section) for section in document.sections]
    return {name: value for name, value in fields.items() if value}


def _frozen(value: Any) -> Any:
    """A list from JSON as a tuple, any other value unchanged."""
    return tuple(value) if isinstance(value, list) else value
