"""Helpers as a whole: what is announced, what is switched off, and that quoted strings keep their meaning."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.settings import Settings
from searcher.commands.batch import answer_lines
from searcher.commands.cli import main
from searcher.results import HELPERS, Request
from searcher.service import Searcher

Make = Callable[..., Searcher]


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Make) -> Searcher:
    """Two notes."""
    return make_module_searcher({"content": "脑机接口、人工智能与 6G 标准。"}, {"content": "BCI 与高新技术企业。"})


def applied(searcher: Searcher, query: str, **options: object) -> list[tuple[str, str, str]]:
    """Kind, typed and searched form of what was done to a query."""
    page = searcher.search(Request(query=query, **options))  # type: ignore[arg-type]
    return [(helper.kind, helper.before, helper.after) for helper in page.applied]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("標準", [("traditional", "標準", "标准")], id="traditional"),
        pytest.param("６Ｇ", [("width", "６Ｇ", "6G")], id="full-width"),
        pytest.param("“標準”", [("traditional", "標準", "标准")], id="quoted-strings-are-folded-too"),
        pytest.param("-標準", [("traditional", "標準", "标准")], id="excluded-too"),
        pytest.param("標題：標準", [("traditional", "標準", "标准")], id="not-of-the-field"),
        pytest.param("标题：标准", [], id="the-colon-of-a-field"),
        pytest.param("标准？", [], id="marks"),
        pytest.param("标准，接口", [], id="comma-between-words"),
        pytest.param(
            "标准：接口（６Ｇ）", [("width", "标准：接口（６Ｇ）", "标准：接口（6G）")], id="digits-among-signs"
        ),
        pytest.param("6g", [], id="capitals"),
    ],
)
def test_folds_are_announced(searcher: Searcher, query: str, said: list[tuple[str, str, str]]) -> None:
    """Where the normal form differs from what was typed by characters or width, the page says so."""
    assert [helper for helper in applied(searcher, query) if helper[0] in ("traditional", "width")] == said


def test_folds_are_announced_with_exact(searcher: Searcher) -> None:
    """--exact searches the normal form too, and nothing else."""
    assert applied(searcher, "腦機接口", exact=True) == [("traditional", "腦機接口", "脑机接口")]


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        pytest.param("標準", "traditional", id="traditional"),
        pytest.param("６Ｇ", "width", id="width"),
        pytest.param("脑机接口", "synonym", id="synonym"),
        pytest.param("人公智能", "typo", id="typo"),
        pytest.param("naojijiekou", "pinyin", id="pinyin"),
    ],
)
def test_each_is_switched_off(searcher: Searcher, query: str, kind: str) -> None:
    """A helper speaks, and is silent when it is off."""
    assert kind in [said[0] for said in applied(searcher, query)]
    assert kind not in [said[0] for said in applied(searcher, query, helpers_off=frozenset({kind}))]


@pytest.mark.parametrize("query", ['"人公智能"', '"BCI"', '"高企"', "人公智能*", "-人公智能", "“naojijiekou”"])
def test_quoted_strings_mean_themselves(searcher: Searcher, query: str) -> None:
    """Helpers change neither the hits nor the order of what they must leave alone."""
    helped = searcher.search(Request(query=query))
    plain = searcher.search(Request(query=query, helpers_off=frozenset(HELPERS)))
    assert (helped.hits, helped.applied, helped.suggestions) == (plain.hits, (), ())


def test_alternatives_rank_as_one_term(searcher: Searcher) -> None:
    """Each name finds the same documents in the same order."""
    orders = [[hit.source_id for hit in searcher.search(Request(query=name)).hits] for name in ("BCI", "脑机接口")]
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == ["1", "2"]


def test_articles_are_marked_alike(searcher: Searcher) -> None:
    """The article page marks what the helpers let it be found by."""
    (hit,) = searcher.search(Request(query="人公智能", helpers_off=frozenset({"synonym"}))).hits
    article = searcher.article(hit.id, "人公智能")
    plain = searcher.article(hit.id, "人公智能", helpers_off=frozenset(HELPERS))
    assert article is not None
    assert plain is not None
    assert ("人工智能", True) in article.body_marked
    assert ("人工智能", True) not in plain.body_marked


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param([], 0, id="all"),
        pytest.param(["--no-helpers"], 1, id="none"),
        pytest.param(["--no", "pinyin"], 1, id="without-one"),
        pytest.param(["--no", "typo", "--no", "width"], 0, id="without-others"),
    ],
)
def test_options(sample_index: Path, options: list[str], status: int) -> None:
    """`search` takes its helpers from the options."""
    assert main(["--index", str(sample_index), "naojijiekou", "--ids", *options]) == status


@pytest.mark.parametrize(
    ("helpers", "kinds"),
    [
        pytest.param(True, ["typo"], id="true"),
        pytest.param({"pinyin": False}, ["typo"], id="another-off"),
        pytest.param({"typo": False, "pinyin": True}, [], id="off"),
        pytest.param(False, [], id="false"),
        pytest.param({"typos": False}, None, id="unknown"),
        pytest.param({"typo": 0}, None, id="no-boolean"),
        pytest.param("none", None, id="no-object"),
    ],
)
def test_batch(searcher: Searcher, helpers: object, kinds: list[str] | None) -> None:
    """A batch request says which helpers it wants; a wrong one is told what there is."""
    output = io.StringIO()
    line = json.dumps({"query": "人公智能", "helpers": helpers}).encode()
    answer_lines([line], output, searcher, Settings())
    answer = json.loads(output.getvalue())
    if kinds is None:
        assert "helpers must be true, false or an object" in answer["error"]
    else:
        assert [helper["kind"] for helper in answer["applied"]] == kinds
        assert answer["suggestions"] == []
