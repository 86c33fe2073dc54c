"""Finds the strings of Han characters that recur in texts, with the measures by which words are told from fragments.

The strings of each length are counted by sorting, from two characters upwards; a string can only recur if the two
strings that are one character shorter do (the Apriori principle). Memory is about 20 bytes a character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.postings.varints import Numbers, Offsets, value_starts

#: The Han characters that jieba segments, as numbers from 1; 0 is any other character.
_FIRST_HAN: Final = 0x4E00
_LAST_HAN: Final = 0x9FD5
#: The sort key of an occurrence: number of the string that is one shorter 23 bits, last character 15 bits, position 25.
_POSITION_BITS: Final = 25
_CHARACTER_BITS: Final = 15
#: No more characters can be counted at a time.
MAX_CHARACTERS: Final = 1 << _POSITION_BITS

Floats = npt.NDArray[np.float64]
Characters = npt.NDArray[np.uint16]


class Texts(NamedTuple):
    """Texts one after the other as an array of numbers of Han characters, and the position at which each begins.

    Before and after each text there is a 0.
    """

    characters: Characters
    starts: Offsets

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts as arrays; ValueError if they are longer than MAX_CHARACTERS."""
        pieces = [np.zeros(1, np.uint16), *map(_characters, texts)]
        ends = np.cumsum([len(piece) for piece in pieces])
        if ends[-1] > MAX_CHARACTERS:
            raise ValueError(f"more than {MAX_CHARACTERS:,} characters")
        return cls(np.concatenate(pieces), ends[:-1])

    def string(self, start: int, end: int) -> str:
        """The characters from one position to before another, with a blank for each that is no Han character."""
        codes = self.characters[start:end]
        return (np.where(codes, codes + np.uint16(_FIRST_HAN - 1), 32).astype("<u2").tobytes()).decode("utf-16-le")

    def documents(self, positions: Numbers) -> Offsets:
        """The number of the text at each position."""
        return np.searchsorted(self.starts, positions, side="right")


class Candidate(NamedTuple):
    """A recurring string that may be a word.

    `cohesion` is the normalised pointwise mutual information of its weakest split, from 0 (its parts meet by chance) to
    1 (they never part); `freedom` is the entropy of the characters beside it, in bits, on the side where it is lower.
    """

    text: str
    positions: Numbers
    cohesion: float
    freedom: float


class _Strings(NamedTuple):
    """The recurring strings of one length: for each its number of occurrences and those of prefix and suffix.

    `positions` has all occurrences, those of a string after each other. Prefix and suffix are one character shorter,
    and numbered among the strings of that length.
    """

    counts: Offsets
    positions: Numbers
    prefixes: Numbers
    suffixes: Numbers


def candidates(
    texts: Texts, *, longest: int, least_count: int, least_texts: int, least_cohesion: float, least_freedom: float
) -> Iterator[Candidate]:
    """The strings of two to `longest` characters that reach all limits, in the order of length and characters."""
    characters = texts.characters
    levels = _recurring(characters, longest, least_count)
    total = int(levels[0].counts.sum())
    for length in range(2, longest + 1):
        counts, positions, *_ = levels[length - 1]
        cohesion = _cohesion(levels[:length], total)
        chosen = np.flatnonzero(cohesion >= least_cohesion)
        is_chosen = np.zeros(len(counts), bool)
        is_chosen[chosen] = True
        own = positions[np.repeat(is_chosen, counts)]
        counts, cohesion = counts[chosen], cohesion[chosen]
        owners = np.repeat(np.arange(len(chosen)), counts)
        sides = (characters[own - np.uint32(1)], characters[own + np.uint32(length)])
        freedom = np.minimum(*(_entropy(side, owners, counts) for side in sides))
        spread = np.bincount(value_owners(owners, texts.documents(own)), minlength=len(chosen))
        ends = np.cumsum(counts)
        for number in np.flatnonzero((freedom >= least_freedom) & (spread >= least_texts)).tolist():
            found = own[ends[number] - counts[number] : ends[number]]
            text = texts.string(int(found[0]), int(found[0]) + length)
            yield Candidate(text, found, float(cohesion[number]), float(freedom[number]))


