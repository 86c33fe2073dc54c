"""Publication dates: the notations of exporters as days in Shanghai, and None for ambiguous values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.publication_date import parse_day


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        pytest.param("2025-11-01", "2025-11-01", id="day"),
        pytest.param("2025-11-01 23:59:59", "2025-11-01", id="moment-of-an-excel-sheet"),
        pytest.param("2025-11-01T23:59", "2025-11-01", id="moment-without-a-zone"),
        pytest.param(" 2025年11月1日 09:30 ", "2025-11-01", id="written"),
        pytest.param("2025 年 11 月 1 日", "2025-11-01", id="written-with-blanks"),
        pytest.param("2025/11/1", "2025-11-01", id="slashes"),
        pytest.param("2025.1.2", "2025-01-02", id="dots"),
        pytest.param("２０２５-１１-０１", "2025-11-01", id="full-width"),
        pytest.param("20251101", "2025-11-01", id="compact"),
        pytest.param(20251101, "2025-11-01", id="compact-number"),
        pytest.param("0960-02-04", "0960-02-04", id="history"),
        pytest.param("2024-02-29", "2024-02-29", id="leap-day"),
        pytest.param(1761926399, "2025-10-31", id="second-before-midnight-in-shanghai"),
        pytest.param(1761926400, "2025-11-01", id="midnight-in-shanghai"),
        pytest.param("1761926400", "2025-11-01", id="seconds-as-text"),
        pytest.param(1761926400.0, "2025-11-01", id="seconds-as-float"),
        pytest.param(1761926399999, "2025-10-31", id="millisecond-before-midnight"),
        pytest.param("1761926400000", "2025-11-01", id="milliseconds-as-text"),
        pytest.param(10**9, "2001-09-09", id="first-of-ten-digits"),
        pytest.param(10**10 - 1, "2286-11-21", id="last-of-ten-digits"),
        pytest.param("2025-10-31T15:59:59Z", "2025-10-31", id="utc-before-midnight-in-shanghai"),
        pytest.param("2025-10-31T16:00:00Z", "2025-11-01", id="utc-at-midnight-in-shanghai"),
        pytest.param("2025-10-31T16:00:00.000+00:00", "2025-11-01", id="zone-with-colon"),
        pytest.param("2025-11-01 00:30:00 +0900", "2025-10-31", id="zone-in-the-east"),
        pytest.param("2025-10-31T09:00:00-07:00", "2025-11-01", id="zone-in-the-west"),
        pytest.param("Sat, 01 Nov 2025 09:30:00 +0800", "2025-11-01", id="mail"),
        pytest.param("Fri, 31 Oct 2025 16:00:00 GMT", "2025-11-01", id="mail-at-midnight-in-shanghai"),
        pytest.param("fri, 31 oct 2025 15:59 UT", "2025-10-31", id="mail-before-midnight-in-small-letters"),
        pytest.param("1 November 2025 08:00:00", "2025-11-01", id="mail-without-weekday-and-zone"),
        pytest.param("Fri, 31 Oct 2025 12:30:00 EST", "2025-11-01", id="mail-with-a-zone-of-rfc-822"),
        pytest.param("Sat, 01 Nov 25 00:30:00 +0800 (CST)", "2025-11-01", id="mail-with-short-year-and-comment"),
        pytest.param("2025年11月1日（星期六） 09:30", "2025-11-01", id="written-with-weekday"),
        pytest.param("2025-10-31 23:59:59+08:00", "2025-10-31", id="shanghai-itself"),
    ],
)
def test_day_is_the_one_in_shanghai(raw: Any, day: str) -> None:
    """Seconds, milliseconds and written dates give the day in Shanghai."""
    assert parse_day(raw) == day


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("soon", id="word"),
        pytest.param("Sat, 01 Nov 2025 09:30:00 CST", id="mail-with-a-zone-of-two-countries"),
        pytest.param("Sat, 01 Nov 2025 09:30:00 XYZ", id="mail-with-an-unknown-zone"),
        pytest.param("Sat, 31 Nov 2025 09:30:00 GMT", id="mail-without-such-a-day"),
        pytest.param("2025-13-40", id="no-such-month"),
        pytest.param("2025-02-29", id="no-leap-year"),
        pytest.param("0000-01-01", id="year-zero"),
        pytest.param("2025-11", id="month-only"),
        pytest.param("2025-11-011", id="three-digits"),
        pytest.param("11/01/2025", id="american"),
        pytest.param("2025-11-01 约", id="text-behind"),
        pytest.param("2025-10-31T25:00:00Z", id="no-such-hour"),
        pytest.param("2025-10-31T12:00:00+99:00", id="no-such-zone"),
        pytest.param("9999-12-31T23:00:00Z", id="day-after-the-last"),
        pytest.param("2025-11-01" + " " * 100_000 + "x", id="endless-blanks"),
        pytest.param(True, id="true"),
        pytest.param(0, id="zero"),
        pytest.param(-1761926400, id="negative"),
        pytest.param(10**9 - 1, id="nine-digits"),
        pytest.param(202511011230, id="twelve-digits-are-ambiguous"),
        pytest.param("20251101123000", id="fourteen-digits"),
        pytest.param(10**13, id="fourteen-digits-again"),
        pytest.param(20251301, id="compact-without-such-a-month"),
        pytest.param(10**4000, id="huge"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(float("nan"), id="not-a-number"),
        pytest.param(["2025-11-01"], id="list"),
    ],
)
def test_anything_else_is_no_date(raw: Any) -> None:
    """A value that is no date, or could be two dates, is None."""
    assert parse_day(raw) is None


@given(st.dates())
def test_every_day_is_read_back(day: date) -> None:
    """All days from year 1 to 9999 are read in each notation."""
    year, month, number = day.isoformat().split("-")
    for text in (f"{year}-{month}-{number}", f"{year}年{day.month}月{day.day}日 08:00", f"{year}/{day.month}/{number}"):
        assert parse_day(text) == day.isoformat()


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_no_value_makes_it_fail(raw: Any) -> None:
    """Any value gives an existing day, or None."""
    day = parse_day(raw)
    assert day is None or date.fromisoformat(day).isoformat() == day
