"""The JSON of explanations, of similar documents and of evaluations, as docs/json.md documents it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from searcher.commands.json_form import hit_json, page_json
from searcher.diagnostics.reports import Explanation, HitReport, Similar, WhyNot
from searcher.relevance.metrics import Evaluation, Figures, Group
from searcher.relevance.worst import WorstQuery


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The JSON of the page with one more key, "explain"."""
    return {
        **page_json(explanation.page),
        "explain": {
            "canonical": explanation.canonical,
            "terms": [asdict(term) for term in explanation.terms],
            "hits": [_report_json(report) for report in explanation.hits],
        },
    }


def why_not_json(report: WhyNot) -> dict[str, Any]:
    """Whether a document is a hit, and why not."""
    return {"is_hit": report.rank is not None, **asdict(report)}


def similar_json(similar: Similar) -> dict[str, Any]:
    """The document compared, the words compared by, the similar documents and the near-duplicates."""
    return {
        "like": hit_json(similar.of),
        "words": list(similar.words),
        "hits": [hit_json(hit) for hit in similar.hits],
        "copies": [hit_json(hit) for hit in similar.copies],
    }


def evaluation_json(evaluation: Evaluation, worst: Sequence[WorstQuery], failed: Sequence[str]) -> dict[str, Any]:
    """All measures; null where a measure is undefined."""
    strings = {kind: _group_json(group) for kind, group in evaluation.strings.items()}
    return {
        "overall": _group_json(evaluation.overall),
        "nearest": _group_json(evaluation.nearest),
        "macro": dict(evaluation.macro),
        "kinds": {kind: _group_json(group) for kind, group in evaluation.kinds.items()},
        "nil": _group_json(evaluation.nil),
        "substrings": {"overall": strings.pop(""), "kinds": strings} if strings else None,
        "worst": [_worst_json(one) for one in worst],
        "failed": list(failed),
    }


def _report_json(report: HitReport) -> dict[str, Any]:
    form = asdict(report)
    for part in form["parts"]:
        part["share"] = part["score"] / report.score if report.score else 0.0
    return form


def _group_json(group: Group) -> dict[str, Any]:
    return {**group.figures, "n": group.count}


def _worst_json(worst: WorstQuery) -> dict[str, Any]:
    query = worst.row.query
    figures: Figures = worst.row.figures
    return {
        "id": query.id,
        "kind": query.kind,
        "text": query.request.query,
        **figures,
        "returned": [{"id": id, "grade": grade} for id, grade in worst.returned],
        "missing": [asdict(missing) for missing in worst.missing],
    }
