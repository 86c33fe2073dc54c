"""Runs work in a process of its own whose disk fails, or that dies, at a chosen operation."""

from __future__ import annotations

import os
from collections.abc import Callable


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
