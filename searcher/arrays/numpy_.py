"""The array operations on numpy arrays: sets are arrays of booleans, scores arrays of floats (see arrays/__init__.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.postings import WORD_HEADER
from searcher.ranking import Lengths, Parameters

Places = npt.NDArray[np.int64]
#: Documents, ascending, and how often each.
Occurrences = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
Documents = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]

_LAST_DAY: Final = date.max.toordinal() + 1
#: Control byte → the sizes of its four numbers (see indexer/postings.py); size → the bits that belong to the number.
_SIZES: Final = np.array([[(byte >> shift & 3) + 1 for shift in (0, 2, 4, 6)] for byte in range(256)], np.uint8)
_MASKS: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32)
_TYPES: Final = {1: "<u1", 2: "<u2", 4: "<u4"}


def decode_places(buffer: memoryview, start: int, count: int) -> Places:
    """The places of a gaps stream."""
    controls = (count + 3) // 4
    sizes = _SIZES[np.frombuffer(buffer, np.uint8, controls, start)].ravel()[:count]
    ends = np.cumsum(sizes, dtype=np.int64)
    total = int(ends[-1])
    raw = np.zeros(total + 4, np.uint8)  # a number is read as four bytes, then cut to its own
    raw[:total] = np.frombuffer(buffer, np.uint8, total, start + controls)
    windows = np.ndarray((total + 1,), "<u4", raw.data, strides=(1,))
    gaps = windows[ends - sizes] & _MASKS[sizes]
    return np.cumsum(gaps, dtype=np.int64)


def merge(lists: Sequence[Places]) -> Places:
    """All places of disjoint lists in one."""
    return np.sort(np.concatenate(lists))


def follow(places: Places, others: Places, distance: int) -> Places:
    """The places that have one of the others at this distance."""
    wanted = places + distance
    if len(wanted) * 8 < len(others):
        at = np.searchsorted(others, wanted)
        at[at == len(others)] = 0
        return places[others[at] == wanted]
    # Both ascend, so that a stable sort is one linear merge; equal neighbours are the common ones.
    both = np.sort(np.concatenate((wanted, others)), kind="stable")
    return both[:-1][both[1:] == both[:-1]] - distance


def documents(places: Places, blocks: memoryview, block: int) -> Occurrences:
    """The documents of places, with how many each has."""
    numbers = np.frombuffer(blocks, np.uint32)[places // block]
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1]))) if len(numbers) else numbers
    return numbers[starts].astype(np.int64), np.diff(starts, append=len(numbers)).astype(np.int64)


def decode_words(buffer: memoryview, start: int, count: int) -> Occurrences:
    """The documents of a word, with its frequencies."""
    first, id_width, frequency_width = WORD_HEADER.unpack_from(buffer, start)
    at = start + WORD_HEADER.size
    ids = np.empty(count, np.int64)
    ids[0] = first
    ids[1:] = np.frombuffer(buffer, _TYPES[id_width], count - 1, at)
    np.cumsum(ids, out=ids)
    if not frequency_width:
        return ids, np.ones(count, np.int64)
    frequencies = np.frombuffer(buffer, _TYPES[frequency_width], count, at + id_width * (count - 1))
    return ids, frequencies.astype(np.int64)


def nothing() -> Occurrences:
    """No document."""
    return np.empty(0, np.int64), np.empty(0, np.int64)


def count_both(title: Occurrences, body: Occurrences) -> int:
    """How many documents have it in either field."""
    if not len(title[0]) or not len(body[0]):
        return len(title[0]) + len(body[0])
    return len(title[0]) + len(body[0]) - int(np.isin(title[0], body[0], assume_unique=True).sum())


def new_scores(documents: int) -> Scores:
    """Scores of zero for all."""
    return np.zeros(documents)


def add_scores(
    scores: Scores, title: Occurrences, body: Occurrences, lengths: Lengths, factor: float, parameters: Parameters
) -> None:
    """BM25F: the weighted, length-normalised frequencies of both fields, saturated once, times the factor."""
    k1, b = parameters.k1, parameters.b
    body_numbers, body_counts = body
    weights = body_counts / _norm(lengths.body, body_numbers, lengths.body_mean, b)
    title_numbers, title_counts = title
    if len(title_numbers):
        title_weights = parameters.title * title_counts / _norm(lengths.title, title_numbers, lengths.title_mean, b)
        at = np.searchsorted(body_numbers, title_numbers)
        inside = at < len(body_numbers)
        inside[inside] = body_numbers[at[inside]] == title_numbers[inside]
        weights[at[inside]] = title_weights[inside] + weights[at[inside]]
        alone = title_weights[~inside]
        scores[title_numbers[~inside]] += factor * (alone * (k1 + 1) / (alone + k1))
    scores[body_numbers] += factor * (weights * (k1 + 1) / (weights + k1))


def _norm(lengths: memoryview, numbers: npt.NDArray[np.int64], mean: float, b: float) -> npt.NDArray[np.float64]:
    return 1 - b + b * np.frombuffer(lengths, np.uint32)[numbers] / mean


def add_weight(scores: Scores, found: Documents, weight: float) -> None:
    """The same weight for every document of a set."""
    scores[found] += weight


def at_least(scores: Scores, least: float) -> Documents:
    """Documents whose score is not below a positive bound."""
    return scores >= least


def everything(documents: int) -> Documents:
    """All documents."""
    return np.ones(documents, bool)


def having(title: Occurrences, body: Occurrences, documents: int) -> Documents:
    """Documents that have it in either field."""
    found = np.zeros(documents, bool)
    found[title[0]] = True
    found[body[0]] = True
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


def size(found: Documents) -> int:
    """How many."""
    return int(np.count_nonzero(found))


def chosen(found: Documents, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the numbers that are in the set."""
    return frozenset(number for number in numbers if found[number])


