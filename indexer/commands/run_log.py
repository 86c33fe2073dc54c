"""What a run tells on stderr while it goes on: text for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import click

from corpus.command_outcome import EXIT_INTERNAL
from corpus.import_issue import ImportIssue
from indexer.commands.progress import every_tenth, progress_output
from indexer.commands.terminal import print_issue, print_message
from indexer.run_progress import Progress
from indexer.runs import Run


class RunLog(Protocol):
    """Is told what happens in a run, in this order; messages may come at any time."""

    def start(self, sources: Sequence[str], index: Path, version: str) -> None:
        """The run begins."""

    def progress(self) -> AbstractContextManager[Progress | None]:
        """Show progress until the block ends."""

    def issues(self, issues: Iterable[ImportIssue]) -> None:
        """Tell the import issues."""

    def message(self, message: str) -> None:
        """Tell something that the run goes on after."""

    def end(self, run: Run) -> None:
        """The run has ended; if it failed, tell why."""


class TextLog:
    """Progress, issues and messages as text; if `is_quiet`, messages, errors and missing sources only."""

    def __init__(self, is_quiet: bool) -> None:
        self._is_quiet = is_quiet

    def start(self, sources: Sequence[str], index: Path, version: str) -> None:
        """Print nothing."""

    def progress(self) -> AbstractContextManager[Progress | None]:
        """A bar on a terminal, else a few plain lines."""
        return progress_output(not self._is_quiet)

    def issues(self, issues: Iterable[ImportIssue]) -> None:
        """Print a line for each; if quiet, only for sources that do not exist: without them documents are lost."""
        for issue in issues:
            if not self._is_quiet or issue.kind == "missing":
                print_issue(issue)

    def message(self, message: str) -> None:
        """Print a line that begins with the name of the command."""
        print_message(message)

    def end(self, run: Run) -> None:
        """Print the error, if there is one; `outcome_of` prints one that nobody foresaw."""
        if run.error and run.exit_status != EXIT_INTERNAL:
            print_message(run.error)


class JsonLog:
    """Prints one JSON object a line, each with the keys `time` and `event`; docs/json.md lists the others."""

    def start(self, sources: Sequence[str], index: Path, version: str) -> None:
        """Print the event `start`."""
        self._print("start", index=str(index), sources=list(sources), version=version)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Print an event `progress` for each tenth of the bytes."""
        yield every_tenth(
            lambda done, total, documents: self._print("progress", bytes=done, total_bytes=total, documents=documents)
        )

    def issues(self, issues: Iterable[ImportIssue]) -> None:
        """Print an event `issue` for each, with the keys of `problems[]` in the run report."""
        for issue in issues:
            content = asdict(issue)
            self._print("issue", rejected=content.pop("is_rejection"), **content)

    def message(self, message: str) -> None:
        """Print the event `message`."""
        self._print("message", message=message)

    def end(self, run: Run) -> None:
        """Print the event `end` with the keys of a line of the run history."""
        self._print("end", **asdict(run))

    def _print(self, event: str, **content: Any) -> None:
        time = datetime.now().astimezone().isoformat(timespec="milliseconds")
        click.echo(json.dumps({"time": time, "event": event, **content}, ensure_ascii=False), err=True)
