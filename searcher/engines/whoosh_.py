"""Evaluates a plan over a generation written through Whoosh: which documents, in which tier, how well, how many.

Posting lists are read as they stand; Whoosh's matchers, query parser, Searcher, groupedby and highlighter are not on
this path, nor is Whoosh itself.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from indexer.columns import BODY_BLOCK, TITLE_BLOCK
from indexer.engines.packed import PackedIndex, Postings
from indexer.postings import EDGE_CODE, GramList, gram_list, gram_lists
from searcher.page import FacetName
from searcher.plan import Plan, String
from searcher.ranking import PARAMETERS, Lengths, inverse_frequency

FACETS: Final[tuple[FacetName, ...]] = ("account", "type", "genre", "month")

#: Places and postings that the standard library decodes in about the time that importing numpy takes (100 ms).
_PLAIN_LIMIT: Final = 300_000
#: The same where numpy has been imported already: what its calls cost, some sixty of them for a plan.
_PLAIN_LIMIT_BESIDE_NUMPY: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A slice of the hits in order, exact ones first, and the counts of all of them.

    Numbers are the generation's own and never leave the searcher.
    """

    numbers: list[int]
    scores: dict[int, float]
    exact: frozenset[int]
    exact_total: int
    related_total: int
    facets: dict[FacetName, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Field:
    """The names of one text field's parts in the index."""

    words: str
    grams: str
    blocks: str
    block: int


_TITLE: Final = _Field("title", "title_grams", "title_blocks", TITLE_BLOCK)
_BODY: Final = _Field("body", "body_grams", "body_blocks", BODY_BLOCK)


class Evaluator:
    """Answers plans from one generation; may be shared by threads."""

    def __init__(self, directory: Path, arrays: ModuleType | None = None) -> None:
        """`arrays` is one of searcher.arrays' twins; by default each plan gets the one that answers sooner."""
        self._index = PackedIndex(directory)
        self._arrays = arrays
        columns = self._index.columns
        self._lengths = Lengths(
            title=columns["title_lengths"],
            body=columns["body_lengths"],
            title_mean=columns.about["title_mean"] or 1.0,
            body_mean=columns.about["body_mean"] or 1.0,
        )

    def close(self) -> None:
        """Release the generation's files."""
        self._index.close()

    def number(self, id: str) -> int | None:
        """The number of a document, None when there is no such id."""
        try:
            wanted = int(id, 16)
        except ValueError:
            return None
        if id != f"{wanted:016x}":
            return None
        return next((number for number, known in enumerate(self._index.columns["ids"]) if known == wanted), None)

    def evaluate(self, plan: Plan, first: int, last: int) -> Ranked:
        """The hits from rank `first` to before `last`, exact totals and facet counts over all of them."""
        lists = _Lists(self._index, plan)
        arrays = self._arrays or self._twin(plan, lists)
        return _Evaluation(self._index, self._lengths, arrays, plan, lists).ranked(first, last)

    def _twin(self, plan: Plan, lists: _Lists) -> ModuleType:
        work = lists.work
        if not plan.wanted or not plan.filters.is_empty:
            work += self._index.documents
        if work <= (_PLAIN_LIMIT if "numpy" not in sys.modules else _PLAIN_LIMIT_BESIDE_NUMPY):
            from searcher.arrays import plain

            return plain
        from searcher.arrays import numpy_

        return numpy_


class _Lists:
    """Where the lists of everything that a plan names lie, looked up once."""

    def __init__(self, index: PackedIndex, plan: Plan) -> None:
        self._index = index
        self.words: dict[tuple[_Field, str], Postings | None] = {}
        self.grams: dict[tuple[_Field, String], list[tuple[GramList, int]]] = {}
        #: Numbers to be decoded, about.
        self.work = 0
        strings = (*plan.wanted, *plan.unwanted)
        names = {*plan.words, *(string.text for string in strings if string.is_word)}
        for field in (_TITLE, _BODY):
            for word in names:
                found = self.words[field, word] = index.find(field.words, word)
                self.work += found.documents if found else 0
            for string in strings:
                lists = self.grams[field, string] = self._proof(field, string)
                self.work += sum(gram.length for gram, _ in lists)

    def _proof(self, field: _Field, string: String) -> list[tuple[GramList, int]]:
        """The lists that prove a string, each with its offset; none where one is missing: no document has it.

        Those of a single character are the lists of all its pairs: one of them stands wherever it does.
        """
        found = []
        for gram, offset in string.grams:
            postings = self._index.find(field.grams, gram[0])
            if postings is None:
                return []
            if len(gram) == 1:
                every = gram_lists(self._index.postings, postings.start)
                return [(pair, 0) for code, pair in every if code != EDGE_CODE]
            pair = gram_list(self._index.postings, postings.start, ord(gram[1]))
            if pair is None:
                return []
            found.append((pair, offset))
        return found


class _Evaluation:
    """One plan being answered with one of the twins."""

    def __init__(self, index: PackedIndex, lengths: Lengths, arrays: ModuleType, plan: Plan, lists: _Lists) -> None:
        self._index = index
        self._lengths = lengths
        self._arrays: Any = arrays
        self._plan = plan
        self._lists = lists
        self._scores = arrays.new_scores(index.documents)
        self._found: dict[str, tuple[Any, float]] = {}

    def ranked(self, first: int, last: int) -> Ranked:
        """Evaluate."""
        arrays, columns = self._arrays, self._index.columns
        exact = self._exact()
        related = self._related()
        matching = exact if related is None else arrays.unite(exact, related)
        for string in self._plan.unwanted:
            matching = arrays.subtract(matching, arrays.having(*self._both(string), self._index.documents))
        matching, members, facets = self._filtered(matching)
        exact = arrays.intersect(exact, matching)
        numbers = arrays.ordered(members, exact, self._scores, columns["days"], columns["ids"], self._plan.sort, last)[
            first:
        ]
        exact_total = arrays.size(exact)
        return Ranked(
            numbers=numbers,
            scores=arrays.scores_of(self._scores, numbers),
            exact=arrays.chosen(exact, numbers),
            exact_total=exact_total,
            related_total=len(members) - exact_total,
            facets=facets,
        )

    def _exact(self) -> Any:
        """Documents that have every string; each string adds to the scores."""
        documents = self._index.documents
        sets = []
        for string in self._plan.wanted:
            title, body = self._both(string)
            weight = self._add_scores(title, body, PARAMETERS.strings)
            having = self._arrays.having(title, body, documents)
            sets.append(having)
            self._found[string.text] = (having, weight)
        return reduce(self._arrays.intersect, sets) if sets else self._arrays.everything(documents)

    def _related(self) -> Any:
        """Documents whose words hold enough of the query's weight; each word that is no string adds to the scores.

        None where no other than the exact ones could be among them: a single word is found as a string already.
        """
        if all(word in self._found for word in self._plan.words) and len(self._plan.words) < 2:
            return None
        arrays = self._arrays
        held = arrays.new_scores(self._index.documents)
        weights = []
        for word in self._plan.words:
            if word not in self._found:
                title, body = self._words(_TITLE, word), self._words(_BODY, word)
                weight = self._add_scores(title, body, 1.0)
                self._found[word] = (arrays.having(title, body, self._index.documents), weight)
            having, weight = self._found[word]
            if arrays.size(having):
                arrays.add_weight(held, having, weight)
                weights.append(weight)
        # A word that no document has would weigh most of all; it counts as much as the others do on the average.
        whole = sum(weights) / max(len(weights), 1) * len(self._plan.words)
        return arrays.at_least(held, PARAMETERS.share * whole) if whole else arrays.nowhere(self._index.documents)

    def _add_scores(self, title: Any, body: Any, factor: float) -> float:
        weight = inverse_frequency(self._arrays.count_both(title, body), self._index.documents)
        self._arrays.add_scores(self._scores, title, body, self._lengths, factor * weight, PARAMETERS)
        return weight

    def _both(self, string: String) -> tuple[Any, Any]:
        """Occurrences of a string in title and body."""
        return self._occurrences(_TITLE, string), self._occurrences(_BODY, string)

    def _occurrences(self, field: _Field, string: String) -> Any:
        """Documents that have the string in the field, and how often."""
        if string.is_word:
            return self._words(field, string.text)
        arrays, postings, blocks = self._arrays, self._index.postings, self._index.columns[field.blocks]
        lists = self._lists.grams[field, string]
        if not lists:
            return arrays.nothing()
        if len(string.grams[0][0]) == 1:
            return arrays.documents_of_lists(postings, [gram for gram, _ in lists], blocks, field.block)
        # From the rarest on: what is left to look for shrinks at once.
        (rarest, base), *others = sorted(lists, key=lambda pair: pair[0].length)
        places = arrays.decode_places(postings[rarest.start : rarest.end])
        for gram, offset in others:
            if not len(places):
                return arrays.nothing()
            following = arrays.decode_places(postings[gram.start : gram.end])
            places = arrays.follow(places, following, offset - base)
        return arrays.documents(places, blocks, field.block)

    def _words(self, field: _Field, word: str) -> Any:
        found = self._lists.words[field, word]
        if found is None:
            return self._arrays.nothing()
        return self._arrays.decode_words(self._index.postings[found.start : found.end], found.documents)

    def _filtered(self, matching: Any) -> tuple[Any, Any, dict[FacetName, dict[str, int]]]:
        """The documents that pass all filters, as a set and as numbers, and the counts of each facet.

        A facet counts the documents that pass all filters but its own.
        """
        arrays, columns, filters = self._arrays, self._index.columns, self._plan.filters
        if filters.first_day is not None or filters.last_day is not None:
            first, last = filters.first_day or 1, filters.last_day or 1 << 31
            matching = arrays.intersect(matching, arrays.between(columns["days"], first, last))
        passing = {name: having for name in FACETS if (having := self._passing(name)) is not None}
        hits = reduce(arrays.intersect, passing.values(), matching)
        members = arrays.members(hits)
        facets = {}
        for name in FACETS:
            counted = members
            if name in passing:
                rest = [having for other, having in passing.items() if other != name]
                counted = arrays.members(reduce(arrays.intersect, rest, matching))
            facets[name] = self._count(name, counted)
        return hits, members, facets

    def _passing(self, name: FacetName) -> Any:
        """Documents with one of the selected values; None without a selection."""
        chosen = self._plan.filters.chosen(name)
        if not chosen:
            return None
        columns = self._index.columns
        if name == "month":
            return self._arrays.with_codes(columns["months"], [_month_code(month) for month in chosen])
        names = columns.names[name]
        codes = [names.index(value) for value in chosen if value in names]
        if name == "type":
            return self._arrays.with_values(columns["type_starts"], columns["types"], codes)
        return self._arrays.with_codes(columns["accounts" if name == "account" else "genres"], codes)

    def _count(self, name: FacetName, members: Any) -> dict[str, int]:
        columns = self._index.columns
        if name == "month":
            counts = self._arrays.count(columns["months"], members)
            return {f"{code // 12:04d}-{code % 12 + 1:02d}": n for code, n in counts.items() if code}
        if name == "type":
            counts = self._arrays.count_values(columns["type_starts"], columns["types"], members)
        else:
            counts = self._arrays.count(columns["accounts" if name == "account" else "genres"], members)
        names = columns.names[name]
        return {names[code]: number for code, number in counts.items() if names[code]}


def _month_code(month: str) -> int:
    """The number that columns hold for a month written YYYY-MM; one that none has for anything else."""
    year, _, number = month.partition("-")
    is_month = len(month) == 7 and year.isdecimal() and number.isdecimal()
    return int(year) * 12 + int(number) - 1 if is_month else 1
