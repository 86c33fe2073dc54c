"""The array operations with the standard library alone: sets of numbers and dictionaries (see arrays/__init__.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from heapq import nsmallest

from indexer.postings import GramList, decode_places
from indexer.postings import decode_words as decode_word_list
from searcher.ranking import Lengths, Parameters

Places = list[int]
#: Document → how often, ascending.
Occurrences = dict[int, int]
#: Document → how well a term stands in it.
Match = dict[int, float]
Documents = set[int]
Scores = dict[int, float]
Members = list[int]
Counts = Counter[int]

_LAST_DAY = date.max.toordinal() + 1


def documents_of_lists(
    postings: memoryview[int], lists: Sequence[GramList], blocks: memoryview[int], block: int
) -> Occurrences:
    """The documents of all places of many lists, with how many each has."""
    found: Counter[int] = Counter()
    for gram in lists:
        found.update(blocks[place // block] for place in decode_places(postings[gram.start : gram.end]))
    return dict(sorted(found.items()))


def follow(places: Places, others: Places, distance: int) -> Places:
    """The places that have one of the others at this distance."""
    wanted = set(others)
    return [place for place in places if place + distance in wanted]


def documents(places: Places, blocks: memoryview[int], block: int) -> Occurrences:
    """The documents of places, with how many each has."""
    return dict(Counter(blocks[place // block] for place in places))


def decode_words(raw: memoryview[int], documents: int) -> Occurrences:
    """The documents of a word list, with the word's frequencies."""
    return dict(zip(*decode_word_list(raw, documents), strict=True))


def nothing() -> Occurrences:
    """No document."""
    return {}


def add(left: Occurrences, right: Occurrences) -> Occurrences:
    """The documents of both, with how often in all."""
    both = dict(left)
    for number, count in right.items():
        both[number] = both.get(number, 0) + count
    return both


def weigh(title: Occurrences, body: Occurrences, lengths: Lengths, parameters: Parameters) -> Match:
    """BM25F: the weighted, length-normalised frequencies of both fields, saturated once."""
    k1, b = parameters.k1, parameters.b
    weights: dict[int, float] = {}
    for number, count in title.items():
        weights[number] = parameters.title * count / (1 - b + b * lengths.title[number] / lengths.title_mean)
    for number, count in body.items():
        norm = 1 - b + b * lengths.body[number] / lengths.body_mean
        weights[number] = weights.get(number, 0.0) + count / norm
    return {number: weight * (k1 + 1) / (weight + k1) for number, weight in weights.items()}


def size(match: Match) -> int:
    """How many documents."""
    return len(match)


def new_scores(documents: int) -> Scores:
    """Scores of zero for all."""
    return {}


def add_scores(scores: Scores, match: Match, factor: float) -> None:
    """Each document's weight, times the factor."""
    for number, weight in match.items():
        scores[number] = scores.get(number, 0.0) + factor * weight


def add_weight(scores: Scores, match: Match, weight: float) -> None:
    """The same weight for every document."""
    for number in match:
        scores[number] = scores.get(number, 0.0) + weight


def at_least(scores: Scores, least: float) -> Documents:
    """Documents whose score is not below a positive bound."""
    return {number for number, score in scores.items() if score >= least}


def everything(documents: int) -> Documents:
    """All documents."""
    return set(range(documents))


def nowhere(documents: int) -> Documents:
    """No document."""
    return set()


def having(match: Match, documents: int) -> Documents:
    """The documents as a set."""
    return set(match)


def intersect(left: Documents, right: Documents) -> Documents:
    """In both."""
    return left & right


def unite(left: Documents, right: Documents) -> Documents:
    """In either."""
    return left | right


def subtract(left: Documents, right: Documents) -> Documents:
    """In the left one only."""
    return left - right


def with_codes(column: memoryview[int], codes: Iterable[int]) -> Documents:
    """Documents whose code is one of these."""
    wanted = set(codes)
    return {number for number, code in enumerate(column) if code in wanted}


def with_values(starts: memoryview[int], values: memoryview[int], codes: Iterable[int]) -> Documents:
    """Documents one of whose codes is one of these."""
    wanted = set(codes)
    return {
        number
        for number in range(len(starts) - 1)
        if not wanted.isdisjoint(values[starts[number] : starts[number + 1]])
    }


def between(column: memoryview[int], first: int, last: int) -> Documents:
    """Documents whose number in the column lies between these, both included."""
    return {number for number, value in enumerate(column) if first <= value <= last}


def members(found: Documents) -> Members:
    """The documents of a set, ascending."""
    return sorted(found)


def counts(column: memoryview[int], numbers: Members) -> Counts:
    """How many of the documents have each code."""
    return Counter(column[number] for number in numbers)


def counts_of_values(starts: memoryview[int], values: memoryview[int], numbers: Members) -> Counts:
    """How many of the documents have each code, where a document may have several."""
    return Counter(code for number in numbers for code in values[starts[number] : starts[number + 1]])


def count_of(counts: Counts, code: int) -> int:
    """How many have this code."""
    return counts[code]


def most(counts: Counts, end: int) -> list[tuple[int, int]]:
    """The most frequent codes with their counts, the lower code first on a tie."""
    return nsmallest(end, counts.items(), key=lambda entry: (-entry[1], entry[0]))


def newest(counts: Counts, end: int) -> list[tuple[int, int]]:
    """The highest codes with their counts."""
    return sorted(counts.items(), reverse=True)[:end]


def ordered(
    numbers: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, end: int
) -> list[int]:
    """The first documents, `end` of them, in the order asked for; ties by day, newest first, then id."""
    if sort == "relevance":
        return nsmallest(end, numbers, key=lambda number: (-scores.get(number, 0.0), -days[number], ids[number]))
    if sort == "newest":
        return nsmallest(end, numbers, key=lambda number: (-days[number], ids[number]))
    return nsmallest(end, numbers, key=lambda number: (days[number] or _LAST_DAY, ids[number]))


def scores_of(scores: Scores, numbers: Iterable[int]) -> dict[int, float]:
    """The scores of some documents."""
    return {number: scores.get(number, 0.0) for number in numbers}
