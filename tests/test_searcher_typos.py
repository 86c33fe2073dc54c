"""Typo correction: which terms are corrected, which corrections are only suggested, which terms stay as typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from searcher.results import Request
from searcher.service import Searcher

Make = Callable[..., Searcher]

TEXTS = (
    *["脑机接口进入临床。", "脑机接口的伦理规范。", "新型储能电站建成投运。", "新型储能电站的并网规则。"],
    *["高新技术企业申报指南发布。", "高新技术企业申报材料清单。", "科技企业孵化器名单。", "上调标准的说明。"],
    *["组织项目申报。", "集中申报。", "申报截止。", "再次申报。", "其间无人提问。"],
)


@pytest.fixture(scope="module")
def searcher(make_module_searcher: Make) -> Searcher:
    """Short notices, and many that speak of a period."""
    return make_module_searcher(*({"content": text} for text in (*TEXTS, *["公示期间接受咨询。"] * 45)))


def helped(searcher: Searcher, query: str) -> tuple[list[str], list[str]]:
    """The corrections that were applied to a query, and those that were only suggested."""
    page = searcher.search(Request(query=query))
    return [helper.after for helper in page.applied], [helper.after for helper in page.suggestions]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("脑积接口", "脑机接口", id="same-sound"),
        pytest.param("新形储能电站", "新型储能电站", id="same-sound-inside"),
        pytest.param("新型储棱电站", "新型储能电站", id="near-sound"),
        pytest.param("科枝企业孵化器", "科技企业孵化器", id="looks-alike"),
        pytest.param("新型能储电站", "新型储能电站", id="swapped"),
        pytest.param("新型储电站", "新型储能电站", id="missing"),
        pytest.param("新型储储能电站", "新型储能电站", id="one-too-many"),
        pytest.param("高新技术企业申抱", "高新技术企业申报", id="at-the-end"),
        pytest.param("去年项目申抱流程", "去年项目申报流程", id="in-a-part"),
    ],
)
def test_typos_are_corrected(searcher: Searcher, typed: str, meant: str) -> None:
    """A term that no document contains is searched, or suggested, as the indexed term that differs by one edit."""
    applied, suggested = helped(searcher, typed)
    assert [*applied, *suggested] == [meant]
    if applied:
        assert searcher.search(Request(query=typed)).total


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("红烧肉的做法", id="not-in-the-corpus"),
        pytest.param("下调标准", id="another-word"),
        pytest.param("脑机接口", id="right"),
        pytest.param('"脑积接口"', id="quoted"),
        pytest.param("其间", id="a-word-that-texts-have"),
        pytest.param("-脑积接口", id="excluded"),
        pytest.param("脑积*", id="prefix"),
    ],
)
def test_what_is_no_slip_stays(searcher: Searcher, typed: str) -> None:
    """A term that the texts have, or that is merely absent, is searched as it stands."""
    assert helped(searcher, typed)[0] == []


def test_the_typed_term_is_searched_too(searcher: Searcher) -> None:
    """A correction adds documents and hides none; marks show what was found."""
    page = searcher.search(Request(query="脑积接口"))
    assert sorted(hit.source_id for hit in page.hits) == ["1", "2"]
    assert ("脑机接口", True) in page.hits[0].snippets[0]


def test_they_can_be_switched_off(searcher: Searcher) -> None:
    """Without the helper the answer is that no text has the term."""
    page = searcher.search(Request(query="脑积接口", helpers_off=frozenset({"typo"})))
    assert (page.exact_total, page.applied, page.suggestions) == (0, (), ())
