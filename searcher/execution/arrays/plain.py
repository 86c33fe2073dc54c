"""The array operations with the standard library alone: sets, dictionaries and lists of numbers (see protocol.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nlargest, nsmallest
from itertools import accumulate, repeat

from indexer.postings.format import ListPart, decode_numbers, decode_word_list
from searcher.execution.days import AFTER_LAST_DAY
from searcher.execution.ranking import FieldWeight

Positions = list[int]
#: In ascending order of documents.
Frequencies = dict[int, int]
Match = dict[int, float]
DocumentSet = set[int]
Members = list[int]
Scores = list[float]
Counts = Counter[int]


def decode_positions(parts: Sequence[ListPart]) -> Positions:
    """The positions of a gram list, whose parts come in the order of their positions."""
    positions: Positions = []
    for part in parts:
        numbers, at = decode_numbers(part.raw), 0
        for length in part.lengths:
            numbers[at] += part.base
            positions += accumulate(numbers[at : at + length])
            at += length
    return positions


def intersect_at(positions: Positions, others: Positions, distance: int) -> Positions:
    """The positions p for which p + distance is among the others."""
    wanted = set(others)
    return [position for position in positions if position + distance in wanted]


def documents_at(positions: Positions, blocks: memoryview[int], block: int) -> Frequencies:
    """The documents of positions, and how many positions each has."""
    return dict(Counter(map(blocks.__getitem__, [position // block for position in positions])))


def documents_of_lists(parts: Sequence[ListPart], blocks: memoryview[int], block: int) -> Frequencies:
    """The documents of all positions of at least one gram list, and how many positions each has."""
    return dict(sorted(documents_at(decode_positions(parts), blocks, block).items()))


def decode_words(parts: Sequence[ListPart]) -> Frequencies:
    """The documents of a word list, and the word's frequencies."""
    found: Frequencies = {}
    for part in parts:
        found.update(zip(*decode_word_list(part.raw, part.lengths[0], part.base), strict=True))
    return found


def restrict(frequencies: Frequencies, live: memoryview[int]) -> Frequencies:
    """Without the documents for which `live` is zero."""
    return {number: frequency for number, frequency in frequencies.items() if live[number]}


def no_frequencies() -> Frequencies:
    """No document."""
    return {}


def add(left: Frequencies, right: Frequencies) -> Frequencies:
    """The documents of either, with the sums of their frequencies."""
    both = dict(left)
    for number, frequency in right.items():
        both[number] = both.get(number, 0) + frequency
    return both


def weigh(fields: Iterable[tuple[Frequencies, FieldWeight]], k1: float) -> Match:
    """BM25F without the term's own weight: frequencies of all fields, weighted, normalised by length, saturated.

    The bonus of each field that has the term is added after saturation.
    """
    weights: dict[int, float] = {}
    bonus: dict[int, float] = {}
    for frequencies, field in fields:
        lengths, mean, longest, b = field.lengths.numbers, field.lengths.mean, field.longest, field.b
        for number, frequency in frequencies.items():
            length = lengths[number] / mean
            norm = 1 - b + b * (length if length < longest else longest)
            weights[number] = weights.get(number, 0.0) + field.weight * frequency / norm
        if field.bonus:
            for number in frequencies:
                bonus[number] = bonus.get(number, 0.0) + field.bonus
    return {number: weight * (k1 + 1) / (weight + k1) + bonus.get(number, 0.0) for number, weight in weights.items()}


def size(match: Match | Frequencies) -> int:
    """How many documents match."""
    return len(match)


def weight_at(match: Match, document: int) -> float:
    """The weight in one document, 0 where it does not match."""
    return match.get(document, 0.0)


def frequency_at(frequencies: Frequencies, document: int) -> int:
    """The frequency in one document, 0 where it has none."""
    return frequencies.get(document, 0)


def every_document(documents: int) -> DocumentSet:
    """All documents."""
    return set(range(documents))


def no_document(documents: int) -> DocumentSet:
    """The empty set."""
    return set()


