"""Parser of date ranges: 2025, 2025年10月9日, 2025-09..2025-12, 近一月, last7d; days are those in Shanghai."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from typing import Final, NamedTuple

from corpus.chinese import NUMERAL_CHARS, numeral_value
from corpus.publication_date import SHANGHAI
from indexer.analysis.normalise import normalise


class ParsedDateRange(NamedTuple):
    """First and last day as proleptic ordinals, both included; None is unbounded.

    `is_reversed` says that the range was written with the later day first.
    """

    first: int | None
    last: int | None
    is_reversed: bool = False


#: Longer texts are no date range; they are not examined.
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
#: Name of a period → unit, and how many of these ago.
_NAMED: Final = {
    **{"今天": ("天", 0), "今日": ("天", 0), "today": ("天", 0), "昨天": ("天", 1), "昨日": ("天", 1)},
    **{"yesterday": ("天", 1), "前天": ("天", 2), "本周": ("周", 0), "这周": ("周", 0), "thisweek": ("周", 0)},
    **{"上周": ("周", 1), "lastweek": ("周", 1), "本月": ("月", 0), "这个月": ("月", 0), "当月": ("月", 0)},
    **{"thismonth": ("月", 0), "上月": ("月", 1), "上个月": ("月", 1), "lastmonth": ("月", 1), "今年": ("年", 0)},
    **{"本年": ("年", 0), "thisyear": ("年", 0), "去年": ("年", 1), "lastyear": ("年", 1), "前年": ("年", 2)},
}


def today_in_shanghai() -> date:
    """Today's date in Asia/Shanghai; needs no time zone data of the machine."""
    return datetime.now(SHANGHAI).date()


def parse_date_range(text: str, today: date) -> ParsedDateRange | None:
    """The days that a text names; None if it names none, or one that does not exist.

    A range goes from the first day of its left part to the last day of its right part. A reversed range is swapped.
    """
    text = normalise(text).replace(" ", "")
    if not 0 < len(text) <= _MAX_CHARS:
        return None
    found = _parse_part(text, today)
    if found:
        return found
    mark = _RANGE.search(text)
    if mark:
        return _parse_range(text[: mark.start()], text[mark.end() :], today)
    for mark in re.finditer("-{1,2}", text):  # 2024-2025, 2025-09-2025-12
        left, right = text[: mark.start()], text[mark.end() :]
        if left and right and (found := _parse_range(left, right, today)):
            return found
    return None


def format_date_range(first: int | None, last: int | None) -> str:
    """The canonical form of a date range, which `parse_date_range` parses to the same days."""
    if first is not None and first == last:
        return date.fromordinal(first).isoformat()
    if first is None and last is None:
        first = 1
    return "..".join("" if day is None else date.fromordinal(day).isoformat() for day in (first, last))


def _parse_range(left: str, right: str, today: date) -> ParsedDateRange | None:
    begin, end = _parse_part(left, today), _parse_part(right, today)
    if not (left or right) or (left and not begin) or (right and not end):
        return None
    if begin and end and begin.first is not None and end.last is not None and begin.first > end.last:
        return ParsedDateRange(end.first, begin.last, is_reversed=True)
    return ParsedDateRange(begin.first if begin else None, end.last if end else None)


def _parse_part(text: str, today: date) -> ParsedDateRange | None:
    """The days of one part of a range, or of a text that is no range."""
    match = _DAY.fullmatch(text)
    if match:
        return _calendar_period(match[1], match[2], match[3])
    match = _COMPACT.fullmatch(text)
    if match:
        return _calendar_period(match[1], match[2], match[3])
    return _relative_period(text, today)


def _calendar_period(year: str, month: str | None, day: str | None) -> ParsedDateRange | None:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return _period_of("天" if day else "月" if month else "年", first)


def _relative_period(text: str, today: date) -> ParsedDateRange | None:
    match = _RECENT.fullmatch(text)
    if match or (match := _LAST.fullmatch(text)):
        number, unit = numeral_value(match[1]), _UNITS.get(match[2], match[2])
        if match[1] == "半" and unit in ("年", "月"):
            number, unit = (6, "月") if unit == "年" else (15, "天")
        if not number:
            return None
        last = today.toordinal()
        return ParsedDateRange(min(_units_before(today, unit, number) + 1, last), last)
    unit, number = _NAMED.get(text.replace("-", "").replace("_", ""), ("", 0))
    return _period_of(unit, date.fromordinal(_units_before(today, unit, number))) if unit else None


def _units_before(day: date, unit: str, number: int) -> int:
    """The ordinal of the day so many units earlier: the same day of the month, or its last one; at least 1."""
    if unit in ("天", "周"):
        return max(day.toordinal() - number * (7 if unit == "周" else 1), 1)
    months = day.year * 12 + day.month - 1 - number * (12 if unit == "年" else 1)
    if months < 12:
        return 1
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).toordinal()


def _period_of(unit: str, day: date) -> ParsedDateRange:
    """The first and last day of the unit that contains a day; weeks begin on Mondays."""
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
