"""The two implementations of the array operations, compared operation by operation on random arrays.

`plain` is also compared with what Python itself says where that is one line.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.postings.format import ListPart
from searcher.execution.arrays import numpy_, plain
from searcher.execution.arrays.protocol import ArrayOperations
from searcher.execution.ranking import FieldWeight, Lengths

# mypy checks both modules against the protocol here.
PLAIN: ArrayOperations[list[int], dict[int, int], dict[int, float], set[int], list[int], list[float], Counter[int]] = (
    plain
)
NUMPY: ArrayOperations[Any, Any, Any, Any, Any, Any, Any] = numpy_  # numpy's own types are written out in its module

DOCUMENTS = 90
BLOCK = 8
numbers = st.integers(0, DOCUMENTS - 1)
document_sets = st.sets(numbers)
matches = st.dictionaries(numbers, st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0]))
frequencies = st.dictionaries(numbers, st.integers(1, 9))
columns = st.lists(st.integers(0, 70), min_size=DOCUMENTS, max_size=DOCUMENTS)
#: Positions near the borders of blocks, and gaps that take from one to five bytes.
positions = st.sets(
    st.one_of(
        st.integers(0, 300),
        st.integers(0, 40).map(lambda n: n * BLOCK),
        st.integers(0, 40).map(lambda n: n * BLOCK + BLOCK - 1),
        st.sampled_from([1 << 7, 1 << 14, 1 << 21, (1 << 28) - 1, 1 << 28, (1 << 28) + 300, 1 << 31]),
    )
).map(sorted)

many_examples = settings(deadline=None, derandomize=True, max_examples=200)


def varints(values: Iterable[int]) -> bytes:
    """Numbers as posting lists hold them."""
    raw = bytearray()
    for value in values:
        while value > 127:
            raw.append(value & 127 | 128)
            value >>= 7
        raw.append(value)
    return bytes(raw)


def gaps(values: Sequence[int]) -> bytes:
    """Ascending numbers as posting lists hold them."""
    return varints(value - before for before, value in zip([0, *values], values, strict=False))


def column(values: Sequence[int], typecode: str = "I") -> memoryview[int]:
    """A column of numbers."""
    return memoryview(array(typecode, values))


def as_dict(pair: tuple[Any, Any]) -> dict[int, float]:
    """numpy's documents and numbers as a dictionary; they must be ascending and each there once."""
    documents, values = pair
    assert documents.tolist() == sorted(set(documents.tolist()))
    return dict(zip(documents.tolist(), values.tolist(), strict=True))


def as_arrays(values: dict[int, Any], kind: type = np.int64) -> tuple[Any, Any]:
    """A dictionary as numpy's documents and numbers."""
    ordered = sorted(values)
    return np.array(ordered, np.int64), np.array([values[number] for number in ordered], kind)


def as_set(found: Any) -> set[int]:
    """numpy's set of documents."""
    return set(np.flatnonzero(found).tolist())


def as_booleans(found: set[int]) -> Any:
    """A set as numpy has it."""
    return np.isin(np.arange(DOCUMENTS), list(found))


def part(values: Sequence[int], base: int = 0) -> ListPart:
    """What one segment has of a gram list."""
    return ListPart(memoryview(gaps([value - base for value in values])), (len(values),), base)


@many_examples
@given(positions.filter(bool), st.lists(st.integers(0, 300), max_size=9).map(sorted))
def test_positions_are_decoded(values: list[int], borders: list[int]) -> None:
    """Gaps of one to five bytes come back as the positions that were written, in one segment and in several."""
    segments = [[value for value in values if low <= value < high] for low, high in pairwise((0, *borders, 1 << 32))]
    parts = [part(some, base) for some, base in zip(segments, (0, *borders), strict=True) if some]
    assert PLAIN.decode_positions(parts) == values
    assert NUMPY.decode_positions(parts).tolist() == values


@many_examples
@given(positions, positions, st.integers(-20, 20), st.booleans())
def test_intersection_at_a_distance(left: list[int], right: list[int], distance: int, is_few: bool) -> None:
    """Positions that have a partner at the distance; with few against many numpy takes another way."""
    left = [position for position in left if position + distance >= 0][: 3 if is_few else None]
    right = sorted({*right, *(position + distance for position in left[::2])})
    expected = [position for position in left if position + distance in right]
    assert PLAIN.intersect_at(left, right, distance) == expected
    found = NUMPY.intersect_at(np.array(left, np.uint32), np.array(right, np.uint32), distance)
    assert found.tolist() == expected


