"""The documents as people read them, compressed one by one beside the inverted index; read only for hits shown.

`texts.data` holds one zlib stream of JSON for each document, in document order; `texts.offsets` where each begins
(little-endian u64, one more than there are documents).
"""

from __future__ import annotations

import json
import mmap
import sys
import zlib
from array import array
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from corpus.document import Document, Section
from indexer.errors import IndexDamaged

DATA: Final = "texts.data"
OFFSETS: Final = "texts.offsets"
#: Measured on the five seeds: level 6 gives 0.47 of the UTF-8 text, level 9 0.465 for twice the time.
_LEVEL: Final = 6


class TextWriter:
    """Appends documents; `close` makes the files complete."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data = (directory / DATA).open("wb")
        self._offsets = array("Q", [0])

    def add(self, document: Document) -> None:
        """Append one document."""
        raw = json.dumps(asdict(document), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        self._data.write(zlib.compress(raw, _LEVEL))
        self._offsets.append(self._data.tell())

    def close(self) -> None:
        """Write the offsets and close both files."""
        self._data.close()
        (self._directory / OFFSETS).write_bytes(_little_endian(self._offsets).tobytes())


class TextReader:
    """Reads single documents; safe to use from one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / DATA
        try:
            raw = array("Q", (directory / OFFSETS).read_bytes())
            self._file = self._path.open("rb")
            size = self._path.stat().st_size
            self._data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the index is damaged: {self._path.name} cannot be read ({error})") from error
        self._offsets = _little_endian(raw)
        if not self._offsets or self._offsets[-1] != size:
            raise IndexDamaged(f"the index is damaged: {self._path.name} has not the size its offsets tell")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def read(self, number: int) -> Document:
        """The document with this number; raises IndexDamaged when its bytes are not what was written."""
        try:
            raw = zlib.decompress(self._data[self._offsets[number] : self._offsets[number + 1]])
            fields: dict[str, Any] = json.loads(raw)
            fields["program_types"] = tuple(fields["program_types"])
            sections = fields["sections"]
            fields["sections"] = tuple(Section(**{**row, "path": tuple(row["path"])}) for row in sections)
            return Document(**fields)
        except (zlib.error, ValueError, TypeError, KeyError) as error:
            raise IndexDamaged(f"the index is damaged: document {number} in {DATA} cannot be read") from error

    def close(self) -> None:
        """Release the files."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _little_endian(values: array[int]) -> array[int]:
    if sys.byteorder == "big":
        values.byteswap()
    return values
