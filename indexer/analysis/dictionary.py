"""Segments queries by a memory-mapped copy of jieba's dictionary, without loading jieba.

The copy is part of this package, so that all indexes of a machine share it. Learned words and those of the user are not
in it: they act when a query is cut (searcher/query/query_cutter.py).
`data/dictionary.data`, which tools/make_dictionary.py writes, is `<QII` (sum of all frequencies, number of words,
number of distinct first characters), then u32 arrays: frequencies, ends of the words, first characters, index of the
first word of each; then the words in UTF-8, sorted by their bytes.

The algorithm is that of jieba 0.42.1 without its hidden Markov model: the segmentation with the greatest product of
word frequencies. A test holds the results equal to jieba's.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable
from math import log
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("data") / "dictionary.data"

#: Strings whose words are cached for each opened index: every result page and facet repeats the query. A full cache is
#: cleared.
_CACHED_STRINGS: Final = 1000

HEADER: Final = struct.Struct("<QII")


def best_paths(length: int, words_at: Callable[[int], Iterable[tuple[float, int]]]) -> list[tuple[float, int]]:
    """The best segmentation from each offset of a text on: the sum of its weights, and the end of its first word.

    `words_at` gives weight and end of every word that begins at an offset, at least one. On a tie the longer first word
    is taken.
    """
    best = [(0.0, 0)] * (length + 1)
    for start in range(length - 1, -1, -1):
        best[start] = max((weight + best[end][0], end) for weight, end in words_at(start))
    return best


class PackedDictionary:
    """Segments Han characters as jieba does; threads may share it."""

    def __init__(self) -> None:
        with FILE.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        total, self._number, firsts = HEADER.unpack_from(self._data)
        self._views = []
        at = HEADER.size
        for length in (self._number, self._number, firsts, firsts):
            self._views.append(memoryview(self._data)[at : at + 4 * length].cast("I"))
            at += 4 * length
        self._frequencies, self._ends, self._firsts, self._first_words = self._views
        self._words_start = at
        self.total = total
        self._log_total = log(total)
        self._cache: dict[str, list[str]] = {}

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The words of strings of Han characters, in order; joined they equal the strings."""
        return [word for run in runs for word in self._words_of(run)]

    def words_at(self, text: str, start: int) -> list[tuple[float, int]]:
        """The logarithm of the probability, and the end, of every word that begins at an offset of a text.

        Where none begins, the single character counts as a word of frequency 1.
        """
        found = []
        # Code points sort as their UTF-8 does.
        first = bisect_left(self._firsts, ord(text[start]))
        if first == len(self._firsts) or self._firsts[first] != ord(text[start]):
            return [(-self._log_total, start + 1)]
        low = self._first_words[first]
        high = self._first_words[first + 1] if first + 1 < len(self._first_words) else self._number
        for end in range(start + 1, len(text) + 1):
            piece = text[start:end].encode()
            if end > start + 1:  # a single character is the first of the words that begin with it
                low = self._find(piece, low, high)
            if low == high:
                break
            word = self._word(low)
            if word == piece:
                found.append((log(self._frequencies[low]) - self._log_total, end))
            elif not word.startswith(piece):
                break
        return found or [(-self._log_total, start + 1)]

    def close(self) -> None:
        """Release the file."""
        for view in self._views:
            view.release()

    def _words_of(self, run: str) -> list[str]:
        words = self._cache.get(run)
        if words is None:
            if len(self._cache) >= _CACHED_STRINGS:
                self._cache.clear()
            words = self._cache[run] = self._segment(run)
        return words

    def _segment(self, run: str) -> list[str]:
        best = best_paths(len(run), lambda start: self.words_at(run, start))
        words = []
        start = 0
        while start < len(run):
            end = best[start][1]
            words.append(run[start:end])
            start = end
        return words

    def _find(self, piece: bytes, low: int, high: int) -> int:
        """Binary search in words[low:high]: the first index whose word is not less than the piece."""
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < piece:
                low = middle + 1
            else:
                high = middle
        return low

    def _word(self, number: int) -> bytes:
        start = self._ends[number - 1] if number else 0
        return self._data[self._words_start + start : self._words_start + self._ends[number]]
