"""Runs a process and measures it with its children: wall time, CPU time and peak memory.

Linux is assumed: memory is read from /proc.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
#: Often enough to see the peak of several processes, seldom enough not to disturb them.
_SAMPLE_SECONDS: Final = 0.2
#: Lines of standard error shown when a process fails.
_LAST_LINES: Final = 5


class ProcessFailed(Exception):
    """A measured process failed or took too long; the message says which and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A finished process. `peak_mb` is the largest sum over its process tree that was seen (proportional sizes)."""

    result: dict[str, Any]
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def run_job(job: dict[str, Any], time_limit_seconds: float) -> Measured:
    """Run a job of `benchmarks.worker` in a process of its own; raises ProcessFailed."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "errors").open("w+b") as errors:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "benchmarks.worker", json.dumps({**job, "result": str(result)})]
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # our own worker
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True
        )
        watch = _Watch(process.pid, time_limit_seconds)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        name = f"{job['job']} {job.get('peer', '')}".strip()
        if watch.is_late:
            raise ProcessFailed(f"{name}: stopped after {time_limit_seconds:.0f} s")
        if process.returncode:
            errors.seek(0)
            last = errors.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
            raise ProcessFailed(f"{name}: " + "\n".join(last))
        found = json.loads(result.read_text("utf-8"))
    return Measured(
        result=found,
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=max(watch.peak_mb, found.get("peak_mb", 0.0)),
    )


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take up on disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


class _Watch:
    """Samples the memory of a process tree and ends it, with the session it leads, when its time is up."""

    def __init__(self, pid: int, limit_seconds: float) -> None:
        self._pid = pid
        self._deadline = time.monotonic() + limit_seconds
        self._done = threading.Event()
        self.peak_mb = 0.0
        self.is_late = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """End the watching."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(map(proportional_mb, _tree(self._pid))))
            if time.monotonic() > self._deadline and not self.is_late:
                self.is_late = True
                with suppress(ProcessLookupError):
                    os.killpg(self._pid, signal.SIGKILL)


def _tree(pid: int) -> Iterator[int]:
    """A process and all that descend from it; those that end meanwhile are left out."""
    yield pid
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _tree(int(child))


def proportional_mb(pid: int) -> float:
    """The memory of a process, with its share of what it shares with others; 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
