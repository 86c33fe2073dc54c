"""Describes the machine that the figures were measured on, in one line."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path


def machine_line() -> str:
    """Processor, cores, memory, system, Python and day."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    parts = (
        _processor(),
        f"{cores} cores",
        f"{memory:.0f} GiB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        datetime.now(UTC).date().isoformat(),
    )
    return " · ".join(parts)


def load_average() -> float:
    """Processes that wanted to run during the last minute, ours among them."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()