def value_owners(owners: Offsets, values: Offsets) -> Offsets:
    """The owner of each distinct pair of an owner and a value; both are ascending, the values within each owner."""
    return owners[value_starts(owners << 32 | values)]


def _characters(text: str) -> Characters:
    """The numbers of a text's characters, and a 0."""
    codes = np.frombuffer(f"{text}\n".encode("utf-32-le", "surrogatepass"), np.uint32)
    is_han = (codes >= _FIRST_HAN) & (codes <= _LAST_HAN)
    return np.where(is_han, codes - np.uint32(_FIRST_HAN - 1), 0).astype(np.uint16)


def _recurring(characters: Characters, longest: int, least: int) -> list[_Strings]:
    """The strings of each length that occur `least` times, after the single characters."""
    none = np.empty(0, np.uint32)
    levels = [_Strings(np.bincount(characters)[1:], none, none, none)]
    numbers = characters.astype(np.uint32)  # at each position that of the recurring string one shorter, plus 1, or 0
    for length in range(2, longest + 1):
        at = np.flatnonzero((numbers[:-1] > 0) & (numbers[1:] > 0)).astype(np.uint32)
        keys = numbers[at].astype(np.uint64) << np.uint64(_CHARACTER_BITS)
        keys |= characters[at + np.uint32(length - 1)]
        keys <<= np.uint64(_POSITION_BITS)
        keys |= at
        keys.sort()
        starts = value_starts(keys >> np.uint64(_POSITION_BITS))
        counts = np.diff(starts, append=len(keys))
        recurs = counts >= least
        positions = (keys[np.repeat(recurs, counts)] & np.uint64(MAX_CHARACTERS - 1)).astype(np.uint32)
        counts = counts[recurs]
        firsts = positions[np.cumsum(counts) - counts]
        levels.append(_Strings(counts, positions, numbers[firsts] - np.uint32(1), numbers[firsts + 1] - np.uint32(1)))
        numbers = np.zeros_like(numbers)
        numbers[positions] = np.repeat(np.arange(1, len(counts) + 1, dtype=np.uint32), counts)
    return levels


def _cohesion(levels: Sequence[_Strings], total: int) -> Floats:
    """The normalised pointwise mutual information of the weakest split of each of the longest strings."""
    *shorter, strings = levels
    prefix = suffix = np.arange(len(strings.counts), dtype=np.uint32)
    prefixes, suffixes = [], []  # occurrences of the prefix and of the suffix of each length, the longest first
    for level, below in zip(levels[:0:-1], shorter[::-1], strict=True):
        prefix, suffix = level.prefixes[prefix], level.suffixes[suffix]
        prefixes.append(below.counts[prefix])
        suffixes.append(below.counts[suffix])
    weakest = np.full(len(strings.counts), np.inf)
    for left, right in zip(prefixes, suffixes[::-1], strict=True):
        weakest = np.minimum(weakest, np.log2(strings.counts * float(total) / (left.astype(np.float64) * right)))
    return weakest / np.log2(total / strings.counts + 1)


def _entropy(beside: Characters, owners: Offsets, counts: Offsets) -> Floats:
    """The entropy of the characters beside each string; whatever is no Han character is another one each time."""
    keys = np.sort(owners.astype(np.uint64) << np.uint64(16) | beside)
    starts = value_starts(keys)
    occurrences = np.diff(starts, append=len(keys))
    owner = (keys[starts] >> np.uint64(16)).astype(np.int64)
    is_other = (keys[starts] & np.uint64(0xFFFF)) == 0
    every = counts[owner]
    bits = occurrences / every * np.log2(np.where(is_other, every, every / occurrences))
    return np.bincount(owner, bits, len(counts)).astype(np.float64, copy=False)
