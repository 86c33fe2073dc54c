"""Relevance metrics: nDCG@10, MRR, recall@10 and others over judged queries, overall and by kind of query.

ndcg@10: gain 2^grade - 1, discount log2(rank + 1), normalised by the best order of all judged documents. recall@10:
relevant documents among the first ten hits, as a share of ten or of all relevant ones if these are fewer. mrr: 1 / rank
of the first relevant document. success@1: the first hit is relevant. answered: there are hits. Queries without relevant
documents count for none of these; nil_ok is the share of them without hits. macro: the mean of the means by kind.
nearest: overall, if the nearest documents count as the hits of a query that has none.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from searcher.relevance.judgements import JudgedQuery, JudgedString, Judgements
from searcher.results import Hit, Request
from searcher.service import Searcher

METRICS: Final = ("ndcg@10", "recall@10", "mrr", "success@1", "answered")
STRING_METRICS: Final = ("exact_set", "precision", "recall")
_CUT: Final = 10
#: Hits that are read; a relevant document after these adds less than 0.001 to the reciprocal rank.
_DEPTH: Final = 1000

#: Name of a metric → value; None if there is nothing to average.
Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One query, the judged ids of its hits in order, and its figures without and with the nearest documents."""

    query: JudgedQuery
    returned: tuple[str, ...]
    figures: Figures
    with_nearest: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The mean figures of some queries, and the number of these."""

    figures: Figures
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All figures. `strings` has the means over judged strings by kind, and under "" those over all of them."""

    rows: tuple[Row, ...]
    overall: Group
    nearest: Group
    macro: Figures
    kinds: Mapping[str, Group]
    nil: Group
    strings: Mapping[str, Group]

    def figure(self, name: str) -> float | None:
        """A figure by its name, one of FIGURES; raises KeyError for any other."""
        group, _, metric = name.rpartition(".")
        if group == "substring":
            return self.strings[""].figures[metric] if self.strings else dict.fromkeys(STRING_METRICS)[metric]
        if group in ("macro", "nearest"):
            return (self.macro if group == "macro" else self.nearest.figures)[metric]
        if group:
            raise KeyError(name)
        return self.nil.figures[metric] if metric == "nil_ok" else self.overall.figures[metric]


#: The names that `Evaluation.figure` takes.
FIGURES: Final = (
    *METRICS,
    "nil_ok",
    *(f"macro.{name}" for name in METRICS),
    *(f"nearest.{name}" for name in METRICS),
    *(f"substring.{name}" for name in STRING_METRICS),
)


def evaluate(searcher: Searcher, judgements: Judgements) -> Evaluation:
    """Search for all judged queries and strings, and compare the hits with the judgements."""
    min_grade = judgements.min_relevant_grade
    rows = []
    nil = []
    known = {document for query in judgements.queries for document in query.grades}
    for query in judgements.queries:
        returned = _returned(searcher, query.request, judgements.names, known, _DEPTH)
        if any(grade > 0 for grade in query.grades.values()):
            figures = _figures(returned, query.grades, min_grade)
            nearest = () if returned else _nearest(searcher, query.request, judgements.names, known)
            with_nearest = _figures(nearest, query.grades, min_grade) if nearest else figures
            rows.append(Row(query=query, returned=returned, figures=figures, with_nearest=with_nearest))
        else:
            nil.append({"nil_ok": float(not returned)})
    groups = _grouped((row.query.kind, row.figures) for row in rows)
    kinds = {kind: _group(figures, METRICS) for kind, figures in groups.items()}
    strings = [(string.kind, _string_figures(searcher, string, judgements.names)) for string in judgements.strings]
    by_kind = {"": [figures for _, figures in strings], **_grouped(strings)} if strings else {}
    return Evaluation(
        rows=tuple(rows),
        overall=_group([row.figures for row in rows], METRICS),
        nearest=_group([row.with_nearest for row in rows], METRICS),
        macro=_means([group.figures for group in kinds.values()], METRICS),
        kinds=kinds,
        nil=_group(nil, ("nil_ok",)),
        strings={kind: _group(figures, STRING_METRICS) for kind, figures in by_kind.items()},
    )


def judged_id(hit: Hit, names: Mapping[str, str], known: set[str] | frozenset[str]) -> str:
    """The id of a hit in the judgements: by the map of ids, else our id if that is judged, else its source id."""
    if hit.source_id in names:
        return names[hit.source_id]
    return hit.id if hit.id in known else hit.source_id


def _returned(
    searcher: Searcher, request: Request, names: Mapping[str, str], known: set[str] | frozenset[str], limit: int | None
) -> tuple[str, ...]:
    """The judged ids of the hits in order, each once."""
    _, hits = searcher.hits(replace(request, snippets=False, limit=sys.maxsize if limit is None else limit))
    return tuple(dict.fromkeys(judged_id(hit, names, known) for hit in hits))


def _nearest(
    searcher: Searcher, request: Request, names: Mapping[str, str], known: set[str] | frozenset[str]
) -> tuple[str, ...]:
    """The judged ids of the nearest documents of a request without hits."""
    page = searcher.search(replace(request, snippets=False), facets=())
    return tuple(dict.fromkeys(judged_id(hit, names, known) for hit in page.nearest))


def _figures(returned: Sequence[str], grades: Mapping[str, int], min_grade: int) -> Figures:
    found = [grades.get(document, 0) for document in returned]
    relevant = sum(grade >= min_grade for grade in grades.values())
    first = next((rank for rank, grade in enumerate(found, 1) if grade >= min_grade), None)
    in_cut = sum(grade >= min_grade for grade in found[:_CUT])
    return {
        "ndcg@10": _gain(found[:_CUT]) / _gain(sorted(grades.values(), reverse=True)[:_CUT]),
        "recall@10": in_cut / min(_CUT, relevant) if relevant else None,
        "mrr": 1 / first if first else 0.0,
        "success@1": float(first == 1),
        "answered": float(bool(returned)),
    }


def _gain(grades: Iterable[int]) -> float:
    return sum(float(2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _string_figures(searcher: Searcher, string: JudgedString, names: Mapping[str, str]) -> Figures:
    known = string.documents | string.either
    request = Request(query=string.text, exact=True)
    returned = {*_returned(searcher, request, names, known, None)} - string.either
    wanted = string.documents - string.either
    both = len(returned & wanted)
    return {
        "exact_set": float(returned == wanted),
        "precision": both / len(returned) if returned else float(not wanted),
        "recall": both / len(wanted) if wanted else 1.0,
    }


def _grouped(rows: Iterable[tuple[str, Figures]]) -> dict[str, list[Figures]]:
    groups: dict[str, list[Figures]] = {}
    for kind, figures in rows:
        groups.setdefault(kind, []).append(figures)
    return groups


def _group(rows: Sequence[Figures], names: Iterable[str]) -> Group:
    return Group(figures=_means(rows, names), count=len(rows))


def _means(rows: Sequence[Figures], names: Iterable[str]) -> Figures:
    means: dict[str, float | None] = {}
    for name in names:
        values = [value for row in rows if (value := row[name]) is not None]
        means[name] = sum(values) / len(values) if values else None
    return means
