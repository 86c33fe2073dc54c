"""The array operations with numpy: sets are arrays of booleans, scores arrays of floats (see arrays/__init__.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.postings.format import GramList
from searcher.execution.ranking import FieldWeight

Places = npt.NDArray[np.uint32]
#: Documents, ascending, and how often each.
Occurrences = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
#: Documents, ascending, and how well a term stands in each.
Match = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
Documents = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Members = npt.NDArray[np.int64]
#: By code.
Counts = npt.NDArray[np.int64]

_LAST_DAY: Final = date.max.toordinal() + 1
#: Bytes of a varint less one → the bits that belong to its number, once its bytes are pushed together.
_MASKS: Final = np.array([0x7F, 0x3FFF, 0x1FFFFF, 0xFFFFFFF], np.uint32)
#: glibc gives memory back to the system, and takes it again page by page, until a large block has once been freed.
#: Measured on a list of 48,000 places: 0.94 ms before that, 0.53 ms after. No page of this one is touched.
np.empty(16 << 20, np.uint8)


def decode_numbers(raw: memoryview[int]) -> npt.NDArray[np.uint32]:
    """The varints of some bytes (see indexer/postings/format.py)."""
    codes = np.zeros(len(raw) + 3, np.uint8)  # four bytes are read for each number, whatever its size
    codes[:-3] = raw
    ends = np.flatnonzero(codes[:-3] < 128)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    sizes = ends - starts
    four = np.ndarray((len(raw),), "<u4", codes.data, strides=(1,))[starts]
    numbers = four & 0x7F | four >> 1 & 0x3F80 | four >> 2 & 0x1FC000 | four >> 3 & 0xFE00000
    numbers &= _MASKS[np.minimum(sizes, 3)]
    for at in np.flatnonzero(sizes == 4).tolist():  # five bytes: a gap of 2^28, seen at most a few times a list
        numbers[at] |= np.uint32(codes[ends[at]]) << 28
    return numbers.astype(np.uint32, copy=False)


def decode_positions(raw: memoryview[int]) -> Places:
    """The places of a gram list's bytes, ascending."""
    places: Places = np.cumsum(decode_numbers(raw), dtype=np.uint32)  # without a change of type, twice as fast
    return places


def documents_of_lists(
    postings: memoryview[int], lists: Sequence[GramList], blocks: memoryview[int], block: int
) -> Occurrences:
    """The documents of all places of many lists, with how many each has: one pass over all of them."""
    lengths = np.array([gram.length for gram in lists])
    raw = b"".join(postings[gram.start : gram.end] for gram in lists)
    # Sums over several lists wrap around, and come back when the sum before each list is taken off.
    totals = np.cumsum(decode_numbers(memoryview(raw)), dtype=np.uint32)
    before = np.concatenate((totals[:1] * 0, totals[np.cumsum(lengths)[:-1] - 1]))
    places = totals - np.repeat(before, lengths)
    counts = np.bincount(np.frombuffer(blocks, np.uint32)[places // np.uint32(block)])
    numbers = np.flatnonzero(counts)
    return numbers, counts[numbers]


def follow(places: Places, others: Places, distance: int) -> Places:
    """The places that have one of the others at this distance."""
    step = np.uint32(distance % (1 << 32))  # a step back is a step all the way round
    wanted = places + step
    if len(wanted) * 8 < len(others):
        at = np.searchsorted(others, wanted)
        at[at == len(others)] = 0
        near: Places = places[others[at] == wanted]
        return near
    # Both ascend, so that a stable sort is one linear merge; equal neighbours are the common ones.
    both = np.sort(np.concatenate((wanted, others)), kind="stable")
    common: Places = both[:-1][both[1:] == both[:-1]] - step
    return common


def documents(places: Places, blocks: memoryview[int], block: int) -> Occurrences:
    """The documents of places, with how many each has."""
    numbers = np.frombuffer(blocks, np.uint32)[places // np.uint32(block)]
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1]))) if len(numbers) else numbers
    return numbers[starts].astype(np.int64), np.diff(starts, append=len(numbers)).astype(np.int64)


