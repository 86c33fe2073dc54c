"""What the commands check, repair and status share: the upkeep of an index, and the lines that they print."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from corpus.settings import OPENSEARCH, Settings
from indexer.runs import Changes, Run
from indexer.upkeep.embedded import EmbeddedUpkeep
from indexer.upkeep.reports import CheckReport, ClusterStatus, GenerationStatus, IndexStatus, RepairReport, Upkeep

#: Source files with changes that a run is shown with.
_FILES_SHOWN: Final = 5
INDEX_OPTION: Final = click.option(
    "--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, else the user data folder)"
)
JSON_OPTION: Final = click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
_UNITS: Final = (("day", 86_400), ("hour", 3600), ("minute", 60))


def upkeep_of(settings: Settings) -> Upkeep:
    """The upkeep of the engine that the settings name."""
    if settings.engine == OPENSEARCH:
        from indexer.upkeep.opensearch import OpenSearchUpkeep  # deferred: opensearch-py is optional

        return OpenSearchUpkeep(settings)
    return EmbeddedUpkeep(settings)


def check_lines(report: CheckReport) -> Iterator[str]:
    """What a check found."""
    yield from (f"damaged: {damage}" for damage in report.damages)
    if report.is_sound:
        files = f" {report.files} files," if report.files else ""
        yield (
            f"Generation {report.generation} is sound: {_count(report.documents, 'document')},{files}"
            f" {_size(report.bytes)}; looked up: {_count(report.samples, 'document')}."
        )
    else:
        yield "The index is damaged; go back to a sound generation with: search-index repair"
    if report.unaccounted:
        yield f"note: {report.unaccounted:,} characters of the sources are unaccounted for (see the run report)"


def repair_lines(report: RepairReport, index: Path) -> Iterator[str]:
    """What a repair did, and what remains to be done."""
    yield from (f"damaged: {damage}" for damage in report.damages)
    if report.outcome == "sound":
        yield f"Generation {report.generation} is sound; nothing was changed."
        return
    if report.outcome == "went_back":
        removed = f"; removed: {', '.join(report.removed)}" if report.removed else ""
        yield f"Generation {report.generation} is sound and answers now{removed}."
        yield f"It may be older than the sources; bring it up to date with: {_command(report, index)}"
    else:
        yield "No generation is sound, and nothing was changed; index the sources again:"
        yield f"  {_command(report, index)} --rebuild"


def status_lines(status: IndexStatus, now: datetime) -> Iterator[str]:
    """An index at a glance."""
    yield status.index
    yield from (f"  {_generation_line(generation, now)}" for generation in status.generations)
    if status.cluster is None:
        yield f"  {_size(status.bytes)} in all, {_size(status.free_bytes)} free"
    else:
        yield from (f"  {line}" for line in _cluster_lines(status.cluster))
    if status.unfinished_bytes:
        yield f"  {_size(status.unfinished_bytes)} of an unfinished build, which the next run goes on with"
    if status.problem:
        yield f"  problem: {status.problem}"
    if status.writer:
        yield f"  {status.writer} is writing to it now"
    if status.runs:
        yield "Runs, the newest first:"
        for run in status.runs:
            yield from (f"  {line}" for line in _run_lines(run))


def check_json(report: CheckReport) -> dict[str, Any]:
    """A check under the keys that programs rely on."""
    return asdict(report) | {"sound": report.is_sound}


def status_json(status: IndexStatus) -> dict[str, Any]:
    """The status of an index under the keys that programs rely on."""
    content = asdict(status) | {"bytes": status.bytes}
    indices = content["cluster"]["indices"] if content["cluster"] else ()
    for part in (*content["generations"], *indices):
        part["current"] = part.pop("is_current")
    return content


def _command(report: RepairReport, index: Path) -> str:
    """The command that indexes the sources of the last run."""
    sources = " ".join(map(shlex.quote, report.sources)) or "SOURCE…"
    return f"search-index {sources} --index {shlex.quote(str(index))}"


def _generation_line(generation: GenerationStatus, now: datetime) -> str:
    name = f"generation {generation.generation}{' (current)' if generation.is_current else ''}"
    if generation.error is not None:
        return f"{name}: {generation.error}"
    created = datetime.fromisoformat(generation.created or now.isoformat()).astimezone()
    segments = f" {_count(generation.segments, 'segment')}," if generation.segments else ""
    return (
        f"{name}: {_count(generation.documents, 'document')},{segments}"
        f" {_size(generation.bytes)},"
        f" made {created:%Y-%m-%d %H:%M} ({_age((now - created).total_seconds())} ago)"
    )


def _cluster_lines(cluster: ClusterStatus) -> Iterator[str]:
    missing = f", {_count(cluster.missing_shards, 'shard')} or copies missing" if cluster.missing_shards else ""
    yield f"cluster: {cluster.health}, {_count(cluster.nodes_with_data, 'node')} with data{missing}"
    for index in cluster.indices:
        current = " (current)" if index.is_current else ""
        waiting = f", {_count(index.waiting, 'old version')} to be deleted" if index.waiting else ""
        yield (
            f"index {index.name}{current}: {index.health}, {_count(index.documents, 'document')}{waiting},"
            f" {_count(index.shards, 'shard')} with {index.replicas} copies, {_size(index.bytes)}"
        )


def _run_lines(run: Run) -> Iterator[str]:
    changes = _changes(run.changes) if run.outcome == "published" else ""
    generation = f" generation {run.generation}" if run.outcome == "published" else ""
    yield f"{run.started[:16].replace('T', ' ')}  {run.outcome}{generation}{changes}  ({run.seconds:.1f} s)"
    if run.error:
        yield f"    {run.error}"
    shown = list(run.files.items())[:_FILES_SHOWN]
    yield from (f"   {_changes(changes)}  {name}" for name, changes in shown)
    further = len(run.files) - len(shown) + run.files_more
    if further:
        yield f"    {further:,} more files with changes"


def _changes(changes: Changes) -> str:
    """` +3 ~2 -1`: documents added, changed and removed."""
    signs = (("+", changes.added), ("~", changes.changed), ("-", changes.removed))
    return "".join(f" {sign}{count:,}" for sign, count in signs if count)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(count: int) -> str:
    if count < 10**6:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 10**9 else f"{count / 1e9:.1f} GB"


def _age(seconds: float) -> str:
    for unit, length in _UNITS:
        if seconds >= length:
            return _count(int(seconds // length), unit)
    return "less than a minute"
