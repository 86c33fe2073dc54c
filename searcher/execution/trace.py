"""One plan evaluated as always, over array operations that remember what they were asked: no formula is repeated here.

So what is told of a document's score are the very numbers that it was summed from.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial, reduce
from types import ModuleType
from typing import Any

from corpus.fields import FacetName
from searcher.diagnostics.reports import Part, PartKind, Share, TermReport
from searcher.execution.evaluator import Evaluator, Ranked, _Evaluation
from searcher.execution.plan import Plan, String
from searcher.execution.ranking import PARAMETERS, inverse_frequency
from searcher.query.tree import Alternatives, And, Node, Or, Term

#: What names a match: a word, or the strings that count as one.
_Key = str | tuple[String, ...]


class Trace(_Evaluation):
    """An evaluation that can be asked about single documents; for one thread."""

    def __init__(self, evaluator: Evaluator, arrays: ModuleType, plan: Plan) -> None:
        self._heard = _Listening(arrays)
        super().__init__(evaluator, self._heard, plan)  # type: ignore[arg-type]  # stands for the module
        #: The matches by identity; they are held, so that no other one gets the identity of one that has gone.
        self._names: dict[int, tuple[_Key, Any]] = {}
        self._ranked: Ranked | None = None

    def slice(self, first: int = 0, last: int | None = None) -> Ranked:
        """The hits between two ranks, all of them by default; one slice for each trace, that of the first call."""
        if self._ranked is None:
            self._ranked = self.ranked(first, self._documents if last is None else last)
        return self._ranked

    def rank(self, number: int) -> int | None:
        """The place of a document in the slice, from 1; None when it is not there."""
        numbers = self.slice().numbers
        return numbers.index(number) + 1 if number in numbers else None

    def has(self, node: Node | None, number: int) -> bool:
        """Does the document satisfy the node, whose terms are the plan's?"""
        return number in self._arrays.members(self._having(node, False))

    def count(self, node: Node | None, is_filtered: bool = False) -> int:
        """How many documents satisfy the node; under the filters if so wanted."""
        found = self._having(node, False)
        if is_filtered:
            found = reduce(self._arrays.intersect, self._filters().values(), found)
        return len(self._arrays.members(found))

    def failed_filters(self, number: int) -> list[FacetName | str]:
        """The filters, "date" for the days and "form" for the forms of documents, that leave the document out."""
        return [name for name, passing in self._filters().items() if number not in self._arrays.members(passing)]

    def terms(self) -> Iterator[TermReport]:
        """The strings and words of the plan, and what else ranked related documents of the slice."""
        wanted: dict[_Key, Any] = {}
        self.slice()
        for node in self._wanted(self._plan.root):
            match = self._match(node)
            wanted.setdefault(self._names[id(match)][0], match)
        for matches in (self._heard.held, *self._heard.sums):
            for match, _ in matches:
                wanted.setdefault(self._names[id(match)][0], match)
        for key, match in wanted.items():
            size = self._arrays.size(match)
            weight = inverse_frequency(size, self._documents)
            yield TermReport(kind=self._kind(key), text=_text(key), documents=size, weight=weight)

    def parts(self, number: int, is_exact: bool) -> list[Part]:
        """What the score of one of the slice's hits was summed from, lowered as it was, the largest part first."""
        if not self._heard.sums:
            return []
        lowered = PARAMETERS.demotion if self._columns["demoted"][number] else 1.0
        parts = []
        for match, factor in self._heard.sums[0 if is_exact else -1]:
            score = lowered * factor * self._arrays.weight_at(match, number)
            if score:
                key = self._names[id(match)][0]
                find = partial(self._words, key) if isinstance(key, str) else partial(self._any_of, key)
                counts = {field: self._arrays.frequency_at(find(field), number) for field in self._fields}
                parts.append(Part(kind=self._kind(key), text=_text(key), score=score, **counts))
        return sorted(parts, key=lambda part: -part.score)

    def share(self, number: int) -> Share | None:
        """The share of the query's weight that a document holds; None where words cannot make it a hit."""
        self.slice()
        whole = sum(factor for _, factor in self._heard.held)
        if not whole:
            return None
        held = sum(factor for match, factor in self._heard.held if self._arrays.weight_at(match, number))
        return Share(held=held / whole, asked=self._heard.least / whole)

    def _remembered(self, key: Hashable, occurrences: Callable[[str], Any]) -> Any:
        match = super()._remembered(key, occurrences)
        self._names.setdefault(id(match), (key, match))  # type: ignore[arg-type]
        return match

    def _wanted(self, node: Node | None) -> Iterator[tuple[Term, ...]]:
        """Terms that are found and weighed as one."""
        if isinstance(node, Term):
            yield (node,)
        elif isinstance(node, Alternatives):
            yield node.terms
        elif isinstance(node, And | Or):
            for part in node.parts:
                yield from self._wanted(part)

    def _kind(self, key: _Key) -> PartKind:
        if isinstance(key, str):
            return "word"
        if key[0] in self._plan.strings.values():
            return "string"
        return "pair" if key[0] in self._plan.pairs else "character"


class _Listening:
    """Array operations that keep what scores and shares were asked to be summed from."""

    def __init__(self, arrays: ModuleType) -> None:
        self.__name__ = arrays.__name__
        self._arrays = arrays
        self.sums: list[Sequence[tuple[Any, float]]] = []
        self.held: Sequence[tuple[Any, float]] = ()
        self.least = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._arrays, name)

    def sum_scores(self, matches: Sequence[tuple[Any, float]], members: Any, documents: int) -> Any:
        """Scores, as they are."""
        self.sums.append(tuple(matches))
        return self._arrays.sum_scores(matches, members, documents)

    def min_should_match(self, matches: Sequence[tuple[Any, float]], least: float, documents: int) -> Any:
        """Documents that hold enough, as they are."""
        self.held, self.least = tuple(matches), least
        return self._arrays.min_should_match(matches, least, documents)


def _text(key: _Key) -> str:
    """The strings that count as one, the one typed first."""
    if isinstance(key, str):
        return key
    return " = ".join(f"title:{string.text}" if string.is_title else string.text for string in key)
