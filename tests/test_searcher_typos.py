"""Typo correction: which terms are corrected, which corrections are only suggested, which terms stay as typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from searcher.expansion.typos import Correction
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
        pytest.param("上调标准的说名", "上调标准的说明", id="same-sound"),
        pytest.param("新形储能电站", "新型储能电站", id="same-sound-inside"),
        pytest.param("新型储棱电站", "新型储能电站", id="near-sound"),
        pytest.param("科枝企业孵化器", "科技企业孵化器", id="looks-alike"),
        pytest.param("新型能储电站", "新型储能电站", id="swapped"),
        pytest.param("新型储电站", "新型储能电站", id="missing"),
        pytest.param("新型储储能电站", "新型储能电站", id="one-too-many"),
        pytest.param("高新技术企业申抱", "高新技术企业申报", id="at-the-end"),
        pytest.param("去年项目申抱流程", "去年项目申报流程", id="in-a-part"),
        pytest.param(
            "高新技术企业的申抱都需要准备哪些材料",
            "高新技术企业的申报都需要准备哪些材料",
            id="in-a-question",
        ),
        pytest.param("新形储能电站和项目申抱", "新型储能电站和项目申报", id="two-of-them"),
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
        pytest.param('"新形储能电站"', id="quoted"),
        pytest.param("其间", id="a-word-that-texts-have"),
        pytest.param("-新形储能电站", id="excluded"),
        pytest.param("新形储能*", id="prefix"),
    ],
)
def test_what_is_no_slip_stays(searcher: Searcher, typed: str) -> None:
    """A term that the texts have, or that is merely absent, is searched as it stands."""
    assert helped(searcher, typed)[0] == []


@pytest.fixture(scope="module")
def tempting(make_module_searcher: Make) -> Searcher:
    """Texts that have, for each of the questions below, something that is one character away from it."""
    texts = (
        *("又甜大全家爱吃。", "长沙市常住人口公报。", "铁矿石的手续费下调。", "贵宾价格公布。", "是谁的作品。"),
        *(
            "便宜友好的手机品牌。",
            "直播用什么手机号登录。",
            "退群后推群主。",
            "国际标准发布。",
            "未来之路。",
            "一小图书馆开放。",
        ),
        *(
            "与过时相对的是流行。",
            "英国出品。",
            "天气晴朗。",
            "距离地球有多元文化。",
            "内存小，对用户友好。",
            "苹果上市。",
        ),
    )
    return make_module_searcher(*({"content": text} for text in texts * 3))


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("甜品大全", id="deleted-from-a-word"),
        pytest.param("贵宾犬价格", id="a-word-of-one-character-deleted"),
        pytest.param("是谁写的", id="a-verb-deleted"),
        pytest.param("长沙常住人口", id="inserted-between-words"),
        pytest.param("铁矿石手续费", id="a-particle-inserted"),
        pytest.param("便宜又好的手机", id="function-word-between-words"),
        pytest.param("直播用什么手机好", id="adjective-at-the-end"),
        pytest.param("哪个杀毒软件占内存小又好用", id="function-word-in-a-question"),
        pytest.param("退群后谁是群主", id="verb"),
        pytest.param("英国除贵族外的封号", id="preposition"),
        pytest.param("地球距离太阳有多远", id="adjective-of-a-question"),
        pytest.param("欧iv相当于国几标准", id="question-word"),
        pytest.param("与过适相对的现象叫什么", id="rare-word"),
        pytest.param("艾小图的小说哪本好看", id="name-of-three-characters"),
        pytest.param("蔚来es8", id="name-of-a-firm"),
        pytest.param("天晴", id="another-word"),
        pytest.param("平果是哪里的县", id="a-word-of-the-dictionary"),
    ],
)
def test_sound_questions_stay(tempting: Searcher, typed: str) -> None:
    """Words of texts or dictionary, function words, and names that the texts lack are neither replaced nor lost."""
    assert helped(tempting, typed)[0] == []


def test_the_typed_term_is_searched_too(searcher: Searcher) -> None:
    """A correction adds documents and hides none; marks show what was found."""
    page = searcher.search(Request(query="新形储能电站"))
    assert sorted(hit.source_id for hit in page.hits) == ["3", "4"]
    assert ("新型储能电站", True) in page.hits[0].snippets[0]


def test_documents_with_the_typed_term_come_first(make_searcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every page, whatever was taken for a correction, and however well that suits other documents."""
    sure = Correction("项目申报", is_sure=True)
    monkeypatch.setattr("searcher.expansion.typos.correct", lambda *_: sure)
    texts = [*["项目申报：项目申报指南"] * 3, "这里只有一处，在很长的一段说明当中，写成了项目申抱，别处都没有。"]
    searcher = make_searcher(*({"title": text, "content": text} for text in texts))
    request = Request(query="项目申抱", limit=1)
    page, second = searcher.search(request), searcher.search(replace(request, offset=1))
    assert (page.exact_total, page.hits[0].source_id, page.hits[0].tier) == (4, "4", "exact")
    assert second.hits[0].source_id != "4"
    assert [helper.after for helper in page.applied] == ["项目申报"]


def test_they_can_be_switched_off(searcher: Searcher) -> None:
    """Without the helper the answer is that no text has the term."""
    page = searcher.search(Request(query="新形储能电站", helpers_off=frozenset({"typo"})))
    assert (page.exact_total, page.applied, page.suggestions) == (0, (), ())
