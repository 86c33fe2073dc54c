"""Publication days: what the exporters write, read as days in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

#: China has had no daylight saving since 1991, so a fixed offset equals Asia/Shanghai for these sources.
SHANGHAI: Final = timezone(timedelta(hours=8))
#: Larger numbers are milliseconds: 10^11 seconds lie in the year 5138, 10^11 milliseconds in 1973.
_MILLISECONDS_FROM: Final = 100_000_000_000
_WRITTEN: Final = re.compile(
    r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?=\D|$)(?:[\sT]*(\d{1,2}:\d{2}.*))?\s*"
)
_ZONED: Final = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")


def parse_day(raw: Any) -> str | None:
    """YYYY-MM-DD of a date as exports write it (seconds, milliseconds, 2025-11-01[ 09:30], 2025年11月1日, 2025/11/1).

    None when the value is no date that exists; the caller says so, it never guesses.
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str) and re.fullmatch(r"\s*\d{9,13}\s*", raw):
        raw = int(raw)
    if isinstance(raw, int | float):
        seconds = raw / 1000 if raw >= _MILLISECONDS_FROM else raw
        if not 0 < seconds < 253_402_214_400:
            return None
        return datetime.fromtimestamp(seconds, SHANGHAI).date().isoformat()
    if not isinstance(raw, str):
        return None
    match = _WRITTEN.fullmatch(raw)
    if match is None:
        return None
    clock = match[4]
    try:
        if clock and _ZONED.search(clock.strip()):
            return _zoned_day(raw.strip())
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None


def _zoned_day(raw: str) -> str:
    moment = datetime.fromisoformat(raw)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(SHANGHAI).date().isoformat()
