"""The command `search-index`: builds an index from sources, shows progress and prints the run report.

The first argument may name a subcommand: `watch` indexes again after every change, `schedule` prints what lets the
system index at fixed times, `inspect` and `classify` show documents without indexing them, `check`, `repair` and
`status` look after the index, `words` lists the words that it has learned.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from corpus.command_outcome import interruptible
from indexer.commands.run import kesou_version, run_index
from indexer.commands.run_options import prepare, run_options
from indexer.commands.terminal import EXIT_USAGE

#: Each is the function of that name in the module of that name, imported when it is needed: a run needs none.
_SUBCOMMANDS: Final = ("watch", "schedule", "inspect", "classify", "check", "repair", "status", "words")


def _subcommand(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"indexer.commands.{name}"), name)
    return command


class _CommandWithSubcommands(click.Command):
    """Indexes unless the first argument names a subcommand; a source folder of that name is written ./inspect."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the arguments of the command that the first argument selects; wrong ones end with EXIT_USAGE."""
        subcommand = _subcommand(args[0]) if args and args[0] in _SUBCOMMANDS else None
        try:
            if subcommand is None:
                return super().make_context(info_name, args, parent, **extra)
            return subcommand.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        except click.UsageError as error:
            error.exit_code = EXIT_USAGE  # type: ignore[misc]  # click declares it for the class; it reads the instance
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command whose arguments were parsed."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands below the help text."""
        with formatter.section("Other commands (each has its own --help)"):
            formatter.write_dl([(name, _subcommand(name).get_short_help_str(100)) for name in _SUBCOMMANDS])


@click.command(cls=_CommandWithSubcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="make all documents anew even if nothing has changed")
@click.option("--verify", is_flag=True, help="compare the contents of files, not only their sizes and times")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
@run_options
@click.version_option(kesou_version(), prog_name="search-index")
def main(sources: tuple[Path, ...], rebuild: bool, verify: bool, as_json: bool, **common: Any) -> None:
    """Build an index of SOURCE…: files, folders, quoted patterns, or - for standard input. Formats: JSON, CSV, Excel,
    saved HTML, Markdown, plain text, Word, PDF and feeds, also compressed.

    The new index holds exactly these sources and replaces the previous one; only what has changed is read. Exit status:
    0 success, 1 some documents were rejected, 2 no document could be indexed, 3 another run is writing to the index,
    4 the index folder cannot be written to, 5 the command of --on-publish failed, 64 an option or setting is wrong.
    """
    settings, options, log = prepare(is_rebuild=rebuild, is_verified=verify, is_json=as_json, **common)
    with interruptible("search-index"):
        status = run_index(sources, settings, options, log)
    sys.exit(status)
