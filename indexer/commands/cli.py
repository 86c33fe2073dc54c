"""The command `search-index`: builds an index from sources, shows progress and prints the run report.

The first argument `inspect` or `classify` selects a subcommand that shows documents without indexing them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import click

from corpus.errors import KesouError
from corpus.settings import load_settings
from indexer.build import Progress, build_index
from indexer.commands.classify import classify
from indexer.commands.file_table import file_table
from indexer.commands.inspect import inspect
from indexer.commands.terminal import (
    EXIT_LOCKED,
    EXIT_NOT_WRITABLE,
    EXIT_NOTHING,
    EXIT_REJECTED,
    console,
    print_issue,
    print_message,
)
from indexer.errors import IndexLocked, IndexNotWritable
from indexer.run_report import RunReport

#: Progress lines that a run prints if standard error is not a terminal.
_PLAIN_STEPS: Final = 10


def _version() -> str:
    try:
        return version("kesou")
    except PackageNotFoundError:
        return "(not installed)"


class _CommandWithSubcommands(click.Command):
    """Indexes unless the first argument names a subcommand; a source folder of that name is written ./inspect."""

    subcommands: Final = {"inspect": inspect, "classify": classify}

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the arguments of the command that the first argument selects."""
        subcommand = self.subcommands.get(args[0]) if args else None
        if subcommand is None:
            return super().make_context(info_name, args, parent, **extra)
        return subcommand.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command whose arguments were parsed."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands below the help text."""
        with formatter.section("Other commands (each has its own --help)"):
            formatter.write_dl([(name, command.get_short_help_str(100)) for name, command in self.subcommands.items()])


@click.command(cls=_CommandWithSubcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, else the user data folder)")
@click.option("--rebuild", is_flag=True, help="build a new generation even if nothing has changed")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
@click.version_option(_version(), prog_name="search-index")
def main(sources: tuple[Path, ...], index: str | None, rebuild: bool, as_json: bool) -> None:
    """Build an index of SOURCE…: files, folders, quoted patterns, or - for standard input. Formats: JSON, CSV, Excel,
    saved HTML, Markdown, plain text, Word, PDF and feeds, also compressed.

    The new index holds exactly these sources and replaces the previous one. Exit status: 0 success, 1 some documents
    were rejected, 2 no document could be indexed, 3 another run is writing to the index, 4 the index folder cannot be
    written to.
    """
    try:
        settings = load_settings({"index": index})
        with _progress(is_shown=not as_json) as progress:
            report = build_index(sources, settings, is_rebuild=rebuild, progress=progress)
    except KesouError as error:
        print_message(str(error))
        sys.exit(_exit_status(error))
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False))
    else:
        _print_report(report)
    if report.generation is None:
        print_message("no document could be indexed; the published index, if any, is unchanged")
        sys.exit(EXIT_NOTHING)
    sys.exit(EXIT_REJECTED if report.rejected else 0)


def _exit_status(error: KesouError) -> int:
    if isinstance(error, IndexLocked):
        return EXIT_LOCKED
    return EXIT_NOT_WRITABLE if isinstance(error, IndexNotWritable) else EXIT_NOTHING


def _report_json(report: RunReport) -> dict[str, Any]:
    """The report under the keys that programs rely on."""
    content = asdict(report)
    content["unchanged"] = content.pop("is_unchanged")
    content["problems"] = content.pop("issues")
    for issue in content["problems"]:
        issue["rejected"] = issue.pop("is_rejection")
    for file in content["by_file"]:
        file["problems"] = file.pop("issues")
    return content


def _print_report(report: RunReport) -> None:
    for issue in report.issues:
        print_issue(issue)
    if report.is_unchanged:
        click.echo(f"Nothing has changed since generation {report.generation}.")
    click.echo(
        f"{report.files} files, {report.read} documents read: {report.indexed} indexed"
        f" ({report.empty} of them without text), {report.rejected} rejected"
    )
    if report.generation is not None and not report.is_unchanged:
        rate = report.indexed / report.seconds if report.seconds else 0
        click.echo(
            f"{report.characters:,} characters in {report.seconds:.1f} s ({rate:.0f} documents a second)"
            f" → generation {report.generation} in {report.index}"
        )
    click.echo(_ledger_line(report))
    table = file_table(report.by_file)
    if table is not None and not report.is_unchanged:
        console().print(table)
    _print_reasons(report)


def _ledger_line(report: RunReport) -> str:
    """One line that says whether each character is accounted for, and else which files lack some."""
    ledger = report.ledger
    counts = f"{ledger.read:,} read, {ledger.indexed:,} indexed, {ledger.set_aside:,} set aside"
    if not ledger.unaccounted:
        return f"Every character is accounted for: {counts}"
    files = ", ".join(file.file for file in report.by_file if file.ledger.unaccounted)
    return f"{ledger.unaccounted:,} characters unaccounted in {files}: {counts}"


def _print_reasons(report: RunReport) -> None:
    counts = Counter(issue.kind for issue in report.issues)
    if counts:
        click.echo("Reasons: " + ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))


@contextmanager
def _progress(is_shown: bool) -> Iterator[Progress | None]:
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


def _plain() -> Callable[[int, int, int], None]:
    """Prints a line whenever another tenth of the bytes has been read."""
    shown = 0

    def update(done: int, total: int, documents: int) -> None:
        nonlocal shown
        step = done * _PLAIN_STEPS // total if total else _PLAIN_STEPS
        if step > shown:
            shown = step
            click.echo(f"indexing: {done * 100 // total if total else 100} %, {documents} documents", err=True)

    return update
