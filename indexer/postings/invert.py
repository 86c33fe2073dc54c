"""Builds sorted runs of posting lists from the texts of consecutive documents, in bounded memory.

Each token occurrence becomes a 64-bit key. Keys are collected up to a limit, sorted, and written as a file of rows
(see rows.py). merge.py makes the posting lists of a segment of such runs.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.analysis.tokens import run_class
from indexer.postings.format import RUN_BOUNDARY_CODE
from indexer.postings.rows import CODE_BITS, GramRows, Keys, WordRows, encode_gram_rows, encode_word_lists, write_rows
from indexer.postings.varints import Offsets, value_starts

#: The key of a gram: first character 21 bits, second character 21 bits, position within the run 22 bits.
_POSITION_BITS: Final = 64 - 2 * CODE_BITS
#: The most positions that a run is collected to. A single text may be longer.
RUN_POSITIONS: Final = 1 << _POSITION_BITS

#: The key of a word: number of the word 32 bits, document 32 bits.
_DOCUMENT_BITS: Final = 32
#: Greater frequencies are capped, because BM25 saturates far below.
MAX_FREQUENCY: Final = (1 << 12) - 1

#: The class of a character (see tokens.run_class) that has not been looked up yet.
_UNKNOWN: Final = 255
_ALL_CODES: Final = 0x110000


class GramInverter:
    """Collects the normal forms of one text field; `runs` are the files written, each with its first position."""

    def __init__(self, path: Path, block_size: int, run_positions: int) -> None:
        """The files are named after `path` and the number of the run."""
        self._path = path
        self._block_size = block_size
        self._limit = min(run_positions, RUN_POSITIONS)
        self._texts: list[str] = []
        self._length = 0
        self._first_position = 0
        self._classes = np.full(_ALL_CODES, _UNKNOWN, np.uint8)
        self.runs: list[tuple[str, int]] = []
        #: Blocks of positions of each document, and characters of each document.
        self.blocks = array("I")
        self.lengths = array("I")

    def add(self, normal: str) -> None:
        """Append the next document's text, padded to whole blocks with at least one unused position at its end."""
        blocks = len(normal) // self._block_size + 1
        size = blocks * self._block_size
        if self._length and self._length + size > self._limit:
            self.flush()
        self._texts.append(normal + "\0" * (size - len(normal)))
        self._length += size
        self.blocks.append(blocks)
        self.lengths.append(len(normal))

    def flush(self) -> None:
        """Write the collected texts as a run."""
        if not self._texts:
            return
        raw = "".join(self._texts).encode("utf-32-le", "surrogatepass")
        self._texts.clear()
        path = self._path.with_name(f"{self._path.name}.{len(self.runs)}")
        write_rows(path, self._rows(np.frombuffer(raw, np.uint32)))
        self.runs.append((path.name, self._first_position))
        self._first_position += self._length
        self._length = 0

    def block_documents(self) -> array[int]:
        """The document of each block of positions."""
        return array("I", np.repeat(np.arange(len(self.blocks), dtype=np.uint32), self.blocks).tobytes())

    def _rows(self, codes: npt.NDArray[np.uint32]) -> GramRows:
        bigrams, positions = self._grams(codes)
        if len(codes) > RUN_POSITIONS:  # a single long text, whose positions do not fit into keys
            order = np.argsort(bigrams, kind="stable")
            return encode_gram_rows(bigrams[order], positions[order].astype(np.uint32))
        keys = bigrams << np.uint64(_POSITION_BITS) | positions.astype(np.uint64)
        del bigrams, positions
        keys.sort()
        low_bits = (keys & np.uint64(RUN_POSITIONS - 1)).astype(np.uint32)
        return encode_gram_rows(keys >> np.uint64(_POSITION_BITS), low_bits)

    def _grams(self, codes: npt.NDArray[np.uint32]) -> tuple[Keys, Offsets]:
        """All bigrams, last characters with the end of the text, and both boundaries of runs, with their positions.

        The positions of each bigram ascend.
        """
        classes = self._classes_of(codes)
        before = np.concatenate(([np.uint8(0)], classes[:-1]))
        after = np.concatenate((classes[1:], [np.uint8(0)]))
        in_run = classes > 0
        bigrams = np.flatnonzero(codes[:-1])
        run_starts = np.flatnonzero(in_run & (before != classes))
        run_ends = np.flatnonzero(in_run & (after != classes))
        boundary = np.uint64(RUN_BOUNDARY_CODE)
        wide = codes.astype(np.uint64)
        shift = np.uint64(CODE_BITS)
        found = (
            wide[bigrams] << shift | wide[bigrams + 1],
            boundary << shift | wide[run_starts],
            wide[run_ends] << shift | boundary,
        )
        return np.concatenate(found), np.concatenate((bigrams, run_starts, run_ends))

    def _classes_of(self, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """The run class of each character."""
        classes: npt.NDArray[np.uint8] = self._classes[codes]
        unknown = np.unique(codes[classes == _UNKNOWN])
        if len(unknown):
            self._classes[unknown] = [run_class(chr(code)) for code in unknown.tolist()]
            classes = self._classes[codes]
        return classes


class WordInverter:
    """Collects the words of one field; `runs` are the names of the files written."""

    def __init__(self, path: Path, run_words: int) -> None:
        """The files are named after `path` and the number of the run."""
        self._path = path
        self._limit = run_words
        self._documents = 0
        self.runs: list[str] = []
        self._begin_run()

    def add(self, words: list[str]) -> None:
        """Append the words of the next document."""
        self._words.fromlist(list(map(self._vocabulary.__getitem__, words)))
        self._counts.append(len(words))
        if len(self._words) >= self._limit:
            self.flush()

    def flush(self) -> None:
        """Write the collected words as a run."""
        if not self._counts:
            return
        path = self._path.with_name(f"{self._path.name}.{len(self.runs)}")
        write_rows(path, self._rows())
        self.runs.append(path.name)
        self._documents += len(self._counts)
        self._begin_run()

    def _begin_run(self) -> None:
        #: Word → its number, in order of first occurrence.
        self._vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
        self._words = array("I")
        self._counts = array("I")

    def _rows(self) -> WordRows:
        terms = sorted((word.encode("utf-8", "surrogatepass"), number) for word, number in self._vocabulary.items())
        ranks = np.empty(len(terms), np.uint64)
        ranks[[number for _, number in terms]] = np.arange(len(terms), dtype=np.uint64)
        last = self._documents + len(self._counts)
        documents = np.repeat(np.arange(self._documents, last, dtype=np.uint64), self._counts)
        words = np.array(self._words, np.uint32) if self._words else np.empty(0, np.uint32)
        keys = ranks[words] << np.uint64(_DOCUMENT_BITS) | documents
        keys.sort()
        postings = value_starts(keys)
        frequencies = np.diff(postings, append=len(keys))
        keys = keys[postings]
        starts = value_starts(keys >> np.uint64(_DOCUMENT_BITS))
        sizes, data = encode_word_lists(
            starts,
            (keys & np.uint64((1 << _DOCUMENT_BITS) - 1)).astype(np.uint32),
            np.minimum(frequencies, MAX_FREQUENCY).astype(np.uint32),
        )
        counts = np.diff(starts, append=len(keys)).astype(np.uint32)
        return WordRows([term for term, _ in terms], counts, sizes, data)
