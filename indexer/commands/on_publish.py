"""Runs the command of `--on-publish` after a new generation, with the ids of what has changed in files."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from corpus.errors import KesouError
from indexer.catalogue.database import FILE_NAME, document_hashes
from indexer.errors import IndexerError
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


def known_documents(index: Path) -> Mapping[str, bytes]:
    """The documents of the current generation, with a hash of each; none if there is none that can be read."""
    try:
        return document_hashes(current(index).path / FILE_NAME) or {}
    except IndexerError:
        return {}


def changed_ids(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Mapping[str, Sequence[str]]:
    """The ids of documents that were added, changed and removed, under these names."""
    return {
        "added": sorted(new.keys() - old.keys()),
        "changed": sorted(id for id in new.keys() & old.keys() if new[id] != old[id]),
        "removed": sorted(old.keys() - new.keys()),
    }


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
