"""The array operations with the standard library alone: sets of numbers and dictionaries (see arrays/__init__.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from heapq import nsmallest

from indexer.postings.format import GramList, decode_positions, decode_word_list
from searcher.execution.ranking import FieldWeight

Places = list[int]
#: Document → how often, ascending.
Occurrences = dict[int, int]
#: Document → how well a term stands in it.
Match = dict[int, float]
Documents = set[int]
#: One for each member of a list.
Scores = list[float]
Members = list[int]
Counts = Counter[int]

_LAST_DAY = date.max.toordinal() + 1


def documents_of_lists(
    postings: memoryview[int], lists: Sequence[GramList], blocks: memoryview[int], block: int
) -> Occurrences:
    """The documents of all places of many lists, with how many each has."""
    found: Counter[int] = Counter()
    for gram in lists:
        found.update(blocks[place // block] for place in decode_positions(postings[gram.start : gram.end]))
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


def weigh(occurrences: Iterable[tuple[Occurrences, FieldWeight]], k1: float) -> Match:
    """BM25F: the weighted, length-normalised frequencies of all fields, saturated once; then the fields' bonus."""
    weights: dict[int, float] = {}
    bonus: dict[int, float] = {}
    for found, field in occurrences:
        lengths, mean, b = field.lengths.numbers, field.lengths.mean, field.b
        for number, count in found.items():
            norm = 1 - b + b * min(lengths[number] / mean, field.longest)
            weights[number] = weights.get(number, 0.0) + field.weight * count / norm
            bonus[number] = bonus.get(number, 0.0) + field.bonus
    return {number: weight * (k1 + 1) / (weight + k1) + bonus[number] for number, weight in weights.items()}


def size(match: Match) -> int:
    """How many documents."""
    return len(match)


def value_at(values: Match | Occurrences, number: int) -> float:
    """What a document has in a match or in occurrences, 0 when it is not there."""
    return values.get(number, 0)


def sum_of(matches: Sequence[tuple[Match, float]], members: Members, documents: int) -> Scores:
    """The weights of each member, times the factor that comes with each match."""
    return [sum(match.get(number, 0.0) * factor for match, factor in matches) for number in members]


def lowered(scores: Scores, members: Members, column: memoryview[int], factor: float) -> Scores:
    """The scores, times the factor where the column is not zero."""
    return [score * factor if column[number] else score for score, number in zip(scores, members, strict=True)]


def holding(matches: Sequence[tuple[Match, float]], least: float, documents: int) -> Documents:
    """Documents whose matches have factors of this sum at least, which is above zero."""
    held: dict[int, float] = {}
    for match, factor in matches:
        for number in match:
            held[number] = held.get(number, 0.0) + factor
    return {number for number, sum_ in held.items() if sum_ >= least}


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


def between(column: memoryview[int], first: int, last: int) -> Documents:
    """Documents whose number in the column lies between these, both included."""
    return {number for number, value in enumerate(column) if first <= value <= last}


def members(found: Documents) -> Members:
    """The documents of a set, ascending."""
    return sorted(found)


def split(numbers: Members, found: Documents) -> tuple[Members, Members]:
    """Those that are in the set, and those that are not."""
    return [number for number in numbers if number in found], [number for number in numbers if number not in found]


def counts(column: memoryview[int], numbers: Members) -> Counts:
    """How many of the documents have each code."""
    return Counter(column[number] for number in numbers)


def counts_of_groups(counts: Counts, groups: Sequence[Sequence[int]]) -> Counts:
    """Counts of groups to counts of their codes."""
    found: Counts = Counter()
    for number, count in counts.items():
        for code in groups[number]:
            found[code] += count
    return found


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
    members: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, end: int
) -> list[tuple[int, float]]:
    """The first members, `end` of them, with their scores, in the order asked for.

    Ties are broken by day, newest first, then by id.
    """
    both = zip(members, scores, strict=True)
    if sort == "relevance":
        return nsmallest(end, both, key=lambda pair: (-pair[1], -days[pair[0]], ids[pair[0]]))
    if sort == "newest":
        return nsmallest(end, both, key=lambda pair: (-days[pair[0]], ids[pair[0]]))
    return nsmallest(end, both, key=lambda pair: (days[pair[0]] or _LAST_DAY, ids[pair[0]]))
