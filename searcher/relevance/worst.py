"""The judged queries with the lowest nDCG: their hits, the relevant documents they missed, and why."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from searcher.diagnostics.reports import WhyNot
from searcher.relevance.judgements import Judgements
from searcher.relevance.metrics import Evaluation, Row, judged_id
from searcher.results import Request
from searcher.service import Searcher

#: Hits that are shown.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A relevant document that is not among the first ten hits: its rank, or None and the reason why it is no hit."""

    id: str
    grade: int
    rank: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstQuery:
    """A query, the judged ids and grades (0 if not judged) of its first hits, and the documents it missed."""

    row: Row
    returned: tuple[tuple[str, int], ...]
    missing: tuple[Missing, ...]


def worst_queries(searcher: Searcher, judgements: Judgements, evaluation: Evaluation, limit: int) -> list[WorstQuery]:
    """At most `limit` queries whose order of hits is not perfect, the worst first."""
    rows = [row for row in evaluation.rows if (row.figures["ndcg@10"] or 0.0) < 1 - 1e-9]
    rows.sort(key=lambda row: (row.figures["ndcg@10"] or 0.0, row.figures["mrr"] or 0.0, row.query.id))
    if not rows[:limit]:
        return []
    known = {document for query in judgements.queries for document in query.grades}
    _, hits = searcher.hits(Request(query="", snippets=False, limit=sys.maxsize))
    ours = {judged_id(hit, judgements.names, known): hit.id for hit in hits}
    return [_worst(searcher, row, ours, judgements.min_relevant_grade) for row in rows[:limit]]


def reason(report: WhyNot) -> str:
    """Why a document is no hit, in one sentence."""
    reasons = []
    for lack in report.lacks:
        has = f" (it has {', '.join(lack.near)})" if lack.near else ""
        reasons.append(f"{lack.part}: {lack.message}{has}")
    reasons += [f"the filter {one.name}={', '.join(one.asked)} leaves it out" for one in report.excluded]
    if report.share is not None and report.share.held < report.share.asked:
        reasons.append(f"it has {report.share.held:.0%} of the query's weight, {report.share.asked:.0%} are required")
    return "; ".join(reasons)


def _worst(searcher: Searcher, row: Row, ours: Mapping[str, str], min_grade: int) -> WorstQuery:
    grades = row.query.grades
    ranks = {document: rank for rank, document in enumerate(row.returned, 1)}
    missing = []
    for document, grade in sorted(grades.items(), key=lambda entry: (-entry[1], entry[0])):
        rank = ranks.get(document)
        if grade < min_grade or (rank is not None and rank <= _SHOWN):
            continue
        explanation = ""
        if rank is None:
            explanation = "the index has no such document"
            if document in ours:
                report = searcher.why_not(ours[document], replace(row.query.request, snippets=False))
                explanation = reason(report) if report.rank is None else f"rank {report.rank}"
        missing.append(Missing(id=document, grade=grade, rank=rank, reason=explanation))
    shown = tuple((document, grades.get(document, 0)) for document in row.returned[:_SHOWN])
    return WorstQuery(row=row, returned=shown, missing=tuple(missing))
