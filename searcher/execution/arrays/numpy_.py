"""The array operations with numpy: sets are arrays of booleans, scores arrays of floats (see protocol.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.postings.format import ListPart
from indexer.postings.varints import Bytes, decode_numbers
from searcher.execution.days import AFTER_LAST_DAY
from searcher.execution.ranking import FieldWeight

Positions = npt.NDArray[np.uint32]
#: Documents, ascending, and the frequency in each.
Frequencies = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
#: Documents, ascending, and the weight in each.
Match = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
DocumentSet = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Members = npt.NDArray[np.int64]
#: By code.
Counts = npt.NDArray[np.int64]

#: glibc gives memory back to the system, and takes it again page by page, until a large block has once been freed.
#: Measured on a list of 48,000 positions: 0.94 ms before that, 0.53 ms after. No page of this one is touched.
np.empty(16 << 20, np.uint8)

#: Bytes of many lists that are decoded at once, so that what is made of them stays in the processor's cache. Measured
#: on the two million positions of 的: 73 ms in one piece, 50 ms so, in a quarter of the memory.
_CHUNK_BYTES: Final = 1 << 18


def decode_positions(parts: Sequence[ListPart]) -> Positions:
    """The positions of a gram list, whose parts come in the order of their positions."""
    return _sums(decode_numbers(_joined(parts))[0], parts)


def _joined(parts: Sequence[ListPart]) -> Bytes:
    raw = parts[0].raw if len(parts) == 1 else b"".join([part.raw for part in parts])
    return np.frombuffer(raw, np.uint8)


def _sums(gaps: npt.NDArray[np.uint32], parts: Sequence[ListPart]) -> npt.NDArray[np.uint32]:
    """The numbers of the lists, given the gaps of all of them, which are overwritten."""
    lengths = np.array([part.lengths[0] for part in parts], np.int64)
    starts = np.cumsum(lengths) - lengths
    gaps[starts] += np.array([part.base for part in parts], np.uint32)
    return _sums_from(gaps, starts)


def _sums_from(gaps: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The sums over gaps, anew from each start, the first of which is 0; the gaps are overwritten."""
    if len(starts) > 1:
        # One sum over all lists: each first gap becomes the distance from the last number of the list before.
        ends = np.add.reduceat(gaps, starts, dtype=np.uint32)
        gaps[starts[1:]] -= ends[:-1]  # may wrap around, and so does the sum
    return np.cumsum(gaps, dtype=np.uint32)  # without a change of type, twice as fast


def documents_of_lists(parts: Sequence[ListPart], blocks: memoryview[int], block: int) -> Frequencies:
    """The documents of all positions of at least one gram list, and how many positions each has."""
    table = np.frombuffer(blocks, np.uint32)
    documents = [table[positions // np.uint32(block)] for part in parts for positions in _chunks(part)]
    counts = np.bincount(np.concatenate(documents))
    numbers = np.flatnonzero(counts)
    return numbers, counts[numbers]


def _chunks(part: ListPart) -> Iterator[Positions]:
    """The positions of the lists of a part, list after list, some thousands at a time."""
    data = np.frombuffer(part.raw, np.uint8)
    lengths = np.array(part.lengths, np.int64)
    firsts = np.cumsum(lengths) - lengths
    at = decoded = 0
    last = np.uint32(0)
    while at < len(data):
        end = min(at + _CHUNK_BYTES, len(data))
        while data[end - 1] >= 128:  # within a number
            end += 1
        gaps = decode_numbers(data[at:end])[0]
        low, high = np.searchsorted(firsts, (decoded, decoded + len(gaps)))
        starts = firsts[low:high] - decoded
        gaps[starts] += np.uint32(part.base)
        if not len(starts) or starts[0]:  # goes on with a list
            gaps[0] += last
            starts = np.insert(starts, 0, 0)
        positions = _sums_from(gaps, starts)
        yield positions
        at, decoded, last = end, decoded + len(gaps), positions[-1]


def intersect_at(positions: Positions, others: Positions, distance: int) -> Positions:
    """The positions p for which p + distance is among the others."""
    step = np.uint32(distance % (1 << 32))  # a step back is a step all the way round
    wanted = positions + step
    if len(wanted) * 8 < len(others):
        at = np.searchsorted(others, wanted)
        at[at == len(others)] = 0
        near: Positions = positions[others[at] == wanted]
        return near
    # Both ascend, so that a stable sort is one linear merge; equal neighbours are the common ones.
    both = np.sort(np.concatenate((wanted, others)), kind="stable")
    common: Positions = both[:-1][both[1:] == both[:-1]] - step
    return common


def documents_at(positions: Positions, blocks: memoryview[int], block: int) -> Frequencies:
    """The documents of positions, and how many positions each has."""
    numbers = np.frombuffer(blocks, np.uint32)[positions // np.uint32(block)]
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1]))) if len(numbers) else numbers
    return numbers[starts].astype(np.int64), np.diff(starts, append=len(numbers)).astype(np.int64)


