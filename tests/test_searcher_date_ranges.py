"""Days as people write them in queries."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import hypothesis
import pytest
from hypothesis import strategies as st

from searcher.query import date_ranges as days
from searcher.query.date_ranges import format_date_range, parse_date_range, today_in_shanghai

#: A Friday, and a day that most months do not have.
TODAY = date(2025, 10, 31)


def spoken(text: str, today: date = TODAY) -> str | None:
    """The range that a text means, in ISO days; None where it means none."""
    found = parse_date_range(text, today)
    if found is None:
        return None
    ends = ["" if day is None else date.fromordinal(day).isoformat() for day in found[:2]]
    return ends[0] if ends[0] == ends[1] else "..".join(ends)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2025", "2025-01-01..2025-12-31", id="year"),
        pytest.param("2025年", "2025-01-01..2025-12-31", id="year-han"),
        pytest.param("2025-10", "2025-10-01..2025-10-31", id="month"),
        pytest.param("2024/2", "2024-02-01..2024-02-29", id="leap-month"),
        pytest.param("2025年９月", "2025-09-01..2025-09-30", id="month-han"),
        pytest.param("202510", "2025-10-01..2025-10-31", id="month-compact"),
        pytest.param("2025-10-09", "2025-10-09", id="day"),
        pytest.param("2025/10/9", "2025-10-09", id="day-slashes"),
        pytest.param("2025.10.9", "2025-10-09", id="day-dots"),
        pytest.param("2025 年 10 月 9 日", "2025-10-09", id="day-han"),
        pytest.param("20251009", "2025-10-09", id="day-compact"),
        pytest.param("2025－10－09", "2025-10-09", id="full-width"),
        pytest.param("0001-01-01", "0001-01-01", id="first-day"),
        pytest.param("9999", "9999-01-01..9999-12-31", id="last-year"),
        pytest.param("2025-09..2025-12", "2025-09-01..2025-12-31", id="range"),
        pytest.param("2025-09~2025-12-05", "2025-09-01..2025-12-05", id="range-tilde"),
        pytest.param("2025-09～2025-12", "2025-09-01..2025-12-31", id="range-full-width-tilde"),
        pytest.param("2025年9月至2025年12月", "2025-09-01..2025-12-31", id="range-han"),
        pytest.param("2025-09——2025-12", "2025-09-01..2025-12-31", id="range-dashes"),
        pytest.param("2025-09…2025-12", "2025-09-01..2025-12-31", id="range-ellipsis"),
        pytest.param("2024-2025", "2024-01-01..2025-12-31", id="range-of-years"),
        pytest.param("2025-09..", "2025-09-01..", id="from"),
        pytest.param("..2025-12", "..2025-12-31", id="until"),
        pytest.param("2025-09..今天", "2025-09-01..2025-10-31", id="range-until-today"),
        pytest.param("今天", "2025-10-31", id="today"),
        pytest.param("Today", "2025-10-31", id="today-english"),
        pytest.param("昨天", "2025-10-30", id="yesterday"),
        pytest.param("yesterday", "2025-10-30", id="yesterday-english"),
        pytest.param("前天", "2025-10-29", id="day-before-yesterday"),
        pytest.param("本周", "2025-10-27..2025-11-02", id="this-week"),
        pytest.param("上周", "2025-10-20..2025-10-26", id="last-week"),
        pytest.param("last-week", "2025-10-20..2025-10-26", id="last-week-english"),
        pytest.param("本月", "2025-10-01..2025-10-31", id="this-month"),
        pytest.param("上个月", "2025-09-01..2025-09-30", id="last-month"),
        pytest.param("今年", "2025-01-01..2025-12-31", id="this-year"),
        pytest.param("去年", "2024-01-01..2024-12-31", id="last-year-han"),
        pytest.param("近7天", "2025-10-25..2025-10-31", id="seven-days"),
        pytest.param("近一周", "2025-10-25..2025-10-31", id="a-week"),
        pytest.param("last7d", "2025-10-25..2025-10-31", id="seven-days-english"),
        pytest.param("30d", "2025-10-02..2025-10-31", id="thirty-days-english"),
        pytest.param("最近十五天", "2025-10-17..2025-10-31", id="fifteen-days"),
        pytest.param("近一月", "2025-10-01..2025-10-31", id="a-month"),
        pytest.param("近三個月", "2025-08-01..2025-10-31", id="three-months-traditional"),
        pytest.param("近8个月", "2025-03-01..2025-10-31", id="eight-months-from-a-shorter-one"),
        pytest.param("近半年", "2025-05-01..2025-10-31", id="half-a-year"),
        pytest.param("过去两年内", "2023-11-01..2025-10-31", id="two-years"),
        pytest.param("近9999年", "0001-01-02..2025-10-31", id="since-ever"),
    ],
)
def test_days(text: str, expected: str) -> None:
    """Each way of writing days, seen from 31 October 2025."""
    assert spoken(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "..",
            "~",
            "2025-13",
            "2025-00",
            "2025-02-30",
            "2025-2-29",
            "0000",
            "20251301",
            "25",
            "12345",
            "2025-10-",
        ),
        *("2025-09..x", "x..2025", "2025..2026..2027", "2025-", "-2025", "近0天", "近十十天", "近天", "明天", "x"),
        *("2025-10-09T10:00", "٢٠٢٥", "2025" * 50),
    ],
)
def test_no_days(text: str) -> None:
    """What no calendar has, or is no day at all, means nothing: never some other day."""
    assert spoken(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2025-12..2025-09", "2025-09-01..2025-12-31", id="months"),
        pytest.param("今天..2024", "2024-01-01..2025-10-31", id="relative"),
    ],
)
def test_reversed_range(text: str, expected: str) -> None:
    """A range that ends before it begins is turned round, and says so; one that nests does not."""
    assert spoken(text) == expected
    found = parse_date_range(text, TODAY)
    assert found is not None
    assert found.is_reversed
    nested = parse_date_range("2025-10-20..2025-10", TODAY)
    assert nested is not None
    assert not nested.is_reversed


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(st.dates(), st.text("近一二十半天周月年日个内今昨本上去前last0123456789dwmy.~-至/年", max_size=12))
def test_any_text_on_any_day(today: date, text: str) -> None:
    """No text raises on any day, from the first to the last that there is; a range has its ends in order."""
    for candidate in (text, f"近{text}天", "近半年", "上周", "本周", "上月", "去年", "前年"):
        found = parse_date_range(candidate, today)
        if found is not None and found.first is not None and found.last is not None:
            assert 1 <= found.first <= found.last <= date.max.toordinal()


@hypothesis.settings(deadline=None, derandomize=True, max_examples=300)
@hypothesis.given(st.dates(), st.dates())
def test_written_days_are_read_back(one: date, other: date) -> None:
    """The canonical form of a range means the range, open ends included."""
    first, last = sorted((one.toordinal(), other.toordinal()))
    for ends in ((first, last), (first, first), (first, None), (None, last)):
        found = parse_date_range(format_date_range(*ends), TODAY)
        assert found is not None
        assert found[:2] == ends
    assert parse_date_range(format_date_range(None, None), TODAY) == (1, None, False)


@hypothesis.settings(deadline=None, derandomize=True, max_examples=200)
@hypothesis.given(st.integers(1, 9999), st.integers(0, 14))
def test_months_end_as_the_calendar_says(year: int, month: int) -> None:
    """A month has the days that the calendar gives it, or is none."""
    expected = None
    if 1 <= month <= 12:
        expected = f"{year:04}-{month:02}-01..{year:04}-{month:02}-{calendar.monthrange(year, month)[1]}"
    assert spoken(f"{year:04}-{month}") == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(datetime(2025, 10, 31, 15, 59, tzinfo=UTC), date(2025, 10, 31), id="last-minute"),
        pytest.param(datetime(2025, 10, 31, 16, 0, tzinfo=UTC), date(2025, 11, 1), id="midnight-in-shanghai"),
        pytest.param(datetime(2025, 10, 31, tzinfo=timezone(timedelta(hours=-8))), date(2025, 10, 31), id="elsewhere"),
    ],
)
def test_today_is_the_day_in_shanghai(monkeypatch: pytest.MonkeyPatch, now: datetime, expected: date) -> None:
    """The day begins at midnight in Shanghai, wherever the machine stands."""

    class Clock:
        @staticmethod
        def now(zone: timezone) -> datetime:
            return now.astimezone(zone)

    monkeypatch.setattr(days, "datetime", Clock)
    assert today_in_shanghai() == expected
