"""Prints explanations, similar documents and evaluations; unlike plain searches these may load rich."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.commands.terminal import console, make_table
from searcher.commands.terminal import print_helpers, totals
from searcher.diagnostics.reports import Explanation, HitReport, Similar, WhyNot
from searcher.execution.score_explanation import PartKind
from searcher.relevance.metrics import METRICS, STRING_METRICS, Evaluation, Figures, Group
from searcher.relevance.worst import WorstQuery, reason
from searcher.results import Hit, SearchPage

#: Parts of a hit's score that are printed; the JSON form has all.
_PARTS = 12


def print_explanation(explanation: Explanation) -> None:
    """Print the canonical query, its terms, and the parts of each hit's score."""
    page = explanation.page
    for problem in page.problems:
        print(f"! {problem.message}")
    print(f"query: {explanation.canonical or '(everything)'}")
    print_helpers(page)
    rows = [(term.text, _kind(term.kind), f"{term.documents:,}", f"{term.weight:.2f}") for term in explanation.terms]
    _print_table(("term", "kind", "documents", "weight"), rows)
    print()
    for hit, report in zip(page.hits, explanation.hits, strict=True):
        _print_report(hit, report)
    print_totals(page)


def print_totals(page: SearchPage) -> None:
    """Print the totals, the last lines of every answer."""
    print("\n".join(totals(page)))


def print_why_not(report: WhyNot) -> None:
    """Print the rank of a document, or why it is not a hit."""
    print(f"{report.title}  [{report.id} · {report.source_id}]")
    if report.rank is not None:
        print(f"hit: rank {report.rank}, {report.tier}, score {report.score}")
        if report.lacks:
            print(f"  not exact: {reason(report)}")
    else:
        print(f"no hit: {reason(report)}")


def print_similar(similar: Similar) -> None:
    """Print the documents most like one, and its near-duplicates."""
    print(f"{similar.of.title}  [{similar.of.id}]")
    print(f"words: {' '.join(similar.words)}\n")
    for number, hit in enumerate(similar.hits, 1):
        _print_hit(hit, f"{number}. ", similar.of.score)
    if similar.copies:
        print("copies:")
        for hit in similar.copies:
            _print_hit(hit, "= ", similar.of.score)
    print(f"similar {len(similar.hits)} · copies {len(similar.copies)}")


def print_evaluation(evaluation: Evaluation, worst: Sequence[WorstQuery], failed: Sequence[str]) -> None:
    """Print the worst queries, the measures as tables, and the measures below their required values."""
    for one in worst:
        _print_worst(one)
    rows: list[tuple[str, ...]] = []
    if evaluation.rows:
        rows.append(_row("overall", evaluation.overall, METRICS))
        rows.append(_row("with nearest", evaluation.nearest, METRICS))
        rows.append(("macro", "", *(_figure(evaluation.macro, name) for name in METRICS)))
        rows += [_row(kind, group, METRICS) for kind, group in evaluation.kinds.items()]
    _print_table(("", "n", *METRICS), rows)
    if evaluation.nil.count:
        print(
            f"\nnil_ok {_figure(evaluation.nil.figures, 'nil_ok')} of {evaluation.nil.count} queries without documents"
        )
    if evaluation.strings:
        print()
        strings = [_row(kind or "substrings", group, STRING_METRICS) for kind, group in evaluation.strings.items()]
        _print_table(("", "n", *STRING_METRICS), strings)
    for line in failed:
        print(f"! {line}")


def _print_report(hit: Hit, report: HitReport) -> None:
    print(f"{report.rank}. {hit.title}  [{hit.source_id}]")
    missing = ""
    if report.missing:
        missing = " · lacks " + ", ".join(report.missing)
    if report.share is not None:
        missing += f" · has {report.share.held:.0%} of the query's weight, at least {report.share.asked:.0%} required"
    print(f"   {report.tier} · score {report.score:.4f}{missing}")
    rows: list[tuple[str, ...]] = []
    for part in report.parts[:_PARTS]:
        places = f"title {part.title}, headings {part.heading}, body {part.body}"
        rows.append(
            (f"   {part.text}", _kind(part.kind), places, f"{part.score:.4f}", _percent(part.score, report.score))
        )
    if len(report.parts) > _PARTS:
        rest = sum(part.score for part in report.parts[_PARTS:])
        label = f"   … {len(report.parts) - _PARTS} more"
        rows.append((label, "", "", f"{rest:.4f}", _percent(rest, report.score)))
    if report.other:
        rows.append(("   other", "", "", f"{report.other:.4f}", _percent(report.other, report.score)))
    _print_table(("", "kind", "occurrences", "score", "share"), rows)
    print()


def _kind(kind: PartKind) -> str:
    return {"user_word": "your word", "learned_word": "learned word"}.get(kind, kind)


def _print_hit(hit: Hit, number: str, whole: float) -> None:
    print(f"{number}{hit.title}")
    facts = [hit.account or "—", hit.date or "—", hit.genre, hit.source_id, _percent(hit.score, whole)]
    print(" " * len(number) + " · ".join(fact for fact in facts if fact))


def _print_worst(worst: WorstQuery) -> None:
    query = worst.row.query
    figures = " ".join(f"{name} {_figure(worst.row.figures, name)}" for name in METRICS[:3])
    print(f"{query.id} {query.request.query} ({query.kind}): {figures}")
    shown = " ".join(f"{id}({grade})" for id, grade in worst.returned)
    print(f"  returned: {shown or 'nothing'}")
    for missing in worst.missing:
        where = f"at rank {missing.rank}" if missing.rank is not None else f"not found: {missing.reason}"
        print(f"  missing: {missing.id}({missing.grade}) {where}")
    print()


def _row(name: str, group: Group, names: Sequence[str]) -> tuple[str, ...]:
    return (name, str(group.count), *(_figure(group.figures, metric) for metric in names))


def _figure(figures: Figures, name: str) -> str:
    value = figures[name]
    return "—" if value is None else f"{value:.4f}"


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else ""


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = make_table(*header)
    for row in rows:
        table.add_row(*row)
    console().print(table)
