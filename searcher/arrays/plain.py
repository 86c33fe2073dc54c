"""The array operations with the standard library alone: sets of numbers and dictionaries (see arrays/__init__.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from indexer.postings import GramList, decode_places
from indexer.postings import decode_words as decode_word_list
from searcher.ranking import Lengths, Parameters

Places = list[int]
#: Document → how often, ascending.
Occurrences = dict[int, int]
Documents = set[int]
Scores = dict[int, float]
Members = list[int]

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


def count_both(title: Occurrences, body: Occurrences) -> int:
    """How many documents have it in either field."""
    return len(title.keys() | body.keys())


def new_scores(documents: int) -> Scores:
    """Scores of zero for all."""
    return {}


def add_scores(
    scores: Scores, title: Occurrences, body: Occurrences, lengths: Lengths, factor: float, parameters: Parameters
) -> None:
    """BM25F: the weighted, length-normalised frequencies of both fields, saturated once, times the factor."""
    k1, b = parameters.k1, parameters.b
    weights: dict[int, float] = {}
    for number, count in title.items():
        weights[number] = parameters.title * count / (1 - b + b * lengths.title[number] / lengths.title_mean)
    for number, count in body.items():
        norm = 1 - b + b * lengths.body[number] / lengths.body_mean
        weights[number] = weights.get(number, 0.0) + count / norm
    for number, weight in weights.items():
        scores[number] = scores.get(number, 0.0) + factor * (weight * (k1 + 1) / (weight + k1))


def add_weight(scores: Scores, found: Documents, weight: float) -> None:
    """The same weight for every document of a set."""
    for number in found:
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


def having(title: Occurrences, body: Occurrences, documents: int) -> Documents:
    """Documents that have it in either field."""
    return title.keys() | body.keys()


def intersect(left: Documents, right: Documents) -> Documents:
    """In both."""
    return left & right


def unite(left: Documents, right: Documents) -> Documents:
    """In either."""
    return left | right


def subtract(left: Documents, right: Documents) -> Documents:
    """In the left one only."""
    return left - right


def size(found: Documents) -> int:
    """How many."""
    return len(found)


def chosen(found: Documents, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the numbers that are in the set."""
    return frozenset(number for number in numbers if number in found)


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


def count(column: memoryview[int], numbers: Members) -> dict[int, int]:
    """Code → how many of the documents have it."""
    return dict(Counter(column[number] for number in numbers))


def count_values(starts: memoryview[int], values: memoryview[int], numbers: Members) -> dict[int, int]:
    """Code → how many of the documents have it, where a document may have several."""
    return dict(Counter(code for number in numbers for code in values[starts[number] : starts[number + 1]]))


def ordered(
    numbers: Members, exact: Documents, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, end: int
) -> list[int]:
    """The first documents of the set, `end` of them, in the order asked for; ties by day, newest first, then id."""
    if sort == "relevance":
        keys = {
            number: (number not in exact, -scores.get(number, 0.0), -days[number], ids[number]) for number in numbers
        }
    elif sort == "newest":
        keys = {number: (False, 0.0, -days[number], ids[number]) for number in numbers}
    else:
        keys = {number: (False, 0.0, days[number] or _LAST_DAY, ids[number]) for number in numbers}
    return sorted(numbers, key=keys.__getitem__)[:end]


def scores_of(scores: Scores, numbers: Iterable[int]) -> dict[int, float]:
    """The scores of some documents."""
    return {number: scores.get(number, 0.0) for number in numbers}
