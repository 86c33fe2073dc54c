"""The command `search-index status`: generations, sizes and age of an index, and what its last runs changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

import click

from corpus.settings import load_settings
from indexer.commands.terminal import exit_status_of, one_line_errors
from indexer.commands.upkeep import INDEX_OPTION, JSON_OPTION, status_json, status_lines, upkeep_of

_RUNS: Final = 10


@click.command(
    short_help="show generations, sizes, age and the last runs",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@INDEX_OPTION
@JSON_OPTION
@click.option("--runs", metavar="N", type=click.IntRange(0), default=_RUNS, help=f"runs shown (default {_RUNS})")
def status(index: str | None, as_json: bool, runs: int) -> None:
    """Show the generations of the index with their sizes and ages, and what the last runs added, changed and removed.

    Nothing is written. Exit status: 0 success, 2 there is no index or it may not be read.
    """
    with one_line_errors(exit_status_of):
        found = upkeep_of(load_settings({"index": index})).status(runs)
        if as_json:
            click.echo(json.dumps(status_json(found), ensure_ascii=False))
        else:
            for line in status_lines(found, datetime.now(UTC)):
                click.echo(line)
