"""Columns: what filters, facets, ranking and ties read of every document, as plain arrays in one file.

`columns.data` is a u32 (length of the header), the header in JSON (what each array is called, its type code, where it
begins, how long it is; and the names that codes stand for), then the arrays, little-endian, each at a multiple of 8.
"""

from __future__ import annotations

import json
import mmap
import struct
from array import array
from bisect import bisect_left
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

#: Columns of one value for each document, and of any number of them. Their arrays hold codes: ranks among the names
#: sorted, so that codes sort like names; 0 is the empty name, no value.
_SINGLE: Final = ("account", "genre")
_SEVERAL: Final = ("type", "source")

_HEADER: Final = struct.Struct("<I")
_ALIGNMENT: Final = 8


class ColumnWriter:
    """Collects one value, or several, of every column for each document."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days = array("I")
        self._months = array("H")
        self._names: dict[str, dict[str, int]] = {name: {"": 0} for name in (*_SINGLE, *_SEVERAL)}
        self._codes = {name: array("I") for name in self._names}
        self._starts = {name: array("I", [0]) for name in _SEVERAL}

    def add(self, document: Document) -> None:
        """Append a document."""
        day = date.fromisoformat(document.date) if document.date else None
        self._ids.append(int(document.id, 16))
        self._days.append(day.toordinal() if day else 0)
        self._months.append(day.year * 12 + day.month - 1 if day else 0)
        self._add("account", document.account)
        self._add("genre", document.genre)
        self._add("type", *document.program_types)
        self._add("source", *sources(document))

    def _add(self, column: str, *values: str) -> None:
        names = self._names[column]
        codes = self._codes[column]
        codes.extend([names.setdefault(value, len(names)) for value in values])
        if column in self._starts:
            self._starts[column].append(len(codes))

    def write(self, directory: Path, extra: dict[str, array[int]], about: dict[str, Any]) -> None:
        """Write the file with these and further arrays, and what else the header is to say."""
        arrays = {"ids": self._ids, "days": self._days, "month": self._months, **extra}
        for name, names in self._names.items():
            ranks = {names[value]: rank for rank, value in enumerate(sorted(names))}
            typecode = "H" if len(names) <= 1 << 16 else "I"
            arrays[name] = array(typecode, [ranks[code] for code in self._codes[name]])
        for name, starts in self._starts.items():
            arrays[starts_of(name)] = starts
        places = {}
        at = 0
        for name, values in arrays.items():
            places[name] = (values.typecode, at, len(values))
            at += -(-len(values) * values.itemsize // _ALIGNMENT) * _ALIGNMENT
        sorted_names = {name: sorted(names) for name, names in self._names.items()}
        raw = json.dumps({"arrays": places, "names": sorted_names, **about}, ensure_ascii=False).encode()
        raw += b" " * (-(len(raw) + _HEADER.size) % _ALIGNMENT)
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(len(raw)) + raw)
            for values in arrays.values():
                content = values.tobytes()
                file.write(content + b"\0" * (-len(content) % _ALIGNMENT))


def sources(document: Document) -> tuple[str, ...]:
    """Where a document comes from, as it says itself: the origin it names, and the account it was reposted from."""
    facts = document.facts
    return tuple(dict.fromkeys(name for name in (facts.source, facts.reposted_from) if name))


def starts_of(column: str) -> str:
    """The array that tells where each document's values begin in a column of several."""
    return f"{column}_starts"


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

    def code(self, column: str, name: str) -> int | None:
        """The code of a name, None for one that no document has."""
        names = self.names[column]
        at = bisect_left(names, name)
        return at if at < len(names) and names[at] == name else None

    def has_several(self, column: str) -> bool:
        """May a document have any number of values in the column?"""
        return column in _SEVERAL

    def close(self) -> None:
        """Release the file as soon as nobody holds an array of it."""
        try:
            self._map.close()
        except BufferError:
            return
