"""Evaluates a plan over a generation written through Whoosh: which documents, in which tier, how well, how many.

Posting lists are read as they stand; Whoosh's matchers, query parser, Searcher, groupedby and highlighter are not on
this path, nor is Whoosh itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

from corpus.fields import FACETS, FacetName
from indexer.analysis.normalise import normalise
from indexer.postings.reader import PackedIndex
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.days import day_range
from searcher.execution.lru_cache import Recent
from searcher.execution.plan import Plan, String
from searcher.execution.posting_lists import Lists
from searcher.execution.ranking import PARAMETERS, FieldWeight, Lengths, inverse_frequency
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Term

if TYPE_CHECKING:
    from searcher.execution.trace import Trace

#: Values of a facet that are named, besides the selected ones; their counts are exact.
FACET_VALUES: Final = 50

#: Places and postings that the standard library decodes in about the time that importing numpy takes (100 ms).
_PLAIN_LIMIT: Final = 300_000
#: The same where numpy has been imported already: what its calls cost, some sixty of them for a plan.
_PLAIN_LIMIT_BESIDE_NUMPY: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A slice of the hits in order, exact ones first, and the counts of all of them.

    Facets name the most frequent values, months the newest ones, and all selected ones. Numbers are the generation's
    own and never leave the searcher.
    """

    numbers: list[int]
    scores: dict[int, float]
    exact: frozenset[int]
    exact_total: int
    related_total: int
    facets: dict[FacetName, dict[str, int]]


class Evaluator:
    """Answers plans from one generation; may be shared by threads."""

    def __init__(self, directory: Path, arrays: ModuleType | None = None) -> None:
        """`arrays` is a twin of searcher.execution.arrays; by default each plan gets the one that answers sooner."""
        self.index = PackedIndex(directory)
        self._arrays = arrays
        columns = self.index.columns
        self.lengths = {
            field: Lengths(columns[f"{field}_lengths"], columns.header[f"{field}_mean"] or 1.0) for field in BLOCK_SIZES
        }
        self.lists = Lists(self.index)
        self.recent = Recent()

    def close(self) -> None:
        """Release the generation's files."""
        self.index.close()

    def number(self, id: str) -> int | None:
        """The number of a document, None when there is no such id."""
        try:
            wanted = int(id, 16)
        except ValueError:
            return None
        if id != f"{wanted:016x}":
            return None
        return next((number for number, known in enumerate(self.index.columns["ids"]) if known == wanted), None)

    def evaluate(self, plan: Plan, first: int, last: int) -> Ranked:
        """The hits from rank `first` to before `last`, exact totals and facet counts over all of them."""
        return _Evaluation(self, self._arrays or self._twin(plan), plan).ranked(first, last)

    def trace(self, plan: Plan) -> Trace:
        """The same evaluation, to be asked what the score of a document is made of."""
        from searcher.execution.trace import Trace  # deferred: few requests ask

        return Trace(self, self._arrays or self._twin(plan), plan)

    def frequency(self, word: str) -> int:
        """How many documents have the word in the title or in the body, whichever are more."""
        found = [self.lists.word(field, word) for field in ("title", "body")]
        return max(postings.documents if postings else 0 for postings in found)

    def count(self, plan: Plan) -> int:
        """How many documents have the one term of a plan; what was decoded is kept for the search that follows."""
        return _Evaluation(self, self._arrays or self._twin(plan), plan).matching()

    def _twin(self, plan: Plan) -> ModuleType:
        work = self.lists.work(plan)
        if not plan.strings or not plan.filters.is_empty:
            work += self.index.documents
        if work <= (_PLAIN_LIMIT if "numpy" not in sys.modules else _PLAIN_LIMIT_BESIDE_NUMPY):
            from searcher.execution.arrays import plain

            return plain
        from searcher.execution.arrays import numpy_

        return numpy_


