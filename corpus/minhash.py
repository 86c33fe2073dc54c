"""MinHash over 8-character shingles: exact Jaccard similarity, and sketches of a fixed size that estimate it.

Only letters, digits and Han characters are compared, with case and width folded: blanks, line breaks, punctuation and
emoji differ between reposts.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Hashes = NDArray[np.uint64]

SHINGLE_CHARS: Final = 8
#: Hashes in a sketch; the estimate of a similarity of 0.8 then has a standard deviation of 0.05.
SKETCH_SIZE: Final = 64
SKETCH_BYTES: Final = SKETCH_SIZE * 4

#: Shingles hashed at once: 64 permutations of them, four bytes each, fit into a processor's cache.
_CHUNK: Final = 4096
#: Above the basic plane only Han characters are letters (Unicode reserves planes 2 and 3 for them); the rest is emoji.
_BASIC_PLANE: Final = 0x10000
_HAN_PLANES: Final = (0x20000, 0x40000)
#: Ranges of the basic plane in which all characters are letters that fold to themselves: Han and Hangul.
_UNFOLDED: Final = ((0x3400, 0x4DB6), (0x4E00, 0x9FD6), (0xAC00, 0xD7A4))
#: Odd multipliers: the fractional bits of the golden ratio, and primes of well-known hash functions.
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
_SEED: Final = 20250101  # any constant: equal documents must give equal results in every run


class Shingler:
    """Computes shingles and sketches of texts."""

    def __init__(self) -> None:
        import numpy as np  # deferred: commands that compare no texts must start fast

        self._np: Any = np
        self._letters = _letter_table()
        factors = np.random.default_rng(_SEED).integers(0, 2**32, SKETCH_SIZE, np.uint32)
        self._sketch_factors = factors | np.uint32(1)  # an odd multiplier is a permutation of the 32-bit numbers

    def letters(self, text: str) -> Numbers:
        """The folded code points of the characters that are compared, as uint32."""
        np = self._np
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        if codes.size and codes.max() >= _BASIC_PLANE:
            low, high = _HAN_PLANES
            rare = np.where((low <= codes) & (codes < high), codes, 0)
            codes = np.where(codes < _BASIC_PLANE, self._letters[np.minimum(codes, _BASIC_PLANE - 1)], rare)
        else:
            codes = self._letters[codes]
        letters: Numbers = codes[codes != 0]
        return letters

    def plain(self, text: str) -> str:
        """The characters that are compared, folded, as a string."""
        return self.letters(text).tobytes().decode("utf-32-le")

    def hashes(self, letters: Numbers) -> Hashes:
        """A 64-bit hash of each shingle, in the order of the text; empty for a text shorter than a shingle."""
        np = self._np
        values: Hashes = letters.astype(np.uint64)
        if values.size < SHINGLE_CHARS:
            return values[:0]
        for step, factor in zip((1, 2, 4), _FACTORS, strict=False):  # hashes of 2, then 4, then 8 characters
            values = values[:-step] * np.uint64(factor) + values[step:]
            values ^= values >> np.uint64(32)
        values *= np.uint64(_FACTORS[-1])
        values ^= values >> np.uint64(32)
        return values

    def sketch(self, hashes: Hashes) -> bytes:
        """The minimum of the hashes (at least one) under each of SKETCH_SIZE permutations, as SKETCH_BYTES bytes.

        The share of equal numbers in two sketches estimates the Jaccard similarity of their sets.
        """
        np = self._np
        halves = hashes.astype(np.uint32)
        minimum = np.full(SKETCH_SIZE, 2**32 - 1, np.uint32)
        for at in range(0, halves.size, _CHUNK):
            permuted = np.multiply.outer(self._sketch_factors, halves[at : at + _CHUNK])
            np.minimum(minimum, permuted.min(axis=1), out=minimum)
        sketch: bytes = minimum.tobytes()
        return sketch

    def shingles(self, text: str) -> Hashes:
        """The distinct shingle hashes of a text, ascending."""
        np = self._np
        hashes = np.sort(self.hashes(self.letters(text)))
        shingles: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])] if hashes.size else hashes
        return shingles

    def jaccard(self, some: Hashes, others: Hashes) -> float:
        """Jaccard similarity of two sets of shingles, between 0 and 1; 1 for two empty sets."""
        shared = self._np.intersect1d(some, others, assume_unique=True).size
        union = some.size + others.size - shared
        return float(shared / union) if union else 1.0


@cache
def _letter_table() -> Numbers:
    """The folded code point of each character of the basic plane. Cached for the process: it takes 30 ms to build."""
    import numpy as np

    letters = np.arange(_BASIC_PLANE, dtype=np.uint32)
    first = 0
    for start, end in (*_UNFOLDED, (_BASIC_PLANE, _BASIC_PLANE)):
        letters[first:start] = [_folded(code) for code in range(first, start)]
        first = end
    return letters


def _folded(code: int) -> int:
    """The code point of a character with case and width folded; 0 if it is neither letter nor digit."""
    character = chr(code)
    if not character.isalnum():
        return 0
    folded = unicodedata.normalize("NFKC", character).lower()
    return ord(folded) if len(folded) == 1 else code
