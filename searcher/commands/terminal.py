"""Prints a result page as plain text; Chinese characters count as two columns, colours only on a terminal."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable
from typing import Final

from corpus.document import SET_ASIDE_REASONS
from corpus.fields import FACETS
from searcher.results import HELPERS, Hit, Marked, SearchPage, Tier

_BOLD: Final = "\x1b[1m"
_MATCH: Final = "\x1b[1;33m"
_DIM: Final = "\x1b[2m"
_RESET: Final = "\x1b[0m"
_MIN_COLUMNS: Final = 40
_USUAL_COLUMNS: Final = 80
#: What results call the tiers. Names that the pages show as well are printed in Chinese and English (those of facets
#: and helpers stand in their registries); sentences are English.
TIERS: Final[dict[Tier, str]] = {"exact": "精确 exact", "related": "相关 related"}
#: How many values of a facet are printed; the JSON form has all.
_FACET_LINES: Final = 12


def print_page(page: SearchPage, hits: Iterable[Hit], offset: int, has_facets: bool, limit: int) -> None:
    """Print problems, helpers, the hits (`limit` at most), the facets if `has_facets`, and the totals last.

    Where there are no hits the nearest documents stand in their place, under a line that says so.
    """
    style = _Style(is_coloured=_wants_colour())
    for problem in page.problems:
        print(f"! {problem.message}")
    print_helpers(page)
    number_width = len(str(min(page.total, offset + limit)))
    tier = "exact"
    for number, hit in enumerate(hits, offset + 1):
        if hit.tier != tier and page.exact_total:
            print(style.dim(f"── {TIERS['related']}: {page.related_total} ──\n"))
        tier = hit.tier
        _print_hit(hit, f"{number:>{number_width}}. ", style)
    if page.nearest:
        _print_nearest(page, style)
    if has_facets:
        _print_facets(page, style)
    print("\n".join(totals(page)))


def print_helpers(page: SearchPage) -> None:
    """Print what helpers changed, each with the option that switches it off, then their suggestions."""
    for helper in page.applied:
        spec = HELPERS[helper.kind]
        off = "" if spec.is_folding else f"  (--no {helper.kind})"
        print(f"= {spec.chinese} {helper.kind}: {helper.before} → {helper.after}{off}")
    for helper in page.suggestions:
        print(f"? did you mean: {helper.after}")


def display_width(text: str) -> int:
    """The number of terminal columns of a text: two for wide and full-width characters, none for combining ones."""
    return sum(map(_character_width, text))


def pad(text: str, width: int) -> str:
    """The text, filled with blanks up to a width in columns."""
    return text + " " * (width - display_width(text))


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Style:
    """Adds colours to text; without a terminal it puts matches in brackets and leaves other text alone."""

    def __init__(self, is_coloured: bool) -> None:
        self._is_coloured = is_coloured

    def bold(self, text: str) -> str:
        return f"{_BOLD}{text}{_RESET}" if self._is_coloured else text

    def dim(self, text: str) -> str:
        return f"{_DIM}{text}{_RESET}" if self._is_coloured else text

    def match(self, text: str) -> str:
        return f"{_MATCH}{text}{_RESET}" if self._is_coloured else f"[{text}]"


def terminal_columns() -> int:
    """Columns of the terminal: COLUMNS, what the terminal reports, or 80; like shutil, whose import is slow."""
    setting = os.environ.get("COLUMNS", "")
    if setting.isdecimal() and int(setting):
        return int(setting)
    try:
        return os.get_terminal_size(1).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS


def _wants_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _print_hit(hit: Hit, number: str, style: _Style) -> None:
    indent = " " * len(number)
    columns = max(terminal_columns(), _MIN_COLUMNS) - len(indent)
    lines = _wrap(hit.title_marked, columns, style, is_bold=True)
    print(number + f"\n{indent}".join(lines))
    types = " ".join(kind for kind in hit.program_types)
    facts = [hit.account or "—", hit.date or "—", hit.genre, types, hit.source_id]
    print(indent + style.dim(" · ".join(fact for fact in facts if fact)))
    if hit.section:
        page = f" p. {hit.section.page}" if hit.section.page is not None else ""
        print(indent + style.dim("§ " + " › ".join(hit.section.path) + page))
    if hit.set_aside:
        print(indent + style.dim(f"{SET_ASIDE_REASONS[hit.set_aside]} set aside as {hit.set_aside.replace('_', ' ')}"))
    for snippet in hit.snippets:
        for at, line in enumerate(_wrap(snippet, columns - 2, style)):
            print(indent + ("› " if at == 0 else "  ") + line)
    print()


def _print_nearest(page: SearchPage, style: _Style) -> None:
    print(style.bold("没有一篇符合；最接近的："))
    print(style.bold("Nothing matches; nearest:") + "\n")
    width = len(str(len(page.nearest)))
    for number, hit in enumerate(page.nearest, 1):
        _print_hit(hit, f"{number:>{width}}. ", style)


def _wrap(pieces: Marked, columns: int, style: _Style, is_bold: bool = False) -> list[str]:
    """The text in lines of at most this many columns; a match that does not fit into a line begins the next one."""
    plain = style.bold if is_bold else str
    lines: list[str] = []
    line, width = "", 0
    for text, is_match in pieces:
        text = " ".join(text.split()) if is_match else re.sub(r"\s+", " ", text)
        paint = style.match if is_match else plain
        if is_match and width and width + display_width(text) > columns >= display_width(text):
            lines.append(line)
            line, width = "", 0
        run = ""
        for character in text:
            size = _character_width(character)
            if width + size > columns:
                lines.append(line + (paint(run) if run else ""))
                line, run, width = "", "", 0
                if character == " ":
                    continue
            run += character if character.isprintable() else ""
            width += size
        line += paint(run) if run else ""
    return [*lines, line] if line else lines


def _print_facets(page: SearchPage, style: _Style) -> None:
    for name, values in page.facets.items():
        if not values:
            continue
        print(style.bold(f"{FACETS[name].chinese} {name}"))
        shown = values[:_FACET_LINES]
        width = max(display_width(value.value) for value in shown)
        for value in shown:
            print(f"  {'*' if value.selected else ' '} {pad(value.value, width)}  {value.count:>5}")
        if len(values) > len(shown):
            print(style.dim(f"    … {len(values) - len(shown)} more"))
    print()


def totals(page: SearchPage) -> list[str]:
    """The lines below the hits: totals and what was searched; without hits also the reasons, and Chinese."""
    info = page.index
    days = f", {info.date_from} to {info.date_to}" if info.date_from else ""
    searched = f"{info.documents:,} documents, {info.characters:,} characters{days}"
    beside = (
        [
            f"另有 {page.set_aside_total:,} 篇仅在页眉页脚等处有（加 in:all）",
            f"{page.set_aside_total:,} more only in headers, footers and the like (add in:all)",
        ]
        if page.set_aside_total
        else []
    )
    if info.is_fallback:
        beside += [
            "最新的索引版本已丢失，以上结果来自旧版本：请重新运行 search-index",
            "the newest generation of the index is missing, an older one has answered: run search-index again",
        ]
    if page.total:
        exact, related = f"{TIERS['exact']} {page.exact_total:,}", f"{TIERS['related']} {page.related_total:,}"
        return [f"{exact} · {related} · of {searched}", *beside]
    from searcher.commands.terminal_no_hits import reasons  # deferred: most answers have hits

    days = f"，{info.date_from} 至 {info.date_to}" if info.date_from else ""
    return [
        *(reasons(page.zero) if page.zero else ()),
        f"0 条：共检 {info.documents:,} 篇、{info.characters:,} 字{days}",
        f"0 results: searched all titles and texts of {searched}",
        *beside,
    ]
