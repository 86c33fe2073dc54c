"""Lowers the priority of this process and of those that it starts, for the processor and for disks."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Final

#: Classes and levels of `ionice`: 3 waits until nobody else uses the disk; 2 is the usual class, 7 its lowest level.
_IO_CLASSES: Final = {"idle": ("-c", "3"), "low": ("-c", "2", "-n", "7"), "normal": ("-c", "2", "-n", "4")}
IO_PRIORITIES: Final = tuple(_IO_CLASSES)


def lower_priority(nice: int, io: str | None) -> Iterator[str]:
    """Add `nice` to the niceness, and set the class of input and output; yields what the system does not allow."""
    if nice:
        try:
            os.nice(nice)
        except (OSError, AttributeError):  # Windows has no niceness
            yield "the niceness cannot be set here; the run goes on without --nice"
    if io is not None and not _set_io(io):
        yield "the priority of input and output cannot be set here; the run goes on without --io"


def _set_io(io: str) -> bool:
    """True if the program `ionice` of util-linux has set the class; it knows the system call of each processor."""
    ionice = shutil.which("ionice")
    if ionice is None:
        return False
    command = [ionice, *_IO_CLASSES[io], "-p", str(os.getpid())]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - words of our own
