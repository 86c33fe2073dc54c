"""The options that every command that indexes has: index, output, priorities, waiting, the command after it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from typing import Any

import click

from corpus.errors import KesouError
from corpus.settings import Settings, load_settings
from indexer.commands.priority import IO_PRIORITIES, lower_priority
from indexer.commands.run import RunOptions
from indexer.commands.run_log import RunLog
from indexer.commands.terminal import EXIT_USAGE


def _words(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(value or ""))
    except ValueError as error:
        raise click.BadParameter(f"{str(error).lower()} in {value!r}") from error


_OPTIONS = (
    click.option(
        "--index", metavar="DIR", help="folder of the index (default: KESOU_INDEX, else the user data folder)"
    ),
    click.option("--quiet", "is_quiet", is_flag=True, help="print the line that sums up the run, and errors, only"),
    click.option("--log-json", "is_json_log", is_flag=True, help="log to standard error, one JSON object a line"),
    click.option(
        "--lock-wait",
        "lock_wait_seconds",
        metavar="SECONDS",
        type=click.FloatRange(0, 86_400),
        help="how long to wait for another run (default: the setting lock_wait_seconds)",
    ),
    click.option(
        "--workers",
        metavar="N",
        type=click.IntRange(0, 256),
        help="processes that read and analyse (default: the setting workers, one a core)",
    ),
    click.option("--nice", metavar="N", type=click.IntRange(0, 19), help="lower the priority by N, to 19"),
    click.option("--io", type=click.Choice(IO_PRIORITIES), help="priority of reading and writing (Linux)"),
    click.option(
        "--on-publish",
        metavar="COMMAND",
        callback=_words,
        help="run this after a new generation, without a shell; see docs/operations.md",
    ),
)


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command; it passes their values to `prepare`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def prepare(
    *,
    index: str | None,
    lock_wait_seconds: float | None,
    workers: int | None,
    nice: int | None,
    io: str | None,
    **options: Any,
) -> tuple[Settings, RunOptions, RunLog]:
    """Settings, options and log of the runs of this process, whose priority is lowered; exits if a setting is wrong."""
    run_options = RunOptions(**options)
    log = run_options.log()
    try:
        settings = load_settings({"index": index, "lock_wait_seconds": lock_wait_seconds, "workers": workers})
    except KesouError as error:
        log.message(str(error))
        sys.exit(EXIT_USAGE)
    for note in lower_priority(nice or 0, io):
        log.message(note)
    return settings, run_options, log


def arguments_of(settings: Settings, options: RunOptions) -> list[str]:
    """The arguments that give a run of `search-index` these options, but for its priority and its sources."""
    arguments = ["--index", str(settings.index_dir.absolute()), "--lock-wait", f"{settings.lock_wait_seconds:g}"]
    arguments += ["--workers", str(settings.workers)] if settings.workers else []
    arguments += ["--quiet"] if options.is_quiet else []
    arguments += ["--log-json"] if options.is_json_log else []
    return arguments + (["--on-publish", shlex.join(options.on_publish)] if options.on_publish else [])
