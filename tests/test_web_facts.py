"""What a document says of itself and what is like it, on hits and on the page of an article."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from corpus.document import Facts
from corpus.publication_date import SHANGHAI
from corpus.settings import Settings
from searcher.service import Searcher
from web import create_app
from web.facts import deadlines, main_deadline

NOON = datetime(2025, 11, 6, 12, tzinfo=SHANGHAI)
CALL = (
    "各有关单位：\n为支持青年学者，现发布本年度青苗资助计划申报指南。\n一、申报时间\n"
    "网上填报的截止时间为{day}16:00。逾期不予受理。\n二、咨询电话\n请在工作日上午拨打电话询问。\n"
    "三、附则\n本指南由资助办公室负责解释，未尽事宜以最新通知为准。\n青苗资助办公室\n2025年3月3日"
)


@pytest.fixture
def client(make_searcher: Callable[..., Searcher]) -> FlaskClient:
    """A browser before three calls: one past, one far ahead, and the first again, somewhat later."""
    early = CALL.format(day="2025年5月20日")
    later = CALL.format(day="2095年5月20日").replace("青苗", "远航")
    searcher = make_searcher(
        {
            "title": "青苗计划申报通知",
            "account": "甲号",
            "date": "2025-03-04",
            "content": CALL.format(day="2025年5月20日"),
        },
        {"title": "远航计划申报通知", "account": "乙号", "date": "2025-03-05", "content": later},
        {
            "title": "青苗计划申报通知",
            "account": "乙号",
            "date": "2025-03-09",
            "content": "本文转载自“甲号”\n" + early,
        },
    )
    return create_app(Settings(), searcher).test_client()


def see(client: FlaskClient, address: str) -> BeautifulSoup:
    """The page at an address."""
    response = client.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)[:2000]
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def hits(client: FlaskClient, query: str) -> dict[tuple[str, str], Any]:
    """The hits of a query by title and account."""
    page = see(client, f"/?q={query}")
    found = {}
    for hit in page.select(".hit"):
        title, account = hit.select_one("h3"), hit.select_one(".account")
        assert title is not None
        assert account is not None
        found[title.get_text(), account.get_text()] = hit
    return found


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        pytest.param("2025-11-05", None, id="yesterday"),
        pytest.param("2025-11-06", 0, id="today-lasts"),
        pytest.param("2025-11-06T11:59", None, id="this-morning"),
        pytest.param("2025-11-06T12:00", None, id="this-minute"),
        pytest.param("2025-11-06T12:01", 0, id="next-minute"),
        pytest.param("2025-11-07T09:00", 1, id="tomorrow"),
        pytest.param("2026-11-06", 365, id="in-a-year"),
    ],
)
def test_a_deadline_is_past_or_to_come(moment: str, left: int | None) -> None:
    """A deadline is seen from the hour it is in Shanghai."""
    (found,) = deadlines(Facts(deadlines=(moment,)), NOON)
    assert found.days_left == left
    assert found.text == moment.replace("T", " ")


@pytest.mark.parametrize(
    ("moments", "told"),
    [
        pytest.param((), None, id="none"),
        pytest.param(("2025-01-01", "2025-02-01"), "2025-02-01", id="all-past"),
        pytest.param(("2025-01-01", "2025-12-01", "2026-01-01"), "2025-12-01", id="next-to-come"),
    ],
)
def test_the_next_deadline_is_told(moments: tuple[str, ...], told: str | None) -> None:
    """A hit names the deadline that is next, or the last one when all are past."""
    found = main_deadline(deadlines(Facts(deadlines=moments), NOON))
    assert (found and found.moment) == told


def test_a_hit_tells_its_deadline_and_where_it_is_from(client: FlaskClient) -> None:
    """A past deadline is told to be past, one to come says how many days are left; a repost names its source."""
    found = hits(client, "申报")
    past, ahead = found["青苗计划申报通知", "甲号"], found["远航计划申报通知", "乙号"]
    assert past.select_one(".deadline.past").get_text(" ", strip=True) == "2025-05-20 16:00 已过"
    assert past.select_one(".deadline time")["datetime"] == "2025-05-20T16:00"
    assert not ahead.select(".deadline.past")
    assert "还有" in ahead.select_one(".deadline .left").get_text()
    assert "转自 甲号" in found["青苗计划申报通知", "乙号"].select_one(".told").get_text()


def test_copies_lead_to_one_another(client: FlaskClient) -> None:
    """Each hit of a text that was published twice says so, and its page leads to the other."""
    found = hits(client, "青苗")
    first, again = found["青苗计划申报通知", "甲号"], found["青苗计划申报通知", "乙号"]
    assert first.select_one(".told a").get_text() == "另有相近文本"
    assert again.select_one(".told a").get_text() == "与较早的一篇相近"
    address = str(again.select_one(".told a")["href"])
    assert address.endswith("#copies")
    page = see(client, address)
    (copy,) = page.select(".others:has(#copies) li")
    assert "最早" in copy.get_text()
    other = copy.select_one("a")
    assert other is not None
    assert str(other["href"]) in str(first.select_one("h3 a")["href"]).partition("?")[0]


def test_an_article_page_has_its_facts_and_credits(client: FlaskClient) -> None:
    """The panel names deadline and source, the credits stand below the text, marked where they match."""
    hit = hits(client, "青苗")["青苗计划申报通知", "乙号"]
    page = see(client, str(hit.select_one("h3 a")["href"]).replace("q=%E9%9D%92%E8%8B%97", "q=甲号"))
    told = {row.dt.get_text(): row.dd.get_text(" ", strip=True) for row in page.select(".facts dl > div")}  # type: ignore[union-attr]
    assert told["截止"] == "2025-05-20 16:00 已过"
    assert told["转自"] == "甲号"
    body, notes = page.select_one(".body"), page.select_one(".notes")
    assert body is not None
    assert notes is not None
    assert "转载" not in body.get_text()
    assert "转载" in notes.get_text()
    assert [mark["id"] for mark in notes.select("mark")] == ["m1"]
    assert page.select('.match-bar a[href="#m1"]')


def test_related_documents_are_named_or_offered(client: FlaskClient, make_searcher: Callable[..., Searcher]) -> None:
    """Short articles name their related documents at once; long ones have a link to the same page with them."""
    page = see(client, str(hits(client, "青苗")["青苗计划申报通知", "甲号"].select_one("h3 a")["href"]))
    assert [a.get_text() for a in page.select(".others:has(#related) li a")] == ["远航计划申报通知"]

    rows = [{"title": f"航天发动机试验之{n}", "content": f"航天发动机第{n}次试验成功。" * 2} for n in (1, 2)]
    rows[0]["content"] += "\n".join(f"第{n}段讲述了完全不同的第{n}个故事。" for n in range(2000))
    long = create_app(Settings(), make_searcher(*rows)).test_client()
    page = see(long, str(hits(long, "故事")["航天发动机试验之1", "未注明"].select_one("h3 a")["href"]))
    assert not page.select(".others")
    offer = page.select_one(".find-related a")
    assert offer is not None
    page = see(long, str(offer["href"]))
    assert page.select(".others:has(#related), #related")


def test_an_unknown_article_has_no_related_page(client: FlaskClient) -> None:
    """What is not in the index is a 404 there too."""
    for document_id in ("0" * 16, "..%2f", "a" * 65):
        assert client.get(f"/article/{document_id}/related").status_code == 404


def test_long_outlines_are_folded(make_searcher: Callable[..., Searcher]) -> None:
    """An outline of many headings shows the highest ones, each with a fold that names it; all stay links."""
    chinese = "一二三四五六七八"
    text = "\n".join(
        f"{chapter}、第{chapter}方面的任务\n本章说明这一方面的任务。\n"
        + "\n".join(f"（{section}）{chapter}之{section}项工作\n这一项工作由有关部门负责落实。" for section in chinese)
        for chapter in chinese
    )
    client = create_app(Settings(), make_searcher({"title": "工作方案", "content": text})).test_client()
    page = see(client, str(hits(client, "任务")["工作方案", "未注明"].select_one("h3 a")["href"]))
    top = page.select(".outline > ol > li")
    assert len(top) == 8
    assert len(page.select(".outline a")) == 72
    assert not page.select(".outline details[open]")
    summary = top[1].select_one("summary")
    assert summary is not None
    assert "第二方面的任务" in str(summary["aria-label"])
