"""Stores JSON objects by number in one file, each compressed on its own, with random access.

`NAME.data` has a zlib stream per object, whose checksum tells of damage when it is read; `NAME.offsets` has the offset
of each stream and the end of the last one (little-endian u64); `NAME.dictionary` is the preset dictionary of all
streams.
"""

from __future__ import annotations

import json
import mmap
import zlib
from array import array
from pathlib import Path
from typing import Any, Final

from indexer.errors import IndexDamaged

#: Measured on 100,000 texts of 2.8 kB: level 9 reduces the UTF-8 text to 0.486 of its size, with a dictionary to 0.425.
_LEVEL: Final = 9
#: zlib looks back no farther. The dictionary is made of pieces of the first objects.
_DICTIONARY_BYTES: Final = 32 * 1024
_DICTIONARY_OBJECTS: Final = 512
_BEGINNING_BYTES: Final = 200


class JsonStoreWriter:
    """Appends objects; the files are complete after `close`."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / name
        self._data = self._path.with_suffix(".data").open("wb")
        self._offsets = array("Q", [0])
        self._waiting: list[bytes] = []
        self._dictionary: bytes | None = None

    def add(self, value: dict[str, Any]) -> None:
        """Append one object."""
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if self._dictionary is not None:
            self._write(raw)
        else:
            self._waiting.append(raw)
            if len(self._waiting) == _DICTIONARY_OBJECTS:
                self._begin()

    def close(self) -> None:
        """Write the remaining objects and close the files."""
        if self._dictionary is None:
            self._begin()
        self._data.close()
        self._path.with_suffix(".offsets").write_bytes(self._offsets.tobytes())
        self._path.with_suffix(".dictionary").write_bytes(self._dictionary or b"")

    def cancel(self) -> None:
        """Close the files after an error; the caller removes the folder."""
        self._data.close()

    def _begin(self) -> None:
        """Make the dictionary of the first objects, then write them."""
        each = _DICTIONARY_BYTES // max(len(self._waiting), 1)
        # The beginnings of objects are alike, so that the dictionary needs only one of them.
        pieces = [raw[_BEGINNING_BYTES : _BEGINNING_BYTES + each] for raw in self._waiting[1:]]
        self._dictionary = b"".join((*pieces, *(raw[:_BEGINNING_BYTES] for raw in self._waiting[:1])))
        for raw in self._waiting:
            self._write(raw)
        self._waiting.clear()

    def _write(self, raw: bytes) -> None:
        stream = zlib.compressobj(_LEVEL, zdict=self._dictionary or b"")
        self._data.write(stream.compress(raw) + stream.flush())
        self._offsets.append(self._data.tell())


class JsonStoreReader:
    """Reads objects by number; threads may share it."""

    def __init__(self, directory: Path, name: str) -> None:
        self._name = f"{name}.data"
        path = directory / name
        try:
            with path.with_suffix(".offsets").open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._offsets = memoryview(self._map).cast("Q")
            self._dictionary = path.with_suffix(".dictionary").read_bytes()
            with path.with_suffix(".data").open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(f"{directory.name}/{self._name} cannot be read ({error})") from error
        if self._offsets[-1] != len(self._data):
            raise IndexDamaged(f"{directory.name}/{self._name} is not as long as its offsets say")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def read(self, number: int) -> dict[str, Any]:
        """The object with this number. Raises IndexDamaged if it cannot be decompressed or parsed."""
        try:
            stream = zlib.decompressobj(zdict=self._dictionary)
            raw = stream.decompress(self._data[self._offsets[number] : self._offsets[number + 1]])
            if not stream.eof:  # it has no checksum then
                raise ValueError
            value: dict[str, Any] = json.loads(raw)
        except (zlib.error, ValueError) as error:
            raise IndexDamaged(f"entry {number} of {self._name} cannot be read") from error
        return value

    def close(self) -> None:
        """Release the files."""
        self._offsets.release()
        self._map.close()
        self._data.close()
