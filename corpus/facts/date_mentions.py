"""Finds dates and times in running text: 2025年10月31日（周五）17:00, 二〇二五年十月三十一日, 10月31日下午5点."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from corpus.chinese import NUMERAL, NUMERAL_CHARS, YEAR_DIGITS, numeral_value

_YEAR: Final = rf"(?P<year>(?:19|20)\d\d|[一二][{YEAR_DIGITS}]{{3}}|[今明本])\s?年\s?"
_MONTH_DAY: Final = rf"(?P<month>\d{{1,2}}|{NUMERAL})\s?月\s?(?P<day>\d{{1,2}}|{NUMERAL})\s?[日号]"
_SEPARATED: Final = r"(?P<year2>20\d\d)(?P<separator>[-./])(?P<month2>\d{1,2})(?P=separator)(?P<day2>\d{1,2})(?![\d.])"
_DAY_PART: Final = "凌晨|早上|上午|中午|下午|傍晚|晚上|晚间|晚"
_CLOCK: Final = (
    rf"(?:(?P<part>{_DAY_PART})\s?)?(?P<hour>\d{{1,2}}|{NUMERAL})\s?"
    r"(?:[:：]\s?(?P<minute>\d{2})(?:[:：]\d{2})?(?!\d)|[时点](?!间)(?:\s?(?P<minute2>\d{1,2})\s?分|(?P<half>半)|整)?)"
)
_DATE: Final = re.compile(
    rf"(?<!\d)(?:(?:{_YEAR})?{_MONTH_DAY}|{_SEPARATED})"
    rf"(?:\s?[（(](?:[周星][^）)\n]{{1,6}}|含?当[日天])[）)])?(?:\s?{_CLOCK})?"
)
#: Anchors of the search: a pattern that begins with a fixed character is found quickly, unlike one that begins with a
#: repetition.
_MONTH: Final = re.compile(rf"月(?=\s?[\d{NUMERAL_CHARS}])")
_YEAR_AND_SEPARATOR: Final = re.compile(r"20\d\d(?=[-./]\d)")
_CHARS_BEFORE_MONTH: Final = 12
_CHARS_AFTER_MONTH: Final = 48
#: What stands between the two dates of a period.
_TO: Final = re.compile(
    r"\s?(?:[（(][^）)\n]{1,12}[）)])?起?(?:开始)?[，,]?\s?(?:至|到|—{1,2}|–|－|-{1,2}|~|～|―)\s?(?:截止)?\s?"
)
#: The end of a period that consists of the day only: 10月10日至20日.
_DAY_ONLY: Final = re.compile(rf"(?P<day>\d{{1,2}})\s?[日号](?:\s?{_CLOCK})?")
_TWELVE_HOURS: Final = ("下午", "傍晚", "晚上", "晚间", "晚")
_RELATIVE_YEARS: Final = {"今": 0, "本": 0, "明": 1}
#: A date without a year that would be further in the future than this lies in the past.
_MAX_DAYS_AHEAD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date that a text mentions, with the time of day (HH:MM) if one follows, at text[start:end].

    `year` is None if the text gives no year, or a relative one: `year_offset` is 0 for 今年 and 1 for 明年. If the date
    ends a period, `period_start` is the offset in the text of the date that begins it.
    """

    year: int | None
    year_offset: int | None
    month: int
    day: int
    time: str | None
    start: int
    end: int
    period_start: int | None = None

    def resolve(self, published: str | None) -> str | None:
        """The date as YYYY-MM-DD[THH:MM], given the day (YYYY-MM-DD) on which the text was published.

        None if there is no such date, or if its year cannot be known.
        """
        year = self.year
        try:
            if year is None:
                if published is None:
                    return None
                base = date.fromisoformat(published)
                year = base.year + (self.year_offset or 0)
                if self.year_offset is None and date(year, self.month, self.day) < base:
                    year += 1
                    if (date(year, self.month, self.day) - base).days > _MAX_DAYS_AHEAD:
                        return None
            day = date(year, self.month, self.day).isoformat()
        except ValueError:
            return None
        return day if self.time is None else f"{day}T{self.time}"


def find_date_mentions(text: str) -> Iterator[DateMention]:
    """All dates that the text mentions, in order; the end of a period gets the year of its beginning."""
    earlier: DateMention | None = None
    for match in _matches(text):
        if earlier and match.start() < earlier.end:
            continue
        mention = _mention(match)
        if mention is None:
            continue
        if earlier and _TO.fullmatch(text, earlier.end, mention.start):
            mention = _end_of(earlier, mention)
        yield mention
        earlier = mention
        to = _TO.match(text, mention.end)
        last = _DAY_ONLY.match(text, to.end()) if to and mention.period_start is None else None
        if last:
            time = _time(last)
            day_only = replace(mention, day=int(last["day"]), time=time, start=last.start(), end=last.end())
            earlier = replace(day_only, period_start=mention.start)
            yield earlier


def _matches(text: str) -> Iterator[re.Match[str]]:
    """The matches of the whole pattern, searched only around its rarest characters, which is five times as fast."""
    anchors = [match.start() for match in _MONTH.finditer(text)]
    if separated := [match.end() for match in _YEAR_AND_SEPARATOR.finditer(text)]:
        anchors = sorted(anchors + separated)
    end = 0
    for anchor in anchors:
        if anchor >= end:
            match = _DATE.search(text, max(end, anchor - _CHARS_BEFORE_MONTH), anchor + _CHARS_AFTER_MONTH)
            if match and match.end() > anchor:
                end = match.end()
                yield match


def _end_of(first: DateMention, last: DateMention) -> DateMention:
    """The second date as the end of the period that the first one begins."""
    last = replace(last, period_start=first.start)
    if last.year is None and last.year_offset is None and (first.year is not None or first.year_offset is not None):
        is_next_year = (last.month, last.day) < (first.month, first.day)
        year = None if first.year is None else first.year + is_next_year
        year_offset = None if first.year_offset is None else first.year_offset + is_next_year
        last = replace(last, year=year, year_offset=year_offset)
    return last


def _mention(match: re.Match[str]) -> DateMention | None:
    year_text = match["year"] or match["year2"]
    year_offset = _RELATIVE_YEARS.get(year_text) if year_text else None
    month, day = numeral_value(match["month"] or match["month2"]), numeral_value(match["day"] or match["day2"])
    if not month or month > 12 or not day or day > 31:
        return None
    year = numeral_value(year_text) if year_text and year_offset is None else None
    time = _time(match)
    return DateMention(
        year=year, year_offset=year_offset, month=month, day=day, time=time, start=match.start(), end=match.end()
    )


def _time(match: re.Match[str]) -> str | None:
    """HH:MM; 24:00 becomes 23:59, because many date parsers reject the hour 24."""
    if match["hour"] is None:
        return None
    hour = numeral_value(match["hour"])
    if hour is None:
        return None
    minute = 30 if match["half"] else int(match["minute"] or match["minute2"] or 0)
    if hour < 12 and (match["part"] in _TWELVE_HOURS):
        hour += 12
    if (hour, minute) == (24, 0):
        return "23:59"
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
