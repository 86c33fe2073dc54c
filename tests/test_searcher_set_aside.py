"""What is set aside is found by quoted strings and with in:all, does not rank, and is never passed over in silence."""

from __future__ import annotations

import json
from collections.abc import Callable

import hypothesis
import pytest
from bs4 import BeautifulSoup
from hypothesis import strategies as st

from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.build import build_index
from searcher.commands.terminal import print_page
from searcher.execution.plan_execution import PlanExecution
from searcher.results import Request
from searcher.service import Searcher
from web import create_app

TAIL = "长按识别二维码，关注江湾科技"
ARTICLES = tuple(
    {
        "aid": f"a{number}",
        "account": "江湾科技",
        "date": f"2026-01-0{number}",
        "title": f"{name}见闻",
        "content": f"{name}试验场已经建成。\n{tail}",
    }
    for number, (name, tail) in enumerate(
        [("潮汐能", TAIL), ("波浪能", TAIL), ("温差能", TAIL), ("盐差能", "江湾科技的记者到场。")], start=1
    )
)


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Callable[..., Searcher]) -> Searcher:
    """A searcher over ARTICLES, three of which end with the same call to follow."""
    return make_module_searcher(*ARTICLES)


@pytest.mark.parametrize(
    ("query", "ids", "beside"),
    [
        pytest.param("江湾科技", {"a4"}, 3, id="unquoted"),
        pytest.param("“江湾科技”", {"a1", "a2", "a3", "a4"}, 0, id="quoted"),
        pytest.param("江湾科技 in:all", {"a1", "a2", "a3", "a4"}, 0, id="everywhere"),
        pytest.param("范围：全部 江湾科技", {"a1", "a2", "a3", "a4"}, 0, id="everywhere-in-Chinese"),
        pytest.param("潮汐能 关注江湾", set(), 1, id="in-one-document"),
        pytest.param("潮汐能 关注江湾 in:all", {"a1"}, 0, id="both-places"),
        pytest.param("试验场 -二维码", {"a1", "a2", "a3", "a4"}, 0, id="exclusion-of-the-text"),
        pytest.param("试验场 -“二维码”", {"a4"}, 0, id="exclusion-of-a-string"),
        pytest.param("试验场 -二维码 in:all", {"a4"}, 0, id="exclusion-everywhere"),
        pytest.param("二维码 OR 盐差能", {"a4"}, 3, id="or"),
        pytest.param("title:二维码", set(), 0, id="title"),
        pytest.param("“建成。长按”", {"a1", "a2", "a3"}, 0, id="across-the-seam"),
        pytest.param("潮汐能", {"a1"}, 0, id="nowhere-else"),
        pytest.param("识别 date:2026-01-02", set(), 1, id="under-a-filter-of-the-query"),
    ],
)
def test_where_terms_are_looked_for(searcher: Searcher, query: str, ids: set[str], beside: int) -> None:
    """The exact hits, and how many more documents there would be with in:all."""
    page = searcher.search(Request(query=query))
    assert {hit.source_id for hit in page.hits if hit.tier == "exact"} == ids
    assert page.set_aside_total == beside


def test_filters_count(searcher: Searcher) -> None:
    """Documents that a filter leaves out are not promised."""
    page = searcher.search(Request(query="二维码", date_from="2026-01-02"))
    assert (page.exact_total, page.set_aside_total) == (0, 2)


def test_hit_shows_what_is_set_aside(searcher: Searcher) -> None:
    """A hit by set-aside text alone has its snippet from there, with the reason, and scores nothing for it."""
    (hit,) = searcher.search(Request(query="“关注江湾” title:潮汐能")).hits
    assert hit.set_aside is None
    hits = searcher.search(Request(query="“关注江湾”")).hits
    assert {(hit.set_aside, hit.score, hit.matches) for hit in hits} == {("boilerplate", 0.0, 1)}
    assert ("关注江湾", True) in hits[0].snippets[0]


