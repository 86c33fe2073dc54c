"""The command `search-index`: builds an index from sources, shows progress and prints the run report.

The first argument `inspect` or `classify` selects a subcommand that shows documents without indexing them.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import click

from corpus.command_outcome import interruptible
from corpus.errors import KesouError
from corpus.settings import load_settings
from indexer.build import build_index
from indexer.commands.classify import classify
from indexer.commands.inspect import inspect
from indexer.commands.progress import progress_output
from indexer.commands.run_output import print_report, report_json
from indexer.commands.terminal import (
    EXIT_LOCKED,
    EXIT_NOT_WRITABLE,
    EXIT_NOTHING,
    EXIT_REJECTED,
    print_message,
)
from indexer.errors import IndexLocked, IndexNotWritable


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
        with interruptible("search-index"), progress_output(is_shown=not as_json) as progress:
            report = build_index(sources, settings, is_rebuild=rebuild, progress=progress)
    except KesouError as error:
        print_message(str(error))
        sys.exit(_exit_status(error))
    if as_json:
        click.echo(json.dumps(report_json(report), ensure_ascii=False))
    else:
        print_report(report)
    if report.generation is None:
        print_message("no document could be indexed; the published index, if any, is unchanged")
        sys.exit(EXIT_NOTHING)
    sys.exit(EXIT_REJECTED if report.rejected else 0)


def _exit_status(error: KesouError) -> int:
    if isinstance(error, IndexLocked):
        return EXIT_LOCKED
    return EXIT_NOT_WRITABLE if isinstance(error, IndexNotWritable) else EXIT_NOTHING