def decode_words(raw: memoryview[int], documents: int) -> Occurrences:
    """The documents of a word list, with the word's frequencies."""
    numbers = decode_numbers(raw)
    several = (numbers[:documents] & 1).astype(bool)
    frequencies = np.ones(documents, np.int64)
    frequencies[several] = numbers[documents:]
    return np.cumsum(numbers[:documents] >> 1, dtype=np.uint32).astype(np.int64), frequencies


def nothing() -> Occurrences:
    """No document."""
    return np.empty(0, np.int64), np.empty(0, np.int64)


def add(left: Occurrences, right: Occurrences) -> Occurrences:
    """The documents of both, with how often in all."""
    if not len(left[0]) or not len(right[0]):
        return left if len(left[0]) else right
    numbers, places = np.unique(np.concatenate((left[0], right[0])), return_inverse=True)
    return numbers, np.bincount(places, np.concatenate((left[1], right[1]))).astype(np.int64)


def weigh(occurrences: Iterable[tuple[Occurrences, FieldWeight]], k1: float) -> Match:
    """BM25F: the weighted, length-normalised frequencies of all fields, saturated once; then the fields' bonus."""
    parts = [(found[0], _weights(*found, field), field.bonus) for found, field in occurrences if len(found[0])]
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    numbers, weights, bonus = parts[0]
    if len(parts) == 1:
        return numbers, weights * (k1 + 1) / (weights + k1) + bonus
    numbers, places = np.unique(np.concatenate([part for part, _, _ in parts]), return_inverse=True)
    weights = np.bincount(places, np.concatenate([part for _, part, _ in parts])).astype(np.float64)
    bonuses = np.bincount(places, np.repeat([bonus for _, _, bonus in parts], [len(part) for part, _, _ in parts]))
    return numbers, weights * (k1 + 1) / (weights + k1) + bonuses


def _weights(
    numbers: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], field: FieldWeight
) -> npt.NDArray[np.float64]:
    lengths = np.asarray(field.lengths.numbers)[numbers]
    norms = 1 - field.b + field.b * np.minimum(lengths / field.lengths.mean, field.longest)
    weights: npt.NDArray[np.float64] = field.weight * counts / norms
    return weights


def size(match: Match) -> int:
    """How many documents."""
    return len(match[0])


def value_at(values: Match | Occurrences, number: int) -> float:
    """What a document has in a match or in occurrences, 0 when it is not there."""
    at = int(np.searchsorted(values[0], number))
    return float(values[1][at]) if at < len(values[0]) and values[0][at] == number else 0.0


def sum_of(matches: Sequence[tuple[Match, float]], members: Members, documents: int) -> Scores:
    """The weights of each member, times the factor that comes with each match."""
    if len(matches) == 1 and len(matches[0][0][0]) == len(members):  # they are the same documents
        return matches[0][0][1] * matches[0][1]
    scores = np.zeros(documents)
    for (numbers, weights), factor in matches:
        scores[numbers] += factor * weights
    return scores[members]


def lowered(scores: Scores, members: Members, column: memoryview[int], factor: float) -> Scores:
    """The scores, times the factor where the column is not zero."""
    return np.where(np.asarray(column)[members], scores * factor, scores)


def holding(matches: Sequence[tuple[Match, float]], least: float, documents: int) -> Documents:
    """Documents whose matches have factors of this sum at least, which is above zero."""
    held = np.zeros(documents)
    for (numbers, _), factor in matches:
        held[numbers] += factor
    return held >= least


def everything(documents: int) -> Documents:
    """All documents."""
    return np.ones(documents, bool)


def nowhere(documents: int) -> Documents:
    """No document."""
    return np.zeros(documents, bool)


