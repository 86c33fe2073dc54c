"""The worst queries of an evaluation: what they returned, what they missed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from searcher.diagnostics.reports import WhyNot
from searcher.relevance.judgements import Judgements
from searcher.relevance.metrics import Evaluation, Row, judged_id
from searcher.results import Request
from searcher.service import Searcher

#: Returned documents that are told.
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A relevant document that is not among the first ten: its rank, or why it is no hit at all."""

    id: str
    grade: int
    rank: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """A query with its first documents, each with its grade (0 where it is not judged), and those it missed."""

    row: Row
    returned: tuple[tuple[str, int], ...]
    missing: tuple[Missing, ...]


def worst_queries(searcher: Searcher, judgements: Judgements, evaluation: Evaluation, most: int) -> list[Worst]:
    """The queries with the lowest nDCG, those that are not perfect, the worst one first."""
    rows = [row for row in evaluation.rows if (row.figures["ndcg@10"] or 0.0) < 1 - 1e-9]
    rows.sort(key=lambda row: (row.figures["ndcg@10"] or 0.0, row.figures["mrr"] or 0.0, row.query.id))
    if not rows[:most]:
        return []
    known = {document for query in judgements.queries for document in query.grades}
    _, hits = searcher.all(Request(query="", snippets=False))
    ours = {judged_id(hit, judgements.names, known): hit.id for hit in hits}
    return [_worst(searcher, row, ours, judgements.least_relevant) for row in rows[:most]]


def reason(report: WhyNot) -> str:
    """Why a document is no hit, in one sentence."""
    reasons = []
    for lack in report.lacks:
        has = f" (it has {', '.join(lack.near)})" if lack.near else ""
        reasons.append(f"{lack.part}: {lack.message}{has}")
    reasons += [f"the filter {one.name}={', '.join(one.asked)} leaves it out" for one in report.excluded]
    if report.share is not None and report.share.held < report.share.asked:
        reasons.append(f"it holds {report.share.held:.0%} of the query's weight, {report.share.asked:.0%} are asked")
    return "; ".join(reasons)


def _worst(searcher: Searcher, row: Row, ours: Mapping[str, str], least: int) -> Worst:
    grades = row.query.grades
    ranks = {document: rank for rank, document in enumerate(row.returned, 1)}
    missing = []
    for document, grade in sorted(grades.items(), key=lambda entry: (-entry[1], entry[0])):
        rank = ranks.get(document)
        if grade < least or (rank is not None and rank <= _SHOWN):
            continue
        told = ""
        if rank is None:
            told = "the index has no such document"
            if document in ours:
                report = searcher.why_not(ours[document], replace(row.query.request, snippets=False))
                told = reason(report) if report.rank is None else f"rank {report.rank}"
        missing.append(Missing(id=document, grade=grade, rank=rank, reason=told))
    shown = tuple((document, grades.get(document, 0)) for document in row.returned[:_SHOWN])
    return Worst(row=row, returned=shown, missing=tuple(missing))
