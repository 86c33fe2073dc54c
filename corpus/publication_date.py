"""Parses publication dates as exporters and feeds write them, to days in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

#: China has had no daylight saving since 1991, so a fixed offset equals Asia/Shanghai for these sources.
SHANGHAI: Final = timezone(timedelta(hours=8))
#: Ten digits are seconds, thirteen are milliseconds (2001 to 2286). Any other count is ambiguous: 202511011230 may be
#: half past twelve on 1 November or a moment in 1976.
_SECONDS: Final = range(10**9, 10**10)
_MILLISECONDS: Final = range(10**12, 10**13)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WRITTEN: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?=\D|$)(?:\s?[（(]?(?:星期|周)[一二三四五六日天][）)]?)?(?:[\sT]*(\d{1,2}):(\d{2})(.*))?"
)
#: RFC 822, as feeds write it: Sat, 01 Nov 2025 09:30:00 +0800, with the zones that it names. CST is not among them:
#: Chinese feeds mean China's time, others America's.
_RFC_822: Final = re.compile(
    r"(?:[a-z]{3,9},?\s+)?\d{1,2}[\s-]+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[\s-].*\d"
    r"(?:\s*(?:Z|UTC?|GMT|[EMP][SD]T|CDT))?(?:\s*\([^()]*\))?",
    re.IGNORECASE,
)
_ZONE: Final = re.compile(r"(?:Z|UTC?|GMT|([+-])(\d{2}):?(\d{2}))$")
#: Longer texts are not dates, and matching them would take time quadratic in the number of their blanks.
_MAX_CHARS: Final = 64


def parse_day(raw: Any) -> str | None:
    """The day as YYYY-MM-DD; None if the value is not a date that exists, or is ambiguous.

    Reads seconds, milliseconds, 2025-11-01[ 09:30], 2025年11月1日, 2025/11/1 and Sat, 01 Nov 2025 01:30:00 GMT. A time
    with a zone is converted to Asia/Shanghai; without one the day is returned as written.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    if isinstance(raw, str) and len(raw) > _MAX_CHARS:
        return None
    try:
        if isinstance(raw, str) and not raw.strip().isdecimal():
            return _written_day(raw.strip())
        return _numbered_day(int(raw))
    except (ValueError, OverflowError, IndexError):  # IndexError: email.utils
        return None


def _numbered_day(number: int) -> str | None:
    if number in _MILLISECONDS:
        number //= 1000
    if number in _SECONDS:
        return datetime.fromtimestamp(number, SHANGHAI).date().isoformat()
    compact = _COMPACT.fullmatch(str(number)) if 0 < number < 10**8 else None
    return date(*map(int, compact.groups())).isoformat() if compact else None


def _written_day(text: str) -> str | None:
    if _RFC_822.fullmatch(text):
        from email.utils import parsedate_to_datetime  # deferred: queries import this module and must start fast

        moment = parsedate_to_datetime(text)
        return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).date().isoformat()
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, rest = match.groups()
    zone = _ZONE.search(rest or "")
    if zone is None:
        return date(int(year), int(month), int(day)).isoformat()
    offset = timedelta(hours=int(zone[2]), minutes=int(zone[3])) if zone[1] else timedelta()
    moment = datetime(
        *(int(year), int(month), int(day), int(hour), int(minute)),
        tzinfo=timezone(-offset if zone[1] == "-" else offset),
    )
    return moment.astimezone(SHANGHAI).date().isoformat()
