"""What the commands of this package share: exit statuses, error lines, problem lines, tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

import click

from corpus.errors import KesouError
from corpus.import_issue import ImportIssue

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

EXIT_REJECTED: Final = 1
EXIT_NOTHING: Final = 2
EXIT_LOCKED: Final = 3
EXIT_NOT_WRITABLE: Final = 4

#: Columns where there is no terminal: nothing is folded that a program or an editor shall read.
_PLAIN_COLUMNS: Final = 10_000


class Outcome:
    """Prints problems as they are met and remembers what decides the exit status."""

    def __init__(self) -> None:
        self.documents = 0
        self.rejected = 0

    def report(self, problem: ImportIssue) -> None:
        """Print one line of the import report on stderr."""
        self.rejected += problem.is_rejection
        print_problem(problem)

    def exit_status(self) -> int:
        """2 when there was no document at all, 1 when something was rejected, 0 otherwise."""
        if not self.documents:
            return EXIT_NOTHING
        return EXIT_REJECTED if self.rejected else 0


def print_problem(problem: ImportIssue) -> None:
    """A line on stderr: rejected or note, where, what."""
    click.echo(f"{'rejected' if problem.is_rejection else 'note'}: {problem}", err=True)


def say(message: str) -> None:
    """A line on stderr under the command's name."""
    click.echo(f"search-index: {message}", err=True)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Our own errors as one line on stderr and exit status 2; what a terminal cannot show as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    except KesouError as error:
        say(str(error))
        sys.exit(EXIT_NOTHING)


def console(is_error: bool = False) -> Console:
    """Rich on a terminal; elsewhere the same text without colours and line folding."""
    from rich.console import Console  # deferred: JSON needs none of it

    width = None if (sys.stderr if is_error else sys.stdout).isatty() else _PLAIN_COLUMNS
    return Console(stderr=is_error, width=width, highlight=False, markup=False, emoji=False)


def make_table(first: str, *numbers: str) -> Table:
    """An empty table: a column of names, and columns of numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(first, overflow="fold")
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    return table
