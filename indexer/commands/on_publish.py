"""Runs the command of `--on-publish` after a new generation, with the ids of what has changed in files."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from corpus.errors import KesouError
from indexer.errors import IndexerError
from indexer.store.columns import ColumnReader
from indexer.store.generations import current

#: What the command prints is told up to here; the end is where an error is named.
_MAX_OUTPUT_BYTES: Final = 20_000


class CommandFailed(KesouError):
    """The command could not be run, failed or took too long; the new generation stays published."""


def run_on_publish(
    command: Sequence[str], index: Path, generation: int, ids: Mapping[str, Iterable[str]], timeout_seconds: float
) -> str:
    """Run a command, given as its words, without a shell; returns what it printed, at most 20,000 bytes from the end.

    It gets KESOU_INDEX, KESOU_GENERATION and, for each key of `ids` such as `added`, KESOU_ADDED: a file with one id a
    line, which is removed afterwards. Raises CommandFailed.
    """
    with tempfile.TemporaryDirectory(prefix="kesou-") as folder, tempfile.TemporaryFile() as output:
        environment = {**os.environ, "KESOU_INDEX": str(index.absolute()), "KESOU_GENERATION": str(generation)}
        for name, values in ids.items():
            path = Path(folder, f"{name}.txt")
            path.write_text("".join(f"{value}\n" for value in values), "utf-8")
            environment[f"KESOU_{name.upper()}"] = str(path)
        failure = _run(command, environment, output.fileno(), timeout_seconds)
        output.seek(max(0, output.seek(0, os.SEEK_END) - _MAX_OUTPUT_BYTES))
        printed = output.read().decode("utf-8", "replace").strip()
    if failure:
        about = f"; it printed: {printed}" if printed else ""
        raise CommandFailed(f"generation {generation} is published, but its --on-publish command {failure}{about}")
    return printed


def document_ids(index: Path) -> frozenset[str]:
    """The ids of the documents of the current generation; none if there is none that can be read."""
    try:
        columns = ColumnReader(current(index).path)
    except IndexerError:
        return frozenset()
    with closing(columns):
        return frozenset(f"{number:016x}" for number in columns["ids"])


def _run(command: Sequence[str], environment: Mapping[str, str], output: int, timeout_seconds: float) -> str | None:
    """What went wrong, None if nothing did. The command has a process group of its own, which ends with it."""
    try:
        # The words come from the user who starts the run.
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"cannot be run: {getattr(error, 'strerror', None) or error}"
    try:
        status = process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        return f"took longer than {timeout_seconds:g} s (on_publish_timeout_seconds) and was ended"
    finally:
        if process.poll() is None:
            _kill(process)
    return f"ended with exit status {status}" if status else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
