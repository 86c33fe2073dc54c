"""Writes the columns of one segment, in the format of columns.py."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from corpus.document import Document
from indexer.store.columns import ALIGNMENT, ENCODED_FIELDS, FILE, HEADER

#: NumPy's name for 64-bit numbers on some platforms → the one in the file.
_TYPECODES: Final = {"L": "Q"}
#: The numbers of a 16-bit array are below this.
_SHORT: Final = 1 << 16


class ColumnWriter:
    """Collects the column values of all documents, in order of their numbers."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._days = array("I")
        #: Column → combination of values → its number, in order of first occurrence.
        self._seen: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in ENCODED_FIELDS}
        self._numbers = {name: array("I") for name in self._seen}

    def add(self, document: Document) -> None:
        """Append a document."""
        day = date.fromisoformat(document.date) if document.date else None
        self._ids.append(int(document.id, 16))
        self._days.append(day.toordinal() if day else 0)
        for name, spec in ENCODED_FIELDS.items():
            if spec.values:
                seen = self._seen[name]
                self._numbers[name].append(seen.setdefault(spec.values(document), len(seen)))

    def write(self, directory: Path, extra_arrays: Mapping[str, array[int]], extra_header: Mapping[str, Any]) -> None:
        """Write the file, with further arrays and further entries of the header."""
        arrays: dict[str, array[int]] = {"ids": self._ids, "days": self._days, **extra_arrays}
        dictionaries: dict[str, list[str]] = {}
        combinations: dict[str, list[list[int]]] = {}
        for column, seen in self._seen.items():
            dictionaries[column] = sorted({"", *(value for values in seen for value in values)})
            ordinals = {value: ordinal for ordinal, value in enumerate(dictionaries[column])}
            encoded = [[ordinals[value] for value in values] for values in seen]
            if ENCODED_FIELDS[column].is_multi_valued:
                combinations[column] = encoded
                arrays[column] = narrow_array(self._numbers[column])
            else:
                arrays[column] = narrow_array([encoded[number][0] for number in self._numbers[column]])
        header = {
            "dictionaries": dictionaries,
            "combinations": combinations,
            "documents": len(self._ids),
            **extra_header,
        }
        write_columns(directory, {name: memoryview(numbers) for name, numbers in arrays.items()}, header)


def write_columns(directory: Path, arrays: Mapping[str, memoryview], header: Mapping[str, Any]) -> None:
    """Write a file of columns; the entry of the header that says where each array is comes from the arrays."""
    directory_of_arrays = {}
    at = 0
    for name, view in arrays.items():
        directory_of_arrays[name] = (_TYPECODES.get(view.format, view.format), at, len(view))
        at += -(-view.nbytes // ALIGNMENT) * ALIGNMENT
    raw = json.dumps({"arrays": directory_of_arrays, **header}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    raw += b" " * (-(len(raw) + HEADER.size) % ALIGNMENT)
    with (directory / FILE).open("wb") as file:
        file.write(HEADER.pack(len(raw)) + raw)
        for view in arrays.values():
            file.write(view)
            file.write(b"\0" * (-view.nbytes % ALIGNMENT))


def narrow_array(numbers: Sequence[int]) -> array[int]:
    """An array of 16-bit numbers if all fit, else of 32-bit numbers."""
    return array("H" if max(numbers, default=0) < _SHORT else "I", numbers)