def having(match: Match, documents: int) -> Documents:
    """The documents as a set."""
    found = np.zeros(documents, bool)
    found[match[0]] = True
    return found


def intersect(left: Documents, right: Documents) -> Documents:
    """In both."""
    return left & right


def unite(left: Documents, right: Documents) -> Documents:
    """In either."""
    return left | right


def subtract(left: Documents, right: Documents) -> Documents:
    """In the left one only."""
    return left & ~right


def with_codes(column: memoryview[int], codes: Iterable[int]) -> Documents:
    """Documents whose code is one of these."""
    values = np.asarray(column)
    wanted = np.zeros(int(values.max(initial=0)) + 1, bool)
    wanted[[code for code in codes if code < len(wanted)]] = True
    found: Documents = wanted[values]
    return found


def between(column: memoryview[int], first: int, last: int) -> Documents:
    """Documents whose number in the column lies between these, both included."""
    values = np.asarray(column)
    return (values >= first) & (values <= last)


def members(found: Documents) -> Members:
    """The documents of a set, ascending."""
    return np.flatnonzero(found)


def split(numbers: Members, found: Documents) -> tuple[Members, Members]:
    """Those that are in the set, and those that are not."""
    inside = found[numbers]
    return numbers[inside], numbers[~inside]


def counts(column: memoryview[int], numbers: Members) -> Counts:
    """How many of the documents have each code."""
    return np.bincount(np.asarray(column)[numbers])


def counts_of_groups(counts: Counts, groups: Sequence[Sequence[int]]) -> Counts:
    """Counts of groups to counts of their codes."""
    found = np.zeros(max((code for group in groups for code in group), default=0) + 1, np.int64)
    for number in np.flatnonzero(counts).tolist():
        for code in groups[number]:
            found[code] += counts[number]
    return found


def count_of(counts: Counts, code: int) -> int:
    """How many have this code."""
    return int(counts[code]) if code < len(counts) else 0


def most(counts: Counts, end: int) -> list[tuple[int, int]]:
    """The most frequent codes with their counts, the lower code first on a tie."""
    codes = np.flatnonzero(counts)
    found = counts[codes]
    if len(codes) > end:
        chosen = np.flatnonzero(found >= np.partition(found, len(found) - end)[len(found) - end])
        codes, found = codes[chosen], found[chosen]
    order = np.argsort(-found, kind="stable")[:end]
    return list(zip(codes[order].tolist(), found[order].tolist(), strict=True))


def newest(counts: Counts, end: int) -> list[tuple[int, int]]:
    """The highest codes with their counts."""
    codes = np.flatnonzero(counts)[::-1][:end]
    return list(zip(codes.tolist(), counts[codes].tolist(), strict=True))


def ordered(
    members: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, end: int
) -> list[tuple[int, float]]:
    """The first members, `end` of them, with their scores, in the order asked for.

    Ties are broken by day, newest first, then by id.
    """
    day = np.asarray(days)
    if sort == "relevance":
        chosen = _best(scores, end)
        keys: tuple[Any, ...] = (-day[members[chosen]].astype(np.int64), -scores[chosen])
    else:
        by_day = day[members].astype(np.int64)
        by_day = -by_day if sort == "newest" else np.where(by_day == 0, _LAST_DAY, by_day)
        chosen = _best(-by_day, end)
        keys = (by_day[chosen],)
    best = chosen[np.lexsort((np.asarray(ids)[members[chosen]], *keys))][:end]
    return list(zip(members[best].tolist(), scores[best].tolist(), strict=True))


def _best(values: npt.NDArray[Any], end: int) -> npt.NDArray[np.int64]:
    """Where the `end` largest values and all that equal the least of them stand."""
    if end <= 0:
        return np.empty(0, np.int64)
    if len(values) <= end:
        return np.arange(len(values))
    least = np.partition(values, len(values) - end)[len(values) - end]
    return np.flatnonzero(values >= least)
