"""Parses publication dates as exporters, browsers and feeds write them, to days in Asia/Shanghai.

Queries import this module for its time zone and must start fast, so no regular expression is compiled before one is
used.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from corpus.chinese import NUMERAL, YEAR_DIGITS, numeral_value

#: China has had no daylight saving since 1991, so a fixed offset equals Asia/Shanghai for these sources.
SHANGHAI: Final = timezone(timedelta(hours=8))
#: A later or earlier year is a placeholder (9999-12-31, 0001-01-01) or an error of a program.
_YEARS: Final = range(1900, 2100)
#: Moments since 1970 in seconds, milliseconds, microseconds and nanoseconds: those from 2001 to 2286, which are told
#: apart by the number of their digits.
_UNITS: Final = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
#: What a spreadsheet counts days from; five digits are days from 1927 to 2099, and could be nothing else.
_FIRST_DAY: Final = date(1899, 12, 30)
_SERIALS: Final = range(10_000, 73_051)
#: The zero of a computer's clock, in Greenwich and in Shanghai.
_ZEROS: Final = ("1970-01-01 00:00", "1970-01-01 08:00")
#: Longer texts are not dates.
_MAX_CHARS: Final = 100

_NUMBER: Final = r"(\d{5,19})(?:\.\d*)?"
_NET: Final = r"/?date\((\d{13})(?:[+-]\d{4})?\)/?"
_COMPACT: Final = r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:[t _-]?(\d\d):?(\d\d)(?::?(\d\d))?)?"
_DASHES: Final = "-\u2010-\u2015\u2212"
_WRITTEN: Final = (
    rf"(?<!\d)(\d{{4,6}})\s*[{_DASHES}/._年,]\s*(\d{{1,2}})\s*[{_DASHES}/._月,]\s*(\d{{1,2}})(?!\d)\s*(?:日|号)?"
)
#: 13/11/2025: days and months are told apart only if one of them is above 12.
_YEAR_LAST: Final = rf"(?<!\d)(\d{{1,2}})([{_DASHES}/.])(\d{{1,2}})\2(\d{{4}})(?!\d)"
_CHINESE: Final = rf"([一二][{YEAR_DIGITS}]{{3}})年({NUMERAL})月([一二三四五六七八九十廿卅]{{1,3}})[日号]?"
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = rf"(?<![a-z])({'|'.join(_MONTH_NAMES)})[a-z]{{0,6}}"
_NUMBERS: Final = r"(?<!\d)(\d{1,2}|\d{4})(?:st|nd|rd|th)?(?![\da-z])"
_CLOCK: Final = (
    r"(?:(凌晨|早上|上午|中午|下午|晚上|[ap]\.?m\.?)\s*)?(?<!\d)(\d{1,2})(?::|时|点)(\d{2})(?!\d)"
    r"(?::?\d{2})?(?:[.,]\d+)?\s*(?:([ap])\.?m\b\.?)?\s*"
)
_ZONE: Final = r"(?:utc|gmt|z\b)?\s*([+-])(\d{1,2}):?(\d{2})?(?!\d)|\b(z|utc?|gmt|[ecmp][sd]t|jst|hkt)\b"
#: Hours east of Greenwich. CST also is a time of America; the feeds that write it here are Chinese.
_ZONES: Final = {
    **{"z": 0, "ut": 0, "utc": 0, "gmt": 0, "cst": 8, "hkt": 8, "jst": 9},
    **{"est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}
_DAY_IN_NAME: Final = (
    r"(?<!\d)(?:(?P<y1>(?:19|20)\d\d)(?:[-_. ]|(?P<word>年))(?P<m1>\d{1,2})[-_. 月](?P<d1>\d{1,2})日?(?:\d{6})?"
    r"|(?P<y2>(?:19|20)\d\d)(?P<m2>0[1-9]|1[0-2])(?P<d2>[0-2]\d|3[01])(?:\d{4}|\d{6})?)(?!\d)"
)
_AFTERNOON: Final = ("下午", "晚上", "pm", "p")


def parse_day(raw: Any) -> str | None:
    """The day as YYYY-MM-DD; None if the value is not a date that exists, is ambiguous, or is not from 1900 to 2099.

    Reads numbers of clocks and spreadsheets, and texts that hold a day: 2025-11-01[ 09:30], 2025年11月1日, 20251101,
    二〇二五年十一月一日, Nov 1, 2025, Sat, 01 Nov 2025 01:30:00 GMT, 发布时间：2025/11/1 上午9:30. A time with a zone
    is converted to Asia/Shanghai; without one the day is returned as written.
    """
    return _parsed(raw) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else None


@lru_cache(maxsize=4096, typed=True)
def _parsed(raw: float | str) -> str | None:
    """The day; cached for the process, because the records of an export share few days."""
    try:
        if isinstance(raw, float):
            raw = int(raw)
        if isinstance(raw, int):
            raw = str(raw) if 0 < raw < 10**19 else ""
        day = _day_of(_plain(raw)) if len(raw) <= _MAX_CHARS else None
    except (ValueError, OverflowError):
        return None
    return day.isoformat() if day is not None and day.year in _YEARS else None


def _plain(text: str) -> str:
    """The text in half-width small letters, with single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _day_of(text: str) -> date | None:
    if number := re.fullmatch(_NUMBER, text):
        return _numbered_day(number[1])
    if moment := re.fullmatch(_NET, text):
        return _numbered_day(moment[1])
    if compact := re.search(rf"(?<!\d){_COMPACT}(?!\d)", text):
        return _moment(*map(int, compact.groups()[:3]), rest=_rest_of_compact(compact, text))
    if text.replace("t", " ").startswith(_ZEROS):
        return None
    if chinese := re.search(_CHINESE, text):
        return date(*(numeral_value(part) or 0 for part in chinese.groups()))
    if written := re.search(_WRITTEN, text):
        return _moment(*map(int, written.groups()), rest=text[written.end() :])
    if month := re.search(_MONTH, text):
        return _english_day(text, month)
    if year_last := re.search(_YEAR_LAST, text):
        first, second, year = int(year_last[1]), int(year_last[3]), int(year_last[4])
        if first > 12 or first == second:
            return date(year, second, first)
        return date(year, first, second) if second > 12 else None
    return None


