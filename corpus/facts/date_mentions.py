"""Days and times of day in running text: 2025年10月31日（周五）17:00, 二〇二五年十月三十一日, 10月31日下午5点."""

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
_MOMENT: Final = re.compile(
    rf"(?<!\d)(?:(?:{_YEAR})?{_MONTH_DAY}|{_SEPARATED})"
    rf"(?:\s?[（(](?:[周星][^）)\n]{{1,6}}|含?当[日天])[）)])?(?:\s?{_CLOCK})?"
)
#: What begins with a character that is no repetition is found quickly.
_MONTH: Final = re.compile(rf"月(?=\s?[\d{NUMERAL_CHARS}])")
_YEAR_AND_SEPARATOR: Final = re.compile(r"20\d\d(?=[-./]\d)")
_CHARS_BEFORE_MONTH: Final = 12
_CHARS_BEHIND_MONTH: Final = 48
#: Between the two ends of a period.
_TO: Final = re.compile(
    r"\s?(?:[（(][^）)\n]{1,12}[）)])?起?(?:开始)?[，,]?\s?(?:至|到|—{1,2}|–|－|-{1,2}|~|～|―)\s?(?:截止)?\s?"
)
#: The end of a period that names its day only: 10月10日至20日.
_DAY_ONLY: Final = re.compile(rf"(?P<day>\d{{1,2}})\s?[日号](?:\s?{_CLOCK})?")
_TWELVE_HOURS: Final = ("下午", "傍晚", "晚上", "晚间", "晚")
_RELATIVE_YEARS: Final = {"今": 0, "本": 0, "明": 1}
#: A day without a year that lies farther ahead of its base was meant for the past.
_MAX_DAYS_AHEAD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day as the text writes it, with the time of day if one follows, and the stretch of text that both take up.

    `year` is the year as written, or None; `years_on` counts 今年 as 0 and 明年 as 1. `opens` is where the period
    begins that this is the end of.
    """

    year: int | None
    years_on: int | None
    month: int
    day: int
    clock: str | None
    start: int
    end: int
    opens: int | None = None

    def on(self, base: str | None) -> str | None:
        """YYYY-MM-DD[THH:MM] for a text written on the day `base`; None where that would be a guess, or no such day."""
        year = self.year
        try:
            if year is None:
                if base is None:
                    return None
                written = date.fromisoformat(base)
                year = written.year + (self.years_on or 0)
                if self.years_on is None and date(year, self.month, self.day) < written:
                    year += 1
                    if (date(year, self.month, self.day) - written).days > _MAX_DAYS_AHEAD:
                        return None
            day = date(year, self.month, self.day).isoformat()
        except ValueError:
            return None
        return day if self.clock is None else f"{day}T{self.clock}"


def find_moments(text: str) -> Iterator[Moment]:
    """All moments of the text in order; the end of a period knows where the period begins, and has its year."""
    earlier: Moment | None = None
    for match in _matches(text):
        if earlier and match.start() < earlier.end:
            continue
        moment = _moment(match)
        if moment is None:
            continue
        if earlier and _TO.fullmatch(text, earlier.end, moment.start):
            moment = _end_of(earlier, moment)
        yield moment
        earlier = moment
        to = _TO.match(text, moment.end)
        last = _DAY_ONLY.match(text, to.end()) if to and moment.opens is None else None
        if last:
            clock = _clock(last)
            day_only = replace(moment, day=int(last["day"]), clock=clock, start=last.start(), end=last.end())
            earlier = replace(day_only, opens=moment.start)
            yield earlier


def _matches(text: str) -> Iterator[re.Match[str]]:
    """The matches of the whole pattern, looked for only where its rarest characters stand: five times as fast."""
    anchors = [match.start() for match in _MONTH.finditer(text)]
    if separated := [match.end() for match in _YEAR_AND_SEPARATOR.finditer(text)]:
        anchors = sorted(anchors + separated)
    end = 0
    for anchor in anchors:
        if anchor >= end:
            match = _MOMENT.search(text, max(end, anchor - _CHARS_BEFORE_MONTH), anchor + _CHARS_BEHIND_MONTH)
            if match and match.end() > anchor:
                end = match.end()
                yield match


def _end_of(first: Moment, last: Moment) -> Moment:
    last = replace(last, opens=first.start)
    if last.year is None and last.years_on is None and (first.year is not None or first.years_on is not None):
        turns = (last.month, last.day) < (first.month, first.day)
        year = None if first.year is None else first.year + turns
        years_on = None if first.years_on is None else first.years_on + turns
        last = replace(last, year=year, years_on=years_on)
    return last


def _moment(match: re.Match[str]) -> Moment | None:
    written = match["year"] or match["year2"]
    years_on = _RELATIVE_YEARS.get(written) if written else None
    month, day = numeral_value(match["month"] or match["month2"]), numeral_value(match["day"] or match["day2"])
    if not month or month > 12 or not day or day > 31:
        return None
    year = numeral_value(written) if written and years_on is None else None
    clock = _clock(match)
    return Moment(year=year, years_on=years_on, month=month, day=day, clock=clock, start=match.start(), end=match.end())


def _clock(match: re.Match[str]) -> str | None:
    """HH:MM; 24:00 is said as the last minute of its day, for no program reads an hour 24."""
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
