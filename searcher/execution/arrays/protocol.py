"""The array operations that query execution consists of, as a protocol that two implementations are checked against.

`plain` uses the standard library alone; it serves small amounts of work and commands that must start at once. `numpy_`
serves large amounts. Each has its own representation of the seven types below; callers pass the values back and look
into none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from typing import Protocol, TypeVar

from indexer.postings.format import ListPart
from searcher.execution.ranking import FieldWeight

#: Positions of a gram, ascending.
Positions = TypeVar("Positions", bound=Sized)
#: Document → frequency of a term in one field.
Frequencies = TypeVar("Frequencies")
#: Document → weight of a term, over all fields.
Match = TypeVar("Match")
#: The same, where it is only passed in.
Match_contra = TypeVar("Match_contra", contravariant=True)
#: A set of documents.
DocumentSet = TypeVar("DocumentSet")
#: The documents of a set, ascending.
Members = TypeVar("Members", bound=Sized)
#: One score for each of some members.
Scores = TypeVar("Scores")
#: Code of a column → number of documents.
Counts = TypeVar("Counts")


class SetOperations(Protocol[Match_contra, DocumentSet]):
    """What matching needs: the documents of terms, and sets of documents."""

    def no_document(self, documents: int) -> DocumentSet:
        """The empty set."""

    def documents_of(self, match: Match_contra, documents: int) -> DocumentSet:
        """The documents that match."""

    def min_should_match(
        self, matches: Sequence[tuple[Match_contra, float]], least: float, documents: int
    ) -> DocumentSet:
        """Documents the sum of whose matches' weights, given beside each, reaches `least`, which is above zero."""

    def intersect(self, left: DocumentSet, right: DocumentSet) -> DocumentSet:
        """Documents in both."""

    def union(self, left: DocumentSet, right: DocumentSet) -> DocumentSet:
        """Documents in either."""

    def difference(self, left: DocumentSet, right: DocumentSet) -> DocumentSet:
        """Documents in the left one only."""


class ArrayOperations(
    SetOperations[Match, DocumentSet],
    Protocol[Positions, Frequencies, Match, DocumentSet, Members, Scores, Counts],
):
    """What an implementation provides. Documents are numbers from 0; `documents` is how many, deleted ones too.

    A column holds one number per document; `blocks` maps a block of positions to its document.
    """

    @property
    def __name__(self) -> str:
        """Identifies the implementation: its values must not reach the other one through a cache."""

    # Posting lists

    def decode_positions(self, parts: Sequence[ListPart]) -> Positions:
        """The positions of a gram list, whose parts come in the order of their positions."""

    def intersect_at(self, positions: Positions, others: Positions, distance: int) -> Positions:
        """The positions p for which p + distance is among the others."""

    def documents_at(self, positions: Positions, blocks: memoryview[int], block: int) -> Frequencies:
        """The documents of positions, and how many positions each has."""

    def documents_of_lists(self, parts: Sequence[ListPart], blocks: memoryview[int], block: int) -> Frequencies:
        """The documents of all positions of at least one gram list, and how many positions each has."""

    def decode_words(self, parts: Sequence[ListPart]) -> Frequencies:
        """The documents of a word list, and the word's frequencies."""

    def restrict(self, frequencies: Frequencies, live: memoryview[int]) -> Frequencies:
        """Without the documents for which `live` is zero."""

    # Terms

    def no_frequencies(self) -> Frequencies:
        """No document."""

    def add(self, left: Frequencies, right: Frequencies) -> Frequencies:
        """The documents of either, with the sums of their frequencies."""

    def weigh(self, fields: Iterable[tuple[Frequencies, FieldWeight]], k1: float) -> Match:
        """BM25F without the term's own weight: frequencies of all fields, weighted, normalised by length, saturated."""

    def size(self, match: Match | Frequencies) -> int:
        """How many documents match."""

    def weight_at(self, match: Match, document: int) -> float:
        """The weight in one document, 0 where it does not match."""

    def frequency_at(self, frequencies: Frequencies, document: int) -> int:
        """The frequency in one document, 0 where it has none."""

    # Sets of documents

    def every_document(self, documents: int) -> DocumentSet:
        """All documents."""

    def with_codes(self, column: memoryview[int], codes: Iterable[int]) -> DocumentSet:
        """Documents whose number in the column is one of the codes."""

    def between(self, column: memoryview[int], first: int, last: int) -> DocumentSet:
        """Documents whose number in the column lies between these, both included."""

    def cardinality(self, found: DocumentSet) -> int:
        """How many documents are in the set."""

    def contains(self, found: DocumentSet, document: int) -> bool:
        """True if the document is in the set."""

    def members(self, found: DocumentSet) -> Members:
        """The documents of a set as a list."""

    def split(self, members: Members, found: DocumentSet) -> tuple[Members, Members]:
        """The members that are in the set, and the others."""

    # Scores

    def sum_scores(self, matches: Sequence[tuple[Match, float]], members: Members, documents: int) -> Scores:
        """Each member's weights in all matches, times the factor beside each match, summed."""

    def demote(self, scores: Scores, members: Members, column: memoryview[int], factor: float) -> Scores:
        """The scores, times the factor where the column is not zero."""

    def top_k(
        self, members: Members, scores: Scores, days: memoryview[int], ids: memoryview[int], sort: str, k: int
    ) -> list[tuple[int, float]]:
        """The first k members with their scores. `sort` is relevance, newest or oldest.

        Equal scores are ordered by day, newest first, then by id; equal days by id. No day (0) comes last.
        """

    # Facets

    def counts(self, column: memoryview[int], members: Members) -> Counts:
        """How many of the members have each code."""

    def counts_of_groups(self, counts: Counts, groups: Sequence[Sequence[int]], codes: int) -> Counts:
        """The counts of codes, from counts of groups of codes; `codes` is one more than the largest code."""

    def count_of(self, counts: Counts, code: int) -> int:
        """How many have this code."""

    def top_counts(self, counts: Counts, k: int) -> list[tuple[int, int]]:
        """The k most frequent codes with their counts, the lower code first where counts are equal."""

    def latest(self, counts: Counts, k: int) -> list[tuple[int, int]]:
        """The k highest codes with their counts, the highest first."""
