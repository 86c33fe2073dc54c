"""Builds posting lists by sort-based inversion: an external merge sort over NumPy arrays, in bounded memory.

Each token occurrence becomes a 64-bit key. Keys are collected up to a limit, sorted, and written to disk as a sorted
run. At the end the runs are merged, a range of terms at a time, and encoded in the format of format.py.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.tokens import run_class
from indexer.postings.format import GRAM_HEADER, RUN_BOUNDARY_CODE, bytes_per_number

Keys = npt.NDArray[np.uint64]

#: The key of a gram: first character 21 bits, second character 21 bits, position within the sorted run 22 bits.
_POSITION_BITS: Final = 22
_CODE_BITS: Final = 21
_ALL_CODES: Final = 0x110000
#: The most positions that a sorted run can have.
RUN_POSITIONS: Final = 1 << _POSITION_BITS

#: The key of a word: number of the word 26 bits, document 26 bits, frequency 12 bits. Greater frequencies are capped,
#: because BM25 saturates far below.
_DOCUMENT_BITS: Final = 26
_FREQUENCY_BITS: Final = 12
_MAX_FREQUENCY: Final = (1 << _FREQUENCY_BITS) - 1
MAX_DOCUMENTS: Final = 1 << _DOCUMENT_BITS
_WORD_SHIFT: Final = _DOCUMENT_BITS + _FREQUENCY_BITS

#: The class of a character (see tokens.run_class) that has not been looked up yet.
_UNKNOWN: Final = 255


class TermPostings(NamedTuple):
    """A term with its encoded posting list and the statistics for the term table.

    `documents` counts the documents of the term, `occurrences` its occurrences in all of them, `max_frequency` those in
    the document that has most; `first` and `last` are the lowest and the highest document number.
    """

    term: bytes
    documents: int
    occurrences: int
    max_frequency: int
    first: int
    last: int
    encoded: bytes

    @classmethod
    def of_documents(cls, term: bytes, documents: array[int]) -> TermPostings:
        """The posting list of a term that occurs once in each of these documents."""
        numbers = np.frombuffer(documents, np.uint32).astype(np.uint64)
        return next(_encode_words([term], numbers << _u(_FREQUENCY_BITS) | _u(1)))


class _SortedRun(NamedTuple):
    """Sorted gram keys on disk, with their first characters and where the keys of each begin.

    `base` is the number of positions in earlier runs.
    """

    path: Path
    base: int
    first_codes: Keys
    starts: npt.NDArray[np.int64]

    def read(self, low: int, high: int) -> _RunSlice:
        """The keys of a range of first characters, both ends included."""
        begin = np.searchsorted(self.first_codes, _u(low))
        end = np.searchsorted(self.first_codes, _u(high), side="right")
        starts = self.starts[begin : end + 1]
        size = int(starts[-1] - starts[0])
        keys = np.fromfile(self.path, np.uint64, size, offset=int(starts[0]) * 8)
        return _RunSlice(self.base, self.first_codes[begin:end], starts - starts[0], keys)


class _RunSlice(NamedTuple):
    """The keys of a sorted run for a range of first characters, in memory."""

    base: int
    first_codes: Keys
    starts: npt.NDArray[np.int64]
    keys: Keys

    def keys_of(self, first: int) -> Keys:
        """The keys of one first character."""
        at = int(np.searchsorted(self.first_codes, _u(first)))
        if at == len(self.first_codes) or self.first_codes[at] != first:
            return _no_keys()
        return self.keys[self.starts[at] : self.starts[at + 1]]


class GramInverter:
    """Collects the normal forms of one text field; yields a gram block for every first character."""

    def __init__(self, folder: Path, name: str, block_size: int, run_positions: int) -> None:
        self._folder = folder
        self._name = name
        self._block_size = block_size
        self._limit = min(run_positions, RUN_POSITIONS)
        self._texts: list[str] = []
        self._length = 0
        self._runs: list[_SortedRun] = []
        self._classes = np.full(_ALL_CODES, _UNKNOWN, np.uint8)
        self._base = 0
        #: First position of each document, followed by the end of the last one; characters of each document.
        self.starts = array("I", [0])
        self.lengths = array("I")

    def add(self, normal: str) -> None:
        """Append the next document's text, padded to whole blocks with at least one unused position at its end."""
        size = (len(normal) // self._block_size + 1) * self._block_size
        if self._length and self._length + size > self._limit:
            self._flush()
        self._texts.append(normal + "\0" * (size - len(normal)))
        self._length += size
        self.starts.append(self.starts[-1] + size)
        self.lengths.append(len(normal))

    def lists(self) -> Iterator[TermPostings]:
        """The gram block of every first character, in UTF-8 byte order; to be called once, after all documents."""
        self._flush()
        documents = np.frombuffer(self.block_documents(), np.uint32)
        for codes in self._code_ranges():
            slices = [run.read(int(codes[0]), int(codes[-1])) for run in self._runs]
            for first in codes.tolist():
                merged = np.concatenate([_rebase(keys.keys_of(first), keys.base) for keys in slices])
                merged.sort()
                has_term = np.zeros(len(self.lengths), bool)
                has_term[documents[(merged & _u(0xFFFFFFFF)) // _u(self._block_size)]] = True
                yield _encode_grams(chr(first).encode("utf-8", "surrogatepass"), merged, np.flatnonzero(has_term))
        for run in self._runs:
            run.path.unlink()

    def _code_ranges(self) -> list[npt.NDArray[np.uint64]]:
        """The first characters, ascending, divided so that each part has about as many keys as one sorted run."""
        if not self._runs:
            return []
        codes, inverse = np.unique(np.concatenate([run.first_codes for run in self._runs]), return_inverse=True)
        counts = np.bincount(inverse, np.concatenate([np.diff(run.starts) for run in self._runs]))
        before = np.cumsum(counts) - counts
        return np.split(codes, _value_starts(before // self._limit)[1:]) if len(codes) else []

    def block_documents(self) -> array[int]:
        """The document of each block of positions."""
        starts = np.frombuffer(self.starts, np.uint32)
        blocks = (starts[1:] - starts[:-1]) // self._block_size
        return array("I", np.repeat(np.arange(len(blocks), dtype=np.uint32), blocks).tobytes())

    def _flush(self) -> None:
        """Write the collected texts as a sorted run."""
        if not self._texts:
            return
        raw = "".join(self._texts).encode("utf-32-le", "surrogatepass")
        keys = self._keys(np.frombuffer(raw, np.uint32))
        keys.sort()
        path = self._folder / f"{self._name}.run{len(self._runs)}"
        _write_keys(path, keys)
        first_codes = keys >> _u(_CODE_BITS + _POSITION_BITS)
        starts = _value_starts(first_codes)
        self._runs.append(_SortedRun(path, self._base, first_codes[starts], np.append(starts, len(keys))))
        self._base += self._length
        self._texts.clear()
        self._length = 0

    def _keys(self, codes: npt.NDArray[np.uint32]) -> Keys:
        """Keys of all bigrams, of last characters with the end of the text, and of both boundaries of runs."""
        classes = self._classes_of(codes)
        before = np.concatenate(([np.uint8(0)], classes[:-1]))
        after = np.concatenate((classes[1:], [np.uint8(0)]))
        in_run = classes > 0
        bigrams = np.flatnonzero(codes[:-1])
        run_starts = np.flatnonzero(in_run & (before != classes))
        run_ends = np.flatnonzero(in_run & (after != classes))
        boundary = _u(RUN_BOUNDARY_CODE)
        wide = codes.astype(np.uint64)
        return np.concatenate(
            (
                _gram_keys(wide[bigrams], wide[bigrams + 1], bigrams),
                _gram_keys(np.full(len(run_starts), boundary), wide[run_starts], run_starts),
                _gram_keys(wide[run_ends], np.full(len(run_ends), boundary), run_ends),
            )
        )

    def _classes_of(self, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """The run class of each character."""
        classes: npt.NDArray[np.uint8] = self._classes[codes]
        unknown = np.unique(codes[classes == _UNKNOWN])
        if len(unknown):
            self._classes[unknown] = [run_class(chr(code)) for code in unknown.tolist()]
            classes = self._classes[codes]
        return classes


class WordInverter:
    """Collects the words of one field; yields a word list for every word."""

    def __init__(self, folder: Path, name: str, run_words: int) -> None:
        self._folder = folder
        self._name = name
        self._limit = run_words
        #: Word → its number, in order of first occurrence.
        self._vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
        self._words = array("I")
        self._documents = array("I")
        self._counts = array("I")
        self._runs: list[Path] = []

    def add(self, number: int, words: list[str]) -> None:
        """Append the words of a document."""
        self._words.extend(map(self._vocabulary.__getitem__, words))
        self._documents.append(number)
        self._counts.append(len(words))
        if len(self._words) >= self._limit:
            self._flush()

    def lists(self) -> Iterator[TermPostings]:
        """The word list of every word, in UTF-8 byte order; to be called once, after all documents."""
        self._flush()
        terms = sorted((word.encode("utf-8", "surrogatepass"), number) for word, number in self._vocabulary.items())
        ranks = np.empty(len(terms), np.uint64)
        ranks[[number for _, number in terms]] = np.arange(len(terms), dtype=np.uint64)
        counts = np.zeros(len(terms), np.int64)
        for path in self._runs:
            counts += _rank_words(path, ranks)
        # A quarter of a run at a time, because encoding needs about ten arrays of that length.
        parts = (np.cumsum(counts) - counts) * 4 // self._limit
        for low, high in pairwise([*_value_starts(parts).tolist(), len(terms)]):
            merged = np.concatenate([_keys_between(path, low, high) for path in self._runs])
            merged.sort()
            yield from _encode_words([term for term, _ in terms[low:high]], merged)
        for path in self._runs:
            path.unlink()

    def _flush(self) -> None:
        """Write the collected words as a sorted run."""
        if not self._documents:
            return
        words = np.frombuffer(self._words, np.uint32) if self._words else np.empty(0, np.uint32)
        counts = np.frombuffer(self._counts, np.uint32)
        documents = np.repeat(np.frombuffer(self._documents, np.uint32), counts)
        pairs = words.astype(np.uint64) << _u(_DOCUMENT_BITS) | documents
        pairs.sort()
        unique, frequencies = _count_sorted(pairs)
        keys = unique << _u(_FREQUENCY_BITS) | np.minimum(frequencies, _MAX_FREQUENCY).astype(np.uint64)
        path = self._folder / f"{self._name}.run{len(self._runs)}"
        _write_keys(path, keys)
        self._runs.append(path)
        del words, counts  # they are views of the arrays that are replaced
        self._words, self._documents, self._counts = array("I"), array("I"), array("I")


def _write_keys(path: Path, keys: Keys) -> None:
    """Write a run; raises OSError if any of it cannot be written (numpy's tofile ignores a failed last write)."""
    with path.open("wb") as file:
        file.write(keys.data)


def _rank_words(path: Path, ranks: Keys) -> npt.NDArray[np.int64]:
    """Rewrite a run with words numbered by rank in byte order, sorted again; returns the number of keys per rank."""
    keys = np.fromfile(path, np.uint64)
    ranked = ranks[keys >> _u(_WORD_SHIFT)]
    keys = ranked << _u(_WORD_SHIFT) | keys & _u((1 << _WORD_SHIFT) - 1)
    keys.sort()
    _write_keys(path, keys)
    return np.bincount(ranked.astype(np.int64), minlength=len(ranks))


def _keys_between(path: Path, low: int, high: int) -> Keys:
    """The keys of a run whose words have ranks from `low` up to but excluding `high`."""
    if not path.stat().st_size:
        return _no_keys()
    keys = np.memmap(path, np.uint64, "r")
    start, end = np.searchsorted(keys, np.array([low, high], np.uint64) << _u(_WORD_SHIFT))
    return np.array(keys[start:end])


def _encode_words(terms: list[bytes], keys: Keys) -> Iterator[TermPostings]:
    """The word lists of consecutive terms, given all their keys in order."""
    if not len(keys):
        return
    documents = (keys >> _u(_FREQUENCY_BITS) & _u(MAX_DOCUMENTS - 1)).astype(np.uint32)
    frequencies = (keys & _u(_MAX_FREQUENCY)).astype(np.uint32)
    starts = _value_starts(keys >> _u(_WORD_SHIFT))
    gaps = np.diff(documents, prepend=documents[:1])
    gaps[starts] = documents[starts]
    is_repeated = frequencies > 1
    ids, id_ends = encode_numbers(gaps << np.uint32(1) | is_repeated)
    counts, count_ends = encode_numbers(frequencies[is_repeated])
    ends = np.append(starts[1:], len(keys))
    before = np.concatenate(([0], np.cumsum(is_repeated)))
    id_bounds = np.concatenate(([0], id_ends[ends - 1])).tolist()
    count_bounds = np.concatenate(([0], count_ends))[before[np.concatenate(([0], ends))]].tolist()
    maxima = np.maximum.reduceat(frequencies, starts).tolist()
    sums = np.add.reduceat(frequencies, starts, dtype=np.uint64).tolist()
    firsts, lasts, sizes = documents[starts].tolist(), documents[ends - 1].tolist(), (ends - starts).tolist()
    for at, term in enumerate(terms):
        encoded = (
            ids[id_bounds[at] : id_bounds[at + 1]].tobytes() + counts[count_bounds[at] : count_bounds[at + 1]].tobytes()
        )
        yield TermPostings(term, sizes[at], sums[at], maxima[at], firsts[at], lasts[at], encoded)


def _encode_grams(term: bytes, keys: Keys, documents: npt.NDArray[np.int64]) -> TermPostings:
    """The gram block of a first character; keys are second character (high half) and position (low half), sorted."""
    positions = (keys & _u(0xFFFFFFFF)).astype(np.uint32)
    seconds = (keys >> _u(32)).astype(np.uint32)
    starts = _value_starts(seconds)
    counts = np.diff(starts, append=len(keys))
    codes = seconds[starts]
    gaps = np.diff(positions, prepend=positions[:1])
    gaps[starts] = positions[starts]
    data, ends = encode_numbers(gaps)
    sizes = np.diff(ends[np.append(starts[1:], len(keys)) - 1], prepend=0)
    arrays = (codes, counts, sizes)
    widths = [bytes_per_number(int(array.max())) for array in arrays]
    directory = [array.astype(f"<u{size}").tobytes() for array, size in zip(arrays, widths, strict=True)]
    encoded = b"".join((GRAM_HEADER.pack(len(codes), *widths), *directory, data.tobytes()))
    occurrences = int(counts[codes != RUN_BOUNDARY_CODE].sum())
    return TermPostings(term, len(documents), occurrences, occurrences, int(documents[0]), int(documents[-1]), encoded)


def encode_numbers(numbers: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The consecutive varints of all numbers, and the byte offset at which each ends."""
    sizes = np.ones(len(numbers), np.int64)
    for bits in (7, 14, 21, 28):
        sizes += numbers >= 1 << bits
    ends = np.cumsum(sizes)
    starts = ends - sizes
    data = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    for byte in range(5):
        chosen = np.flatnonzero(sizes > byte)
        if not len(chosen):
            break
        bits7 = numbers[chosen] >> np.uint32(7 * byte) & np.uint32(127)
        data[starts[chosen] + byte] = bits7 | (sizes[chosen] > byte + 1) << 7
    return data, ends


def _gram_keys(first: Keys, second: Keys, positions: npt.NDArray[np.int64]) -> Keys:
    return (first << _u(_CODE_BITS) | second) << _u(_POSITION_BITS) | positions.astype(np.uint64)


def _rebase(keys: Keys, base: int) -> Keys:
    """Keys of one first character in one run → second character (high half), position across all runs (low half)."""
    second = keys >> _u(_POSITION_BITS) & _u((1 << _CODE_BITS) - 1)
    return second << _u(32) | ((keys & _u(RUN_POSITIONS - 1)) + _u(base))


def _count_sorted(values: Keys) -> tuple[Keys, npt.NDArray[np.int64]]:
    """The distinct values of a sorted array, and the number of each."""
    starts = _value_starts(values)
    return values[starts], np.diff(starts, append=len(values))


def _value_starts(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The index at which each distinct value of a sorted array begins."""
    if not len(values):
        return np.empty(0, np.int64)
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))


def _u(number: int) -> np.uint64:
    return np.uint64(number)


def _no_keys() -> Keys:
    return np.empty(0, np.uint64)
