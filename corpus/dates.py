"""Publication days: what the exporters write, read as days in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

#: China has had no daylight saving since 1991, so a fixed offset equals Asia/Shanghai for these sources.
SHANGHAI: Final = timezone(timedelta(hours=8))
#: Ten digits are seconds, thirteen are milliseconds (2001 to 2286); any other count would be a guess, for
#: 202511011230 is as likely half past twelve as a moment in 1976.
_SECONDS: Final = range(10**9, 10**10)
_MILLISECONDS: Final = range(10**12, 10**13)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WRITTEN: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?=\D|$)(?:[\sT]*(\d{1,2}):(\d{2})(.*))?"
)
_ZONE: Final = re.compile(r"(?:Z|([+-])(\d{2}):?(\d{2}))$")
#: Longer texts are no dates, and matching them would take time that grows with the square of their blanks.
_MAX_CHARS: Final = 64


def parse_day(raw: Any) -> str | None:
    """YYYY-MM-DD of a date as exports write it (seconds, milliseconds, 2025-11-01[ 09:30], 2025年11月1日, 2025/11/1).

    None when the value is no date that exists; the caller says so, it never guesses.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    if isinstance(raw, str) and len(raw) > _MAX_CHARS:
        return None
    try:
        if isinstance(raw, str) and not raw.strip().isdecimal():
            return _written_day(raw.strip())
        return _numbered_day(int(raw))
    except (ValueError, OverflowError):
        return None


def _numbered_day(number: int) -> str | None:
    if number in _MILLISECONDS:
        number //= 1000
    if number in _SECONDS:
        return datetime.fromtimestamp(number, SHANGHAI).date().isoformat()
    compact = _COMPACT.fullmatch(str(number)) if 0 < number < 10**8 else None
    return date(*map(int, compact.groups())).isoformat() if compact else None


def _written_day(text: str) -> str | None:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    day = date(int(match[1]), int(match[2]), int(match[3]))
    zone = _ZONE.search(match[6] or "")
    if zone is None:
        return day.isoformat()
    offset = timedelta(hours=int(zone[2]), minutes=int(zone[3])) if zone[1] else timedelta()
    moment = datetime(
        *(day.year, day.month, day.day, int(match[4]), int(match[5])),
        tzinfo=timezone(-offset if zone[1] == "-" else offset) if offset else UTC,
    )
    return moment.astimezone(SHANGHAI).date().isoformat()
