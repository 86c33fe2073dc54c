"""Why nothing was found: which terms no document has, which never meet, what comes near, what a filter took away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from indexer.analysis.tokens import Cutter
from searcher.diagnostics.near_forms import near_forms
from searcher.diagnostics.reports import Near, TermCount, Without, ZeroReport
from searcher.execution.evaluator import Evaluator
from searcher.execution.plan import Plan, make_plan
from searcher.query.build_tree import all_of
from searcher.query.canonical import canonical_form
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Query, Term, conjuncts
from searcher.results import Request

#: A pasted page is not taken apart to the end: terms counted, terms tried in pairs, terms near forms are sought for.
_MOST_TERMS: Final = 16
_MOST_IN_PAIRS: Final = 8
_MOST_NEAR: Final = 4
#: Pairs of terms that are named.
_MOST_APART: Final = 3


def zero_report(query: Query, request: Request, evaluator: Evaluator, cutter: Cutter) -> ZeroReport:
    """The report on a query that found nothing; costs about as much as ten queries."""
    return _Zero(query, request, evaluator, cutter).report()


@dataclass(frozen=True, slots=True)
class _Zero:
    query: Query
    request: Request
    evaluator: Evaluator
    cutter: Cutter

    def report(self) -> ZeroReport:
        trace = self.evaluator.trace(self._plan(self.query, self.request))
        leaves = list(dict.fromkeys(_leaves(self.query.root)))[:_MOST_TERMS]
        terms = {leaf: trace.count(leaf) for leaf in leaves}
        passing = {leaf: trace.count(leaf, is_filtered=True) for leaf in leaves}
        missing = [leaf for leaf, documents in terms.items() if not documents]
        wanted = [part for part in conjuncts(self.query) if not isinstance(part, Not)][:_MOST_IN_PAIRS]
        apart: list[tuple[Node, ...]] = []
        if all(map(trace.count, wanted)):
            apart += [pair for pair in combinations(wanted, 2) if not trace.count(And(pair))][:_MOST_APART]
            if not apart and len(wanted) > 2 and not trace.count(And(tuple(wanted))):
                apart = [tuple(wanted)]
        return ZeroReport(
            terms=tuple(
                TermCount(text=_text(leaf), documents=terms[leaf], passing=passing[leaf])
                for leaf in leaves
                if _text(leaf)
            ),
            missing=tuple(map(_text, missing)),
            apart=tuple(tuple(map(_text, group)) for group in apart),
            near=tuple(near for leaf in missing[:_MOST_NEAR] for near in self._near(leaf)),
            without=tuple(self._without()),
        )

    def _near(self, leaf: Node) -> Iterator[Near]:
        term = leaf.terms[0] if isinstance(leaf, Alternatives) else leaf
        if not isinstance(term, Term) or not term.text:
            return
        forms = [term.text] if not term.is_literal or term.is_title else []
        whole = [form for form in forms if self._count(form)]
        for form in whole or near_forms(term.text, lambda form: bool(self._count(form)), self.cutter):
            yield Near(term=_text(leaf), form=form, documents=self._count(form))

    def _count(self, text: str) -> int:
        """Documents that have the string, wherever it stands."""
        term = Term(text=text, is_literal=True)
        return self.evaluator.trace(self._plan(Query(term), Request(query=text))).count(term)

    def _without(self) -> Iterator[Without]:
        """What would be found without each filter, and without each part of the query that only filters."""
        tries: list[tuple[str, Query, Request]] = []
        for name, values in self.request.filters.items():
            others = {other: rest for other, rest in self.request.filters.items() if other != name}
            tries.append((f"{name}={', '.join(values)}", self.query, replace(self.request, filters=others)))
        if self.request.date_from or self.request.date_to:
            request = replace(self.request, date_from=None, date_to=None)
            label = f"date={self.request.date_from or ''}..{self.request.date_to or ''}"
            tries.append((label, self.query, request))
        parts = conjuncts(self.query)
        filtering = [part for part in parts if isinstance(part, Not | FieldValue | DateRange)]
        if len(parts) > 1:
            for part in filtering[:_MOST_IN_PAIRS]:
                query = Query(all_of(other for other in parts if other is not part))
                tries.append((_text(part), query, self.request))
        found = [Without(part=label, hits=self._hits(query, request)) for label, query, request in tries]
        yield from (without for without in found if without.hits)
        if len(tries) > 1 and not any(without.hits for without in found):
            bare = Query(all_of(part for part in parts if part not in filtering))
            hits = self._hits(bare, replace(self.request, filters={}, date_from=None, date_to=None)) if bare.root else 0
            if hits:
                yield Without(part=" ".join(label for label, _, _ in tries), hits=hits)

    def _hits(self, query: Query, request: Request) -> int:
        ranked = self.evaluator.evaluate(self._plan(query, request), 0, 0)
        return ranked.exact_total + ranked.related_total

    def _plan(self, query: Query, request: Request) -> Plan:
        return make_plan(query, request, self.cutter)


def _leaves(node: Node | None) -> Iterable[Node]:
    """What a document is found by: terms (those that count as one together), values and days."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    elif node is not None and not isinstance(node, Not):
        yield node


def _text(node: Node) -> str:
    return canonical_form(Query(node))
