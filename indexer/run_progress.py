"""The callbacks by which a run tells how it goes on."""

from __future__ import annotations

from collections.abc import Callable

#: Called after each file and document with (work done, work in all, documents made so far); work is in bytes of files.
Progress = Callable[[int, int, int], None]
#: Called with a line that tells what a run is about to do, and why.
Notice = Callable[[str], None]
