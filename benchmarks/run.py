"""Runs the comparison: prepares texts and queries, lets each engine index and answer in turn, and writes the tables."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks import queries
from benchmarks.documents import source_name
from benchmarks.machine import load_average, machine_line
from benchmarks.measure import Measured, ProcessFailed, folder_bytes, run_job
from benchmarks.peers import PEERS
from benchmarks.results import EngineResult, Series, Size
from benchmarks.tables import report

#: Preparing 100,000 documents takes minutes, describing an engine its imports.
_PREPARE_SECONDS: Final = 3600
_DESCRIBE_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What the command line asked for."""

    sizes: tuple[int, ...]
    peers: tuple[str, ...]
    source: str
    repetitions: int
    index_repetitions: int
    seconds: float
    time_limit_seconds: float
    is_every_size: bool


@dataclass(slots=True)
class _Round:
    """One size under way: its folder, and the engines that have not failed."""

    plan: _Plan
    folder: Path
    engines: list[EngineResult]
    series: dict[str, Series] = field(default_factory=dict)

    def prepare(self, count: int) -> Measured:
        """Write texts and questions."""
        job = {"job": "prepare", "count": count, "source": self.plan.source, **self._paths()}
        return run_job(job, _PREPARE_SECONDS)

    def index(self, repetition: int) -> None:
        """Every engine builds its index, in turn."""
        for engine in self._in_turn(repetition):
            directory = self._directory(engine)
            shutil.rmtree(directory, ignore_errors=True)
            measured = self._try(engine, "index")
            if measured:
                series = self.series[engine.name]
                series.wall_seconds.append(measured.wall_seconds)
                series.cpu_seconds.append(measured.cpu_seconds)
                series.peak_mb.append(measured.peak_mb)
                series.index_bytes.append(folder_bytes(directory))

    def ask(self, repetition: int) -> None:
        """Every engine answers everything in a process of its own, in turn: warm, then from fresh readers."""
        for engine in self._in_turn(repetition):
            series = self.series[engine.name]
            measured = self._try(engine, "warm", repetition=repetition, seconds=self.plan.seconds)
            if not measured:
                continue
            series.add_warm(measured.result)
            able = [id for id, total in series.totals.items() if total is not None]
            measured = self._try(engine, "fresh", repetition=repetition, seconds=self.plan.seconds, able=able)
            if measured:
                series.add_fresh(measured.result)

    def _in_turn(self, repetition: int) -> list[EngineResult]:
        """The engines that still stand; another one is first each time."""
        start = repetition % max(1, len(self.engines))
        return [*self.engines[start:], *self.engines[:start]]

    def _try(self, engine: EngineResult, job: str, **more: Any) -> Measured | None:
        """The measured job; an engine that fails is reported and left out from then on."""
        _say(f"  {job} {engine.name}")
        paths = {**self._paths(), "directory": str(self._directory(engine))}
        try:
            return run_job({"job": job, "peer": engine.name, **paths, **more}, self.plan.time_limit_seconds)
        except ProcessFailed as failure:
            _say(f"  failed: {failure}")
            self.series[engine.name].failures.append(str(failure).replace("\n", " / "))
            self.engines.remove(engine)
            return None

    def _paths(self) -> dict[str, str]:
        return {"documents": str(self.folder / "documents"), "queries": str(self.folder / "queries.json")}

    def _directory(self, engine: EngineResult) -> Path:
        return self.folder / f"index-{engine.name}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; returns the exit status: 0, or 1 when an engine failed."""
    options = _parser().parse_args(arguments)
    plan = _Plan(
        sizes=tuple(options.documents),
        peers=tuple(options.peers),
        source=options.source,
        repetitions=options.repetitions,
        index_repetitions=options.index_repetitions,
        seconds=options.seconds,
        time_limit_seconds=options.time_limit,
        is_every_size=options.all_sizes,
    )
    engines, skipped = _describe(plan.peers)
    sizes, loads = [], [load_average()]
    for count in plan.sizes:
        with tempfile.TemporaryDirectory(prefix="kesou-benchmark-", dir=options.work) as folder:
            try:
                sizes.append(_measure(plan, count, Path(folder), engines))
            except ProcessFailed as failure:
                _say(f"{count:,} documents: {failure}")
                return 1
        loads.append(load_average())
        load = ", ".join(f"{average:.1f}" for average in loads)
        texts = f"Texts: {source_name(plan.source)}. Load average before and after each size: {load}."
        text = report((machine_line(), texts), engines, skipped, sizes)
        if options.out:
            options.out.write_text(text, "utf-8")
    if not options.out:
        print(text, end="")
    return int(any(series.failures for size in sizes for series in size.series.values()))


def _measure(plan: _Plan, count: int, folder: Path, engines: Sequence[EngineResult]) -> Size:
    bounded = [e for e in engines if plan.is_every_size or e.most_documents is None or count <= e.most_documents]
    current = _Round(plan, folder, bounded, {engine.name: Series() for engine in bounded})
    _say(f"{count:,} documents: texts and questions")
    prepared = current.prepare(count).result
    for repetition in range(plan.index_repetitions):
        _say(f"{count:,} documents: indexing, {repetition + 1} of {plan.index_repetitions}")
        current.index(repetition)
    for repetition in range(plan.repetitions):
        _say(f"{count:,} documents: asking, {repetition + 1} of {plan.repetitions}")
        current.ask(repetition)
    return Size(
        documents=prepared["count"],
        characters=prepared["characters"],
        text_bytes=prepared["text_bytes"],
        queries=tuple(queries.load(folder / "queries.json")),
        series=current.series,
    )


def _describe(names: Sequence[str]) -> tuple[list[EngineResult], list[str]]:
    """The engines that are installed, and a line for each one that is not."""
    engines, skipped = [], []
    for name in names:
        try:
            found = run_job({"job": "describe", "peer": name}, _DESCRIBE_SECONDS).result
        except ProcessFailed as failure:
            skipped.append(f"{name} ({str(failure).splitlines()[-1]})")
            _say(f"skipped: {skipped[-1]}")
        else:
            engines.append(EngineResult(name=name, **{**found, "notes": tuple(found["notes"])}))
    return engines, skipped


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure Kesou and its peers on the same texts with the same questions; tables in Markdown.",
    )
    add = parser.add_argument
    add("--documents", type=_numbers, default=(1000, 10_000), metavar="N,N", help="sizes (default 1000,10000)")
    add("--peers", type=_names, default=tuple(PEERS), metavar="A,B", help=f"engines (default {','.join(PEERS)})")
    add("--source", default="", metavar="FILE", help='a .jsonl or .jsonl.xz file, or "generated"')
    add("--out", type=Path, metavar="FILE", help="write the report here, after every size, instead of to the terminal")
    add("--work", metavar="DIR", help="where texts and indexes lie meanwhile (default: the temporary folder)")
    add("--repetitions", type=int, default=3, metavar="N", help="processes that ask, for each engine (default 3)")
    add("--index-repetitions", type=int, default=3, metavar="N", help="indexes built, for each engine (default 3)")
    add("--seconds", type=float, default=30, metavar="S", help="time for repeating questions in a process (default 30)")
    add("--time-limit", type=float, default=1800, metavar="S", help="a process is stopped then (default 1800)")
    add("--all-sizes", action="store_true", help="measure slow engines at every size, too")
    return parser


def _numbers(written: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in written.split(","))


def _names(written: str) -> tuple[str, ...]:
    names = tuple(written.split(","))
    unknown = set(names) - set(PEERS)
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(PEERS)}")
    return names


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
