"""The query language as the pages tell it: help, helpers, problems, and the parameters that go with them."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from corpus.settings import Settings
from searcher.query.parser import parse
from web.examples import EXAMPLES
from web.i18n import LANGUAGES, TEXTS, Words

DEEP = Settings().max_query_depth + 1
#: A query for every kind of problem that the parser knows.
BROKEN = {
    "unbalanced": "(脑机",
    "dangling": "AND 脑机",
    "empty_field": "title:",
    "bad_date": "date:2025-13",
    "reversed_range": "date:2025-12..2025-09",
    "short_prefix": "a*",
    "too_deep": "(" * DEEP + "脑机" + ")" * DEEP,
    "bar_text": "一图读懂|上海市科学技术委员会关于申报的通知",
    "open_quote": "“脑机",
    "empty_term": '""',
    "too_long": "脑机 " * 20000,
    "too_many_terms": " ".join(f"词{n}" for n in range(5000)),
}


def see(client: FlaskClient, address: str, **question: Any) -> BeautifulSoup:
    """The page at an address."""
    response = client.get(address, query_string=question or None)
    assert response.status_code == 200, response.get_data(as_text=True)[:2000]
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def test_examples_are_queries_without_problems() -> None:
    """Nothing that the help shows is taken otherwise than written."""
    for examples in EXAMPLES.values():
        for example in examples:
            assert parse(example.query, Settings())[1] == (), example.query
            assert example.key in TEXTS["zh"]


@pytest.mark.parametrize(("lang", "title"), [("zh", "检索写法"), ("en", "How to write a query")])
def test_the_help_page_can_be_tried(client: FlaskClient, lang: str, title: str) -> None:
    """Every example is a link to its own answer, and every page but the start leads to the help."""
    page = see(client, "/help", lang=lang)
    assert page.select("h1")[0].get_text() == title
    links = page.select(".help dt a")
    assert len(links) == sum(map(len, EXAMPLES.values()))
    for link in links:
        box = see(client, str(link["href"])).select("#q")[0]
        assert box["value"] == link.get_text()
    for address in ("/?q=脑机接口", "/help", "/nothing"):
        answer = BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")
        assert answer.select('.tools a[href^="/help"]')
    assert see(client, "/").select('details.help a[href^="/help"]')


@pytest.mark.parametrize("kind", BROKEN)
def test_every_problem_is_told_in_chinese_and_english(client: FlaskClient, kind: str) -> None:
    """What the parser could not take as written is said in the reader's language."""
    problems = parse(BROKEN[kind], Settings())[1]
    assert kind in {problem.kind for problem in problems}
    settings = Settings()
    for lang in LANGUAGES:
        page = see(client, "/", q=BROKEN[kind], lang=lang)
        text = Words(lang)(f"problem_{kind}", terms=settings.max_query_terms, chars=settings.max_query_chars)
        assert text in page.select(".notice")[0].get_text()


def test_a_helper_is_told_undone_and_used_again(client: FlaskClient) -> None:
    """Pinyin finds the term and says so; one click searches as typed, another one helps again."""
    page = see(client, "/", q="naojijiekou")
    (told,) = page.select(".helped li.pinyin")
    assert "脑机接口" in told.get_text()
    assert page.select(".hit")
    undone = see(client, str(told.select("a")[0]["href"]))
    assert not undone.select(".hit, .helped li.pinyin")
    (off,) = undone.select(".helped li.off")
    assert see(client, str(off.select("a")[0]["href"])).select(".hit")


def test_a_fold_is_told_for_what_it_is(client: FlaskClient) -> None:
    """Traditional characters are found in any case: the page does not promise otherwise, and can be quiet."""
    page = see(client, "/", q="腦機接口")
    (told,) = page.select(".helped li.traditional")
    assert "总是一起检索" in told.get_text()
    (quiet,) = told.select("a")
    assert quiet.get_text() == "不再提示"
    after = see(client, str(quiet["href"]))
    assert not after.select(".helped li.traditional")
    assert len(after.select(".hit")) == len(page.select(".hit"))


def test_an_article_is_marked_as_it_was_found(client: FlaskClient) -> None:
    """The page of a hit that a helper found marks what the helper searched."""
    hit = see(client, "/", q="naojijiekou").select(".hit h3 a")[0]
    assert {"脑机接口"} <= {mark.get_text() for mark in see(client, str(hit["href"])).select("mark")}


def test_the_api_takes_the_new_parameters(client: FlaskClient) -> None:
    """Helpers can be switched off, sources chosen, and hits explained; other values are refused."""
    assert client.get("/api/search?q=naojijiekou").get_json()["total"]["exact"] > 0
    off = client.get("/api/search?q=naojijiekou&off=pinyin&off=typo").get_json()
    assert off["total"]["exact"] == 0
    assert off["applied"] == []
    everything = client.get("/api/search").get_json()
    for value in everything["facets"]["source"][:2]:
        found = client.get("/api/search", query_string={"source": value["value"]}).get_json()
        assert found["total"]["exact"] == value["count"]
    explained = client.get("/api/search?q=脑机接口&explain=1").get_json()
    assert [hit["id"] for hit in explained["hits"]] == [hit["id"] for hit in explained["explain"]["hits"]]
    assert "explain" not in client.get("/api/search?q=脑机接口&explain=0").get_json()
    for bad, kind in (("off=evil", "bad_choice"), ("explain=yes", "bad_flag")):
        answer = client.get(f"/api/search?{bad}")
        assert answer.status_code == 400
        assert answer.get_json()["error"]["kind"] == kind
    assert client.get("/?q=a&explain=1").status_code == 200
    assert client.get("/?q=a&off=evil").status_code == 400
