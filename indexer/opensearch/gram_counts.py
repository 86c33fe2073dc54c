"""Counts of the bigrams in all documents of a generation, kept in a local file and sent as tables that helpers ask.

The counts of a part, of what a generation removes and of a whole generation have the format of deleted_grams.py, but
with counts of 64 bits: the number of keys, the keys in ascending order, and the counts, all little-endian u64.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.opensearch.prepared_text import encoded
from indexer.postings.deleted_grams import CODE_BITS, TEXT_END, count_grams, gram_key
from indexer.postings.format import TEXT_END_CODE
from indexer.store.columns import RANKED_FIELDS

FILE: Final = "gram_counts.data"
#: In the folder of the index.
_PENDING: Final = "opensearch.pending"
#: Keys that are merged at once, at 16 bytes.
_KEYS_AT_ONCE: Final = 1 << 24
_CODE_MASK: Final = (1 << CODE_BITS) - 1
_BODY: Final = "body"

Numbers = npt.NDArray[np.int64]


class GramCounts:
    """Counts by key; equal keys are added up when there are many."""

    def __init__(self) -> None:
        self._pieces: list[tuple[Numbers, Numbers]] = []
        self._size = 0

    def add_file(self, folder: Path) -> None:
        """Add the counts of a part or of a generation; raises OSError."""
        numbers = np.fromfile(folder / FILE, "<i8")
        self._add(numbers[1 : numbers[0] + 1], numbers[numbers[0] + 1 :])

    def add_texts(self, texts: Mapping[str, Iterable[str]], sign: int = 1) -> None:
        """Add the counts of documents, or take them off if `sign` is -1.

        `texts` has the normal forms of the ranked fields, those of all documents in the same order.
        """
        counts = count_grams({field: TEXT_END.join(texts[field]) for field in RANKED_FIELDS})
        self._add(np.fromiter(counts.keys(), np.int64), sign * np.fromiter(counts.values(), np.int64))

    def merged(self) -> tuple[Numbers, Numbers]:
        """All keys whose count is not zero, in ascending order, with their counts."""
        self._merge()
        return self._pieces[0] if self._pieces else (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def write(self, folder: Path) -> None:
        """Write the file of a part or a generation."""
        keys, counts = self.merged()
        with (folder / FILE).open("wb") as file:
            for numbers in (np.array([len(keys)]), keys, counts):
                file.write(numbers.astype("<i8").tobytes())

    def _add(self, keys: Numbers, counts: Numbers) -> None:
        self._pieces.append((keys, counts))
        self._size += len(keys)
        if self._size > _KEYS_AT_ONCE:
            self._merge()

    def _merge(self) -> None:
        if not self._pieces:
            return
        keys, places = np.unique(np.concatenate([keys for keys, _ in self._pieces]), return_inverse=True)
        sums = np.zeros(len(keys), np.int64)
        np.add.at(sums, places, np.concatenate([counts for _, counts in self._pieces]))
        self._pieces = [(keys[sums != 0], sums[sums != 0])]
        self._size = len(self._pieces[0][0])


def first_characters(changes: GramCounts) -> set[int]:
    """The code points of the characters whose tables changes alter."""
    keys, _ = changes.merged()
    return set(np.unique(keys >> CODE_BITS & _CODE_MASK).tolist())


def tables(counts: GramCounts, codes: set[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table of each of some first characters, empty if no bigram begins with it any more; see `grams_id`."""
    keys, numbers = counts.merged()
    found: dict[int, dict[str, Any]] = {code: {} for code in sorted(codes)}
    for field in RANKED_FIELDS:
        first = gram_key(field, 0, 0)
        low, high = np.searchsorted(keys, [first, first + (1 << 2 * CODE_BITS)])
        firsts = keys[low:high] >> CODE_BITS & _CODE_MASK
        starts = np.searchsorted(firsts, list(found)) + low
        ends = np.searchsorted(firsts, list(found), "right") + low
        for table, start, end in zip(found.values(), starts.tolist(), ends.tolist(), strict=True):
            if end > start:
                table[field] = _followers(keys[start:end], numbers[start:end])
                if field == _BODY:
                    table["occurrences"] = int(numbers[start:end].sum())
    for code, table in found.items():
        yield encoded(chr(code)), table


class PendingTables:
    """The characters whose tables a run sends, remembered in the local folder until it has published.

    Tables are not versions: if the run does not get so far, the next one sends them as they were.
    """

    def __init__(self, folder: Path, index: str) -> None:
        self._path = folder / _PENDING
        self._index = index

    def codes(self) -> set[int]:
        """The code points, none if no run was killed that sent tables to the index."""
        try:
            content = json.loads(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return set()
        return set(content["codes"]) if content["index"] == self._index else set()

    def set(self, codes: set[int]) -> None:
        """Remember code points; raises OSError."""
        self._path.write_text(json.dumps({"index": self._index, "codes": sorted(codes)}), "ascii")

    def clear(self) -> None:
        """The tables are those of the published generation."""
        self._path.unlink(missing_ok=True)


def _followers(keys: Numbers, counts: Numbers) -> dict[str, int]:
    """The characters that follow, with their counts."""
    seconds = (keys & _CODE_MASK).tolist()
    return {
        encoded(chr(code)): count for code, count in zip(seconds, counts.tolist(), strict=True) if code != TEXT_END_CODE
    }
