"""Why nothing was found, as lines of text."""

from __future__ import annotations

from searcher.results import NoHitsReport


def reasons(zero: NoHitsReport) -> list[str]:
    """What each term yields, what comes near, which terms never meet, what there would be without a filter."""
    lines = []
    for term in zero.terms:
        filtered = f"，其中过滤后 {term.passing:,} passing the filters" if term.passing != term.documents else ""
        lines.append(f"{term.text}：{term.documents:,} 篇 documents{filtered}")
        near = [f"{one.form} ({one.documents:,})" for one in zero.near if one.term == term.text]
        if near:
            lines.append("  相近 near: " + " · ".join(near))
    lines += [f"从不同篇 never in one document: {' + '.join(part.text for part in group)}" for group in zero.apart]
    lines += [f"去掉 without {one.part}：{one.hits:,} 条 hits" for one in zero.without]
    return lines
