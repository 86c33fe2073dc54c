"""Columns: what filters, facets, ranking and ties read of every document, as plain arrays in one file.

`columns.data` is a u32 (length of the header), the header in JSON (what each array is called, its type code, where it
begins, how long it is; and the names that codes stand for), then the arrays, little-endian, each at a multiple of 8.
"""

from __future__ import annotations

import json
import mmap
import struct
from array import array
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from corpus.document import Document
from indexer.errors import IndexDamaged

FILE: Final = "columns.data"

#: Places per block of title and body (see postings.py): larger ones make the table of blocks smaller and lose more
#: places at the ends of texts. Measured on 100,000 texts of 1,100 characters: with 128 for 64 the file lost 3.4 MB.
TITLE_BLOCK: Final = 8
BODY_BLOCK: Final = 128

_HEADER: Final = struct.Struct("<I")
_ALIGNMENT: Final = 8


@dataclass(slots=True)
class ColumnWriter:
    """Collects one value of every column for each document."""

    _ids: array[int] = field(default_factory=lambda: array("Q"))
    _days: array[int] = field(default_factory=lambda: array("I"))
    _months: array[int] = field(default_factory=lambda: array("H"))
    _accounts: array[int] = field(default_factory=lambda: array("I"))
    _genres: array[int] = field(default_factory=lambda: array("I"))
    _types: array[int] = field(default_factory=lambda: array("I"))
    _type_starts: array[int] = field(default_factory=lambda: array("I", [0]))
    _names: dict[str, dict[str, int]] = field(default_factory=lambda: {"account": {}, "genre": {}, "type": {}})

    def add(self, document: Document) -> None:
        """Append a document."""
        day = date.fromisoformat(document.date) if document.date else None
        self._ids.append(int(document.id, 16))
        self._days.append(day.toordinal() if day else 0)
        self._months.append(day.year * 12 + day.month - 1 if day else 0)
        self._accounts.append(self._code("account", document.account))
        self._genres.append(self._code("genre", document.genre))
        self._types.extend(self._code("type", name) for name in document.program_types)
        self._type_starts.append(len(self._types))

    def write(self, directory: Path, extra: dict[str, array[int]], about: dict[str, Any]) -> None:
        """Write the file with these and further arrays, and what else the header is to say."""
        arrays = {
            "ids": self._ids,
            "days": self._days,
            "months": self._months,
            "accounts": self._accounts,
            "genres": self._genres,
            "types": self._types,
            "type_starts": self._type_starts,
            **extra,
        }
        places = {}
        at = 0
        for name, values in arrays.items():
            places[name] = (values.typecode, at, len(values))
            at += -(-len(values) * values.itemsize // _ALIGNMENT) * _ALIGNMENT
        names = {name: list(codes) for name, codes in self._names.items()}
        raw = json.dumps({"arrays": places, "names": names, **about}, ensure_ascii=False).encode()
        raw += b" " * (-(len(raw) + _HEADER.size) % _ALIGNMENT)
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(len(raw)) + raw)
            for values in arrays.values():
                content = values.tobytes()
                file.write(content + b"\0" * (-len(content) % _ALIGNMENT))

    def _code(self, column: str, name: str) -> int:
        codes = self._names[column]
        return codes.setdefault(name, len(codes))


class Columns:
    """The columns of a generation, mapped into memory: `columns["days"]` is a memoryview of the array's numbers."""

    def __init__(self, directory: Path) -> None:
        path = directory / FILE
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = _HEADER.unpack_from(self._map)
            self.about: dict[str, Any] = json.loads(self._map[_HEADER.size : _HEADER.size + length])
            self.names: dict[str, list[str]] = self.about["names"]
            self._arrays: dict[str, tuple[Literal["B", "H", "I", "Q"], int, int]] = self.about["arrays"]
            self._start = _HEADER.size + length
            self.documents: int = self._arrays["ids"][2]
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise IndexDamaged(f"the index is damaged: {directory.name}/{FILE} cannot be read ({error})") from error

    def __getitem__(self, name: str) -> memoryview[int]:
        typecode, start, length = self._arrays[name]
        start += self._start
        return memoryview(self._map)[start : start + length * struct.calcsize(typecode)].cast(typecode)

    def close(self) -> None:
        """Release the file as soon as nobody holds an array of it."""
        try:
            self._map.close()
        except BufferError:
            return
