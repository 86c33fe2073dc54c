"""What people write for days, which are those in Shanghai: 2025, 2025年10月9日, 2025-09..2025-12, 近一月, last7d."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from typing import Final, NamedTuple

from corpus.chinese import NUMERAL_CHARS, numeral_value
from corpus.publication_date import SHANGHAI
from indexer.analysis.normalise import normalise


class ParsedDateRange(NamedTuple):
    """First and last day as proleptic ordinals, both included; None is unbounded."""

    first: int | None
    last: int | None
    is_reversed: bool = False


#: Nobody writes longer ones, and nothing below has to look at longer texts.
_MAX_CHARS: Final = 40
_MAX_ORDINAL: Final = date.max.toordinal()
_DAY: Final = re.compile(r"(\d{4})(?:年|[-/.年](\d{1,2})(?:月|[-/.月](\d{1,2})日?)?)?", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)?", re.ASCII)
_RANGE: Final = re.compile(r"\.{2,3}|~|至|到")
_RECENT: Final = re.compile(
    rf"(?:最近|过去|近)(半|\d{{1,4}}|[两{NUMERAL_CHARS}]{{1,3}})个?(天|日|周|星期|月|年)内?", re.ASCII
)
_LAST: Final = re.compile(r"(?:last)?(\d{1,4})(d|w|m|y)(?:ays?|eeks?|onths?|ears?)?", re.ASCII)
_UNITS: Final = {"d": "天", "w": "周", "m": "月", "y": "年", "日": "天", "星期": "周"}
#: Unit and how many of them ago.
_NAMED: Final = {
    **{"今天": ("天", 0), "今日": ("天", 0), "today": ("天", 0), "昨天": ("天", 1), "昨日": ("天", 1)},
    **{"yesterday": ("天", 1), "前天": ("天", 2), "本周": ("周", 0), "这周": ("周", 0), "thisweek": ("周", 0)},
    **{"上周": ("周", 1), "lastweek": ("周", 1), "本月": ("月", 0), "这个月": ("月", 0), "当月": ("月", 0)},
    **{"thismonth": ("月", 0), "上月": ("月", 1), "上个月": ("月", 1), "lastmonth": ("月", 1), "今年": ("年", 0)},
    **{"本年": ("年", 0), "thisyear": ("年", 0), "去年": ("年", 1), "lastyear": ("年", 1), "前年": ("年", 2)},
}


def today_in_shanghai() -> date:
    """The day it is now in Asia/Shanghai, whatever time zone data the machine has."""
    return datetime.now(SHANGHAI).date()


def parse_date_range(text: str, today: date) -> ParsedDateRange | None:
    """The days that a text means; None where it means none, or one that no calendar has.

    A range goes from the first day of its left end to the last day of its right end. One that is written the wrong way
    round is read the right way, and says so.
    """
    text = normalise(text).replace(" ", "")
    if not 0 < len(text) <= _MAX_CHARS:
        return None
    found = _one(text, today)
    if found:
        return found
    mark = _RANGE.search(text)
    if mark:
        return _between(text[: mark.start()], text[mark.end() :], today)
    for mark in re.finditer("-{1,2}", text):  # 2024-2025, 2025-09-2025-12
        left, right = text[: mark.start()], text[mark.end() :]
        if left and right and (found := _between(left, right, today)):
            return found
    return None


def format_date_range(first: int | None, last: int | None) -> str:
    """The canonical form of a range, which `parse_date_range` reads."""
    if first is not None and first == last:
        return date.fromordinal(first).isoformat()
    if first is None and last is None:
        first = 1
    return "..".join("" if day is None else date.fromordinal(day).isoformat() for day in (first, last))


def _between(left: str, right: str, today: date) -> ParsedDateRange | None:
    begin, end = _one(left, today), _one(right, today)
    if not (left or right) or (left and not begin) or (right and not end):
        return None
    if begin and end and begin.first is not None and end.last is not None and begin.first > end.last:
        return ParsedDateRange(end.first, begin.last, is_reversed=True)
    return ParsedDateRange(begin.first if begin else None, end.last if end else None)


def _one(text: str, today: date) -> ParsedDateRange | None:
    """The days of one end of a range, or of a text without range."""
    match = _DAY.fullmatch(text)
    if match:
        return _calendar(match[1], match[2], match[3])
    match = _COMPACT.fullmatch(text)
    if match:
        return _calendar(match[1], match[2], match[3])
    return _recent(text, today)


def _calendar(year: str, month: str | None, day: str | None) -> ParsedDateRange | None:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return _whole("天" if day else "月" if month else "年", first)


def _recent(text: str, today: date) -> ParsedDateRange | None:
    match = _RECENT.fullmatch(text)
    if match or (match := _LAST.fullmatch(text)):
        number, unit = numeral_value(match[1]), _UNITS.get(match[2], match[2])
        if match[1] == "半" and unit in ("年", "月"):
            number, unit = (6, "月") if unit == "年" else (15, "天")
        if not number:
            return None
        last = today.toordinal()
        return ParsedDateRange(min(_ago(today, unit, number) + 1, last), last)
    unit, number = _NAMED.get(text.replace("-", "").replace("_", ""), ("", 0))
    return _whole(unit, date.fromordinal(_ago(today, unit, number))) if unit else None


def _ago(day: date, unit: str, number: int) -> int:
    """The same day of an earlier month or year, or its last day if it has no such day; never before year 1."""
    if unit in ("天", "周"):
        return max(day.toordinal() - number * (7 if unit == "周" else 1), 1)
    months = day.year * 12 + day.month - 1 - number * (12 if unit == "年" else 1)
    if months < 12:
        return 1
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).toordinal()


def _whole(unit: str, day: date) -> ParsedDateRange:
    """The whole unit (of which weeks begin on Mondays) that a day lies in."""
    first = last = day.toordinal()
    if unit == "周":
        first = max(first - day.weekday(), 1)
        last = min(first + 6, _MAX_ORDINAL)
    elif unit == "月":
        first = day.replace(day=1).toordinal()
        last = first + monthrange(day.year, day.month)[1] - 1
    elif unit == "年":
        first, last = date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal()
    return ParsedDateRange(first, last)
