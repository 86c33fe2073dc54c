"""Texts as sets of 8-character shingles: their exact likeness, and sketches of a fixed size that estimate it.

Only letters, digits and Han characters count, in one case and width: blanks, line breaks, punctuation and emoji differ
from repost to repost.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Hashes = NDArray[np.uint64]

SHINGLE_CHARS: Final = 8
#: Numbers in a sketch; the estimate of a likeness of 0.8 then has a standard deviation of 0.05.
SKETCH_SIZE: Final = 64
SKETCH_BYTES: Final = SKETCH_SIZE * 4

#: How many shingles are hashed at once: 64 times as many numbers of four bytes stay within a processor's cache.
_CHUNK: Final = 4096
#: Above the basic plane only Han characters are letters (Unicode reserves planes 2 and 3 for them); the rest is emoji.
_BASIC_PLANE: Final = 0x10000
_HAN_PLANES: Final = (0x20000, 0x40000)
#: Odd numbers without structure: the fractional bits of the golden ratio, and primes that hash functions use.
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
_SEED: Final = 20250101  # any number: the documents alone shall decide what a run finds


class Shingler:
    """Texts to shingles and sketches; holds the tables for it, which take 50 ms to make."""

    def __init__(self) -> None:
        import numpy as np  # deferred: searches read documents too, and must start fast

        self._np: Any = np
        self._letters = np.array([_folded(code) for code in range(_BASIC_PLANE)], np.uint32)
        factors = np.random.default_rng(_SEED).integers(0, 2**32, SKETCH_SIZE, np.uint32)
        self._sketch_factors = factors | np.uint32(1)  # odd, so that every one of them is a permutation

    def letters(self, text: str) -> Numbers:
        """The codes of the characters that count."""
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
        """The characters that count, as a string."""
        return self.letters(text).tobytes().decode("utf-32-le")

    def hashes(self, letters: Numbers) -> Hashes:
        """A hash of 64 bits of each shingle, in order of the text; none for a text shorter than a shingle."""
        np = self._np
        values: Hashes = letters.astype(np.uint64)
        if values.size < SHINGLE_CHARS:
            return values[:0]
        for step, factor in zip((1, 2, 4), _FACTORS, strict=False):  # pairs, pairs of pairs, and those in pairs
            values = values[:-step] * np.uint64(factor) + values[step:]
            values ^= values >> np.uint64(32)
        values *= np.uint64(_FACTORS[-1])
        values ^= values >> np.uint64(32)
        return values

    def sketch(self, hashes: Hashes) -> bytes:
        """The least of the hashes (there must be one) under each of SKETCH_SIZE permutations.

        The share of equal numbers in two sketches estimates the Jaccard likeness of their sets.
        """
        np = self._np
        halves = hashes.astype(np.uint32)
        least = np.full(SKETCH_SIZE, 2**32 - 1, np.uint32)
        for at in range(0, halves.size, _CHUNK):
            permuted = np.multiply.outer(self._sketch_factors, halves[at : at + _CHUNK])
            np.minimum(least, permuted.min(axis=1), out=least)
        sketch: bytes = least.tobytes()
        return sketch

    def shingles(self, text: str) -> Hashes:
        """The set of a text's shingles, ascending."""
        np = self._np
        hashes = np.sort(self.hashes(self.letters(text)))
        shingles: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])] if hashes.size else hashes
        return shingles

    def jaccard(self, some: Hashes, others: Hashes) -> float:
        """What two sets of shingles share, as a share of what they hold together; 1 for two empty sets."""
        shared = self._np.intersect1d(some, others, assume_unique=True).size
        union = some.size + others.size - shared
        return float(shared / union) if union else 1.0


def _folded(code: int) -> int:
    """The code of a character in its usual case and width; 0 for what is neither letter nor digit."""
    character = chr(code)
    if not character.isalnum():
        return 0
    usual = unicodedata.normalize("NFKC", character).lower()
    return ord(usual) if len(usual) == 1 else code
