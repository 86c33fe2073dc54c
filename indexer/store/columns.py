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
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from corpus.document import Document
from indexer.errors import IndexDamaged

FILE: Final = "columns.data"

#: Places per block of each text field (see postings.py): larger ones make the table of blocks smaller and lose more
#: places at the ends of texts. Measured on 100,000 texts of 1,100 characters: with 128 for 64 the file lost 3.4 MB.
BLOCK_SIZES: Final[dict[str, int]] = {"title": 8, "heading": 8, "body": 128}
#: Text fields with words of their own; those of headings are counted in the body.
WORD_FIELDS: Final = ("title", "body")

#: Columns of names; arrays hold codes. Of the first ones a document has one value: its code is the rank among the names
#: sorted, so that codes sort like names; 0 is the empty name, no value. Of the others it may have several: its code is
#: that of a group, and `groups` lists the codes of each group's names.
_SINGLE: Final = ("account", "genre", "form")
_SEVERAL: Final = ("type", "source")

#: The genre with the role digest (corpus/taxonomy/taxonomy.toml): its items repeat what other documents say at length.
_DIGEST: Final = "汇编盘点"

_HEADER: Final = struct.Struct("<I")
_ALIGNMENT: Final = 8


class ColumnWriter:
    """Collects a value of every column for each document."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days = array("I")
        self._months = array("H")
        self._demoted = array("B")
        self._values: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in (*_SINGLE, *_SEVERAL)}
        self._codes = {name: array("I") for name in self._values}

    def add(self, document: Document) -> None:
        """Append a document."""
        day = date.fromisoformat(document.date) if document.date else None
        self._ids.append(int(document.id, 16))
        self._days.append(day.toordinal() if day else 0)
        self._months.append(day.year * 12 + day.month - 1 if day else 0)
        self._demoted.append(is_demoted(document))
        self._add("account", (document.account,))
        self._add("genre", (document.genre,))
        self._add("form", (document.kind,))
        self._add("type", document.program_types)
        self._add("source", source_names(document))

    def _add(self, column: str, value: tuple[str, ...]) -> None:
        values = self._values[column]
        self._codes[column].append(values.setdefault(value, len(values)))

    def write(self, directory: Path, extra: dict[str, array[int]], about: dict[str, Any]) -> None:
        """Write the file with these and further arrays, and what else the header is to say."""
        arrays = {"ids": self._ids, "days": self._days, "month": self._months, "demoted": self._demoted, **extra}
        names: dict[str, list[str]] = {}
        groups: dict[str, list[list[int]]] = {}
        for column, values in self._values.items():
            names[column] = sorted({"", *(name for value in values for name in value)})
            ranks = {name: rank for rank, name in enumerate(names[column])}
            coded = [[ranks[name] for name in value] for value in values]
            if column in _SEVERAL:
                groups[column] = coded
                arrays[column] = packed(self._codes[column])
            else:
                arrays[column] = packed([coded[code][0] for code in self._codes[column]])
        places = {}
        at = 0
        for name, numbers in arrays.items():
            places[name] = (numbers.typecode, at, len(numbers))
            at += -(-len(numbers) * numbers.itemsize // _ALIGNMENT) * _ALIGNMENT
        header = {"arrays": places, "names": names, "groups": groups, **about}
        raw = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
        raw += b" " * (-(len(raw) + _HEADER.size) % _ALIGNMENT)
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(len(raw)) + raw)
            for numbers in arrays.values():
                content = numbers.tobytes()
                file.write(content + b"\0" * (-len(content) % _ALIGNMENT))


def packed(codes: Sequence[int]) -> array[int]:
    """The numbers in the narrower of two types that holds them all."""
    return array("H" if max(codes, default=0) < 1 << 16 else "I", codes)


def is_demoted(document: Document) -> bool:
    """Does the document say what another one says better: a digest, or a later copy?"""
    return document.genre == _DIGEST or bool(document.cluster and document.cluster.earliest != document.id)


def source_names(document: Document) -> tuple[str, ...]:
    """Where a document comes from, as it says itself: the origin it names, and the account it was reposted from."""
    facts = document.facts
    return tuple(dict.fromkeys(name for name in (facts.source, facts.reposted_from) if name))


class ColumnReader:
    """The columns of a generation, mapped into memory: `columns["days"]` is a memoryview of the array's numbers."""

    def __init__(self, directory: Path) -> None:
        path = directory / FILE
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = _HEADER.unpack_from(self._map)
            self.header: dict[str, Any] = json.loads(self._map[_HEADER.size : _HEADER.size + length])
            self.names: dict[str, list[str]] = self.header["names"]
            self.groups: dict[str, list[list[int]]] = self.header["groups"]
            self._arrays: dict[str, tuple[Literal["B", "H", "I", "Q"], int, int]] = self.header["arrays"]
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

    def groups_with(self, column: str, codes: Collection[int]) -> Collection[int]:
        """What the column's array holds for documents that have one of these codes."""
        if column not in self.groups:
            return codes
        return [number for number, group in enumerate(self.groups[column]) if not set(codes).isdisjoint(group)]

    def close(self) -> None:
        """Release the file as soon as nobody holds an array of it."""
        try:
            self._map.close()
        except BufferError:
            return
