"""The history of runs: `runs.jsonl` in the index folder, one JSON object for each run of search-index, newest last.

The file is for people and for `search-index status`; no index depends on it. A line is appended and synced when a run
ends, whatever its outcome, and the oldest lines are removed (see the setting `runs_kept`). A line that cannot be read,
such as the last one after a power failure, is skipped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, get_args

from indexer.run_report import FileReport, RunReport

RUNS: Final = "runs.jsonl"
_LOCK: Final = "runs.lock"
_LOCK_WAIT_SECONDS: Final = 10

#: The file is cut when it has a tenth more lines than are kept, so that most runs only append.
_SURPLUS: Final = 10
#: A first run adds documents of every file; the line names those with the most changes.
_FILES_NAMED: Final = 50
_MAX_ERROR_CHARS: Final = 2000

Outcome = Literal["published", "unchanged", "nothing", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many documents a run added, changed, removed and left as they were."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """The number of documents that are not as they were."""
        return self.added + self.changed + self.removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of search-index.

    `started` is a time in ISO 8601 with its offset. `outcome` is "published", "unchanged" (nothing had changed),
    "nothing" (no document could be indexed), "failed" or "interrupted"; `error` is the message of a failure. `changes`
    are those of documents, and `files` those of each source file with changes, the most changed first, at most 50;
    `files_more` counts the others. `issues` counts the import issues of each kind. Counts are 0 if the run did not end.
    """

    started: str
    seconds: float
    outcome: Outcome
    exit_status: int
    version: str
    sources: tuple[str, ...]
    generation: int | None = None
    documents: int = 0
    rejected: int = 0
    changes: Changes = Changes()
    files: Mapping[str, Changes] = field(default_factory=dict)
    files_more: int = 0
    issues: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Run:
        """The run of a line; unknown keys are left out. Raises TypeError, ValueError and AttributeError."""
        known = {row.name: content[row.name] for row in fields(cls) if row.name in content}
        known["sources"] = tuple(known["sources"])
        known["changes"] = _changes(known.get("changes", {}))
        known["files"] = {name: _changes(changes) for name, changes in known.get("files", {}).items()}
        if known["outcome"] not in get_args(Outcome):
            raise ValueError(known["outcome"])
        return cls(**known)


def counts_of(report: RunReport) -> dict[str, Any]:
    """The counts of a run report under the names that `Run` has for them."""
    by_file = {file.file: _changes_of(file) for file in report.by_file if file.added or file.changed or file.removed}
    named = sorted(by_file, key=lambda name: (-by_file[name].total, name))[:_FILES_NAMED]
    return {
        "generation": report.generation,
        "documents": report.indexed,
        "rejected": report.rejected,
        "changes": _changes_of(report),
        "files": {name: by_file[name] for name in named},
        "files_more": len(by_file) - len(named),
        "issues": dict(sorted(Counter(issue.kind for issue in report.issues).items())),
    }


def append_run(index: Path, run: Run, kept: int) -> None:
    """Add a run to the history, durably, and keep the newest `kept` lines (at most a tenth more). Raises OSError."""
    import filelock  # deferred: readers never lock

    path = index / RUNS
    content = asdict(run) | {"error": run.error and run.error[:_MAX_ERROR_CHARS]}
    # A name that is not valid Unicode becomes \udc80 … \udcff, which JSON reads back.
    line = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    with filelock.FileLock(index / _LOCK, timeout=_LOCK_WAIT_SECONDS):
        old = path.read_bytes() if path.exists() else b""
        if old and not old.endswith(b"\n"):  # the run before died while it wrote
            line = b"\n" + line
        if old.count(b"\n") < kept + kept // _SURPLUS:
            _write(path, "ab", line)
        else:
            whole = path.with_name(f"{RUNS}.tmp")
            _write(whole, "wb", b"".join((old + line).splitlines(keepends=True)[-kept:]))
            whole.replace(path)


def read_runs(index: Path, newest: int | None = None) -> list[Run]:
    """The runs of the history, oldest first, all or the `newest`; without a history none. Raises OSError."""
    try:
        lines = (index / RUNS).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    runs = list(filter(None, map(_run, lines)))
    return runs if newest is None else runs[max(0, len(runs) - newest) :]


def published_sources(index: Path) -> tuple[str, ...]:
    """The sources of the last run that published something, none if the history does not say. Raises OSError."""
    runs = [run for run in read_runs(index) if run.outcome == "published"]
    return runs[-1].sources if runs else ()


def _run(line: bytes) -> Run | None:
    try:
        return Run.from_dict(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _write(path: Path, mode: Literal["ab", "wb"], content: bytes) -> None:
    with path.open(mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _changes(content: Mapping[str, int]) -> Changes:
    return Changes(**{row.name: int(content[row.name]) for row in fields(Changes) if row.name in content})


def _changes_of(report: RunReport | FileReport) -> Changes:
    return Changes(**{row.name: getattr(report, row.name, 0) for row in fields(Changes)})