@many_examples
@given(
    st.lists(st.lists(st.integers(0, 599), min_size=1, unique=True).map(sorted), min_size=1, max_size=6),
    st.sampled_from([1, 2, 5, 1 << 18]),
)
def test_documents_of_positions(lists: list[list[int]], chunk_bytes: int) -> None:
    """Positions become documents by their blocks, up to the last position of a block; of many lists at once, too.

    Wherever the chunks end in which many lists are decoded.
    """
    owners = [block // 3 for block in range(600 // BLOCK)]
    blocks = column(owners)
    expected = Counter(owners[position // BLOCK] for positions in lists for position in positions)
    first = Counter(owners[position // BLOCK] for position in lists[0])
    assert PLAIN.documents_at(lists[0], blocks, BLOCK) == first
    assert as_dict(NUMPY.documents_at(np.array(lists[0], np.uint32), blocks, BLOCK)) == first
    parts = [
        ListPart(memoryview(b"".join(gaps([value - base for value in values]) for values in some)), lengths, base)
        for some, base in ((lists[:2], 0), (lists[2:], min(chain(*lists[2:]), default=0)))
        if (lengths := [len(values) for values in some])
    ]
    assert PLAIN.documents_of_lists(parts, blocks, BLOCK) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numpy_, "_CHUNK_BYTES", chunk_bytes)
        assert as_dict(NUMPY.documents_of_lists(parts, blocks, BLOCK)) == expected


@many_examples
@given(
    st.dictionaries(st.one_of(st.integers(0, 400), st.integers(0, 1 << 27)), st.integers(1, 300), min_size=1),
    st.lists(st.integers(0, 400), max_size=9).map(sorted),
)
def test_word_lists_are_decoded(words: dict[int, int], borders: list[int]) -> None:
    """Documents of a word and its frequencies, those above one as well, in one segment and in several."""
    parts = []
    for low, high in pairwise((0, *borders, 1 << 32)):
        ordered = sorted(number for number in words if low <= number < high)
        doubled = [(number - before) * 2 for before, number in pairwise((low, *ordered))]
        flags = [gap + (words[number] > 1) for gap, number in zip(doubled, ordered, strict=True)]
        raw = memoryview(varints([*flags, *(words[number] for number in ordered if words[number] > 1)]))
        if ordered:
            parts.append(ListPart(raw, (len(ordered),), low))
    assert PLAIN.decode_words(parts) == words
    assert as_dict(NUMPY.decode_words(parts)) == words


@many_examples
@given(frequencies, document_sets)
def test_deleted_documents_are_dropped(found: dict[int, int], deleted: set[int]) -> None:
    """Only live documents keep their frequencies."""
    live = column([number not in deleted for number in range(DOCUMENTS)], "B")
    expected = {number: frequency for number, frequency in found.items() if number not in deleted}
    assert PLAIN.restrict(found, live) == expected
    assert as_dict(NUMPY.restrict(as_arrays(found), live)) == expected
    assert PLAIN.size(PLAIN.restrict(found, live)) == NUMPY.size(NUMPY.restrict(as_arrays(found), live))


@many_examples
@given(frequencies, frequencies, numbers)
def test_frequencies(left: dict[int, int], right: dict[int, int], number: int) -> None:
    """Frequencies are added per document, and told for one document."""
    expected = dict(Counter(left) + Counter(right))
    assert PLAIN.add(left, right) == expected
    assert as_dict(NUMPY.add(as_arrays(left), as_arrays(right))) == expected
    assert PLAIN.frequency_at(left, number) == NUMPY.frequency_at(as_arrays(left), number) == left.get(number, 0)
    assert as_dict(NUMPY.no_frequencies()) == PLAIN.no_frequencies() == {}


@many_examples
@given(frequencies, frequencies, frequencies, st.lists(st.integers(0, 500), min_size=DOCUMENTS, max_size=DOCUMENTS))
def test_weights(title: dict[int, int], heading: dict[int, int], body: dict[int, int], lengths: list[int]) -> None:
    """Weights of a term are the same for both, also where it stands in one field only, or in none."""
    found = [title, heading, body]
    fields = [FieldWeight(Lengths(column(lengths), 120.0), 4.0 - at, 0.5 - at / 4, 0.45, 4.0) for at in range(3)]
    expected = PLAIN.weigh(zip(found, fields, strict=True), 1.2)
    match = NUMPY.weigh(zip(map(as_arrays, found), fields, strict=True), 1.2)
    assert as_dict(match) == pytest.approx(expected)
    assert PLAIN.size(expected) == NUMPY.size(match) == len({*title, *heading, *body})
    for number in (0, DOCUMENTS - 1, *list(body)[:3]):
        assert NUMPY.weight_at(match, number) == pytest.approx(PLAIN.weight_at(expected, number))


@many_examples
@given(document_sets, document_sets, document_sets, numbers)
def test_sets(left: set[int], right: set[int], drawn: set[int], number: int) -> None:
    """Intersection, union, difference, membership, size, and the two parts of a list of members."""
    for name, expected in (
        ("intersect", left & right),
        ("union", left | right),
        ("difference", left - right),
    ):
        assert getattr(PLAIN, name)(left, right) == expected
        assert as_set(getattr(NUMPY, name)(as_booleans(left), as_booleans(right))) == expected
    assert PLAIN.contains(left, number) == NUMPY.contains(as_booleans(left), number) == (number in left)
    assert PLAIN.cardinality(left) == NUMPY.cardinality(as_booleans(left)) == len(left)
    members = sorted(drawn)
    assert PLAIN.members(drawn) == NUMPY.members(as_booleans(drawn)).tolist() == members
    inside, outside = NUMPY.split(np.array(members, np.int64), as_booleans(left))
    assert PLAIN.split(members, left) == (inside.tolist(), outside.tolist())
    assert inside.tolist() == [one for one in members if one in left]


@pytest.mark.parametrize("documents", [0, 1, DOCUMENTS])
def test_all_and_none(documents: int) -> None:
    """The set of all documents and the empty one, of an index without documents, too."""
    assert as_set(NUMPY.every_document(documents)) == PLAIN.every_document(documents) == set(range(documents))
    assert as_set(NUMPY.no_document(documents)) == PLAIN.no_document(documents) == set()


@many_examples
@given(columns, st.sets(st.integers(0, 90)), st.integers(0, 70), st.integers(0, 70))
def test_columns(values: list[int], codes: set[int], first: int, last: int) -> None:
    """Documents whose number in a column is one of some, or lies in a range; codes that no document has are none."""
    chosen = {number for number, value in enumerate(values) if value in codes}
    between = {number for number, value in enumerate(values) if first <= value <= last}
    assert PLAIN.with_codes(column(values), codes) == as_set(NUMPY.with_codes(column(values), codes)) == chosen
    assert PLAIN.between(column(values), first, last) == as_set(NUMPY.between(column(values), first, last)) == between


@many_examples
@given(st.lists(st.tuples(matches, st.sampled_from([0.5, 1.0, 2.0])), max_size=5), st.sampled_from([0.5, 1.0, 2.5]))
def test_minimum_should_match(weighted: list[tuple[dict[int, float], float]], least: float) -> None:
    """Documents whose matching terms weigh enough together; the weight in the document does not count."""
    expected = {
        number for number in range(DOCUMENTS) if sum(weight for match, weight in weighted if number in match) >= least
    }
    arrays = [(as_arrays(match, float), weight) for match, weight in weighted]
    assert PLAIN.min_should_match(weighted, least, DOCUMENTS) == expected
    assert as_set(NUMPY.min_should_match(arrays, least, DOCUMENTS)) == expected
    for (match, _), (pair, _) in zip(weighted, arrays, strict=True):
        assert PLAIN.documents_of(match, DOCUMENTS) == as_set(NUMPY.documents_of(pair, DOCUMENTS)) == set(match)


@many_examples
@given(st.lists(st.tuples(matches, st.sampled_from([0.5, 1.0])), max_size=4), document_sets, columns)
def test_scores(weighted: list[tuple[dict[int, float], float]], drawn: set[int], values: list[int]) -> None:
    """Scores are sums over the members, whichever documents the terms match; demotion multiplies those marked."""
    members = sorted(drawn)
    flags = column([value % 2 for value in values], "B")
    expected = [sum(match.get(number, 0.0) * factor for match, factor in weighted) for number in members]
    arrays = [(as_arrays(match, float), factor) for match, factor in weighted]
    scores = NUMPY.sum_scores(arrays, np.array(members, np.int64), DOCUMENTS)
    assert PLAIN.sum_scores(weighted, members, DOCUMENTS) == scores.tolist() == expected
    lower = NUMPY.demote(scores, np.array(members, np.int64), flags, 0.5)
    assert PLAIN.demote(expected, members, flags, 0.5) == lower.tolist()
    assert lower.tolist() == [score / (1 + flags[number]) for score, number in zip(expected, members, strict=True)]


def test_scores_of_as_many_other_documents() -> None:
    """One term that matches as many documents as there are members, but not the same ones."""
    arrays = [(as_arrays({1: 1.0, 2: 2.0}, float), 1.0)]
    assert NUMPY.sum_scores(arrays, np.array([2, 3]), DOCUMENTS).tolist() == [2.0, 0.0]


@many_examples
@given(
    document_sets,
    st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=DOCUMENTS, max_size=DOCUMENTS),
    st.lists(st.sampled_from([0, 1, 700_000, 700_001]), min_size=DOCUMENTS, max_size=DOCUMENTS),
    st.sampled_from(["relevance", "newest", "oldest"]),
    st.one_of(st.integers(0, 5), st.integers(45, DOCUMENTS + 5)),
    st.randoms(use_true_random=False),
)
def test_order(
    drawn: set[int], by_number: list[float], days: list[int], sort: str, k: int, generator: random.Random
) -> None:
    """The first members by score or day, with many ties: newest first, then by id; without a day last."""
    members = sorted(drawn)
    ids = [(1 << 63) + number for number in range(DOCUMENTS)]
    generator.shuffle(ids)
    scores = [by_number[number] for number in members]
    keys = {
        "relevance": lambda number: (-by_number[number], -days[number], ids[number]),
        "newest": lambda number: (-days[number], ids[number]),
        "oldest": lambda number: (days[number] or 1 << 30, ids[number]),
    }
    expected = [(number, by_number[number]) for number in sorted(members, key=keys[sort])[:k]]
    views = column(days), column(ids, "Q")
    assert PLAIN.top_k(members, scores, *views, sort, k) == expected
    assert NUMPY.top_k(np.array(members, np.int64), np.array(scores), *views, sort, k) == expected


@many_examples
@given(columns, document_sets, st.sampled_from([0, 1, 3, 50, 100]), st.integers(0, 90))
def test_counts(values: list[int], drawn: set[int], k: int, code: int) -> None:
    """Counts of codes: of one, of the most frequent ones (with ties, beyond the limit, too), of the highest ones."""
    members = sorted(drawn)
    expected = Counter(values[number] for number in members)
    found = PLAIN.counts(column(values), members), NUMPY.counts(column(values), np.array(members, np.int64))
    assert PLAIN.count_of(found[0], code) == NUMPY.count_of(found[1], code) == expected[code]
    top = sorted(expected.items(), key=lambda entry: (-entry[1], entry[0]))[:k]
    assert PLAIN.top_counts(found[0], k) == NUMPY.top_counts(found[1], k) == top
    latest = sorted(expected.items(), reverse=True)[:k]
    assert PLAIN.latest(found[0], k) == NUMPY.latest(found[1], k) == latest


@many_examples
@given(st.lists(st.integers(0, 3), max_size=60), st.lists(st.lists(st.integers(0, 9), unique=True), min_size=4))
def test_counts_of_groups(values: list[int], groups: list[list[int]]) -> None:
    """A document counts once for each code of its group."""
    expected = Counter(code for value in values for code in groups[value])
    members = list(range(len(values)))
    counted = PLAIN.counts_of_groups(PLAIN.counts(column(values), members), groups, 10)
    by_numpy = NUMPY.counts_of_groups(NUMPY.counts(column(values), np.array(members, np.int64)), groups, 10)
    assert +counted == expected
    assert NUMPY.top_counts(by_numpy, 20) == PLAIN.top_counts(counted, 20)