class _Evaluation:
    """One plan being answered with one of the twins."""

    def __init__(self, evaluator: Evaluator, arrays: ModuleType, plan: Plan) -> None:
        self._index = evaluator.index
        self._columns = evaluator.index.columns
        self._documents = evaluator.index.documents
        self._fields = weights_of_fields(evaluator.lengths)
        self._recent = evaluator.recent
        self._arrays: Any = arrays
        self._plan = plan
        self._lists = evaluator.lists
        self._found: dict[str, Any] = {}
        #: What ranks, each with its factor.
        self._ranking: list[tuple[Any, float]] = []

    def ranked(self, first: int, last: int) -> Ranked:
        """Evaluate."""
        arrays, columns, plan = self._arrays, self._columns, self._plan
        exact = self._having(plan.root)
        matching = arrays.union(exact, self._related()) if plan.has_related else exact
        hits, facets = self._filtered(matching)
        tiers = [hits]
        if plan.has_related:
            tiers = list(arrays.split(hits, exact))
        shown: list[tuple[int, float]] = []
        before = 0
        for tier, members in zip(("exact", "related"), tiers, strict=False):
            low, high = max(first - before, 0), min(last - before, len(members))
            if low < high:
                if tier == "related":
                    self._rank_by_pairs()
                scores = arrays.sum_scores(self._ranking, members, self._documents)
                scores = arrays.demote(scores, members, columns["demoted"], PARAMETERS.demotion)
                order = arrays.top_k(members, scores, columns["days"], columns["ids"], plan.sort, high)
                shown += order[low:]
            before += len(members)
        exact_total = len(tiers[0])
        numbers = [number for number, _ in shown]
        return Ranked(
            numbers=numbers,
            scores=dict(shown),
            exact=frozenset(numbers[: max(exact_total - first, 0)]),
            exact_total=exact_total,
            related_total=len(hits) - exact_total,
            facets=facets,
        )

    def matching(self) -> int:
        """Documents that have any of the plan's terms."""
        size: int = self._arrays.size(self._match(tuple(self._plan.strings)))
        return size

    def _having(self, node: Node | None, is_wanted: bool = True) -> Any:
        """Documents that satisfy a node; wanted terms add to the scores."""
        arrays = self._arrays
        if node is None:
            return arrays.every_document(self._documents)
        if isinstance(node, And):
            wanted = [self._having(part, is_wanted) for part in node.parts if not isinstance(part, Not)]
            found = reduce(arrays.intersect, wanted) if wanted else arrays.every_document(self._documents)
            for part in node.parts:
                if isinstance(part, Not):
                    found = arrays.difference(found, self._having(part.part, False))
            return found
        if isinstance(node, Or):
            return reduce(arrays.union, [self._having(part, is_wanted) for part in node.parts])
        if isinstance(node, Not):
            return arrays.difference(arrays.every_document(self._documents), self._having(node.part, False))
        if isinstance(node, FieldValue):
            return self._value(node)
        if isinstance(node, DateRange):
            return arrays.between(self._columns["days"], *day_range(node.first, node.last))
        match = self._match(node.terms if isinstance(node, Alternatives) else (node,))
        if is_wanted:
            self._rank_by(match, PARAMETERS.strings)
        return arrays.documents_of(match, self._documents)

    def _related(self) -> Any:
        """Documents whose words hold enough of the query's weight; the words add to the scores."""
        arrays, plan = self._arrays, self._plan
        matches = []
        whole = 0.0
        for word in plan.words:
            match = self._found.get(word)
            if match is None:
                match = self._remembered(word, partial(self._words, word))
                self._rank_by(match, PARAMETERS.words)
            weight = inverse_frequency(arrays.size(match), self._documents)
            whole += weight
            matches.append((match, weight))
        if not any(arrays.size(match) for match, _ in matches):
            return arrays.no_document(self._documents)
        unknown = sum(not arrays.size(match) for match, _ in matches)
        least = PARAMETERS.least_share(len(plan.words), unknown, plan.is_compound)
        found = arrays.min_should_match(matches, least * whole, self._documents)
        return found if plan.strict is None else arrays.intersect(found, self._having(plan.strict, False))

    def _rank_by_pairs(self) -> None:
        """Let pairs of characters and rare characters rank, too; common ones weigh next to nothing and cost most."""
        rare = self._documents * PARAMETERS.rare
        characters = [string for string in self._plan.characters if self._lists.places(string.text) < rare]
        for strings, factor in ((self._plan.pairs, PARAMETERS.pairs), (characters, PARAMETERS.characters)):
            for string in strings:
                if string.text not in self._found:
                    self._rank_by(self._remembered((string,), partial(self._any_of, (string,))), factor)

    def _rank_by(self, match: Any, factor: float) -> None:
        size = self._arrays.size(match)
        if size:
            self._ranking.append((match, factor * inverse_frequency(size, self._documents)))

    def _match(self, terms: tuple[Term, ...]) -> Any:
        """Documents that have any of the terms, and how well."""
        strings = tuple(dict.fromkeys(self._plan.strings[term] for term in terms))
        match = self._remembered(strings, partial(self._any_of, strings))
        if len(strings) == 1 and not strings[0].is_title:
            self._found.setdefault(strings[0].text, match)
        return match

    def _remembered(self, key: Hashable, occurrences: Callable[[str], Any]) -> Any:
        """The weighed documents of a term, kept for the next queries: they come again with every page and facet."""
        key = (self._arrays.__name__, key)
        match = self._recent.get(key)
        if match is None:
            found = [(occurrences(field), weight) for field, weight in self._fields.items()]
            match = self._arrays.weigh(found, PARAMETERS.k1)
            self._recent.put(key, match, self._arrays.size(match))
        return match

    def _any_of(self, strings: tuple[String, ...], field: str) -> Any:
        """Documents that have any of the strings in the field, and how often."""
        return reduce(self._arrays.add, [self._occurrences(string, field) for string in strings])

    def _occurrences(self, string: String, field: str) -> Any:
        """Documents that have the string in the field, and how often."""
        arrays, postings, blocks = self._arrays, self._index.postings, self._columns[f"{field}_blocks"]
        if string.is_title and field != "title":
            return arrays.no_frequencies()
        if string.is_word:
            return self._words(string.text, field)
        lists = self._lists.proof(field, string)
        if not lists:
            return arrays.no_frequencies()
        if len(string.grams[0][0]) == 1:
            return arrays.documents_of_lists(postings, [gram for gram, _ in lists], blocks, BLOCK_SIZES[field])
        # From the rarest on: what is left to look for shrinks at once.
        (rarest, base), *others = sorted(lists, key=lambda pair: pair[0].length)
        places = arrays.decode_positions(postings[rarest.start : rarest.end])
        for gram, offset in others:
            if not len(places):
                return arrays.no_frequencies()
            following = arrays.decode_positions(postings[gram.start : gram.end])
            places = arrays.intersect_at(places, following, offset - base)
        return arrays.documents_at(places, blocks, BLOCK_SIZES[field])

    def _words(self, word: str, field: str) -> Any:
        found = self._lists.word(field, word)
        if found is None:
            return self._arrays.no_frequencies()
        return self._arrays.decode_words(self._index.postings[found.start : found.end], found.documents)

    def _filtered(self, matching: Any) -> tuple[Any, dict[FacetName, dict[str, int]]]:
        """The documents that pass all filters, and the counts of each facet: of those that pass all but its own."""
        arrays, passing = self._arrays, self._filters()
        hits = reduce(arrays.intersect, passing.values(), matching)
        members = arrays.members(hits)
        facets = {}
        for name in FACETS:
            counted = members
            if name in passing:
                rest = [having for other, having in passing.items() if other != name]
                counted = arrays.members(reduce(arrays.intersect, rest, matching))
            facets[name] = self._count(name, counted)
        return members, facets

    def _filters(self) -> dict[FacetName | str, Any]:
        """The documents that pass each filter: facets, "date" for the days, "form" for the forms of documents."""
        filters = self._plan.filters
        passing: dict[FacetName | str, Any] = {
            name: self._passing(name, values) for name, values in filters.chosen.items()
        }
        if filters.first_day is not None or filters.last_day is not None:
            days = day_range(filters.first_day, filters.last_day)
            passing["date"] = self._arrays.between(self._columns["days"], *days)
        if filters.forms:
            passing["form"] = self._passing("form", filters.forms)
        return passing

    def _passing(self, name: FacetName | Literal["form"], values: Collection[str]) -> Any:
        """Documents with one of the selected values."""
        codes = [code for value in values if (code := self._columns.ordinal(name, value)) is not None]
        return self._with_codes(name, codes)

    def _value(self, node: FieldValue) -> Any:
        """Documents with a name that contains the text, or is the text where that is quoted."""
        names = enumerate(map(normalise, self._columns.dictionaries[node.field]))
        if node.is_literal:
            return self._with_codes(node.field, [code for code, name in names if name == node.text])
        return self._with_codes(node.field, [code for code, name in names if node.text in name])

    def _with_codes(self, column: str, codes: list[int]) -> Any:
        return self._arrays.with_codes(self._columns[column], self._columns.array_values_with(column, codes))

    def _count(self, name: FacetName, members: Any) -> dict[str, int]:
        arrays, columns = self._arrays, self._columns
        counts = arrays.counts(columns[name], members)
        chosen = dict.fromkeys(self._plan.filters.chosen.get(name, ()), 0)
        if name in columns.combinations:
            counts = arrays.counts_of_groups(counts, columns.combinations[name])
        listed = (arrays.latest if FACETS[name].is_chronological else arrays.top_counts)(counts, FACET_VALUES)
        for value in chosen:
            code = columns.ordinal(name, value)
            chosen[value] = arrays.count_of(counts, code) if code is not None else 0
        names = columns.dictionaries[name]
        return {names[code]: number for code, number in listed if code} | chosen


def weights_of_fields(lengths: Mapping[str, Lengths]) -> dict[str, FieldWeight]:
    """How much the occurrences in each text field count."""
    p = PARAMETERS
    weights = {"title": (p.title, p.title_bonus), "heading": (p.heading, p.heading_bonus), "body": (1.0, 0.0)}
    return {field: FieldWeight(lengths[field], *weights[field], p.b, p.longest) for field in BLOCK_SIZES}
