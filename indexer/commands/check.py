"""The command `search-index check`: reads all of the current generation and names what is damaged."""

from __future__ import annotations

import json
import sys

import click

from corpus.settings import load_settings
from indexer.commands.terminal import EXIT_DAMAGED, exit_status_of, one_line_errors
from indexer.commands.upkeep import INDEX_OPTION, JSON_OPTION, check_json, check_lines, upkeep_of


@click.command(
    short_help="read the whole index and name what is damaged", context_settings={"help_option_names": ["-h", "--help"]}
)
@INDEX_OPTION
@JSON_OPTION
def check(index: str | None, as_json: bool) -> None:
    """Verify checksums, counts and the ledger of the index, and look up some documents of each segment.

    Nothing is written. Exit status: 0 the index is sound, 2 there is none or it cannot be read, 6 it is damaged.
    """
    with one_line_errors(exit_status_of):
        report = upkeep_of(load_settings({"index": index})).check()
        if as_json:
            click.echo(json.dumps(check_json(report), ensure_ascii=False))
        else:
            for line in check_lines(report):
                click.echo(line)
        sys.exit(0 if report.is_sound else EXIT_DAMAGED)