def test_article_has_what_is_set_aside(searcher: Searcher) -> None:
    """The whole document, with the matches in set-aside text marked."""
    (hit,) = searcher.search(Request(query="潮汐能")).hits
    article = searcher.article(hit.id, "“关注”")
    assert article is not None
    assert article.set_aside_marked == (
        ("boilerplate", (("长按识别二维码，", False), ("关注", True), ("江湾科技", False))),
    )
    assert article.matches == 1


def test_pages_and_terminal_say_so(searcher: Searcher, capsys: pytest.CaptureFixture[str]) -> None:
    """The totals have one click to what is set aside; hits are labelled; the article folds it; the terminal hints."""
    client = create_app(Settings(), searcher).test_client()
    page = BeautifulSoup(client.get("/?q=江湾科技").text, "html.parser")
    (link,) = page.select("a.beside")
    assert link.get_text() == "另有 3 篇仅在页眉页脚等处有"
    there = BeautifulSoup(client.get(str(link["href"])).text, "html.parser")
    assert "精确 4" in there.get_text()
    assert "套话" in there.get_text()
    nothing = BeautifulSoup(client.get("/?q=二维码&lang=en").text, "html.parser")
    assert nothing.select(".tries a")[0].get_text() == "3 more only in headers, footers and the like"
    article = BeautifulSoup(client.get(str(there.select(".hit h3 a")[-1]["href"])).text, "html.parser")
    assert "江湾科技" in article.select_one("details.set-aside[open] mark").get_text()  # type: ignore[union-attr]
    answer = searcher.search(Request(query="江湾科技"))
    print_page(answer, answer.hits, 0, False, 10)
    assert "另有 3 篇仅在页眉页脚等处有（加 in:all）" in capsys.readouterr().out


LINES = st.sampled_from(
    [
        *(
            "潮汐能应当登记。",
            "登记机构负责核验。编辑：小舟",
            "来源：江湾日报",
            "点击蓝字关注我们",
            TAIL,
            "第二条 核验结果公布。",
        ),
        *(
            "公布结果。欢迎转发分享",
            "一、总则",
            "（一）目的",
            "江湾科技",
            "江湾潮汐能规定",
            "江湾潮汐能",
            "规定",
            "2026年1月2日",
        ),
    ]
)


@hypothesis.settings(deadline=None, derandomize=True, max_examples=12)
@hypothesis.given(
    texts=st.lists(st.lists(LINES, min_size=1, max_size=12), min_size=4, max_size=8),
    cuts=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 200), st.integers(2, 14)), min_size=30, max_size=30),
)
def test_any_string_of_a_record_finds_its_document(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], cuts: list[tuple[int, int, int]]
) -> None:
    """Strings cut anywhere out of titles and texts, across lines too, whatever cleaning made of them."""
    folder = tmp_path_factory.mktemp("strings")
    contents = ["\n".join(lines) for lines in texts]
    rows = [
        {"aid": f"a{number}", "account": "江湾", "title": "江湾潮汐能规定", "content": content}
        for number, content in enumerate(contents)
    ]
    (folder / "a.json").write_text(json.dumps(rows), "utf-8")
    settings = Settings(index=str(folder / "index"))
    build_index([folder / "a.json"], settings)
    searcher = Searcher(settings.index_dir, settings)
    for number, start, length in cuts:
        number %= len(contents)
        string = contents[number][start : start + length]
        if normalise(string):
            _, hits = searcher.hits(Request(query=string, exact=True, limit=100, snippets=False))
            assert f"a{number}" in {hit.source_id for hit in hits}, string
    searcher.close()


def test_term_that_is_set_aside_nowhere_is_matched_once(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only documents that have a term set aside cost a second look."""
    asked = []
    matching = PlanExecution._matching
    monkeypatch.setattr(
        PlanExecution,
        "_matching",
        lambda self, *args: asked.append(args) or matching(self, *args),  # type: ignore[func-returns-value]
    )
    searcher.search(Request(query="记者"))
    assert len(asked) == 1
