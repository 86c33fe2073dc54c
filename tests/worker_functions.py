"""What worker processes do in tests: here, so that spawned ones can import it."""

from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def doubling() -> Callable[[int], tuple[int, int]]:
    """Gives twice the item and the number of the process; earlier items take longer."""

    def double(item: int) -> tuple[int, int]:
        time.sleep(max(0, 20 - item) / 1000)
        return 2 * item, os.getpid()

    return double


def obedient(folder: str) -> Callable[[str], str]:
    """Does what the item says; `once` counts by a file of the folder."""
    faulthandler.disable()

    def obey(item: str) -> str:
        if item == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif item == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif item == "exit":
            os._exit(3)
        elif item == "hang":
            time.sleep(600)
        elif item == "memory":
            raise MemoryError
        elif item == "error":
            raise ValueError("wrong")
        elif item == "once" and not (path := Path(folder, "once")).exists():
            path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item.upper()

    return obey


def failing() -> Callable[[int], int]:
    """A setup that ends its process."""
    os._exit(4)
