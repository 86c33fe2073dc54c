"""One run of `search-index`: builds the index, runs --on-publish, adds the run to the history and prints a report."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import click

from corpus.command_outcome import EXIT_INTERNAL, EXIT_INTERRUPTED
from corpus.errors import KesouError
from corpus.settings import Settings
from indexer.build import build_index
from indexer.commands.on_publish import CommandFailed, changed_ids, known_documents, run_on_publish
from indexer.commands.run_log import JsonLog, RunLog, TextLog
from indexer.commands.run_output import print_report, report_json, summary
from indexer.commands.terminal import (
    EXIT_COMMAND_FAILED,
    EXIT_NOTHING,
    EXIT_REJECTED,
    exit_status_of,
)
from indexer.run_report import RunReport
from indexer.runs import Outcome, Run, append_run, counts_of

_NOTHING: Final = "no document could be indexed; the published index, if any, is unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes and what it prints; `on_publish` is a command as its words, empty if there is none."""

    is_rebuild: bool = False
    is_verified: bool = False
    is_json: bool = False
    is_quiet: bool = False
    is_json_log: bool = False
    on_publish: Sequence[str] = ()

    def log(self) -> RunLog:
        """What tells on stderr how the run goes on; with --json alone it is silent, because the report says all."""
        return JsonLog() if self.is_json_log else TextLog(is_quiet=self.is_quiet or self.is_json)


def run_index(sources: Sequence[Path], settings: Settings, options: RunOptions, log: RunLog) -> int:
    """Do one run; returns its exit status.

    The run is added to the history whatever its outcome, also if it is interrupted; an error that nobody foresaw is
    raised after that.
    """
    run = _RunInProgress(sources, settings, log)
    try:
        with _orderly_termination():
            known = known_documents(settings.index_dir) if options.on_publish else {}
            with log.progress() as progress:
                report = build_index(
                    sources,
                    settings,
                    is_rebuild=options.is_rebuild,
                    is_verified=options.is_verified,
                    progress=progress,
                    notice=log.message,
                )
            log.issues(report.issues)
            error = None
            if options.on_publish and report.generation is not None and not report.is_unchanged:
                error = _after_publishing(report.generation, known, settings, options.on_publish, log)
    except KesouError as failure:
        return run.end("failed", exit_status_of(failure), str(failure)).exit_status
    except (KeyboardInterrupt, SystemExit) as interruption:
        status = interruption.code if isinstance(interruption, SystemExit) else EXIT_INTERRUPTED
        run.end("interrupted", int(status or 0), "interrupted")
        sys.exit(status)
    except Exception as failure:
        run.end("failed", EXIT_INTERNAL, f"internal error: {type(failure).__name__}: {failure}")
        raise
    ended = _end(run, report, error)
    if options.is_json:
        click.echo(json.dumps(report_json(report), ensure_ascii=False))
    else:
        if not options.is_quiet:
            print_report(report)
        if report.generation is not None:
            click.echo(summary(ended))
    return ended.exit_status


class _RunInProgress:
    """Measures a run, and tells the history and the log of its end."""

    def __init__(self, sources: Sequence[Path], settings: Settings, log: RunLog) -> None:
        self._sources = tuple(map(str, sources))
        self._settings = settings
        self._log = log
        self._started = datetime.now().astimezone()
        self._clock = time.monotonic()
        log.start(self._sources, settings.index_dir, kesou_version())

    def end(self, outcome: Outcome, exit_status: int, error: str | None = None, **counts: Any) -> Run:
        """The run that has ended, after the history and the log have been told."""
        run = Run(
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._clock, 3),
            outcome=outcome,
            exit_status=exit_status,
            version=kesou_version(),
            sources=self._sources,
            error=error,
            **counts,
        )
        index = self._settings.index_dir
        try:
            if index.is_dir():
                append_run(index, run, self._settings.runs_kept)
        except OSError as failure:
            self._log.message(f"the run cannot be added to the history in {index}: {failure.strerror or failure}")
        self._log.end(run)
        return run


def _end(run: _RunInProgress, report: RunReport, error: str | None) -> Run:
    counts = counts_of(report)
    if report.generation is None:
        return run.end("nothing", EXIT_NOTHING, _NOTHING, **counts)
    status = EXIT_COMMAND_FAILED if error else EXIT_REJECTED if report.rejected else 0
    return run.end("unchanged" if report.is_unchanged else "published", status, error, **counts)


def _after_publishing(
    generation: int, known: Mapping[str, bytes], settings: Settings, command: Sequence[str], log: RunLog
) -> str | None:
    """Run the command; returns what went wrong with it."""
    ids = changed_ids(known, known_documents(settings.index_dir))
    try:
        printed = run_on_publish(command, settings.index_dir, generation, ids, settings.on_publish_timeout_seconds)
    except CommandFailed as failure:
        return str(failure)
    if printed:
        log.message(f"--on-publish printed: {printed}")
    return None


@contextmanager
def _orderly_termination() -> Iterator[None]:
    """Within it SIGTERM, which service managers send, ends the process in the way of `sys.exit`, with status 143."""
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def kesou_version() -> str:
    """The version of the installed package."""
    try:
        return version("kesou")
    except PackageNotFoundError:
        return "(not installed)"
