"""Progress of a run on stderr: a bar on a terminal, else a few plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

from indexer.run_progress import Progress

#: Lines at most without a terminal, and the seconds between two of them at least.
_PLAIN_STEPS: Final = 10
_PLAIN_SECONDS: Final = 10
#: Seconds between two updates of the bar.
_BAR_SECONDS: Final = 0.1
_MEGABYTE: Final = 1_000_000


@contextmanager
def progress_output(is_shown: bool) -> Iterator[Progress | None]:
    """A callback that shows progress until the block ends; None if nothing is to be shown."""
    if not is_shown:
        yield None
    elif sys.stderr.isatty():
        with _bar() as update:
            yield update
    else:
        yield plain_progress(lambda line: click.echo(line, err=True))


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on the terminal; it is drawn by the callback, because a thread would make forking unsafe."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("indexing"), BarColumn(), TextColumn("{task.fields[counts]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", counts="", total=None)
        started = shown = time.monotonic()

        def update(done: int, total: int, documents: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= _BAR_SECONDS or done == total:
                shown = now
                counts = described(done, total, documents, now - started)
                bar.update(task, completed=done, total=total, counts=counts, refresh=True)

        yield update


def plain_progress(print_line: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Progress:
    """Prints a line for each tenth of the work, though not more often than every ten seconds, and one at the end."""
    started = shown = clock()

    def show(done: int, total: int, documents: int) -> None:
        nonlocal shown
        now = clock()
        if done == total:
            print_line(f"indexing: 100 %, {documents:,} documents")
        elif now - shown >= _PLAIN_SECONDS:
            shown = now
            print_line(f"indexing: {done * 100 // total} %, {described(done, total, documents, now - started)}")

    return every_tenth(show)


def described(done: int, total: int, documents: int, seconds: float) -> str:
    """What is done after so many seconds, in MB and documents, how fast, and how long the rest will take."""
    text = f"{done // _MEGABYTE:,} of {-(-total // _MEGABYTE):,} MB, {documents:,} documents"
    if documents and seconds:
        text += f", {documents / seconds:,.0f} a second"
    if done and seconds >= 1:
        text += f", {_duration(seconds * (total - done) / done)} left"
    return text


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def every_tenth(show: Progress) -> Progress:
    """Calls `show` whenever another tenth of the work is done."""
    shown = 0

    def update(done: int, total: int, documents: int) -> None:
        nonlocal shown
        step = done * _PLAIN_STEPS // total if total else _PLAIN_STEPS
        if step > shown:
            shown = step
            show(done, total, documents)

    return update
