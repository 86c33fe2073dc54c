"""Builds an index: tells whether anything has changed, and if so makes and publishes a new generation.

What makes a generation is imported when there is one to make: a run that finds nothing to do ends before that.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from corpus.settings import Settings
from indexer.run_engine import run_engine
from indexer.run_progress import Notice, Progress
from indexer.run_report import RunReport
from indexer.run_start import RunStart
from indexer.store.publishing import lock, tidy, unfinished_parts


def build_index(
    sources: Sequence[Path],
    settings: Settings,
    *,
    is_rebuild: bool = False,
    is_verified: bool = False,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> RunReport:
    """Index the sources and publish the result as the next generation; the index then holds exactly these sources.

    Only what has changed since the current generation is read and written, and nothing if nothing has. Files whose
    sizes and times are the same count as unchanged, unless `is_verified`: then their bytes are compared. With
    `is_rebuild` all documents are made anew. Raises IndexLocked, IndexNotWritable, and for a cluster
    ClusterUnavailable, ClusterRefused and DocumentsRejected; the published generation then stays as it was.
    """
    started = time.monotonic()
    index = settings.index_dir
    with (
        lock(index, settings.lock_wait_seconds),
        unfinished_parts(index) as unfinished,
        run_engine(settings) as engine,
    ):
        engine.recover()
        tidy(index, settings.keep_generations)
        start = RunStart(sources, settings, engine, is_rebuild=is_rebuild, is_verified=is_verified)
        report = start.report_if_nothing_changed()
        if report is None:
            from indexer.make_generation import make_generation  # deferred: 0.5 s

            report = make_generation(start, unfinished, started, progress or _ignore, notice or _ignore)
    if report.is_unchanged:
        return report.unchanged_since(str(index), round(time.monotonic() - started, 3))
    return report


def _ignore(*_: object) -> None:
    """A callback that does nothing."""
