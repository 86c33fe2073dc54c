"""The measurements of one engine at one size, and their medians."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Literal

from benchmarks.queries import KINDS, Question

#: warm: asked before by the same reader; fresh: the first question of a reader; pages: warm, with snippets.
Times = Literal["warm", "fresh", "pages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineResult:
    """What the tables say about an engine."""

    name: str
    title: str
    version: str
    most_documents: int | None
    notes: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Series:
    """The samples of one engine at one size, filled run by run; times by question are in milliseconds."""

    wall_seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    index_bytes: list[int] = field(default_factory=list)
    warm: dict[str, list[float]] = field(default_factory=dict)
    fresh: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    opening: list[float] = field(default_factory=list)
    private_mb: list[float] = field(default_factory=list)
    dirty_mb: list[float] = field(default_factory=list)
    totals: dict[str, int | None] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def times(self, which: Times) -> Mapping[str, Sequence[float]]:
        """Samples in milliseconds by question."""
        return {"warm": self.warm, "fresh": self.fresh, "pages": self.pages}[which]

    def add_warm(self, result: Mapping[str, Any]) -> None:
        """Take over what a warm process found."""
        _extend(self.warm, result["times"])
        _extend(self.pages, result["pages"])
        self.totals = result["totals"]
        self.private_mb.append(result["private_mb"])
        self.dirty_mb.append(result["dirty_mb"])

    def add_fresh(self, result: Mapping[str, Any]) -> None:
        """Take over what a process that opens the index again and again found."""
        _extend(self.fresh, result["times"])
        self.opening += result["opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """All engines at one number of documents."""

    documents: int
    characters: int
    text_bytes: int
    queries: tuple[Question, ...]
    series: Mapping[str, Series]

    def ids(self, kinds: Iterable[str] = KINDS) -> list[str]:
        """The questions of some kinds."""
        wanted = frozenset(kinds)
        return [query.id for query in self.queries if query.kind in wanted]


def middle(samples: Sequence[float]) -> float | None:
    """The median, or None without samples."""
    return median(samples) if samples else None


def p50_p95(times: Mapping[str, Sequence[float]], ids: Iterable[str]) -> tuple[float | None, float | None]:
    """Percentiles over questions, each of which counts by its median; questions without a time are left out."""
    values = [median(times[id]) for id in ids if times.get(id)]
    if len(values) < 2:
        return (values[0], values[0]) if values else (None, None)
    return median(values), quantiles(values, n=20, method="inclusive")[-1]


def _extend(into: dict[str, list[float]], times: Mapping[str, Sequence[float]]) -> None:
    for id, samples in times.items():
        into.setdefault(id, []).extend(samples)
