"""jieba's dictionary as a file that is searched where it lies: queries are cut into words without loading jieba.

Each generation holds the dictionary its words were made with, so that a query can never be cut by another one.
`dictionary.data` is `<QI`: the sum of all frequencies, the number of words; then u32 frequencies, u32 ends of the
words, and the words in UTF-8, sorted by their bytes.

The cutting is jieba 0.42.1's own with its hidden Markov model off: of all ways to cut a run into words, the one with
the greatest product of frequencies; a test holds it equal to jieba.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterable, Mapping
from math import log
from pathlib import Path
from typing import Final

from indexer.errors import IndexDamaged

FILE: Final = "dictionary.data"

_HEADER: Final = struct.Struct("<QI")


def write_dictionary(directory: Path, frequencies: Mapping[str, int], total: int) -> None:
    """Write words with their frequencies; a frequency of 0 (jieba's mark for a mere beginning) is no word."""
    words = sorted((word.encode(), frequency) for word, frequency in frequencies.items() if frequency)
    ends = array("I")
    end = 0
    for word, _ in words:
        end += len(word)
        ends.append(end)
    with (directory / FILE).open("wb") as file:
        file.write(_HEADER.pack(total, len(words)))
        file.write(array("I", [frequency for _, frequency in words]).tobytes())
        file.write(ends.tobytes())
        file.write(b"".join(word for word, _ in words))


class PackedDictionary:
    """Cuts runs of Han characters by a dictionary file; may be shared by threads."""

    def __init__(self, directory: Path) -> None:
        try:
            with (directory / FILE).open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            total, self._number = _HEADER.unpack_from(self._data)
            ends = _HEADER.size + 4 * self._number
            self._words_start = ends + 4 * self._number
            view = memoryview(self._data)
            self._frequencies = view[_HEADER.size : ends].cast("I")
            self._ends = view[ends : self._words_start].cast("I")
            self._log_total = log(total)
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"the index is damaged: {directory.name}/{FILE} cannot be read ({error})") from error

    def cut(self, runs: Iterable[str]) -> list[str]:
        """Words of runs of Han characters, in order; joined they are the runs."""
        return [word for run in runs for word in self._cut(run)]

    def close(self) -> None:
        """Release the file."""
        self._frequencies.release()
        self._ends.release()

    def _cut(self, run: str) -> list[str]:
        """The best way from every character to the end, found from the end on; on a tie the longer first word."""
        length = len(run)
        best = [(0.0, 0)] * (length + 1)
        for start in range(length - 1, -1, -1):
            best[start] = max(
                (log(frequency) - self._log_total + best[end][0], end) for end, frequency in self._words_at(run, start)
            )
        words = []
        start = 0
        while start < length:
            end = best[start][1]
            words.append(run[start:end])
            start = end
        return words

    def _words_at(self, run: str, start: int) -> list[tuple[int, int]]:
        """(end, frequency) of every word that begins at a character; the character itself where there is none."""
        found = []
        low = 0
        for end in range(start + 1, len(run) + 1):
            piece = run[start:end].encode()
            low = self._find(piece, low)
            if low == self._number:
                break
            word = self._word(low)
            if word == piece:
                found.append((end, self._frequencies[low]))
            elif not word.startswith(piece):
                break
        return found or [(start + 1, 1)]

    def _find(self, piece: bytes, low: int) -> int:
        """Number of the first word, from `low` on, that is not less than the piece."""
        high = self._number
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
