"""Keeps many objects in a temporary file, so that memory does not grow with them."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Spool(Generic[T]):
    """A list in an unnamed temporary file of a folder; its objects are copies of those that were appended."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile("w+b", dir=folder, prefix="spool-")  # noqa: SIM115 closed by close
        self._offsets = array("Q")
        self._end = 0

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, item: T) -> int:
        """Append an object; returns its number."""
        self._offsets.append(self._end)
        self._write(item)
        return len(self._offsets) - 1

    def __setitem__(self, number: int, item: T) -> None:
        self._offsets[number] = self._end
        self._write(item)

    def __getitem__(self, number: int) -> T:
        self._file.seek(self._offsets[number])
        item: T = pickle.load(self._file)  # noqa: S301 - nobody else can write to an unnamed file
        return item

    def __iter__(self) -> Iterator[T]:
        return (self[number] for number in range(len(self)))

    def _write(self, item: T) -> None:
        self._file.seek(self._end)
        pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
