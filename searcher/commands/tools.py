"""The tools of the command `search`: --explain, --why-not, --like and --eval.

Each function prints and returns the exit status; bad input raises BadRequest.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from searcher.commands.json_form import json_line
from searcher.commands.report_json import evaluation_json, explanation_json, similar_json, why_not_json
from searcher.commands.terminal_reports import print_evaluation, print_explanation, print_similar, print_why_not
from searcher.errors import BadRequest
from searcher.relevance.judgements import read_judgements
from searcher.relevance.metrics import FIGURES, Evaluation, evaluate
from searcher.relevance.worst import worst_queries
from searcher.results import Request
from searcher.service import Searcher

_OK: Final = 0
_NONE: Final = 1


def run_explain(searcher: Searcher, request: Request, is_json: bool) -> int:
    """Print the hits of a request with the parts of their scores."""
    explanation = searcher.explain(request)
    if is_json:
        _print_json(explanation_json(explanation))
    else:
        print_explanation(explanation)
    return _OK if explanation.page.total else _NONE


def run_why_not(searcher: Searcher, id: str, request: Request, is_json: bool) -> int:
    """Print whether a document is a hit of the request, and if not, why not."""
    report = searcher.why_not(id, request)
    if is_json:
        _print_json(why_not_json(report))
    else:
        print_why_not(report)
    return _OK if report.rank is not None else _NONE


def run_like(searcher: Searcher, id: str, limit: int, is_json: bool, is_ids: bool) -> int:
    """Print the documents most like one."""
    similar = searcher.similar(id, limit, snippets=is_json)
    if is_json:
        _print_json(similar_json(similar))
    elif is_ids:
        for hit in similar.hits:
            print(hit.source_id)
    else:
        print_similar(similar)
    return _OK if similar.hits or similar.copies else _NONE


def run_eval(searcher: Searcher, options: argparse.Namespace) -> int:
    """Print the measures of a folder of judged queries; exit status 1 if one is below the value of --fail-below."""
    wanted = [_threshold(text) for text in options.fail_below]
    if options.worst < 0:
        raise BadRequest("--worst must not be negative")
    ids_map = Path(options.ids_map) if options.ids_map else None
    judgements = read_judgements(Path(options.eval), ids_map)
    evaluation = evaluate(searcher, judgements)
    worst = worst_queries(searcher, judgements, evaluation, options.worst)
    failed = [line for name, least in wanted if (line := _failure(evaluation, name, least))]
    if options.json:
        _print_json(evaluation_json(evaluation, worst, failed))
    else:
        print_evaluation(evaluation, worst, failed)
    return _NONE if failed else _OK


def _threshold(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        least = float(value)
    except ValueError:
        least = -1.0
    if name not in FIGURES or not 0 <= least <= 1:
        raise BadRequest(
            "--fail-below takes METRIC=VALUE with a value from 0 to 1, METRIC one of " + ", ".join(FIGURES)
        )
    return name, least


def _failure(evaluation: Evaluation, name: str, least: float) -> str:
    """A message if the measure is undefined or below its required value, else an empty text."""
    figure = evaluation.figure(name)
    if figure is None:
        return f"{name} is undefined for these judgements (required: at least {least:g})"
    return f"{name} is {figure:.4f} (required: at least {least:g})" if figure < least else ""


def _print_json(value: dict[str, Any]) -> None:
    print(json_line(value))
