"""Counts of the bigrams in deleted documents, which are subtracted from those that posting lists give.

The file `deleted_grams.data` is the number of its keys and the keys in ascending order as little-endian u64, then for
each key a u32, its number of occurrences. A key is the number of the field, the code point of the first character, and
that of the second one or of the end of the text; see `gram_key`.
"""

from __future__ import annotations

import mmap
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from indexer.errors import IndexDamaged
from indexer.postings.format import TEXT_END_CODE
from indexer.store.columns import RANKED_FIELDS

FILE: Final = "deleted_grams.data"

#: Stands between the texts of two documents.
TEXT_END: Final = chr(TEXT_END_CODE)

CODE_BITS: Final = 21
_FIELD_NUMBERS: Final = {field: number for number, field in enumerate(RANKED_FIELDS)}
_KEY_BYTES: Final = 8
_COUNT_BYTES: Final = 4


def gram_key(field: str, first: int, second: int) -> int:
    """The key of a bigram of a ranked field, given by code points."""
    return (_FIELD_NUMBERS[field] << CODE_BITS | first) << CODE_BITS | second


def count_grams(texts: Mapping[str, str]) -> Counter[int]:
    """The bigrams of documents by key.

    `texts` has the normal forms of title, heading and body, those of several documents joined by TEXT_END.
    """
    import numpy as np  # deferred: a plain query must not load it

    counts: Counter[int] = Counter()
    for field in RANKED_FIELDS:
        codes = np.frombuffer((texts[field] + TEXT_END).encode("utf-32-le", "surrogatepass"), np.uint32)
        first, second = codes[:-1].astype(np.uint64), codes[1:].astype(np.uint64)
        pairs = (first << np.uint64(CODE_BITS) | second)[first != TEXT_END_CODE]
        keys, occurrences = np.unique(pairs | np.uint64(gram_key(field, 0, 0)), return_counts=True)
        counts.update(dict(zip(keys.tolist(), occurrences.tolist(), strict=True)))
    return counts


def write_deleted_grams(directory: Path, counts: Mapping[int, int]) -> None:
    """Write the file; keys whose count is zero are left out."""
    keys = array("Q", sorted(key for key, count in counts.items() if count))
    occurrences = array("I", map(counts.__getitem__, keys))
    (directory / FILE).write_bytes(array("Q", [len(keys)]).tobytes() + keys.tobytes() + occurrences.tobytes())


class DeletedGrams:
    """The mapped file; threads may share it."""

    def __init__(self, directory: Path) -> None:
        """Raises IndexDamaged."""
        try:
            with (directory / FILE).open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            whole = memoryview(self._map)
            (entries,) = whole[:_KEY_BYTES].cast("Q")
            if len(whole) != _KEY_BYTES + entries * (_KEY_BYTES + _COUNT_BYTES):
                raise ValueError("it is not as long as its header says")
            self._keys = whole[_KEY_BYTES : _KEY_BYTES * (entries + 1)].cast("Q")
            self._counts = whole[_KEY_BYTES * (entries + 1) :].cast("I")
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error

    def counts(self) -> Counter[int]:
        """All counts by key, for the file of the next generation."""
        return Counter(dict(zip(self._keys, self._counts, strict=True)))

    def count(self, field: str, first: int, second: int) -> int:
        """The number of occurrences of a bigram in a ranked field."""
        key = gram_key(field, first, second)
        at = bisect_left(self._keys, key)
        return self._counts[at] if at < len(self._keys) and self._keys[at] == key else 0

    def following(self, field: str, first: int) -> Iterator[tuple[int, int]]:
        """The second characters after one character in a ranked field, with their occurrences."""
        low = bisect_left(self._keys, gram_key(field, first, 0))
        high = bisect_left(self._keys, gram_key(field, first + 1, 0), low)
        for key, occurrences in zip(self._keys[low:high], self._counts[low:high], strict=True):
            yield key & ((1 << CODE_BITS) - 1), occurrences

    def close(self) -> None:
        """Release the file, unless an array of it is still in use; then the memory goes with the last array."""
        self._keys.release()
        self._counts.release()
        with suppress(BufferError):
            self._map.close()
