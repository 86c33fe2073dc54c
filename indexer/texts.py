"""The documents as people read them, compressed one by one beside the inverted index; read only for hits shown.

`texts.data` holds one zlib stream of JSON for each document, in document order; `texts.offsets` where each begins
(little-endian u64, one more than there are documents); `texts.dictionary` the preset dictionary of the streams, which
spares each of them the words that all share.
"""

from __future__ import annotations

import json
import mmap
import zlib
from array import array
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from corpus.document import Cluster, Document, Facts, Section
from indexer.errors import IndexDamaged

DATA: Final = "texts.data"
OFFSETS: Final = "texts.offsets"
DICTIONARY: Final = "texts.dictionary"

#: Measured on 100,000 texts of 2.8 kB: level 9 alone gives 0.486 of the UTF-8 text, with a dictionary 0.425.
_LEVEL: Final = 9
#: zlib looks back no farther. Its dictionary is made of pieces of the first documents.
_DICTIONARY_BYTES: Final = 32 * 1024
_DICTIONARY_DOCUMENTS: Final = 512
_BEGINNING_BYTES: Final = 200


class TextWriter:
    """Appends documents; `close` makes the files complete."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data = (directory / DATA).open("wb")
        self._offsets = array("Q", [0])
        self._waiting: list[bytes] = []
        self._dictionary: bytes | None = None

    def add(self, document: Document) -> None:
        """Append one document."""
        raw = json.dumps(_filled(document), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if self._dictionary is not None:
            self._write(raw)
        else:
            self._waiting.append(raw)
            if len(self._waiting) == _DICTIONARY_DOCUMENTS:
                self._begin()

    def close(self) -> None:
        """Write what is left, and close the files."""
        if self._dictionary is None:
            self._begin()
        self._data.close()
        (self._directory / OFFSETS).write_bytes(self._offsets.tobytes())
        (self._directory / DICTIONARY).write_bytes(self._dictionary or b"")

    def cancel(self) -> None:
        """Give up; the folder is to be removed."""
        self._data.close()

    def _begin(self) -> None:
        each = _DICTIONARY_BYTES // max(len(self._waiting), 1)
        # Past the beginnings, which are alike and need to be there but once.
        pieces = [raw[_BEGINNING_BYTES : _BEGINNING_BYTES + each] for raw in self._waiting[1:]]
        self._dictionary = b"".join((*pieces, *(raw[:_BEGINNING_BYTES] for raw in self._waiting[:1])))
        for raw in self._waiting:
            self._write(raw)
        self._waiting.clear()

    def _write(self, raw: bytes) -> None:
        stream = zlib.compressobj(_LEVEL, zdict=self._dictionary or b"")
        self._data.write(stream.compress(raw) + stream.flush())
        self._offsets.append(self._data.tell())


class TextReader:
    """Reads single documents; may be shared by threads."""

    def __init__(self, directory: Path) -> None:
        try:
            self._offsets = array("Q", (directory / OFFSETS).read_bytes())
            self._dictionary = (directory / DICTIONARY).read_bytes()
            with (directory / DATA).open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the index is damaged: {directory.name}/{DATA} cannot be read ({error})") from error
        if not self._offsets or self._offsets[-1] != len(self._data):
            raise IndexDamaged(f"the index is damaged: {directory.name}/{DATA} has not the size its offsets tell")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def read(self, number: int) -> Document:
        """The document with this number; raises IndexDamaged when its bytes are not what was written."""
        try:
            stream = zlib.decompressobj(zdict=self._dictionary)
            raw = stream.decompress(self._data[self._offsets[number] : self._offsets[number + 1]])
            fields: dict[str, Any] = {"date": None, "state": "full", **json.loads(raw)}
            for name in ("account", "url", "body"):
                fields.setdefault(name, "")
            fields["program_types"] = tuple(fields["program_types"])
            sections = fields.get("sections", [])
            fields["sections"] = tuple(Section(**{**row, "path": tuple(row["path"])}) for row in sections)
            if "notes" in fields:
                fields["notes"] = tuple(fields["notes"])
            if "facts" in fields:
                fields["facts"] = Facts(**{name: _frozen(value) for name, value in fields["facts"].items()})
            if "cluster" in fields:
                fields["cluster"] = Cluster(**fields["cluster"])
            return Document(**fields)
        except (zlib.error, ValueError, TypeError, KeyError) as error:
            raise IndexDamaged(f"the index is damaged: document {number} in {DATA} cannot be read") from error

    def close(self) -> None:
        """Release the files."""
        self._data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _filled(document: Document) -> dict[str, Any]:
    """The fields that are not empty or as usual."""
    fields = asdict(document)
    fields["facts"] = {name: value for name, value in fields["facts"].items() if value}
    return {name: value for name, value in fields.items() if value and value != "full"}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
