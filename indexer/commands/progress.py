"""Progress of a run on stderr: a bar on a terminal, else a few plain lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from indexer.build import Progress

#: Progress lines that a run prints if standard error is not a terminal.
_PLAIN_STEPS: Final = 10


@contextmanager
def progress_output(is_shown: bool) -> Iterator[Progress | None]:
    """A callback that shows progress until the block ends; None if nothing is to be shown."""
    if not is_shown:
        yield None
    elif sys.stderr.isatty():
        with _bar() as update:
            yield update
    else:
        yield _plain()


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on the terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("indexing"),
        BarColumn(),
        TextColumn("{task.fields[documents]} documents"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", documents=0, total=None)

        def update(done: int, total: int, documents: int) -> None:
            bar.update(task, completed=done, total=total, documents=documents)

        yield update


def _plain() -> Progress:
    """Prints a line whenever another tenth of the bytes has been read."""

    def show(done: int, total: int, documents: int) -> None:
        click.echo(f"indexing: {done * 100 // total if total else 100} %, {documents} documents", err=True)

    return every_tenth(show)


def every_tenth(show: Progress) -> Progress:
    """Calls `show` whenever another tenth of the bytes has been read."""
    shown = 0

    def update(done: int, total: int, documents: int) -> None:
        nonlocal shown
        step = done * _PLAIN_STEPS // total if total else _PLAIN_STEPS
        if step > shown:
            shown = step
            show(done, total, documents)

    return update
