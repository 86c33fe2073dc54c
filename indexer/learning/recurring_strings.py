"""Finds the strings of Han characters that recur in texts, with the measures by which words are told from fragments.

The strings of each length are counted by sorting, from two characters upwards; a string can only recur if the two
strings that are one character shorter do (the Apriori principle). Memory is about 20 bytes a character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.normalise import fold_table
from indexer.postings.varints import Numbers, Offsets, value_starts

#: The Han characters that jieba segments, as numbers from 1; 0 is any other character.
_FIRST_HAN: Final = 0x4E00
_LAST_HAN: Final = 0x9FD5
#: Stands for blanks and line breaks before they are left out.
_BLANK: Final = 0xFFFF
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
        """The texts as arrays, traditional characters as simplified ones; ValueError for more than MAX_CHARACTERS.

        Single blanks and line breaks are left out: they may be inside a word, and the normal form has none there.
        """
        pieces = [np.frombuffer(f"{text}\0".encode("utf-16-le", "surrogatepass"), "<u2") for text in ("", *texts)]
        characters = _han_numbers()[np.concatenate(pieces)]
        is_blank = characters == _BLANK
        is_left = ~is_blank
        is_left[1:-1] |= is_blank[:-2] | is_blank[2:]
        characters[is_blank] = 0
        ends = np.cumsum(is_left)[np.cumsum([len(piece) for piece in pieces]) - 1]
        if ends[-1] > MAX_CHARACTERS:
            raise ValueError(f"more than {MAX_CHARACTERS:,} characters")
        return cls(characters[is_left], ends[:-1])

    def strings(self, positions: Numbers, length: int) -> list[str]:
        """The strings of Han characters of a length at some positions."""
        text = _decoded(self.characters[np.add.outer(positions, np.arange(length, dtype=np.uint32))])
        return [text[at : at + length] for at in range(0, len(text), length)]

    def around(self, positions: Numbers, length: int, most: int) -> tuple[list[str], Offsets]:
        """The same with up to `most` Han characters before and after each, and the number of those before it."""
        span = np.arange(-most, length + most + 1)
        codes = self.characters.take(np.add.outer(positions.astype(np.int64), span), mode="wrap")
        codes[:, -1] = 0
        before = np.logical_and.accumulate(codes[:, most::-1] > 0, axis=1)[:, :0:-1]
        after = np.logical_and.accumulate(codes[:, most:] > 0, axis=1)
        codes[~np.hstack((before, after))] = 0
        return _decoded(codes).split(), before.sum(axis=1)

    def documents(self, positions: Numbers) -> Offsets:
        """The number of the text at each position."""
        return np.searchsorted(self.starts, positions, side="right")


@cache
def _han_numbers() -> Characters:
    """UTF-16 unit → number of the Han character that it folds to, _BLANK or 0. Cached for the process."""
    codes = np.arange(1 << 16)
    for code, folded in fold_table().items():
        if code < len(codes):
            codes[code] = ord(folded)
    is_han = (codes >= _FIRST_HAN) & (codes <= _LAST_HAN)
    numbers = np.where(is_han, codes - _FIRST_HAN + 1, 0).astype(np.uint16)
    numbers[[code for code in range(_FIRST_HAN) if chr(code).isspace()]] = _BLANK
    return numbers


def _decoded(characters: Characters) -> str:
    """Numbers of Han characters as a string, with a blank for each 0."""
    codes = np.where(characters, characters + np.uint16(_FIRST_HAN - 1), np.uint16(ord(" ")))
    return codes.astype("<u2", copy=False).tobytes().decode("utf-16-le")


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
        numbers = np.flatnonzero((freedom >= least_freedom) & (spread >= least_texts))
        strings = texts.strings(own[ends[numbers] - counts[numbers]], length)
        for text, number in zip(strings, numbers.tolist(), strict=True):
            found = own[ends[number] - counts[number] : ends[number]]
            yield Candidate(text, found, float(cohesion[number]), float(freedom[number]))


def value_owners(owners: Offsets, values: Offsets) -> Offsets:
    """The owner of each distinct pair of an owner and a value; both are ascending, the values within each owner."""
    return owners[value_starts(owners << 32 | values)]


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
