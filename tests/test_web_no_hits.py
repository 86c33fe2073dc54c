"""The page of an empty answer: the reason, the counts, and ways on that keep what they promise."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from corpus.settings import Settings
from searcher.results import Applied, IndexInfo, SearchPage
from searcher.service import Searcher
from web import create_app
from web.forms import SearchForm
from web.links import Links, quoted
from web.no_hits import in_words


@pytest.fixture
def client(make_searcher: Callable[..., Searcher]) -> FlaskClient:
    """A browser before three small articles."""
    searcher = make_searcher(
        {"title": "春耕", "account": "田野报", "date": "2025-03-01", "content": "农民开始播种小麦。"},
        {"title": "夏收", "account": "田野报", "date": "2025-06-01", "content": "小麦收割机忙碌起来。"},
        {"title": "远洋", "account": "海港报", "date": "2025-07-01", "content": "货轮驶向远方的港口。"},
    )
    return create_app(Settings(), searcher).test_client()


def see(client: FlaskClient, address: str, **question: Any) -> BeautifulSoup:
    """The page at an address."""
    response = client.get(address, query_string=question or None)
    assert response.status_code == 200, response.get_data(as_text=True)[:2000]
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def total(page: BeautifulSoup) -> int:
    """How many documents a page of results says there are."""
    (said,) = page.select(".totals")
    return sum(map(int, re.findall(r"\d+", said.get_text())))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        pytest.param({"q": "小麦 “量子计算机”"}, '没有一篇文档含有 "量子计算机" 。', id="missing"),
        pytest.param({"q": "“播种” “货轮”"}, '"播种" 与 "货轮" 各有文档，但从不在同一篇里。', id="apart"),
        pytest.param({"q": "小麦", "account": "海港报"}, "小麦 有文档，但都不符合筛选条件。", id="filtered"),
        pytest.param({"q": "标题:火箭"}, "没有一篇文档含有 标题:火箭 。", id="field-in-chinese"),
        pytest.param({"q": "标题:火箭", "lang": "en"}, "No document has title:火箭 .", id="field-in-english"),
    ],
)
def test_the_reason_is_told(client: FlaskClient, question: dict[str, str], reason: str) -> None:
    """One sentence says which terms stand in the way, and how."""
    page = see(client, "/", **question)
    (said,) = page.select(".nothing .reason")
    assert said.get_text(" ", strip=True) == reason


def test_each_term_is_counted(client: FlaskClient) -> None:
    """Every term has its number of documents, those under the filters too; the missing one stands out."""
    page = see(client, "/", q="小麦 “收割机” 标题:火箭", account="海港报")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select(".counts tbody tr")]
    assert rows == [["小麦", "2", "0"], ['"收割机"', "1", "0"], ["标题:火箭", "0", "0"]]
    (none,) = page.select(".counts .none")
    assert "火箭" in none.get_text()


@pytest.mark.parametrize(
    "question",
    [
        pytest.param({"q": "小麦", "account": "海港报"}, id="account"),
        pytest.param({"q": "小麦", "from": "2026-01-01"}, id="days"),
        pytest.param({"q": "小麦", "account": "海港报", "to": "2025-01-01"}, id="two-filters"),
        pytest.param({"q": "小麦 公众号：海港报"}, id="field"),
        pytest.param({"q": "货轮 -港口"}, id="minus"),
        pytest.param({"q": "货轮 NOT 港口"}, id="not"),
        pytest.param({"q": "货轮 -港口", "account": "田野报"}, id="filter-and-minus"),
        pytest.param({"q": "小麦 “量子计算机”"}, id="missing-term"),
        pytest.param({"q": "“播种” “货轮”"}, id="apart"),
        pytest.param({"q": "小麦 远洋 播种", "exact": "1"}, id="as-one-string"),
        pytest.param({"q": "“播种机小麦”"}, id="near-forms"),
    ],
)
def test_ways_on_keep_their_promise(client: FlaskClient, question: dict[str, str]) -> None:
    """Every link with a count leads to as many documents, and there is at least one."""
    page = see(client, "/", **question)
    assert page.select(".nothing")
    found = 0
    for way in page.select(".nothing .tries a, .nothing .near a"):
        counts = re.findall(r"(\d+)(?: 篇)?$", way.get_text().strip())
        if counts:
            assert total(see(client, str(way["href"]))) == int(counts[0])
            found += 1
    assert found


def test_fields_are_named_in_the_language_of_the_reader() -> None:
    """Only a field's name is put into Chinese, also after a minus; nothing else is touched."""
    assert in_words("-genre:通知", "zh") == "-体裁:通知"
    assert in_words("title:title", "zh") == "标题:title"
    assert in_words('"title:x"', "zh") == '"title:x"'
    assert in_words("title:x", "en") == "title:x"


def test_a_quotation_mark_within_a_string_ends_nothing(client: FlaskClient) -> None:
    """A string with quotation marks in it is asked for as one string."""
    assert quoted("甲“乙”丙") == '"甲〞乙〞丙"'
    assert quoted('"') == '"〞"'


def test_suggestions_are_links() -> None:
    """What a helper could do and did not is offered; the link puts it in the place of what was typed."""
    info = IndexInfo(generation=1, documents=1, characters=1, date_from=None, date_to=None)
    answer = SearchPage(
        query="上海 kuaji",
        index=info,
        exact_total=0,
        related_total=0,
        hits=(),
        facets={},
        applied=(),
        suggestions=(
            Applied(kind="pinyin", before="kuaji", after="会计"),
            Applied(kind="typo", before="x", after="<b>"),
        ),
        problems=(),
    )

    class Canned:
        def pinned(self) -> Canned:
            return self

        def search(self, request: object) -> SearchPage:
            return answer

        def no_type(self) -> str:
            return "无"

    client = create_app(Settings(), Canned()).test_client()  # type: ignore[arg-type]
    page = see(client, "/", q="上海 kuaji")
    first, second = page.select(".meant a")
    assert "您是不是要找" in page.select(".meant")[0].get_text()
    assert [first.get_text(), second.get_text()] == ["会计", "<b>"]
    with client.application.test_request_context():
        assert str(first["href"]) == Links(SearchForm(q="上海 会计")).search()
