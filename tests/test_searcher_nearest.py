"""The nearest documents: what an answer without hits offers apart, in no total, facet or list of ids."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from filler import FILLER
from flask.testing import FlaskClient

from corpus.settings import Settings
from searcher.commands.batch import answer_lines
from searcher.commands.cli import main
from searcher.results import Hit, Request, SearchPage
from searcher.service import Searcher
from web import create_app

MakeSearcher = Callable[..., Searcher]


@pytest.fixture
def searcher(make_searcher: MakeSearcher) -> Searcher:
    """A few articles about the sea, and some about nothing of it."""
    return make_searcher(
        {"aid": "ranch", "title": "海洋牧场", "content": FILLER + "苗种入海。", "account": "甲", "date": "2025-03-04"},
        {"aid": "cage", "title": "网箱", "content": FILLER + "深水网箱下水，养殖大黄鱼。", "account": "乙"},
        {"aid": "both", "title": "网箱与牧场", "content": FILLER + "海洋牧场有网箱。", "account": "乙"},
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次。", "account": "丙"} for n in range(4)),
    )


def ids(hits: tuple[Hit, ...]) -> list[str]:
    """Source ids in order."""
    return [hit.source_id for hit in hits]


def ask(searcher: Searcher, query: str, **options: object) -> SearchPage:
    """The answer to a query that nothing satisfies."""
    page = searcher.search(Request(query=query, **options))  # type: ignore[arg-type]
    assert (page.total, page.hits, page.zero is None) == (0, (), False)
    is_filtered = "filters" in options  # each facet sets its own selection aside
    assert is_filtered or not any(value.count for values in page.facets.values() for value in values)
    assert {hit.tier for hit in page.nearest} <= {"nearest"}
    return page


@pytest.mark.parametrize(
    ("query", "options", "nearest"),
    [
        pytest.param("“海洋牧场苗种场”", {}, ["ranch", "both"], id="quoted"),
        pytest.param("海洋牧场的苗种场", {"exact": True}, ["ranch", "both"], id="exact"),
        pytest.param("“大黄鱼” “苗种”", {}, ["cage", "ranch"], id="terms-that-never-meet"),
        pytest.param("标题:大黄鱼", {}, ["cage"], id="title"),
        pytest.param("黄鱼苗*", {}, ["cage", "ranch"], id="prefix"),
        pytest.param("黄鱼苗", {}, ["cage", "ranch"], id="one-unknown-word"),
        pytest.param("(“黄鱼苗” OR “网箱苗”) 量子", {}, ["cage", "both", "ranch"], id="alternatives"),
        pytest.param("“海洋牧场苗种场”", {"sort": "oldest"}, ["ranch", "both"], id="best-first-whatever-the-order"),
    ],
)
def test_parts_of_the_query_are_nearest(
    searcher: Searcher, query: str, options: dict[str, object], nearest: list[str]
) -> None:
    """Documents that hold parts of what no document has whole are offered, the one with the most first."""
    found = ids(ask(searcher, query, **options).nearest)
    assert found[:1] == nearest[:1]
    assert sorted(found) == sorted(nearest)


@pytest.mark.parametrize(
    ("query", "options", "nearest"),
    [
        pytest.param("“海洋牧场苗种场” -网箱", {}, ["ranch"], id="exclusion"),
        pytest.param("“海洋牧场苗种场” 公众号:乙", {}, ["both"], id="field"),
        pytest.param("“海洋牧场苗种场” date:2025", {}, ["ranch"], id="days"),
        pytest.param(
            "(“牧场苗” 公众号:乙) OR (“海洋苗” 公众号:甲)", {}, ["both", "ranch"], id="field-in-each-alternative"
        ),
        pytest.param("“海洋牧场苗种场”", {"filters": {"account": ("乙",)}}, ["both"], id="facet"),
        pytest.param("“海洋牧场苗种场”", {"date_from": "2025-01-01"}, ["ranch"], id="from"),
        pytest.param("海洋牧场", {"filters": {"account": ("丙",)}}, [], id="nothing-passes"),
    ],
)
def test_filters_and_exclusions_hold(
    searcher: Searcher, query: str, options: dict[str, object], nearest: list[str]
) -> None:
    """A nearest document passes all filters and has nothing that is excluded."""
    assert sorted(ids(ask(searcher, query, **options).nearest)) == sorted(nearest)


@pytest.mark.parametrize("query", ["", "海洋牧场", "海洋牧场 养殖"])
def test_an_answer_with_hits_has_none(searcher: Searcher, query: str) -> None:
    """Where there are hits, related ones or on an earlier page, nothing else is offered."""
    assert searcher.search(Request(query=query)).nearest == ()
    assert searcher.search(Request(query=query, offset=50)).nearest == ()


@pytest.mark.parametrize("query", ["asdfgh", "??", "量子", '""'])
def test_nothing_is_near(searcher: Searcher, query: str) -> None:
    """A query that shares no word and no pair of characters with any document is near to none."""
    assert ask(searcher, query).nearest == ()


def test_ten_at_most_and_no_more_than_the_limit(make_searcher: MakeSearcher) -> None:
    """Ten documents are offered, fewer if fewer hits were asked for, and none where only totals were."""
    searcher = make_searcher(*({"title": "网箱", "content": FILLER + f"深水网箱{n}号。"} for n in range(12)))
    assert len(ask(searcher, "“网箱厂”", limit=50).nearest) == 10
    assert len(ask(searcher, "“网箱厂”", limit=3).nearest) == 3
    assert ask(searcher, "“网箱厂”", limit=0).nearest == ()


def test_parts_are_marked(searcher: Searcher) -> None:
    """What a nearest document has of the query is marked, in the list and in the article that it leads to."""
    (first, *_) = ask(searcher, "“海洋牧场苗种场”").nearest
    assert first.title_marked == (("海洋牧场", True),)
    assert any(piece == ("苗种", True) for snippet in first.snippets for piece in snippet)
    article = searcher.article(first.id, "“海洋牧场苗种场”")
    assert article is not None
    assert (article.matches, article.title_marked) == (first.matches, first.title_marked)


def test_json_batch_and_api_have_them_apart(searcher: Searcher) -> None:
    """The three give the same list under a key of its own, and no hits."""
    client = create_app(Settings(), searcher).test_client()
    output = io.StringIO()
    answer_lines([json.dumps({"query": "“海洋牧场苗种场”"}).encode()], output, searcher, Settings())
    for answer in (client.get("/api/search?q=“海洋牧场苗种场”").get_json(), json.loads(output.getvalue())):
        assert (answer["total"]["exact"], answer["total"]["related"], answer["hits"]) == (0, 0, [])
        assert [(hit["source_id"], hit["tier"]) for hit in answer["nearest"]] == [
            ("ranch", "nearest"),
            ("both", "nearest"),
        ]


def test_the_terminal_says_what_they_are(sample_index: object, capsys: pytest.CaptureFixture[str]) -> None:
    """They stand under two lines that say that nothing matches; 0 is the last word, the status 1, and no id printed."""
    command = ["--index", str(sample_index), "“脑机接口登月”"]
    assert main(command) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["没有一篇符合；最接近的：", "Nothing matches; nearest:"]
    assert any("[脑机]" in line or "[脑机接口]" in line for line in lines)
    assert lines[-1].startswith("0 results: ")
    assert main([*command, "--ids"]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("lang", "heading"), [("zh", "没有一篇符合；最接近的："), ("en", "Nothing matches; nearest:")])
def test_the_page_lists_them_below_the_reason(searcher: Searcher, lang: str, heading: str) -> None:
    """The page first says that nothing was found, and has the nearest documents in a list of their own."""
    client: FlaskClient = create_app(Settings(), searcher).test_client()
    answer = client.get("/", query_string={"q": "“海洋牧场苗种场”", "lang": lang})
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert [section["class"] for section in page.select(".list > section")][-2:] == [["nothing"], ["tier", "nearest"]]
    (list_of_them,) = page.select(".tier.nearest")
    assert list_of_them.h2 is not None
    assert list_of_them.h2.get_text(strip=True) == heading
    assert [title.get_text(strip=True) for title in list_of_them.select("h3")] == ["海洋牧场", "网箱与牧场"]
    assert page.select(".totals") == page.select("aside.side") == []
    assert page.select_one(".tries a[href='#nearest']") is not None