def documents_of(match: Match, documents: int) -> DocumentSet:
    """The documents that match."""
    return set(match)


def min_should_match(matches: Sequence[tuple[Match, float]], least: float, documents: int) -> DocumentSet:
    """Documents the sum of whose matches' weights, given beside each, reaches `least`, which is above zero."""
    sums: dict[int, float] = {}
    for match, weight in matches:
        for number in match:
            sums[number] = sums.get(number, 0.0) + weight
    return {number for number, weight in sums.items() if weight >= least}


def intersect(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in both."""
    return left & right


def union(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in either."""
    return left | right


def difference(left: DocumentSet, right: DocumentSet) -> DocumentSet:
    """Documents in the left one only."""
    return left - right


def with_codes(column: memoryview[int], codes: Iterable[int]) -> DocumentSet:
    """Documents whose number in the column is one of the codes."""
    wanted = set(codes)
    return {number for number, code in enumerate(column) if code in wanted}


def between(column: memoryview[int], first: int, last: int) -> DocumentSet:
    """Documents whose number in the column lies between these, both included."""
    return {number for number, value in enumerate(column) if first <= value <= last}


def cardinality(found: DocumentSet) -> int:
    """How many documents are in the set."""
    return len(found)


def contains(found: DocumentSet, document: int) -> bool:
    """True if the document is in the set."""
    return document in found


def members(found: DocumentSet) -> Members:
    """The documents of a set as a list."""
    return sorted(found)


def split(members: Members, found: DocumentSet) -> tuple[Members, Members]:
    """The members that are in the set, and the others."""
    return [number for number in members if number in found], [number for number in members if number not in found]


def sum_scores(matches: Sequence[tuple[Match, float]], members: Members, documents: int) -> Scores:
    """Each member's weights in all matches, times the factor beside each match, summed."""
    scores = [0.0] * len(members)
    for match, factor in matches:
        weights = map(match.get, members, repeat(0.0))
        scores = [score + weight * factor for score, weight in zip(scores, weights, strict=True)]
    return scores


def demote(scores: Scores, members: Members, column: memoryview[int], factor: float) -> Scores:
    """The scores, times the factor where the column is not zero."""
    return [score * factor if column[number] else score for score, number in zip(scores, members, strict=True)]


def top_k(
    members: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, k: int
) -> list[tuple[int, float]]:
    """The first k members with their scores. `sort` is relevance, newest or oldest.

    Equal scores are ordered by day, newest first, then by id; equal days by id. No day (0) comes last.
    """
    both = zip(members, scores, strict=True)
    if sort == "relevance":
        least = min(nlargest(k, scores), default=0.0)
        best = [pair for pair in both if pair[1] >= least]  # few, for making keys takes long
        return nsmallest(k, best, key=lambda pair: (-pair[1], -days[pair[0]], ids[pair[0]]))
    if sort == "newest":
        return nsmallest(k, both, key=lambda pair: (-days[pair[0]], ids[pair[0]]))
    return nsmallest(k, both, key=lambda pair: (days[pair[0]] or AFTER_LAST_DAY, ids[pair[0]]))


def counts(column: memoryview[int], members: Members) -> Counts:
    """How many of the members have each code."""
    return Counter(map(column.__getitem__, members))


def counts_of_groups(counts: Counts, groups: Sequence[Sequence[int]], codes: int) -> Counts:
    """The counts of codes, from counts of groups of codes; `codes` is one more than the largest code."""
    found: Counts = Counter()
    for number, count in counts.items():
        for code in groups[number]:
            found[code] += count
    return found


def count_of(counts: Counts, code: int) -> int:
    """How many have this code."""
    return counts[code]


def top_counts(counts: Counts, k: int) -> list[tuple[int, int]]:
    """The k most frequent codes with their counts, the lower code first where counts are equal."""
    return nsmallest(k, counts.items(), key=lambda entry: (-entry[1], entry[0]))


def latest(counts: Counts, k: int) -> list[tuple[int, int]]:
    """The k highest codes with their counts, the highest first."""
    return sorted(counts.items(), reverse=True)[:k]
