"""Why a document is a hit and where it is, or why it is none, told from the evaluation itself (engines/trace.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpus.document import Document
from corpus.fields import FIELDS
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import Cutter
from searcher.diagnostics.near_forms import near_forms
from searcher.diagnostics.reports import Excluded, Explanation, HitReport, Lack, Part, WhyNot
from searcher.execution.trace import Trace
from searcher.query.canonical import canonical_form
from searcher.query.tree import Alternatives, And, DateRange, FieldValue, Node, Not, Or, Query, Term, conjuncts
from searcher.results import Request, SearchPage


def explain(page: SearchPage, query: Query, trace: Trace, offset: int) -> Explanation:
    """The page with its terms and a report for each of its hits."""
    ranked = trace.slice(offset, offset + len(page.hits))
    reports = []
    for rank, (hit, number) in enumerate(zip(page.hits, ranked.numbers, strict=True), offset + 1):
        parts, other = _parts(trace, number, ranked.scores[number], is_exact=hit.tier == "exact")
        lacking = [part for part in conjuncts(query) if hit.tier == "related" and not trace.has(part, number)]
        reports.append(
            HitReport(
                id=hit.id,
                rank=rank,
                tier=hit.tier,
                score=hit.score,
                parts=parts,
                other=other,
                missing=tuple(canonical_form(Query(part)) for part in lacking),
                share=trace.share(number) if hit.tier == "related" else None,
            )
        )
    return Explanation(page=page, canonical=canonical_form(query), terms=tuple(trace.terms()), hits=tuple(reports))


def why_not(document: Document, number: int, request: Request, query: Query, trace: Trace, cutter: Cutter) -> WhyNot:
    """Is the document a hit? If not, everything that stands in its way."""
    ranked = trace.slice()
    rank = trace.rank(number)
    tier = None if rank is None else "exact" if number in ranked.exact else "related"
    lacking = _Lacking(document, number, trace, cutter)
    lacks = tuple(lacking.lack(part) for part in conjuncts(query) if not trace.has(part, number))
    return WhyNot(
        query=request.query,
        id=document.id,
        source_id=document.source_id,
        title=document.title,
        rank=rank,
        tier=tier,  # type: ignore[arg-type]
        score=None if rank is None else round(ranked.scores[number], 4),
        lacks=lacks,
        excluded=tuple(_excluded(name, document, request) for name in trace.failed_filters(number)),
        share=trace.share(number) if tier != "exact" and lacks else None,
    )


def _parts(trace: Trace, number: int, score: float, *, is_exact: bool) -> tuple[tuple[Part, ...], float]:
    """The parts of a score, and what they leave of it: nothing but rounding, as long as scores are sums of terms."""
    parts = tuple(trace.parts(number, is_exact))
    other = score - sum(part.score for part in parts)
    return parts, other if abs(other) > abs(score) * 1e-9 else 0.0


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What one document lacks."""

    document: Document
    number: int
    trace: Trace
    cutter: Cutter

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
            missing = [part for part in node.parts if not self.trace.has(part, self.number)]
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
