"""Dictionary-encoded and numeric columns, one value per document, for filters, facets, ranking and tie-breaking.

The file `columns.data` is a u32 (length of the header), the header as JSON, then the little-endian arrays, each at a
multiple of 8 bytes. The header has, for each array, type code, offset and length; and the dictionaries of values.
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
from corpus.fields import FIELDS
from indexer.errors import IndexDamaged

FILE: Final = "columns.data"

#: Positions per block of each text field (see postings/format.py). Larger blocks make the table of blocks smaller and
#: waste more positions at the ends of texts. Measured on 100,000 texts of 1,100 characters: 128 instead of 64 saved
#: 3.4 MB.
BLOCK_SIZES: Final[dict[str, int]] = {"title": 8, "heading": 8, "body": 128, "set_aside": 32}
#: The text fields that rank; what is set aside is only matched, and its lengths do not count.
RANKED_FIELDS: Final = ("title", "heading", "body")
#: Text fields whose words are indexed; the words of headings are counted in the body.
WORD_FIELDS: Final = ("title", "body")

#: Dictionary-encoded columns. Single-valued: the ordinal of the value in sorted order; 0 is the empty string, no value.
#: Multi-valued: the ordinal of the combination of values; `combinations[ordinal]` lists the ordinals of its members.
_ENCODED: Final = {name: spec for name, spec in FIELDS.items() if spec.values}

_HEADER: Final = struct.Struct("<I")
_ALIGNMENT: Final = 8


class ColumnWriter:
    """Collects the column values of all documents, in order of their numbers; those of `digest_genre` are demoted."""

    def __init__(self, digest_genre: str) -> None:
        self._digest_genre = digest_genre
        self._ids = array("Q")
        self._days = array("I")
        self._demoted = array("B")
        #: Column → combination of values → its number, in order of first occurrence.
        self._seen: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in _ENCODED}
        self._numbers = {name: array("I") for name in self._seen}

    def add(self, document: Document) -> None:
        """Append a document."""
        day = date.fromisoformat(document.date) if document.date else None
        self._ids.append(int(document.id, 16))
        self._days.append(day.toordinal() if day else 0)
        self._demoted.append(is_demoted(document, self._digest_genre))
        for name, spec in _ENCODED.items():
            if spec.values:
                seen = self._seen[name]
                self._numbers[name].append(seen.setdefault(spec.values(document), len(seen)))

    def write(self, directory: Path, extra_arrays: dict[str, array[int]], extra_header: dict[str, Any]) -> None:
        """Write the file, with further arrays and further entries of the header."""
        arrays = {"ids": self._ids, "days": self._days, "demoted": self._demoted, **extra_arrays}
        dictionaries: dict[str, list[str]] = {}
        combinations: dict[str, list[list[int]]] = {}
        for column, seen in self._seen.items():
            dictionaries[column] = sorted({"", *(value for values in seen for value in values)})
            ordinals = {value: ordinal for ordinal, value in enumerate(dictionaries[column])}
            encoded = [[ordinals[value] for value in values] for values in seen]
            if _ENCODED[column].is_multi_valued:
                combinations[column] = encoded
                arrays[column] = narrow_array(self._numbers[column])
            else:
                arrays[column] = narrow_array([encoded[number][0] for number in self._numbers[column]])
        directory_of_arrays = {}
        at = 0
        for name, numbers in arrays.items():
            directory_of_arrays[name] = (numbers.typecode, at, len(numbers))
            at += -(-len(numbers) * numbers.itemsize // _ALIGNMENT) * _ALIGNMENT
        header = {
            "arrays": directory_of_arrays,
            "dictionaries": dictionaries,
            "combinations": combinations,
            **extra_header,
        }
        raw = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
        raw += b" " * (-(len(raw) + _HEADER.size) % _ALIGNMENT)
        with (directory / FILE).open("wb") as file:
            file.write(_HEADER.pack(len(raw)) + raw)
            for numbers in arrays.values():
                content = numbers.tobytes()
                file.write(content + b"\0" * (-len(content) % _ALIGNMENT))


def narrow_array(numbers: Sequence[int]) -> array[int]:
    """An array of 16-bit numbers if all fit, else of 32-bit numbers."""
    return array("H" if max(numbers, default=0) < 1 << 16 else "I", numbers)


def is_demoted(document: Document, digest_genre: str) -> bool:
    """True if ranking demotes the document: a digest, or a near-duplicate of an earlier document."""
    return document.genre == digest_genre or bool(document.cluster and document.cluster.earliest != document.id)


class ColumnReader:
    """The columns of a generation, mapped into memory: `columns["days"]` is a memoryview with a number per document.

    `dictionaries` has the values of each dictionary-encoded column, sorted; `combinations` has, for each multi-valued
    column, the ordinals of the members of each combination; `header` has the further entries that the writer was given.
    """

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        path = directory / FILE
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = _HEADER.unpack_from(self._map)
            self.header: dict[str, Any] = json.loads(self._map[_HEADER.size : _HEADER.size + length])
            self.dictionaries: dict[str, list[str]] = self.header["dictionaries"]
            self.combinations: dict[str, list[list[int]]] = self.header["combinations"]
            self._arrays: dict[str, tuple[Literal["B", "H", "I", "Q"], int, int]] = self.header["arrays"]
            self._start = _HEADER.size + length
            self.documents: int = self._arrays["ids"][2]
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error

    def __getitem__(self, name: str) -> memoryview[int]:
        typecode, start, length = self._arrays[name]
        start += self._start
        return memoryview(self._map)[start : start + length * struct.calcsize(typecode)].cast(typecode)

    def ordinal(self, column: str, value: str) -> int | None:
        """The ordinal of a value, None if no document has it."""
        values = self.dictionaries[column]
        at = bisect_left(values, value)
        return at if at < len(values) and values[at] == value else None

    def array_values_with(self, column: str, ordinals: Collection[int]) -> Collection[int]:
        """The numbers in the column's array that stand for one of these ordinals or a combination with one of them."""
        if column not in self.combinations:
            return ordinals
        wanted = set(ordinals)
        return [number for number, members in enumerate(self.combinations[column]) if not wanted.isdisjoint(members)]

    def close(self) -> None:
        """Release the file, unless an array of it is still in use; then the memory goes with the last array."""
        try:
            self._map.close()
        except BufferError:
            return
