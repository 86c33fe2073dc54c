"""Runs a command in a process of its own whose disk fails, or that is killed, at a chosen operation.

An operation is an opening for writing, a write, a sync, a change of permissions, or a change of a folder, on a path
below the watched folder. They are seen by an audit hook and by replacements of `open` and `os.fsync`; what C code
writes by itself (SQLite) is not seen.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

KILL: Final = -1
#: Audit events that change a folder, with the number of the argument that names what is changed.
_CHANGES: Final = {
    "os.rename": 0,
    "os.remove": 0,
    "os.mkdir": 0,
    "os.rmdir": 0,
    "os.truncate": 0,
    "os.link": 1,
    "os.symlink": 1,
    "os.chmod": 0,
}
_WRITING: Final = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True)
class Operation:
    """One operation of a command: what it was and on which path, with its second path or the stamp of a synced file."""

    kind: str
    path: str
    more: Any = None


@dataclass(frozen=True)
class Outcome:
    """How a command ended (exit status, or minus a signal), what it printed, and what it did before."""

    status: int
    out: str
    err: str
    operations: tuple[Operation, ...]


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a forked process; returns its exit code as `os.waitstatus_to_exitcode` does."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def preload(patch: pytest.MonkeyPatch) -> None:
    """Load what every run loads, so that the processes of this one need not: dictionaries and rules."""
    from corpus.taxonomy.classify import Taxonomy
    from indexer.analysis import segment

    segmenter = segment.Segmenter()
    segmenter.cut(["量子"])
    cut, rules = segmenter._cut, Taxonomy.load()
    patch.setattr(segment, "_rjieba_cut", lambda: cut)
    patch.setattr(Taxonomy, "load", lambda *_: rules)


def run(
    arguments: Sequence[str],
    watched: Path | None = None,
    *,
    at: int = 0,
    fault: int = KILL,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run `search-index` with arguments; at its n-th operation below `watched` it is killed, or fails with an errno.

    A write is cut in the middle. Operations are counted from 1; 0 is none. `prepare` runs first in the new process.
    """
    with tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:

        def work() -> None:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.environ.update({"KESOU_WORKERS": "1", **(environment or {})})
            sys.argv = ["search-index", *arguments]
            prepare()
            if watched is not None:
                _Disk(watched, log.fileno(), at, fault).watch()
            _command()

        status = in_child(lambda: _with_exit_status(work))
        texts = []
        for file in (log, out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    operations = tuple(Operation(*json.loads(line)) for line in texts[0].splitlines())
    return Outcome(status, texts[1], texts[2], operations)


def _command() -> None:
    from indexer.__main__ import main

    main()


def _with_exit_status(work: Callable[[], None]) -> None:
    try:
        work()
    except SystemExit as error:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(error.code if isinstance(error.code, int) else 0 if error.code is None else 1)


class _Disk:
    """Sees the operations of this process from `watch` on, and lets one of them fail."""

    def __init__(self, watched: Path, log: int, at: int, fault: int) -> None:
        self._watched = f"{watched}/"
        self._log = log
        self._at = at
        self._fault = fault
        self._count = 0
        self._process = os.getpid()

    def watch(self) -> None:
        """Begin; there is no end."""
        real_sync, real_open = os.fsync, io.open

        def sync(descriptor: Any) -> None:
            number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
            path = os.readlink(f"/proc/self/fd/{number}")
            self.see("sync", path)
            real_sync(number)
            status = os.fstat(number)
            self._write("synced", path, (status.st_ino, status.st_size, status.st_mtime_ns))

        def open_file(file: Any, mode: str = "r", buffering: int = -1, *texts: Any, **options: Any) -> Any:
            is_written = isinstance(mode, str) and set(mode) & set("wax+") and not isinstance(file, int)
            if not is_written or not self._is_watched(file) or buffering == 0:
                return real_open(file, mode, buffering, *texts, **options)
            raw = _WatchedFile(file, mode.replace("b", "").replace("t", ""), self, options.pop("opener", None))
            binary: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            names = ("encoding", "errors", "newline")
            return (
                binary if "b" in mode else io.TextIOWrapper(binary, **dict(zip(names, texts, strict=False)), **options)
            )

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in _CHANGES:
                self.see(event, arguments[_CHANGES[event]], arguments[1] if event == "os.rename" else None)
            elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
                self.see("open", arguments[0])

        vars(os)["fsync"] = sync
        builtins.open = io.open = open_file
        sys.addaudithook(hook)

    def see(self, kind: str, path: Any, more: Any = None) -> bool:
        """Count and log an operation before it happens; True if it is the one that the process must die of.

        Raises OSError if it is the one that fails.
        """
        if not self._is_watched(path) or os.getpid() != self._process:
            return False
        self._count += 1
        self._write(kind, path, more)
        if self._count != self._at:
            return False
        if self._fault == KILL:
            if kind != "write":
                self.die()
            return True
        raise OSError(self._fault, os.strerror(self._fault), os.fspath(path))

    def die(self) -> None:
        """Kill this process."""
        os.kill(os.getpid(), signal.SIGKILL)

    def _is_watched(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and f"{os.fspath(path)}/".startswith(self._watched)

    def _write(self, kind: str, path: Any, more: Any) -> None:
        if os.getpid() == self._process:
            os.write(self._log, f"{json.dumps([kind, os.fspath(path), more], default=os.fspath)}\n".encode())


class _WatchedFile(io.FileIO):
    def __init__(self, file: Any, mode: str, disk: _Disk, opener: Any) -> None:
        super().__init__(file, mode, opener=opener)
        self._disk = disk

    def write(self, data: Any, /) -> int:
        try:
            is_last = self._disk.see("write", self.name)
        except OSError:
            super().write(memoryview(data)[: len(data) // 2])
            raise
        if is_last:
            super().write(memoryview(data)[: len(data) // 2])
            self._disk.die()
        return super().write(data)


def count_of(operations: Sequence[Operation]) -> int:
    """How many operations there were; the end of a sync is none."""
    return sum(operation.kind != "synced" for operation in operations)


def lose_power(index: Path, before: Path, operations: Sequence[Operation], choose: random.Random) -> None:
    """Damage what a power failure may damage after these operations: all that was not synced.

    Files that are not among those of `before`, an earlier state of the index, and were not synced as they are, are
    emptied, cut, zeroed or removed. Renamed files and folders whose folder was not synced afterwards get their old
    names or contents back.
    """
    unsynced: list[Operation] = []
    for operation in operations:
        if operation.kind == "os.rename":
            unsynced.append(operation)
        elif operation.kind == "synced":
            unsynced = [other for other in unsynced if os.path.dirname(other.more) != operation.path]
    for operation in reversed(unsynced):
        if choose.random() < 0.5 and os.path.exists(operation.more) and not os.path.exists(operation.path):
            os.rename(operation.more, operation.path)
            old = before / os.path.relpath(operation.more, index)
            if old.is_file():
                shutil.copy2(old, operation.more)
    kept = {_stamp(path) for path in before.rglob("*") if path.is_file()}
    kept |= {tuple(operation.more) for operation in operations if operation.kind == "synced"}
    for path in sorted(index.rglob("*")):
        if path.is_file() and _stamp(path) not in kept:
            _damage(path, choose)


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _damage(path: Path, choose: random.Random) -> None:
    content = path.read_bytes()
    kind = choose.choice(("keep", "remove", "empty", "halve", "zero"))
    path.chmod(0o600)
    if kind == "remove":
        path.unlink()
    elif kind != "keep":
        path.write_bytes({"empty": b"", "halve": content[: len(content) // 2], "zero": bytes(len(content))}[kind])


#: What a failing disk says.
ERRORS: Final = (errno.EIO, errno.ENOSPC)
