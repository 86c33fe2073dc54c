"""Tokens of many documents to posting lists, by sorting arrays: no Python loop over postings.

Keys of tokens are collected in runs of bounded size, each sorted and put on disk; at the end the runs are merged a
stretch of terms at a time and encoded in the format of postings.py.
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
from indexer.postings.format import GRAM_HEADER, RUN_BOUNDARY_CODE, width

Keys = npt.NDArray[np.uint64]

#: A gram's key: first character 21 bits, second 21, place within the run 22. So a run holds 2^22 places at most.
_PLACE_BITS: Final = 22
RUN_PLACES: Final = 1 << _PLACE_BITS
_CODE_BITS: Final = 21
_ALL_CODES: Final = 0x110000

#: A word's key: number of the word 26 bits, document 26, frequency 12. Larger frequencies are cut: BM25 is flat there.
_DOCUMENT_BITS: Final = 26
_FREQUENCY_BITS: Final = 12
_MAX_FREQUENCY: Final = (1 << _FREQUENCY_BITS) - 1
MAX_DOCUMENTS: Final = 1 << _DOCUMENT_BITS
_WORD_SHIFT: Final = _DOCUMENT_BITS + _FREQUENCY_BITS

#: Marks a character whose class (see analysis.run_class) has not been asked yet.
_UNKNOWN: Final = 255


class TermPostings(NamedTuple):
    """One term of a field and its list.

    `df` counts its documents, `occurrences` all places, `most` those in one document; first and last are documents.
    """

    term: bytes
    df: int
    occurrences: int
    most: int
    first: int
    last: int
    encoded: bytes

    @classmethod
    def of_documents(cls, term: bytes, numbers: array[int]) -> TermPostings:
        """The list of a term that a document has or has not."""
        return next(
            _encode_words([term], np.frombuffer(numbers, np.uint32).astype(np.uint64) << _u(_FREQUENCY_BITS) | _u(1))
        )


class _Run(NamedTuple):
    """A sorted run of gram keys on disk: which first characters it has, and where the keys of each begin."""

    path: Path
    base: int
    firsts: Keys
    starts: npt.NDArray[np.int64]

    def read(self, low: int, high: int) -> _Slice:
        """The keys of a stretch of first characters, both ends included."""
        begin, end = np.searchsorted(self.firsts, _u(low)), np.searchsorted(self.firsts, _u(high), side="right")
        starts = self.starts[begin : end + 1]
        size = int(starts[-1] - starts[0])
        keys = np.fromfile(self.path, np.uint64, size, offset=int(starts[0]) * 8)
        return _Slice(self.base, self.firsts[begin:end], starts - starts[0], keys)


class _Slice(NamedTuple):
    """Keys of a run in memory."""

    base: int
    firsts: Keys
    starts: npt.NDArray[np.int64]
    keys: Keys

    def of(self, first: int) -> Keys:
        """Those of one first character."""
        at = int(np.searchsorted(self.firsts, _u(first)))
        if at == len(self.firsts) or self.firsts[at] != first:
            return _none()
        return self.keys[self.starts[at] : self.starts[at + 1]]


class GramInverter:
    """Collects the normal forms of one field, document after document; every gram of theirs gets a list of places."""

    def __init__(self, folder: Path, name: str, block: int, run_places: int) -> None:
        self._folder = folder
        self._name = name
        self._block = block
        self._limit = min(run_places, RUN_PLACES)
        self._texts: list[str] = []
        self._length = 0
        self._runs: list[_Run] = []
        self._classes = np.full(_ALL_CODES, _UNKNOWN, np.uint8)
        self._base = 0
        #: Place of each document's first character, and one more for the end; characters of each document.
        self.starts = array("I", [0])
        self.lengths = array("I")

    def add(self, normal: str) -> None:
        """Append the next document's text; at least one place behind it stays free."""
        size = (len(normal) // self._block + 1) * self._block
        if self._length and self._length + size > self._limit:
            self._flush()
        self._texts.append(normal + "\0" * (size - len(normal)))
        self._length += size
        self.starts.append(self.starts[-1] + size)
        self.lengths.append(len(normal))

    def lists(self) -> Iterator[TermPostings]:
        """The list of every first character, in the order of its UTF-8 bytes; call once, after all documents."""
        self._flush()
        documents = np.frombuffer(self.block_documents(), np.uint32)
        for firsts in self._stretches():
            slices = [run.read(int(firsts[0]), int(firsts[-1])) for run in self._runs]
            for first in firsts.tolist():
                merged = np.concatenate([_rebase(keys.of(first), keys.base) for keys in slices])
                merged.sort()
                has = np.zeros(len(self.lengths), bool)
                has[documents[(merged & _u(0xFFFFFFFF)) // _u(self._block)]] = True
                yield _encode_grams(chr(first).encode("utf-8", "surrogatepass"), merged, np.flatnonzero(has))
        for run in self._runs:
            run.path.unlink()

    def _stretches(self) -> list[npt.NDArray[np.uint64]]:
        """The first characters, ascending, cut so that the keys of a stretch are about as many as those of a run."""
        if not self._runs:
            return []
        firsts, places = np.unique(np.concatenate([run.firsts for run in self._runs]), return_inverse=True)
        counts = np.bincount(places, np.concatenate([np.diff(run.starts) for run in self._runs]))
        before = np.cumsum(counts) - counts
        return np.split(firsts, _changes(before // self._limit)[1:]) if len(firsts) else []

    def block_documents(self) -> array[int]:
        """The document that each block of places belongs to."""
        starts = np.frombuffer(self.starts, np.uint32)
        blocks = (starts[1:] - starts[:-1]) // self._block
        return array("I", np.repeat(np.arange(len(blocks), dtype=np.uint32), blocks).tobytes())

    def _flush(self) -> None:
        if not self._texts:
            return
        raw = "".join(self._texts).encode("utf-32-le", "surrogatepass")
        keys = self._keys(np.frombuffer(raw, np.uint32))
        keys.sort()
        path = self._folder / f"{self._name}.run{len(self._runs)}"
        keys.tofile(path)
        firsts = keys >> _u(_CODE_BITS + _PLACE_BITS)
        starts = _changes(firsts)
        self._runs.append(_Run(path, self._base, firsts[starts], np.append(starts, len(keys))))
        self._base += self._length
        self._texts.clear()
        self._length = 0

    def _keys(self, codes: npt.NDArray[np.uint32]) -> Keys:
        """Pairs of neighbours, a last character with the end, and both edges of letter and digit runs."""
        classes = self._classes_of(codes)
        before = np.concatenate(([np.uint8(0)], classes[:-1]))
        after = np.concatenate((classes[1:], [np.uint8(0)]))
        is_run = classes > 0
        pairs = np.flatnonzero(codes[:-1])
        opens = np.flatnonzero(is_run & (before != classes))
        closes = np.flatnonzero(is_run & (after != classes))
        edge = _u(RUN_BOUNDARY_CODE)
        wide = codes.astype(np.uint64)
        return np.concatenate(
            (
                _gram_keys(wide[pairs], wide[pairs + 1], pairs),
                _gram_keys(np.full(len(opens), edge), wide[opens], opens),
                _gram_keys(wide[closes], np.full(len(closes), edge), closes),
            )
        )

    def _classes_of(self, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        classes: npt.NDArray[np.uint8] = self._classes[codes]
        unknown = np.unique(codes[classes == _UNKNOWN])
        if len(unknown):
            self._classes[unknown] = [run_class(chr(code)) for code in unknown.tolist()]
            classes = self._classes[codes]
        return classes


class WordInverter:
    """Collects the words of one field, document after document; every word gets a list of documents."""

    def __init__(self, folder: Path, name: str, run_words: int) -> None:
        self._folder = folder
        self._name = name
        self._limit = run_words
        #: Word → its number, given when it is first met.
        self._vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
        self._words = array("I")
        self._documents = array("I")
        self._counts = array("I")
        self._runs: list[Path] = []

    def add(self, number: int, words: list[str]) -> None:
        """Append a document's words."""
        self._words.extend(map(self._vocabulary.__getitem__, words))
        self._documents.append(number)
        self._counts.append(len(words))
        if len(self._words) >= self._limit:
            self._flush()

    def lists(self) -> Iterator[TermPostings]:
        """The list of every word, in the order of its UTF-8 bytes; call once, after all documents."""
        self._flush()
        terms = sorted((word.encode("utf-8", "surrogatepass"), number) for word, number in self._vocabulary.items())
        ranks = np.empty(len(terms), np.uint64)
        ranks[[number for _, number in terms]] = np.arange(len(terms), dtype=np.uint64)
        counts = np.zeros(len(terms), np.int64)
        for path in self._runs:
            counts += _rank_words(path, ranks)
        # A quarter of a run at once: encoding takes some ten arrays of that length.
        stretch = (np.cumsum(counts) - counts) * 4 // self._limit
        for low, high in pairwise([*_changes(stretch).tolist(), len(terms)]):
            merged = np.concatenate([_between(path, low, high) for path in self._runs])
            merged.sort()
            yield from _encode_words([term for term, _ in terms[low:high]], merged)
        for path in self._runs:
            path.unlink()

    def _flush(self) -> None:
        if not self._documents:
            return
        words = np.frombuffer(self._words, np.uint32) if self._words else np.empty(0, np.uint32)
        counts = np.frombuffer(self._counts, np.uint32)
        documents = np.repeat(np.frombuffer(self._documents, np.uint32), counts)
        pairs = words.astype(np.uint64) << _u(_DOCUMENT_BITS) | documents
        pairs.sort()
        unique, frequencies = _runs_of(pairs)
        keys = unique << _u(_FREQUENCY_BITS) | np.minimum(frequencies, _MAX_FREQUENCY).astype(np.uint64)
        path = self._folder / f"{self._name}.run{len(self._runs)}"
        keys.tofile(path)
        self._runs.append(path)
        del words, counts
        self._words, self._documents, self._counts = array("I"), array("I"), array("I")


def _rank_words(path: Path, ranks: Keys) -> npt.NDArray[np.int64]:
    """Write a run anew with the words' ranks for their numbers, sorted; returns how many keys each rank has."""
    keys = np.fromfile(path, np.uint64)
    ranked = ranks[keys >> _u(_WORD_SHIFT)]
    keys = ranked << _u(_WORD_SHIFT) | keys & _u((1 << _WORD_SHIFT) - 1)
    keys.sort()
    keys.tofile(path)
    return np.bincount(ranked.astype(np.int64), minlength=len(ranks))


def _between(path: Path, low: int, high: int) -> Keys:
    """The keys of a run whose words have ranks from low to before high."""
    if not path.stat().st_size:
        return _none()
    keys = np.memmap(path, np.uint64, "r")
    start, end = np.searchsorted(keys, np.array([low, high], np.uint64) << _u(_WORD_SHIFT))
    return np.array(keys[start:end])


def _encode_words(terms: list[bytes], keys: Keys) -> Iterator[TermPostings]:
    """Word lists of a stretch of terms whose postings are complete and sorted."""
    if not len(keys):
        return
    documents = (keys >> _u(_FREQUENCY_BITS) & _u(MAX_DOCUMENTS - 1)).astype(np.uint32)
    frequencies = (keys & _u(_MAX_FREQUENCY)).astype(np.uint32)
    starts = _changes(keys >> _u(_WORD_SHIFT))
    gaps = np.diff(documents, prepend=documents[:1])
    gaps[starts] = documents[starts]
    several = frequencies > 1
    ids, id_ends = encode_numbers(gaps << np.uint32(1) | several)
    counts, count_ends = encode_numbers(frequencies[several])
    ends = np.append(starts[1:], len(keys))
    before = np.concatenate(([0], np.cumsum(several)))
    id_borders = np.concatenate(([0], id_ends[ends - 1])).tolist()
    count_borders = np.concatenate(([0], count_ends))[before[np.concatenate(([0], ends))]].tolist()
    most = np.maximum.reduceat(frequencies, starts).tolist()
    sums = np.add.reduceat(frequencies, starts, dtype=np.uint64).tolist()
    firsts, lasts, sizes = documents[starts].tolist(), documents[ends - 1].tolist(), (ends - starts).tolist()
    for at, term in enumerate(terms):
        encoded = (
            ids[id_borders[at] : id_borders[at + 1]].tobytes()
            + counts[count_borders[at] : count_borders[at + 1]].tobytes()
        )
        yield TermPostings(term, sizes[at], sums[at], most[at], firsts[at], lasts[at], encoded)


def _encode_grams(term: bytes, keys: Keys, documents: npt.NDArray[np.int64]) -> TermPostings:
    """The gram list of a first character; keys are second character (high half) and place (low half), sorted."""
    places = (keys & _u(0xFFFFFFFF)).astype(np.uint32)
    seconds = (keys >> _u(32)).astype(np.uint32)
    starts = _changes(seconds)
    counts = np.diff(starts, append=len(keys))
    codes = seconds[starts]
    gaps = np.diff(places, prepend=places[:1])
    gaps[starts] = places[starts]
    data, ends = encode_numbers(gaps)
    sizes = np.diff(ends[np.append(starts[1:], len(keys)) - 1], prepend=0)
    arrays = (codes, counts, sizes)
    widths = [width(int(array.max())) for array in arrays]
    directory = [array.astype(f"<u{size}").tobytes() for array, size in zip(arrays, widths, strict=True)]
    encoded = b"".join((GRAM_HEADER.pack(len(codes), *widths), *directory, data.tobytes()))
    occurrences = int(counts[codes != RUN_BOUNDARY_CODE].sum())
    return TermPostings(term, len(documents), occurrences, occurrences, int(documents[0]), int(documents[-1]), encoded)


def encode_numbers(numbers: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Varints of all numbers, one after the other, and where in the bytes each ends."""
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


def _gram_keys(first: Keys, second: Keys, places: npt.NDArray[np.int64]) -> Keys:
    return (first << _u(_CODE_BITS) | second) << _u(_PLACE_BITS) | places.astype(np.uint64)


def _rebase(keys: Keys, base: int) -> Keys:
    """Keys of one first character in one run → second character in the high half, place over all runs in the low."""
    second = keys >> _u(_PLACE_BITS) & _u((1 << _CODE_BITS) - 1)
    return second << _u(32) | ((keys & _u(RUN_PLACES - 1)) + _u(base))


def _runs_of(values: Keys) -> tuple[Keys, npt.NDArray[np.int64]]:
    starts = _changes(values)
    return values[starts], np.diff(starts, append=len(values))


def _changes(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where a new value begins in a sorted array."""
    if not len(values):
        return np.empty(0, np.int64)
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))


def _u(number: int) -> np.uint64:
    return np.uint64(number)


def _none() -> Keys:
    return np.empty(0, np.uint64)
