"""The command `search-index repair`: goes back to the newest sound generation, or says what to index again."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from corpus.settings import load_settings
from indexer.commands.terminal import EXIT_DAMAGED, exit_status_of, one_line_errors
from indexer.commands.upkeep import INDEX_OPTION, JSON_OPTION, repair_lines, upkeep_of


@click.command(
    short_help="go back to the newest sound generation", context_settings={"help_option_names": ["-h", "--help"]}
)
@INDEX_OPTION
@JSON_OPTION
def repair(index: str | None, as_json: bool) -> None:
    """If the current generation is damaged, let the newest sound one answer, and remove those that are damaged.

    If none is sound, nothing is changed, and the sources to index again are named. Exit status: 0 the index is sound
    now, 2 there is none or it cannot be read, 3 another run is writing to it, 4 it cannot be written to, 6 no
    generation is sound.
    """
    with one_line_errors(exit_status_of):
        settings = load_settings({"index": index})
        report = upkeep_of(settings).repair()
        if as_json:
            click.echo(json.dumps(asdict(report), ensure_ascii=False))
        else:
            for line in repair_lines(report, settings.index_dir):
                click.echo(line)
        sys.exit(EXIT_DAMAGED if report.outcome == "lost" else 0)
