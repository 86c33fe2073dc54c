"""Posting lists of many terms as arrays (rows), and their file: what a part of a build holds of each field.

A row is a term, the number of its postings, and its encoded list (see format.py). The term of a *word row* is a word in
UTF-8, its postings are documents. That of a *gram row* is a bigram (code of the first character times 2^21 plus code of
the second), its postings are positions.

The file of rows is `<4Q` (numbers of directory entries and of rows, bytes of the terms and of the lists), the directory
as five u64 arrays, the lengths of the terms as u32 (words only), the terms, the numbers of postings and the sizes of
the lists as u32, and the lists. Rows ascend by term. The directory has an entry for each *leading code*, the first
character of a gram or the first three bytes of a word: code, and how many rows, term bytes, list bytes and postings
there are up to the end of its rows.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.postings.varints import Bytes, Numbers, Offsets, encode_numbers, gaps_within, value_starts

CODE_BITS: Final = 21
_LEADING_BYTES: Final = 3
_HEADER: Final = struct.Struct("<4Q")
#: An entry of the directory is five numbers.
_ENTRY_BYTES: Final = 5 * 8

Keys = npt.NDArray[np.uint64]


class GramRows(NamedTuple):
    """Position lists of bigrams, ascending; `sizes` are bytes of `data`."""

    bigrams: Keys
    counts: Numbers
    sizes: Numbers
    data: Bytes


class WordRows(NamedTuple):
    """Document lists of words, ascending by their UTF-8; `sizes` are bytes of `data`."""

    words: Sequence[bytes]
    counts: Numbers
    sizes: Numbers
    data: Bytes


def encode_gram_rows(bigrams: Keys, positions: Numbers) -> GramRows:
    """The rows of postings that are sorted by bigram and position."""
    starts = value_starts(bigrams)
    data, ends = encode_numbers(gaps_within(positions, starts))
    return GramRows(bigrams[starts], _counts(starts, len(bigrams)), _sizes(starts, ends), data)


def encode_word_lists(starts: Offsets, documents: Numbers, frequencies: Numbers) -> tuple[Numbers, Bytes]:
    """The sizes and the bytes of word lists, whose postings begin at `starts`."""
    is_repeated = frequencies > 1
    # A list has its documents, then its frequencies. Each number is put where it comes among those of all lists.
    repeated_before = np.concatenate(([0], np.cumsum(is_repeated)))
    counts = _counts(starts, len(documents))
    list_ends = starts + counts
    at = np.arange(len(documents)) + np.repeat(repeated_before[starts], counts)
    numbers = np.empty(len(documents) + int(repeated_before[-1]), np.uint32)
    numbers[at] = gaps_within(documents, starts) << np.uint32(1) | is_repeated
    numbers[(np.repeat(list_ends, counts) + repeated_before[:-1])[is_repeated]] = frequencies[is_repeated]
    data, ends = encode_numbers(numbers)
    return _sizes(starts + repeated_before[starts], ends), data


def _counts(starts: Offsets, end: int) -> Numbers:
    return np.diff(starts, append=end).astype(np.uint32)


def _sizes(starts: Offsets, ends: Offsets) -> Numbers:
    """The bytes of lists whose numbers begin at `starts`, given where each number ends."""
    before = np.concatenate(([0], ends))
    return np.diff(before[starts], append=before[-1]).astype(np.uint32)


def leading_code(word: bytes) -> int:
    """The first bytes of a word as a number, by which words sort as by their bytes."""
    return int.from_bytes(word[:_LEADING_BYTES].ljust(_LEADING_BYTES, b"\0"))


def write_rows(path: Path, rows: GramRows | WordRows) -> None:
    """Write the file; raises OSError if any of it cannot be written."""
    if isinstance(rows, GramRows):
        leading, lengths = rows.bigrams >> np.uint64(CODE_BITS), np.full(len(rows.bigrams), 8, np.uint32)
        terms: list[Any] = [rows.bigrams.data]
    else:
        leading, lengths = (
            np.array(list(map(leading_code, rows.words)), np.uint64),
            np.array(list(map(len, rows.words)), np.uint32),
        )
        terms = [lengths.data, b"".join(rows.words)]
    starts = value_starts(leading)
    ends = np.append(starts[1:], len(leading))[: len(starts)]
    up_to = [ends, *(np.concatenate(([0], np.cumsum(each)))[ends] for each in (lengths, rows.sizes, rows.counts))]
    directory = np.array([leading[starts], *up_to], np.uint64)
    with path.open("wb") as file:
        file.write(_HEADER.pack(len(starts), len(leading), int(lengths.sum(dtype=np.int64)), len(rows.data)))
        for piece in (directory.data, *terms, rows.counts.data, rows.sizes.data, rows.data.data):
            file.write(piece)


class RowExtent(NamedTuple):
    """Consecutive rows of a file: where the rows, their terms and their lists begin and end."""

    path: Path
    rows: tuple[int, int]
    terms: tuple[int, int]
    lists: tuple[int, int]

    def grams(self) -> GramRows:
        """Read gram rows."""
        with self.path.open("rb") as file:
            entries, rows, terms, _ = _HEADER.unpack(file.read(_HEADER.size))
            at = _HEADER.size + entries * _ENTRY_BYTES
            bigrams = _read(file, at, 8, self.rows).view(np.uint64)
            return GramRows(bigrams, *self._lists(file, at + terms, rows))

    def words(self) -> WordRows:
        """Read word rows."""
        with self.path.open("rb") as file:
            entries, rows, terms, _ = _HEADER.unpack(file.read(_HEADER.size))
            at = _HEADER.size + entries * _ENTRY_BYTES
            ends = np.cumsum(_read(file, at, 4, self.rows).view(np.uint32)).tolist()
            text = _read(file, at + 4 * rows, 1, self.terms).tobytes()
            words = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
            return WordRows(words, *self._lists(file, at + 4 * rows + terms, rows))

    def _lists(self, file: BinaryIO, at: int, rows: int) -> tuple[Numbers, Numbers, Bytes]:
        counts = _read(file, at, 4, self.rows).view(np.uint32)
        sizes = _read(file, at + 4 * rows, 4, self.rows).view(np.uint32)
        return counts, sizes, _read(file, at + 8 * rows, 1, self.lists)


class RowFile:
    """The directory of a file of rows: its leading codes, ascending, and the number of postings of each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            entries, *_ = _HEADER.unpack(file.read(_HEADER.size))
            directory = np.frombuffer(file.read(entries * _ENTRY_BYTES), np.int64).reshape(5, entries)
        self._up_to = np.concatenate((np.zeros((4, 1), np.int64), directory[1:]), axis=1)
        self.leading = directory[0]
        self.postings = np.diff(self._up_to[3])

    def extent(self, low: int, high: int) -> RowExtent:
        """The rows whose leading codes are from `low` up to but excluding `high`."""
        at = np.searchsorted(self.leading, [low, high])
        (first_row, row), (first_term, term), (first_list, end), _ = self._up_to[:, at].tolist()
        return RowExtent(self._path, (first_row, row), (first_term, term), (first_list, end))


def _read(file: BinaryIO, at: int, size: int, bounds: tuple[int, int]) -> Bytes:
    """Elements of `size` bytes of the array that begins at an offset."""
    first, end = bounds
    file.seek(at + first * size)
    wanted = (end - first) * size
    data = file.read(wanted)
    if len(data) != wanted:
        raise OSError(f"{file.name} is cut short")
    return np.frombuffer(data, np.uint8)
