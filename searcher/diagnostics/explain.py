"""Explains why a document is a hit at its rank, or why it is none, by asking the engine that executed the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from corpus.document import Document
from corpus.fields import FIELDS
from indexer.analysis.normalise import normalise
from searcher.diagnostics.near_forms import near_forms
from searcher.diagnostics.reports import Excluded, Explanation, HitReport, Lack, WhyNot
from searcher.execution.collectors import RankedHit, TopHits
from searcher.execution.engine import Engine
from searcher.execution.plan import Plan, node_plan
from searcher.query.canonical import canonical_form
from searcher.query.query_cutter import QueryCutter
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Query, Term, conjuncts
from searcher.results import Request, SearchPage

#: Relative: the scores of a cluster have 32 bits.
_ROUNDING: Final = 1e-6


def explain(page: SearchPage, plan: Plan, ranked: Sequence[RankedHit], engine: Engine, offset: int) -> Explanation:
    """The page with its terms and a report for each of its hits, which `ranked` lists in the same order."""
    query = Query(plan.root)
    explained = engine.explain(plan, [hit.number for hit in ranked])
    reports = []
    for rank, (hit, (number, score, tier)) in enumerate(zip(page.hits, ranked, strict=True), offset + 1):
        parts = explained.parts[number]
        other = score - sum(part.score for part in parts)
        is_related = tier == "related"
        missing = [part for part in conjuncts(query) if is_related and not _matches(engine, plan, part, number)]
        reports.append(
            HitReport(
                id=hit.id,
                rank=rank,
                tier=tier,
                score=hit.score,
                parts=parts,
                # Nothing but rounding, as long as scores are sums over terms.
                other=other if abs(other) > abs(score) * _ROUNDING else 0.0,
                missing=tuple(canonical_form(Query(part)) for part in missing),
                share=explained.shares[number] if is_related else None,
            )
        )
    return Explanation(page=page, canonical=canonical_form(query), terms=explained.terms, hits=tuple(reports))


def why_not(number: int, request: Request, plan: Plan, engine: Engine, cutter: QueryCutter) -> WhyNot:
    """Is the document a hit? If not, everything that stands in its way."""
    document = engine.read(number)
    top = TopHits(0, None)
    ranking = engine.execute(plan, top)[top]
    rank = next((rank for rank, hit in enumerate(ranking, 1) if hit.number == number), None)
    hit = ranking[rank - 1] if rank else None
    lacking = _Lacking(document, number, plan, engine, cutter)
    parts = conjuncts(Query(plan.root))
    lacks = tuple(lacking.lack(part) for part in parts if not _matches(engine, plan, part, number))
    failed = [
        name
        for name, filters in plan.filters.each().items()
        if not engine.matches(node_plan(plan, None, filters), number)
    ]
    is_exact = hit is not None and hit.tier == "exact"
    return WhyNot(
        query=request.query,
        id=document.id,
        source_id=document.source_id,
        title=document.title,
        rank=rank,
        tier=hit.tier if hit else None,
        score=round(hit.score, 4) if hit else None,
        lacks=lacks,
        excluded=tuple(_excluded(name, document, request) for name in failed),
        share=engine.explain(plan, [number]).shares[number] if lacks and not is_exact else None,
    )


def _matches(engine: Engine, plan: Plan, node: Node, number: int) -> bool:
    """True if a document matches a node of the plan's query tree."""
    return engine.matches(node_plan(plan, node), number)


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What one document lacks."""

    document: Document
    number: int
    plan: Plan
    engine: Engine
    cutter: QueryCutter

    def lack(self, node: Node) -> Lack:
        """Why the document does not satisfy the node, which it does not."""
        message, near = self._why(node)
        return Lack(part=canonical_form(Query(node)), message=message, near=tuple(near))

    def _why(self, node: Node) -> tuple[str, list[str]]:
        if isinstance(node, Not):
            return "the document contains an excluded term", []
        if isinstance(node, Or):
            near = [form for part in node.parts for form in self._why(part)[1]]
            return "it contains none of the alternatives", list(dict.fromkeys(near))
        if isinstance(node, And):
            missing = [part for part in node.parts if not _matches(self.engine, self.plan, part, self.number)]
            near = [form for part in missing for form in self._why(part)[1]]
            return "it lacks " + ", ".join(canonical_form(Query(part)) for part in missing), list(dict.fromkeys(near))
        if isinstance(node, FieldValue):
            return f"its {node.field} does not match", list(_values(node.field, self.document))
        if isinstance(node, DateRange):
            return "it was published on another day", [self.document.date or "no date"]
        return self._why_term(node.terms[0] if isinstance(node, Alternatives) else node)

    def _why_term(self, term: Term) -> tuple[str, list[str]]:
        title = normalise(self.document.title)
        texts = [title, *map(normalise, (self.document.body, *self.document.notes, *self.document.original_texts))]
        is_there = _is_in(texts)
        if not term.text:
            return "there is nothing to search for", []
        if term.is_title and term.text not in title and is_there(term.text):
            return "it occurs in the text, not in the title", [term.text]
        if is_there(term.text):
            return "it only occurs inside a longer word or number; use quotes to match it", [term.text]
        near = near_forms(term.text, is_there, self.cutter)
        return ("it contains parts of this string only" if near else "it does not contain this string"), near


def _is_in(texts: list[str]) -> Callable[[str], bool]:
    return lambda form: any(form in text for text in texts)


def _excluded(name: str, document: Document, request: Request) -> Excluded:
    if name == "date":
        asked: tuple[str, ...] = (f"{request.date_from or ''}..{request.date_to or ''}",)
    else:
        asked = request.filters["type" if name == "form" else name]  # type: ignore[index]  # a filter that failed
    return Excluded(name=name, asked=asked, has=_values(name, document))


def _values(name: str, document: Document) -> tuple[str, ...]:
    """The document's own values of a filter or field."""
    read = FIELDS[name].values
    values = read(document) if read else (document.date or "",)
    return tuple(value for value in values if value)
