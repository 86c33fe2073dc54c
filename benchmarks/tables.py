"""Writes the report in Markdown: tables of medians, of ratios to Kesou and of wrong totals, for each size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.queries import KINDS
from benchmarks.results import EngineResult, Series, Size, Times, middle, p50_p95

OURS: Final = "kesou"
_STRING: Final = ("string",)
_NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class _Column:
    """A heading, and the figure of an engine; `times` names the samples by question that it is made from, if any."""

    heading: str
    figure: Callable[[Size, Series, Sequence[str]], float | None]
    kinds: tuple[str, ...] = KINDS
    times: Times = "warm"


def _p50(heading: str, times: Times = "warm", kinds: tuple[str, ...] = KINDS) -> _Column:
    return _Column(heading, lambda size, series, ids: p50_p95(series.times(times), ids)[0], kinds, times)


def _p95(times: Times = "warm", kinds: tuple[str, ...] = KINDS) -> _Column:
    return _Column("p95 ↓", lambda size, series, ids: p50_p95(series.times(times), ids)[1], kinds, times)


def _per_cpu_second(size: Size, series: Series, ids: Sequence[str]) -> float | None:
    seconds = middle(series.cpu_seconds)
    return size.documents / seconds if seconds else None


def _index_ratio(size: Size, series: Series, ids: Sequence[str]) -> float | None:
    found = middle(series.index_bytes)
    return found / size.text_bytes if found else None


_INDEXING: Final = (
    _Column("wall s ↓", lambda size, series, ids: middle(series.wall_seconds)),
    _Column("CPU s ↓", lambda size, series, ids: middle(series.cpu_seconds)),
    _Column("documents per CPU-second ↑", _per_cpu_second),
    _Column("peak MB ↓", lambda size, series, ids: middle(series.peak_mb)),
    _Column("index / text ↓", _index_ratio),
)
_ASKING: Final = (
    _p50("warm p50 ms ↓"),
    _p95(),
    _Column("opening ms ↓", lambda size, series, ids: middle(series.opening)),
    _p50("first answer p50 ms ↓", "fresh"),
    _p95("fresh"),
    _p50("exact string p50 ms ↓", kinds=_STRING),
    _p95(kinds=_STRING),
    _Column("private MB ↓", lambda size, series, ids: middle(series.private_mb)),
    _Column("of it dirty ↓", lambda size, series, ids: middle(series.dirty_mb)),
)
_BY_KIND: Final = tuple(_p50(kind, kinds=(kind,)) for kind in KINDS)
_LEGEND: Final = (
    "Medians. ↓ less is better, ↑ more is better; a ratio is the engine's figure divided by Kesou's for the same "
    "questions. Indexing is a whole process, from its start to its end, reading the texts from JSON included; peak "
    "memory is that of all its processes. A question is answered with its exact total, the stored fields of the ten "
    "best documents and the facet counts of all hits (account, type, month). *Warm*: asked before in the same "
    "process. *Opening* and *first answer*: a new reader for every question, in a process whose libraries and "
    "dictionaries are loaded and on a machine whose page cache holds the files; nothing read from the index is kept. "
    "*Exact string*: 60 strings of three to eight characters cut from the texts, warm. Each question counts by the "
    "median of its times, the percentiles are over questions. *Private*: Private_Clean + Private_Dirty of "
    "smaps_rollup after the warm questions; mapped index pages that nobody else maps are in it, the dirty part is "
    "without them."
)


def report(
    origin: Sequence[str], engines: Sequence[EngineResult], skipped: Sequence[str], sizes: Sequence[Size]
) -> str:
    """The whole report; `origin` says on which machine and texts, `skipped` which engines are not there and why."""
    lines = ["# Kesou and its peers", ""]
    for paragraph in (*origin, "Versions: " + ", ".join(f"{e.title} {e.version}" for e in engines) + ".", _LEGEND):
        lines += [paragraph, ""]
    lines.pop()
    for size in sizes:
        lines += _size(size, engines)
    lines += ["", "## Notes", ""]
    lines += [f"* {note}" for engine in engines for note in engine.notes]
    lines += [f"* Not installed here: {line}." for line in skipped]
    return "\n".join(lines) + "\n"


def _size(size: Size, engines: Sequence[EngineResult]) -> list[str]:
    measured = [engine for engine in engines if engine.name in size.series]
    mean = size.characters // max(1, size.documents)
    lines = ["", f"## {size.documents:,} documents", ""]
    lines += [f"{size.text_bytes / 1e6:.1f} MB of UTF-8 text, {mean:,} characters a document."]
    for title, columns in (("Indexing", _INDEXING), ("Questions", _ASKING)):
        lines += ["", f"### {title}", "", *_table(size, measured, columns)]
        if OURS in size.series and size.series[OURS].cpu_seconds:
            lines += ["", "Ratios to Kesou:", "", *_ratios(size, measured, columns)]
    for engine in measured:
        p50, p95 = p50_p95(size.series[engine.name].pages, size.ids())
        if p50 is not None:
            lines += ["", f"{engine.title} with snippets, warm: p50 {_number(p50)} ms, p95 {_number(p95)} ms."]
    lines += ["", "### Warm p50 ms by kind of question", "", *_table(size, measured, _BY_KIND)]
    lines += ["", "### Answers", "", *_answers(size, measured)]
    failures = [failure for engine in measured for failure in size.series[engine.name].failures]
    absent = [engine for engine in engines if engine.name not in size.series]
    lines += ["", *(f"* Failed: {failure}" for failure in failures)] if failures else []
    lines += (
        ["", *(f"* {e.title}: not measured beyond {e.most_documents:,} documents." for e in absent)] if absent else []
    )
    return lines


def _table(size: Size, engines: Sequence[EngineResult], columns: Sequence[_Column]) -> list[str]:
    rows = [
        [_title(size, engine), *(_number(c.figure(size, size.series[engine.name], size.ids(c.kinds))) for c in columns)]
        for engine in engines
    ]
    return _markdown(["", *(column.heading for column in columns)], rows)


def _title(size: Size, engine: EngineResult) -> str:
    """The engine, and how many of the questions it could answer where these are not all."""
    totals = size.series[engine.name].totals
    asked = size.ids()
    answered = sum(totals.get(id) is not None for id in asked)
    return f"{engine.title} ({answered} of {len(asked)})" if totals and answered < len(asked) else engine.title


def _ratios(size: Size, engines: Sequence[EngineResult], columns: Sequence[_Column]) -> list[str]:
    rows = [
        [_title(size, engine), *(_ratio(size, size.series[engine.name], column) for column in columns)]
        for engine in engines
        if engine.name != OURS
    ]
    return _markdown(["", *(column.heading for column in columns)], rows)


def _ratio(size: Size, series: Series, column: _Column) -> str:
    ours = size.series[OURS]
    both = series.times(column.times).keys() & ours.times(column.times).keys()
    ids = [id for id in size.ids(column.kinds) if id in both]
    theirs, kesou = column.figure(size, series, ids), column.figure(size, ours, ids)
    return f"{theirs / kesou:.3g}×" if theirs is not None and kesou else _NONE


def _answers(size: Size, engines: Sequence[EngineResult]) -> list[str]:
    """How many questions were answered, and how the totals compare with those of brute force."""
    expected = {query.id: query.expected for query in size.queries}
    rows = []
    for engine in engines:
        totals = size.series[engine.name].totals
        asked, strings = size.ids(), size.ids(_STRING)
        fresh = size.series[engine.name].fresh
        rows.append(
            [
                engine.title,
                f"{sum(totals.get(id) is not None for id in asked)} of {len(asked)}",
                str(sum(id in fresh for id in asked)),
                *_compared(totals, expected, asked),
                *_compared(totals, expected, strings),
            ]
        )
    words, strings_heading = "totals as by words", "exact strings as by grep"
    headings = ["", "answered", "timed after opening"]
    headings += [f"{what}: {how}" for what in (words, strings_heading) for how in ("equal", "more", "fewer")]
    return _markdown(headings, rows)


def _compared(totals: Mapping[str, int | None], expected: Mapping[str, int], ids: Iterable[str]) -> list[str]:
    differences = [found - expected[id] for id in ids if (found := totals.get(id)) is not None]
    if not differences:
        return [_NONE] * 3
    counts = (sum(d == 0 for d in differences), sum(d > 0 for d in differences), sum(d < 0 for d in differences))
    return [str(count) for count in counts]


def _number(value: float | None) -> str:
    """Three digits that mean something."""
    if value is None:
        return _NONE
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 1 else f"{value:.2f}"


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    table = [headings, ["---", *("---:" for _ in headings[1:])], *rows]
    return ["| " + " | ".join(row) + " |" for row in table]
