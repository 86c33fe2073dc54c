"""The command `search-index schedule`: prints what lets the operating system index sources at fixed times."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from corpus.errors import KesouError
from corpus.settings import APPLICATION, load_settings
from corpus.sources.standard_input import STDIN
from indexer.commands.run import RunOptions
from indexer.commands.run_options import arguments_of, run_options
from indexer.commands.schedule_formats import FORMATS, CannotSchedule, Job
from indexer.commands.terminal import EXIT_NOT_WRITABLE, EXIT_USAGE, print_message

#: A run at night may wait long for another one; and it is not to disturb.
_LOCK_WAIT_SECONDS: Final = 3600
_NICE: Final = 10
_IO: Final = "idle"
#: Categories of characters that end a line, or that UTF-8 or XML do not have.
_UNUSABLE: Final = {"Cc", "Cn", "Cs", "Zl", "Zp"}
_LONGEST_MINUTES: Final = 24 * 60


def _time(context: click.Context, option: click.Parameter, value: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no time of day such as 03:00")
    return int(found[1]), int(found[2])


def _minutes(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,4})([mh])", value)
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else 0
    if not 1 <= minutes <= _LONGEST_MINUTES:
        raise click.BadParameter(f"{value!r} is no time from 1m to 24h such as 15m or 2h")
    return minutes


@click.command(
    short_help="print a systemd timer, cron line, launchd agent or Windows task that indexes",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--for", "target", type=click.Choice(tuple(FORMATS)), required=True, help="what will run the command")
@click.option(
    "--daily", metavar="HH:MM", callback=_time, default="03:00", help="every day at this time", show_default=True
)
@click.option("--every", metavar="TIME", callback=_minutes, help="so often, such as 15m or 2h, and not once a day")
@click.option(
    "--to", metavar="DIR", type=click.Path(path_type=Path), help="write the files into DIR; do not print them"
)
@click.option("--name", default=f"{APPLICATION}-index", help="name of the job and its files", show_default=True)
@run_options
def schedule(
    sources: tuple[Path, ...],
    target: str,
    daily: tuple[int, int],
    every: int | None,
    to: Path | None,
    name: str,
    index: str | None,
    lock_wait_seconds: float | None,
    workers: int | None,
    nice: int | None,
    io: str | None,
    **options: Any,
) -> None:
    """Print what lets the system run `search-index SOURCE…` at fixed times as this user, with absolute paths.

    The runs are quiet, wait an hour for another run, and have a low priority, unless options say otherwise; the file
    kesou.toml of this folder applies. What to do with the output is told on standard error.
    """
    import platformdirs  # deferred: other commands need it only without KESOU_INDEX

    try:
        if STDIN in sources:
            raise CannotSchedule("standard input cannot be indexed at fixed times; give files, folders or patterns")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise CannotSchedule(f"{name!r} is no name for files; use letters, digits, - and _")
        wait = _LOCK_WAIT_SECONDS if lock_wait_seconds is None else lock_wait_seconds
        settings = load_settings({"index": index, "lock_wait_seconds": wait, "workers": workers})
        arguments = arguments_of(settings, RunOptions(**{**options, "is_quiet": True}))
        job = Job(
            name=name,
            program=_program(),
            arguments=[*arguments, "--", *(str(source.absolute()) for source in sources)],
            folder=Path.cwd(),
            hour=daily[0],
            minute=daily[1],
            every_minutes=every,
            nice=_NICE if nice is None else nice,
            io=io or _IO,
            log=Path(platformdirs.user_log_dir(APPLICATION, appauthor=False)) / f"{name}.log",
        )
        _check_characters((*job.command, str(job.folder), str(job.log)))
        files = FORMATS[target].texts(job)
        if target in ("cron", "launchd"):
            job.log.parent.mkdir(parents=True, exist_ok=True)
        _put(files, to)
    except KesouError as error:
        print_message(str(error))
        sys.exit(EXIT_USAGE)
    except OSError as error:
        print_message(f"cannot write {error.filename}: {error.strerror}")
        sys.exit(EXIT_NOT_WRITABLE)
    _tell(target, name, next(iter(files)), to)


def _program() -> list[str]:
    """The command `search-index` of this installation."""
    script = Path(sys.executable).with_name("search-index.exe" if sys.platform == "win32" else "search-index")
    return [str(script)] if script.exists() else [sys.executable, "-P", "-m", "indexer"]


def _check_characters(words: Sequence[str]) -> None:
    for word in words:
        if not _UNUSABLE.isdisjoint(map(unicodedata.category, word)):
            raise CannotSchedule(f"{word!r} has characters that the texts cannot hold; rename it")


def _put(files: Mapping[str, str], to: Path | None) -> None:
    """Write the files into a folder, or print them, each after its name if there are several."""
    for name, text in files.items():
        if to is None:
            click.echo((f"# {name}\n" if len(files) > 1 else "") + text)
        else:
            to.mkdir(parents=True, exist_ok=True)
            (to / name).write_text(text, "utf-8")


def _tell(target: str, name: str, file: str, to: Path | None) -> None:
    """Say how the files are installed."""
    form = FORMATS[target]
    path = to.absolute() / file if to else Path(form.folder, file)
    quote = subprocess.list2cmdline([str(path)]) if target == "windows" else shlex.quote(str(path)) if to else str(path)
    command = form.install.format(name=name, file=quote)
    print_message(f"{'' if to else f'write the files with --to {form.folder}, then '}install with: {command}")
