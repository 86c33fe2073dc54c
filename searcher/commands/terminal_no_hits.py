"""Prints why nothing was found."""

from __future__ import annotations

from searcher.results import NoHitsReport


def reasons(report: NoHitsReport) -> list[str]:
    """A line for each term, its near forms, terms that never occur together, and hits without a part or filter."""
    lines = []
    for term in report.terms:
        passing = f", {term.passing:,} of them pass the filters" if term.passing != term.documents else ""
        lines.append(f"{term.text}: {_documents(term.documents)}{passing}")
        near = [f"{one.form} ({one.documents:,})" for one in report.near if one.term == term.text]
        if near:
            lines.append("  near forms: " + " · ".join(near))
    lines += [f"never in one document: {' + '.join(part.text for part in group)}" for group in report.apart]
    lines += [f"without {one.part}: {one.hits:,} {'hit' if one.hits == 1 else 'hits'}" for one in report.without]
    return lines


def _documents(count: int) -> str:
    return f"{count:,} {'document' if count == 1 else 'documents'}"
