"""The command `search-index`: index sources, show progress, report what became of every record.

A first argument `inspect` or `classify` selects one of the commands that show documents without indexing them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import click

from corpus.errors import KesouError
from corpus.settings import load_settings
from indexer.build import Progress, RunReport, build_index
from indexer.commands.classify import classify
from indexer.commands.import_report import file_table
from indexer.commands.inspect import inspect
from indexer.commands.terminal import (
    EXIT_LOCKED,
    EXIT_NOT_WRITABLE,
    EXIT_NOTHING,
    EXIT_REJECTED,
    console,
    print_problem,
    say,
)
from indexer.errors import IndexLocked, IndexNotWritable

#: Without a terminal, a line for about every tenth of the work.
_PLAIN_STEPS: Final = 10


def _version() -> str:
    try:
        return version("kesou")
    except PackageNotFoundError:
        return "(not installed)"


class _Commands(click.Command):
    """Indexes, unless the first argument is the name of another command; a folder of such a name is ./inspect."""

    others: Final = {"inspect": inspect, "classify": classify}

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments of the command that the first one selects."""
        other = self.others.get(args[0]) if args else None
        if other is None:
            return super().make_context(info_name, args, parent, **extra)
        return other.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command whose arguments were read."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the other commands."""
        with formatter.section("Other commands (each has its own --help)"):
            formatter.write_dl([(name, other.get_short_help_str(100)) for name, other in self.others.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, then the user data folder)")
@click.option("--rebuild", is_flag=True, help="write a new generation even when nothing has changed")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
@click.version_option(_version(), prog_name="search-index")
def main(sources: tuple[Path, ...], index: str | None, rebuild: bool, as_json: bool) -> None:
    """Index SOURCE… (files, folders, quoted patterns, - for standard input): JSON, CSV, Excel, saved HTML, Markdown,
    plain text, Word, PDF, feeds; compressed ones too.

    The index then holds exactly these sources. Exit status: 0 all well, 1 finished with rejected documents,
    2 nothing usable, 3 another run holds the index, 4 the index cannot be written.
    """
    try:
        settings = load_settings({"index": index})
        with _progress(is_shown=not as_json) as progress:
            report = build_index(sources, settings, is_rebuild=rebuild, progress=progress)
    except KesouError as error:
        say(str(error))
        sys.exit(_exit_status(error))
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False))
    else:
        _print_report(report)
    if report.generation is None:
        say("nothing to index; the published index is unchanged")
        sys.exit(EXIT_NOTHING)
    sys.exit(EXIT_REJECTED if report.rejected else 0)


def _exit_status(error: KesouError) -> int:
    if isinstance(error, IndexLocked):
        return EXIT_LOCKED
    return EXIT_NOT_WRITABLE if isinstance(error, IndexNotWritable) else EXIT_NOTHING


def _report_json(report: RunReport) -> dict[str, object]:
    content = asdict(report)
    content["unchanged"] = content.pop("is_unchanged")
    for problem in content["problems"]:
        problem["rejected"] = problem.pop("is_rejection")
    return content


def _print_report(report: RunReport) -> None:
    for problem in report.problems:
        print_problem(problem)
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
    table = file_table(report.by_file)
    if table is not None and not report.is_unchanged:
        console().print(table)
    _print_reasons(report)


def _print_reasons(report: RunReport) -> None:
    reasons: dict[str, int] = {}
    for problem in report.problems:
        reasons[problem.kind] = reasons.get(problem.kind, 0) + 1
    if reasons:
        click.echo("Reasons: " + ", ".join(f"{kind} {count}" for kind, count in sorted(reasons.items())))


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
    shown = 0

    def update(done: int, total: int, documents: int) -> None:
        nonlocal shown
        step = done * _PLAIN_STEPS // total if total else _PLAIN_STEPS
        if step > shown:
            shown = step
            click.echo(f"indexing: {done * 100 // total if total else 100} %, {documents} documents", err=True)

    return update
