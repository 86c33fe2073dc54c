"""Days as the columns hold them: proleptic ordinals, 0 for a document without a date."""

from __future__ import annotations

from typing import Final

#: 9999-12-31, the last day that `datetime` knows.
LAST_DAY: Final = 3_652_059
#: What a document without a date is sorted as where the oldest come first.
AFTER_LAST_DAY: Final = LAST_DAY + 1


def day_range(first: int | None, last: int | None) -> tuple[int, int]:
    """The first and the last day of a range whose open ends are None; documents without a date lie in none."""
    return first or 1, last or LAST_DAY
