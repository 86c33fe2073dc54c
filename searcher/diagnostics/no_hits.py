"""The no-hits report: terms that no document has, terms that never occur together, near forms, filters to leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from corpus.value import replace
from searcher.diagnostics.near_forms import near_forms
from searcher.execution.collectors import TotalHits
from searcher.execution.engine import Engine
from searcher.execution.plan import Plan, make_plan, node_plan
from searcher.query.build_tree import all_of
from searcher.query.canonical import canonical_form
from searcher.query.query_cutter import QueryCutter
from searcher.query.tree import (
    Alternatives,
    And,
    DateRange,
    FieldValue,
    Node,
    Not,
    Or,
    Query,
    Term,
    conjuncts,
    span_of,
)
from searcher.results import LeftOut, NearForm, NoHitsReport, QueryPart, Request, TermCount, Without

#: Of a pasted page only so many terms are counted, tried in pairs, and looked at for near forms.
_MOST_TERMS: Final = 16
_MOST_IN_PAIRS: Final = 8
_MOST_NEAR: Final = 4
#: Pairs of terms that are named.
_MOST_APART: Final = 3


def no_hits_report(query: Query, request: Request, plan: Plan, engine: Engine, cutter: QueryCutter) -> NoHitsReport:
    """The report on a query that found nothing; costs about as much as ten queries."""
    return _Reporter(query, request, plan, engine, cutter).report()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A query and request with something left out."""

    left_out: LeftOut
    query: Query
    request: Request


@dataclass(frozen=True, slots=True)
class _Reporter:
    query: Query
    request: Request
    plan: Plan
    engine: Engine
    cutter: QueryCutter

    def report(self) -> NoHitsReport:
        leaves = list(dict.fromkeys(_leaves(self.query.root)))[:_MOST_TERMS]
        documents = {leaf: self._documents(leaf) for leaf in leaves}
        missing = [leaf for leaf in leaves if not documents[leaf]]
        return NoHitsReport(
            terms=tuple(
                TermCount(
                    **_part(self.request.query, leaf),
                    documents=documents[leaf],
                    passing=self._total(node_plan(self.plan, leaf, self.plan.filters)),
                    is_empty=isinstance(leaf, Term) and not leaf.text,
                )
                for leaf in leaves
            ),
            missing=tuple(self._query_part(leaf) for leaf in missing),
            apart=tuple(tuple(map(self._query_part, group)) for group in self._apart()),
            near=tuple(near for leaf in missing[:_MOST_NEAR] for near in self._near(leaf)),
            without=tuple(self._without()),
        )

    def _apart(self) -> list[tuple[Node, ...]]:
        """Groups of parts each of which has documents, but never all of them in one."""
        parts = [part for part in conjuncts(self.query) if not isinstance(part, Not)][:_MOST_IN_PAIRS]
        if not all(map(self._documents, parts)):
            return []
        apart: list[tuple[Node, ...]] = [pair for pair in combinations(parts, 2) if not self._documents(And(pair))]
        if not apart and len(parts) > 2 and not self._documents(And(tuple(parts))):
            apart = [tuple(parts)]
        return apart[:_MOST_APART]

    def _near(self, leaf: Node) -> Iterator[NearForm]:
        term = leaf.terms[0] if isinstance(leaf, Alternatives) else leaf
        if not isinstance(term, Term) or not term.text:
            return
        forms = [term.text] if not term.is_literal or term.is_title else []
        whole = [form for form in forms if self._with_string(form)]
        for form in whole or near_forms(term.text, lambda form: bool(self._with_string(form)), self.cutter):
            yield NearForm(term=_text(leaf), form=form, documents=self._with_string(form))

    def _without(self) -> Iterator[Without]:
        """What would be found without each filter, and without each part of the query that only filters."""
        attempts = [*self._without_filters(), *self._without_parts()]
        hits = [self._hits(attempt.query, attempt.request) for attempt in attempts]
        for attempt, number in zip(attempts, hits, strict=True):
            if number:
                yield _without((attempt,), number)
        if len(attempts) > 1 and not any(hits):
            rest = replace(self.query, root=all_of(part for part in conjuncts(self.query) if not _is_filtering(part)))
            unfiltered = replace(self.request, filters={}, date_from=None, date_to=None)
            number = self._hits(rest, unfiltered) if rest.root else 0
            if number:
                yield _without(attempts, number)

    def _without_filters(self) -> Iterator[_Attempt]:
        for name, values in self.request.filters.items():
            others = {other: rest for other, rest in self.request.filters.items() if other != name}
            left_out = LeftOut(text=f"{name}={', '.join(values)}", filter=name)
            yield _Attempt(left_out, self.query, replace(self.request, filters=others))
        if self.request.date_from or self.request.date_to:
            request = replace(self.request, date_from=None, date_to=None)
            text = f"date={self.request.date_from or ''}..{self.request.date_to or ''}"
            yield _Attempt(LeftOut(text=text, filter="date"), self.query, request)

    def _without_parts(self) -> Iterator[_Attempt]:
        parts = conjuncts(self.query)
        for part in [part for part in parts if _is_filtering(part)][:_MOST_IN_PAIRS] if len(parts) > 1 else ():
            rest = replace(self.query, root=all_of(other for other in parts if other is not part))
            yield _Attempt(LeftOut(**_part(self.request.query, part)), rest, self.request)

    def _documents(self, node: Node) -> int:
        """Documents that match a node, whatever the filters."""
        return self._total(node_plan(self.plan, node))

    def _with_string(self, text: str) -> int:
        """Documents that have a string, in whatever field and inside runs as well."""
        return self.engine.document_frequency(Term(text=text, is_literal=True))

    def _hits(self, query: Query, request: Request) -> int:
        return self._total(make_plan(query, request, self.cutter))

    def _total(self, plan: Plan) -> int:
        total = TotalHits()
        return self.engine.execute(plan, total)[total].both

    def _query_part(self, node: Node) -> QueryPart:
        return QueryPart(**_part(self.request.query, node))


def _without(attempts: Sequence[_Attempt], hits: int) -> Without:
    left_out = tuple(attempt.left_out for attempt in attempts)
    return Without(part=" ".join(one.text for one in left_out), left_out=left_out, hits=hits)


def _is_filtering(part: Node) -> bool:
    """True if a part of a query finds nothing by itself."""
    return isinstance(part, Not | FieldValue | DateRange)


def _leaves(node: Node | None) -> Iterable[Node]:
    """What a document is found by: terms (alternatives count as one), values and date ranges."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    elif node is not None and not isinstance(node, Not):
        yield node


def _part(typed: str, node: Node) -> dict[str, Any]:
    """The fields of a query part (`Any`: they are of three types). The span of a group includes its brackets."""
    start, end = span_of(node)
    while isinstance(node, Or) and typed[:start].rstrip().endswith(("(", "（")):
        after = typed[end:].lstrip()
        if not after.startswith((")", "）")):
            break
        start, end = len(typed[:start].rstrip()) - 1, len(typed) - len(after) + 1
    return {"text": _text(node), "start": start, "end": end}


def _text(node: Node) -> str:
    return canonical_form(Query(node))