def _numbered_day(digits: str) -> date | None:
    if unit := _UNITS.get(len(digits)):
        return datetime.fromtimestamp(int(digits) // unit, SHANGHAI).date()
    if int(digits) in _SERIALS:
        return _FIRST_DAY + timedelta(days=int(digits))
    compact = re.fullmatch(_COMPACT, digits)
    return date(*map(int, compact.groups()[:3])) if compact else None


def _rest_of_compact(compact: re.Match[str], text: str) -> str:
    hour, minute = compact[4], compact[5]
    return f"{hour}:{minute} {text[compact.end() :]}" if hour else text[compact.end() :]


def _english_day(text: str, month: re.Match[str]) -> date | None:
    """The day of a text that names its month: 3 Nov 2025, Nov 3rd, 2025, Mon Nov 3 15:20:11 CST 2025."""
    clock = re.search(_CLOCK, text)
    rest = text[clock.start() :] if clock else ""
    without = text
    for pattern in (_CLOCK, r"\([^()]*\)", r"(?:gmt|utc?|(?<=\s))[+-]\d\d:?\d\d"):
        without = re.sub(pattern, " ", without)
    numbers = re.findall(_NUMBERS, without)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) < 4]
    if not years and len(days) == 2 and len(days[1]) == 2:  # the short year of RFC 822
        years = [f"{'20' if int(days[1]) < 69 else '19'}{days.pop()}"]
    if len(years) != 1 or len(days) != 1:
        return None
    return _moment(int(years[0]), _MONTH_NAMES.index(month[1]) + 1, int(days[0]), rest=rest)


def _moment(year: int, month: int, day: int, *, rest: str) -> date:
    """The day in Shanghai, with the time and the zone that the rest of the text may begin with."""
    written = date(year, month, day)
    clock = re.search(_CLOCK, rest)
    zone = re.search(_ZONE, rest[clock.end() :]) if clock else None
    if clock is None or zone is None:
        return written
    hour = int(clock[2])
    half = clock[4] or clock[1]
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    if zone[1]:
        offset = timedelta(hours=int(zone[2]), minutes=int(zone[3] or 0)) * (-1 if zone[1] == "-" else 1)
    else:
        offset = timedelta(hours=_ZONES[zone[4]])
    moment = datetime(year, month, day, hour, int(clock[3]), tzinfo=timezone(offset))
    return moment.astimezone(SHANGHAI).date()


def day_in_name(name: str) -> str | None:
    """The one day at the beginning or the end of a file's name, or between marks; None without one, or with several.

    2025-05-13-标题, 20241101标题, 办法(2024-03-01), [2025-12-20225424]标题 with a time. A day in the midst of words is
    one that the title speaks of.
    """
    name = unicodedata.normalize("NFKC", name)
    matches = list(re.finditer(_DAY_IN_NAME, name))
    if len(matches) != 1:
        return None
    match = matches[0]
    is_begun = not name[: match.start()][-1:].isalnum()
    is_ended = not name[match.end() :][:1].isalnum()
    is_at_edge = not match.start() or match.end() == len(name)
    if not (is_begun and is_ended) and (match["word"] or not is_at_edge):
        return None
    return parse_day("-".join(part for part in match.group("y1", "m1", "d1", "y2", "m2", "d2") if part))