def decode_words(parts: Sequence[ListPart]) -> Frequencies:
    """The documents of a word list, and the word's frequencies."""
    numbers, ends = decode_numbers(_joined(parts))
    if len(parts) == 1:
        documents = parts[0].lengths[0]
        gaps, repeated = numbers[:documents], numbers[documents:]
    else:
        # In each part the documents come before the frequencies.
        sizes = list(accumulate(len(part.raw) for part in parts))
        starts = [0, *np.searchsorted(ends, sizes, side="right").tolist()]
        middles = [start + part.lengths[0] for start, part in zip(starts, parts, strict=False)]
        gaps = np.concatenate([numbers[start:middle] for start, middle in zip(starts, middles, strict=False)])
        repeated = np.concatenate([numbers[middle:end] for middle, end in zip(middles, starts[1:], strict=True)])
    frequencies = np.ones(len(gaps), np.int64)
    frequencies[(gaps & 1).astype(bool)] = repeated
    return _sums(gaps >> np.uint32(1), parts).astype(np.int64), frequencies


def restrict(frequencies: Frequencies, live: memoryview[int]) -> Frequencies:
    """Without the documents for which `live` is zero."""
    numbers, counts = frequencies
    kept = np.frombuffer(live, np.bool_)[numbers]
    return numbers[kept], counts[kept]


def no_frequencies() -> Frequencies:
    """No document."""
    return np.empty(0, np.int64), np.empty(0, np.int64)


def add(left: Frequencies, right: Frequencies) -> Frequencies:
    """The documents of either, with the sums of their frequencies."""
    if not len(left[0]) or not len(right[0]):
        return left if len(left[0]) else right
    numbers, order = np.unique(np.concatenate((left[0], right[0])), return_inverse=True)
    return numbers, np.bincount(order, np.concatenate((left[1], right[1]))).astype(np.int64)


def weigh(fields: Iterable[tuple[Frequencies, FieldWeight]], k1: float) -> Match:
    """BM25F without the term's own weight: frequencies of all fields, weighted, normalised by length, saturated.

    The bonus of each field that has the term is added after saturation.
    """
    parts = [(found[0], _weights(*found, field), field.bonus) for found, field in fields if len(found[0])]
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    numbers, weights, bonus = parts[0]
    if len(parts) == 1:
        return numbers, weights * (k1 + 1) / (weights + k1) + bonus
    numbers, order = np.unique(np.concatenate([part for part, _, _ in parts]), return_inverse=True)
    weights = np.bincount(order, np.concatenate([part for _, part, _ in parts])).astype(np.float64)
    bonuses = np.bincount(order, np.repeat([bonus for _, _, bonus in parts], [len(part) for part, _, _ in parts]))
    return numbers, weights * (k1 + 1) / (weights + k1) + bonuses


def _weights(
    numbers: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], field: FieldWeight
) -> npt.NDArray[np.float64]:
    lengths = np.asarray(field.lengths.numbers)[numbers]
    norms = 1 - field.b + field.b * np.minimum(lengths / field.lengths.mean, field.longest)
    weights: npt.NDArray[np.float64] = field.weight * counts / norms
    return weights


def size(match: Match | Frequencies) -> int:
    """How many documents match."""
    return len(match[0])


def weight_at(match: Match, document: int) -> float:
    """The weight in one document, 0 where it does not match."""
    at = _index_of(match[0], document)
    return 0.0 if at is None else float(match[1][at])


def frequency_at(frequencies: Frequencies, document: int) -> int:
    """The frequency in one document, 0 where it has none."""
    at = _index_of(frequencies[0], document)
    return 0 if at is None else int(frequencies[1][at])


def _index_of(numbers: npt.NDArray[np.int64], document: int) -> int | None:
    at = int(np.searchsorted(numbers, document))
    return at if at < len(numbers) and numbers[at] == document else None


def sum_scores(matches: Sequence[tuple[Match, float]], members: Members, documents: int) -> Scores:
    """Each member's weights in all matches, times the factor beside each match, summed."""
    if len(matches) == 1 and np.array_equal(matches[0][0][0], members):
        return matches[0][0][1] * matches[0][1]
    scores = np.zeros(documents)
    for (numbers, weights), factor in matches:
        scores[numbers] += factor * weights
    return scores[members]


