"""Publication dates: the notations of exporters as days in Shanghai, and None for ambiguous values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.publication_date import day_in_name, parse_day


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
        pytest.param("2024-02-29", "2024-02-29", id="leap-day"),
        pytest.param(1761926399, "2025-10-31", id="second-before-midnight-in-shanghai"),
        pytest.param(1761926400, "2025-11-01", id="midnight-in-shanghai"),
        pytest.param("1761926400", "2025-11-01", id="seconds-as-text"),
        pytest.param(1761926400.0, "2025-11-01", id="seconds-as-float"),
        pytest.param(1761926399999, "2025-10-31", id="millisecond-before-midnight"),
        pytest.param("1761926400000", "2025-11-01", id="milliseconds-as-text"),
        pytest.param(10**9, "2001-09-09", id="first-of-ten-digits"),
        pytest.param(4102329600, "2099-12-31", id="last-year"),
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
        pytest.param("Sat, 01 Nov 2025 00:30:00 CST", "2025-11-01", id="mail-with-the-zone-of-china"),
        pytest.param("Sat, 01 Nov 2025 09:30:00 XYZ", "2025-11-01", id="mail-with-an-unknown-zone"),
        pytest.param("2025-11-01 约", "2025-11-01", id="text-behind"),
        pytest.param(202511011230, "2025-11-01", id="compact-with-time"),
        pytest.param("20251101123000", "2025-11-01", id="compact-with-seconds"),
        pytest.param("20251031T173000Z", "2025-11-01", id="compact-with-zone"),
        pytest.param("1761926400.0", "2025-11-01", id="seconds-as-pandas-writes-them"),
        pytest.param(1761926400000000, "2025-11-01", id="microseconds"),
        pytest.param("1761926400000000000", "2025-11-01", id="nanoseconds"),
        pytest.param("/Date(1761926400000)/", "2025-11-01", id="net"),
        pytest.param(45962, "2025-11-01", id="day-of-a-spreadsheet"),
        pytest.param("45962.5", "2025-11-01", id="moment-of-a-spreadsheet"),
        pytest.param("Timestamp('2025-11-01 00:00:00')", "2025-11-01", id="pandas"),
        pytest.param("datetime.datetime(2025, 11, 1, 9, 30)", "2025-11-01", id="python"),
        pytest.param("2025-11-01T09:30:00+08:00[Asia/Shanghai]", "2025-11-01", id="java"),
        pytest.param("2025-10-31T16:30:00.123456789Z", "2025-11-01", id="nanoseconds-with-zone"),
        pytest.param("2025-10-31T18:00+00", "2025-11-01", id="short-zone"),
        pytest.param("2025/11/1 上午8:05:00", "2025-11-01", id="browser-in-chinese"),
        pytest.param("2025/11/1 下午3:20:11", "2025-11-01", id="afternoon"),
        pytest.param("Nov 1, 2025", "2025-11-01", id="month-first"),
        pytest.param("November 1st, 2025 at 8:05 AM", "2025-11-01", id="ordinal"),
        pytest.param("Oct 31, 2025, 11:20:11\u202fPM UTC", "2025-11-01", id="browser-in-english"),
        pytest.param("Sat Nov 01 2025 08:05:00 GMT+0800 (中国标准时间)", "2025-11-01", id="javascript"),
        pytest.param("Fri Oct 31 2025 23:30:00 GMT-0500 (EST)", "2025-11-01", id="javascript-in-america"),
        pytest.param("Sat Nov  1 08:05:00 CST 2025", "2025-11-01", id="unix"),
        pytest.param("1-Nov-2025", "2025-11-01", id="day-first"),
        pytest.param("01-Nov-25", "2025-11-01", id="day-first-with-short-year"),
        pytest.param("31/10/2025", "2025-10-31", id="british"),
        pytest.param("10/31/2025", "2025-10-31", id="american-above-twelve"),
        pytest.param("二〇二五年十一月一日", "2025-11-01", id="chinese-numerals"),
        pytest.param("二○二五年十月廿五日", "2025-10-25", id="old-numerals"),
        pytest.param("2025年11月1日8时5分", "2025-11-01", id="chinese-clock"),
        pytest.param("2025年11月1号 星期六", "2025-11-01", id="weekday-without-brackets"),
        pytest.param("发布时间：2025-11-01", "2025-11-01", id="label"),
        pytest.param("【2025-11-01】", "2025-11-01", id="brackets"),
        pytest.param("2025-11-01 08:05 来源：港湾来信", "2025-11-01", id="source-behind"),
        pytest.param("2025. 11. 1.", "2025-11-01", id="dots-and-blanks"),
        pytest.param("2025—11—01", "2025-11-01", id="dashes"),
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
        pytest.param("Sat, 31 Nov 2025 09:30:00 GMT", id="mail-without-such-a-day"),
        pytest.param("2025-13-40", id="no-such-month"),
        pytest.param("2025-02-29", id="no-leap-year"),
        pytest.param("0000-01-01", id="year-zero"),
        pytest.param("2025-11", id="month-only"),
        pytest.param("2025-11-011", id="three-digits"),
        pytest.param("11/01/2025", id="american"),
        pytest.param("1899-12-31", id="before-1900"),
        pytest.param("0001-01-01T00:00:00", id="first-day-of-a-program"),
        pytest.param("9999-12-31", id="last-day-of-a-program"),
        pytest.param("5461-03-02", id="far-future"),
        pytest.param("12025-11-01", id="five-digits"),
        pytest.param("1970-01-01 08:00:00", id="zero-of-a-clock"),
        pytest.param(4102444800, id="year-after-the-last"),
        pytest.param("昨天", id="relative"),
        pytest.param("2025", id="year-only"),
        pytest.param("2025-10-31T25:00:00Z", id="no-such-hour"),
        pytest.param("2025-10-31T12:00:00+99:00", id="no-such-zone"),
        pytest.param("9999-12-31T23:00:00Z", id="day-after-the-last"),
        pytest.param("2025-11-01" + " " * 100_000 + "x", id="endless-blanks"),
        pytest.param(True, id="true"),
        pytest.param(0, id="zero"),
        pytest.param(-1761926400, id="negative"),
        pytest.param(10**9 - 1, id="nine-digits"),
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


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    """All days from 1900 to 2099 are read in each notation."""
    year, month, number = day.isoformat().split("-")
    for text in (
        *(f"{year}-{month}-{number}", f"{year}年{day.month}月{day.day}日 08:00", f"{year}/{day.month}/{number}"),
        *(day.strftime("%a %b %d %Y 00:00:00 GMT+0800"), day.strftime("%B %d, %Y"), f"{year}{month}{number}"),
        *(day.strftime("%a, %d %b %Y 00:00:00 +0800"), day.strftime("%d-%b-%Y")),
    ):
        assert parse_day(text) == day.isoformat()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("港区办法(2024-03-01)", "2024-03-01", id="brackets-behind"),
        pytest.param("港区公报（2024年3月1日）", "2024-03-01", id="chinese-brackets"),
        pytest.param("2024-03-01-航道简讯", "2024-03-01", id="blog"),
        pytest.param("20240301航道简讯", "2024-03-01", id="glued"),
        pytest.param("202403010825航道简讯", "2024-03-01", id="glued-with-time"),
        pytest.param("[2024-03-01225424]航道", "2024-03-01", id="brackets-with-time"),
        pytest.param("港湾来信_20240301_航道", "2024-03-01", id="between-marks"),
        pytest.param("航道简讯 2024.3.1", "2024-03-01", id="behind-a-blank"),
        pytest.param("关于2024年3月1日会议的通知", None, id="in-a-title"),
        pytest.param("2024年3月1日起施行的办法", None, id="begins-a-title"),
        pytest.param("统计2024-01-01至2024-06-30", None, id="two-days"),
        pytest.param("13812345678", None, id="number"),
        pytest.param("20249999航道", None, id="no-day"),
        pytest.param("航道简讯", None, id="none"),
    ],
)
def test_day_of_a_file_name(name: str, day: str | None) -> None:
    """A day at the edge of a name, or between marks, is that of the file; one that a title speaks of is not."""
    assert day_in_name(name) == day


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_no_value_makes_it_fail(raw: Any) -> None:
    """Any value gives an existing day, or None."""
    day = parse_day(raw)
    assert day is None or date.fromisoformat(day).isoformat() == day
