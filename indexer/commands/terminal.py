"""Terminal output shared by the commands: exit statuses, messages, import issues, consoles and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from corpus.errors import CorpusError, KesouError
from corpus.import_issue import ImportIssue
from indexer.errors import IndexLocked, IndexNotWritable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

EXIT_REJECTED: Final = 1
EXIT_NOTHING: Final = 2
EXIT_LOCKED: Final = 3
EXIT_NOT_WRITABLE: Final = 4
EXIT_COMMAND_FAILED: Final = 5
EXIT_DAMAGED: Final = 6
EXIT_USAGE: Final = 64  # EX_USAGE of sysexits.h; click's own 2 would say that nothing could be indexed

#: Width without a terminal, so that lines for a program or an editor are not wrapped.
_PLAIN_COLUMNS: Final = 10_000


class Outcome:
    """Prints import issues as they occur and counts what decides the exit status."""

    def __init__(self) -> None:
        self.documents = 0
        self.rejected = 0

    def report(self, issue: ImportIssue) -> None:
        """Print and count one import issue."""
        self.rejected += issue.is_rejection
        print_issue(issue)

    def exit_status(self) -> int:
        """2 if there was no document, 1 if something was rejected, else 0."""
        if not self.documents:
            return EXIT_NOTHING
        return EXIT_REJECTED if self.rejected else 0


def print_issue(issue: ImportIssue) -> None:
    """Print an import issue on stderr: rejected or note, file and record, message."""
    click.echo(f"{'rejected' if issue.is_rejection else 'note'}: {issue}", err=True)


def print_message(message: str) -> None:
    """Print a line on stderr that begins with the name of the command."""
    click.echo(f"search-index: {message}", err=True)


def exit_status_of(error: KesouError) -> int:
    """The exit status of a command that has failed with this error."""
    if isinstance(error, IndexLocked):
        return EXIT_LOCKED
    if isinstance(error, CorpusError):  # a setting, or a file that a setting names
        return EXIT_USAGE
    return EXIT_NOT_WRITABLE if isinstance(error, IndexNotWritable) else EXIT_NOTHING


@contextmanager
def one_line_errors(status_of: Callable[[KesouError], int] = lambda _: EXIT_NOTHING) -> Iterator[None]:
    """Turn a KesouError into one line on stderr and an exit status, 2 by default."""
    try:
        yield
    except KesouError as error:
        print_message(str(error))
        sys.exit(status_of(error))


def console(is_error: bool = False) -> Console:
    """A rich console; without a terminal it prints the same text without colours and line wrapping."""
    from rich.console import Console  # deferred: --json does not need it

    width = None if (sys.stderr if is_error else sys.stdout).isatty() else _PLAIN_COLUMNS
    return Console(stderr=is_error, width=width, highlight=False, markup=False, emoji=False)


def make_table(first: str, *numbers: str) -> Table:
    """An empty table with a column of names, followed by columns of numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(first, overflow="fold")
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    return table