def demote(scores: Scores, members: Members, column: memoryview[int], factor: float) -> Scores:
    """The scores, times the factor where the column is not zero."""
    return np.where(np.asarray(column)[members], scores * factor, scores)


def min_should_match(matches: Sequence[tuple[Match, float]], least: float, documents: int) -> DocumentSet:
    """Documents the sum of whose matches' weights, given beside each, reaches `least`, which is above zero."""
    sums = np.zeros(documents)
    for (numbers, _), weight in matches:
        sums[numbers] += weight
    return sums >= least


def every_document(documents: int) -> DocumentSet:
    """All documents."""
    return np.ones(documents, bool)


def no_document(documents: int) -> DocumentSet:
    """The empty set."""
    return np.zeros(documents, bool)


def documents_of(match: Match, documents: int) -> DocumentSet:
    """The documents that match."""
    found = np.zeros(documents, bool)
    found[match[0]] = True
    return found


def intersect(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in both."""
    return left & right


def union(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in either."""
    return left | right


def difference(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in the left one only."""
    return left & ~right


def with_codes(column: memoryview[int], codes: Iterable[int]) -> DocumentSet:
    """Documents whose number in the column is one of the codes."""
    values = np.asarray(column)
    wanted = np.zeros(int(values.max(initial=0)) + 1, bool)
    wanted[[code for code in codes if code < len(wanted)]] = True
    found: DocumentSet = wanted[values]
    return found


def between(column: memoryview[int], first: int, last: int) -> DocumentSet:
    """Documents whose number in the column lies between these, both included."""
    values = np.asarray(column)
    return (values >= first) & (values <= last)


def cardinality(found: DocumentSet) -> int:
    """How many documents are in the set."""
    return int(np.count_nonzero(found))


def contains(found: DocumentSet, document: int) -> bool:
    """True if the document is in the set."""
    return bool(found[document])


def members(found: DocumentSet) -> Members:
    """The documents of a set as a list."""
    return np.flatnonzero(found)


def split(members: Members, found: DocumentSet) -> tuple[Members, Members]:
    """The members that are in the set, and the others."""
    inside = found[members]
    return members[inside], members[~inside]


def counts(column: memoryview[int], members: Members) -> Counts:
    """How many of the members have each code."""
    return np.bincount(np.asarray(column)[members])


def counts_of_groups(counts: Counts, groups: Sequence[Sequence[int]], codes: int) -> Counts:
    """The counts of codes, from counts of groups of codes; `codes` is one more than the largest code."""
    found = [0] * codes
    for number, count in enumerate(counts.tolist()):
        if count:
            for code in groups[number]:
                found[code] += count
    return np.array(found, np.int64)


def count_of(counts: Counts, code: int) -> int:
    """How many have this code."""
    return int(counts[code]) if code < len(counts) else 0


def top_counts(counts: Counts, k: int) -> list[tuple[int, int]]:
    """The k most frequent codes with their counts, the lower code first where counts are equal."""
    codes = np.flatnonzero(counts)
    chosen = _best(counts[codes], k)
    codes, found = codes[chosen], counts[codes][chosen]
    order = np.argsort(-found, kind="stable")[:k]
    return list(zip(codes[order].tolist(), found[order].tolist(), strict=True))


def latest(counts: Counts, k: int) -> list[tuple[int, int]]:
    """The k highest codes with their counts, the highest first."""
    codes = np.flatnonzero(counts)[::-1][:k]
    return list(zip(codes.tolist(), counts[codes].tolist(), strict=True))


def top_k(
    members: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, k: int
) -> list[tuple[int, float]]:
    """The first k members with their scores. `sort` is relevance, newest or oldest.

    Equal scores are ordered by day, newest first, then by id; equal days by id. No day (0) comes last.
    """
    day = np.asarray(days)
    if sort == "relevance":
        chosen = _best(scores, k)
        keys: tuple[Any, ...] = (-day[members[chosen]].astype(np.int64), -scores[chosen])
    else:
        by_day = day[members].astype(np.int64)
        by_day = -by_day if sort == "newest" else np.where(by_day == 0, AFTER_LAST_DAY, by_day)
        chosen = _best(-by_day, k)
        keys = (by_day[chosen],)
    best = chosen[np.lexsort((np.asarray(ids)[members[chosen]], *keys))][:k]
    return list(zip(members[best].tolist(), scores[best].tolist(), strict=True))


def _best(values: npt.NDArray[Any], k: int) -> npt.NDArray[np.int64]:
    """The indexes of the k largest values, and of all that equal the least of these."""
    if k <= 0:
        return np.empty(0, np.int64)
    if len(values) <= k:
        return np.arange(len(values))
    least = np.partition(values, len(values) - k)[len(values) - k]
    return np.flatnonzero(values >= least)
