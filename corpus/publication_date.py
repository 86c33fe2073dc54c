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
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?=\D|$)(?:\s?[（(]?(?:星期|周)[一二三四五六日天][）)]?)?(?:[\sT]*(\d{1,2}):(\d{2})(.*))?"
)
#: RFC 822, as feeds write it: Sat, 01 Nov 2025 09:30:00 +0800; the day of the week may be wrong, or missing.
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAIL: Final = re.compile(
    rf"(?:(?:mon|tue|wed|thu|fri|sat|sun),?\s)?(\d{{1,2}})\s({'|'.join(_MONTHS)})[a-z]{{0,6}}\s(\d{{4}})"
    r"\s(\d{1,2}):(\d{2})(?::\d{2})?(?:\s(.{1,8}))?",
    re.IGNORECASE,
)
_ZONE: Final = re.compile(r"(?:Z|UTC?|GMT|([+-])(\d{2}):?(\d{2}))$")
#: Longer texts are no dates, and matching them would take time that grows with the square of their blanks.
_MAX_CHARS: Final = 64


def parse_day(raw: Any) -> str | None:
    """YYYY-MM-DD of a date as exports write it (seconds, milliseconds, 2025-11-01[ 09:30], 2025年11月1日,
    2025/11/1, Sat, 01 Nov 2025 01:30:00 GMT).

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
    if match := _WRITTEN.fullmatch(text):
        year, month, day, hour, minute, rest = match.groups()
    elif match := _MAIL.fullmatch(text):
        day, name, year, hour, minute, rest = match.groups()
        month = str(_MONTHS.index(name.lower()) + 1)
        if rest and not _ZONE.fullmatch(rest):
            return None  # EST and the like mean different hours in different places
    else:
        return None
    written = date(int(year), int(month), int(day))
    zone = _ZONE.search(rest or "")
    if zone is None:
        return written.isoformat()
    offset = timedelta(hours=int(zone[2]), minutes=int(zone[3])) if zone[1] else timedelta()
    moment = datetime(
        *(written.year, written.month, written.day, int(hour), int(minute)),
        tzinfo=timezone(-offset if zone[1] == "-" else offset) if offset else UTC,
    )
    return moment.astimezone(SHANGHAI).date().isoformat()