def with_codes(column: memoryview, codes: Iterable[int]) -> Documents:
    """Documents whose code is one of these."""
    return np.isin(np.asarray(column), list(codes))


def with_values(starts: memoryview, values: memoryview, codes: Iterable[int]) -> Documents:
    """Documents one of whose codes is one of these."""
    found = np.zeros(len(starts) - 1, bool)
    found[_owners(starts)[np.isin(np.asarray(values), list(codes))]] = True
    return found


def between(column: memoryview, first: int, last: int) -> Documents:
    """Documents whose number in the column lies between these, both included."""
    values = np.asarray(column)
    return (values >= first) & (values <= last)


def count(column: memoryview, found: Documents) -> dict[int, int]:
    """Code → documents of the set that have it."""
    return _counts(np.asarray(column)[found])


def count_values(starts: memoryview, values: memoryview, found: Documents) -> dict[int, int]:
    """Code → documents of the set that have it, where a document may have several."""
    return _counts(np.asarray(values)[found[_owners(starts)]])


def ordered(
    found: Documents, exact: Documents, scores: Scores, days: memoryview, ids: memoryview, sort: str, end: int
) -> list[int]:
    """The first documents of the set, `end` of them, in the order asked for; ties by day, newest first, then id."""
    numbers = np.flatnonzero(found)
    day = np.asarray(days)[numbers].astype(np.int64)
    if sort == "relevance":
        main = (scores.max(initial=0.0) + 1) * exact[numbers] + scores[numbers]
        keep = _best(main, end)
        numbers, day = numbers[keep], day[keep]
        keys: tuple[Any, ...] = (np.asarray(ids)[numbers], -day, -scores[numbers], ~exact[numbers])
    else:
        by_day = -day if sort == "newest" else np.where(day == 0, _LAST_DAY, day)
        keep = _best(-by_day.astype(np.float64), end)
        numbers, by_day = numbers[keep], by_day[keep]
        keys = (np.asarray(ids)[numbers], by_day)
    chosen: list[int] = numbers[np.lexsort(keys)][:end].tolist()
    return chosen


def scores_of(scores: Scores, numbers: Iterable[int]) -> dict[int, float]:
    """The scores of some documents."""
    return {number: float(scores[number]) for number in numbers}


def _best(values: npt.NDArray[np.float64], end: int) -> npt.NDArray[np.int64]:
    """Where the `end` largest values and all that equal the least of them stand."""
    if end <= 0:
        return np.empty(0, np.int64)
    if len(values) <= end:
        return np.arange(len(values))
    least = np.partition(values, len(values) - end)[len(values) - end]
    # A sum of tier and score may round two scores to one: a hair below keeps both, the exact sort decides.
    return np.flatnonzero(values >= least - 1e-9)


def _counts(codes: npt.NDArray[Any]) -> dict[int, int]:
    counts = np.bincount(codes)
    return {int(code): int(counts[code]) for code in np.flatnonzero(counts)}


def _owners(starts: memoryview) -> npt.NDArray[np.int64]:
    """The document of each value."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(np.asarray(starts)))
