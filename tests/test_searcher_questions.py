"""Questions and pasted sentences: quotations in them, question words by their grammar, words that no text has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from filler import FILLER

from corpus.settings import Settings
from searcher.query.canonical import canonical_form
from searcher.query.parser import parse
from searcher.query.stop_words import is_stop_word
from searcher.results import Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]


@pytest.fixture
def searcher(make_searcher: MakeSearcher) -> Searcher:
    """Articles that answer questions, among others that do not."""
    return make_searcher(
        {"aid": "system", "title": "地方自治", "content": FILLER + "乡里制是一种基层制度，始于汉代。"},
        {"aid": "input", "title": "输入法", "content": FILLER + "速成由仓颉简化而来。"},
        {"aid": "area", "title": "场馆", "content": FILLER + "场馆占地很大，面积约三万平方米。"},
        {"aid": "mineral", "title": "矿物", "content": FILLER + "硼砂为白色晶体。"},
        *({"aid": f"b{n}", "title": "会议", "content": FILLER + f"第{n}次，名称和外观不变。"} for n in range(9)),
    )


def ids(searcher: Searcher, query: str) -> list[str]:
    """Source ids of the hits in order."""
    return [hit.source_id for hit in searcher.search(Request(query=query)).hits]


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        pytest.param("什么是“乡里制”？", "乡里制", id="rest-without-a-subject"),
        pytest.param("「下栏」是指什么？", "下栏", id="corner-quotes"),
        pytest.param("什么是“速成”和“仓颉”？", "速成 仓颉", id="two-quotations"),
        pytest.param('他把“双碳”和"孪生"写进方案', "他把 双碳 孪生 写进方案", id="rest-with-a-subject"),
        pytest.param("“deep learning”是什么", "deep learning", id="words-of-a-quotation"),
        pytest.param("“乡里制”", '"乡里制"', id="whole-query"),
        pytest.param("“乡里制”？", '"乡里制"', id="whole-query-with-a-mark"),
        pytest.param("“乡里制” 是什么", '"乡里制" 是什么', id="set-apart-by-a-blank"),
        pytest.param("「乡里」「制度」", '"乡里" "制度"', id="quotations-alone"),
        pytest.param("-“乡里制”的 汉代", '-"乡里制" 的 汉代', id="excluded"),
        pytest.param("title:“乡里制”的 汉代", 'title:"乡里制" 的 汉代', id="of-a-field"),
        pytest.param("什么是“”？", "什么是", id="empty-quotation"),
    ],
)
def test_quotations_in_sentences(query: str, meaning: str) -> None:
    """A quotation that touches a word is a part of the sentence; set apart it is an exact string."""
    assert canonical_form(parse(query, Settings())[0]) == meaning


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("什么是“乡里制”？", "system", id="quotation-and-nothing-else"),
        pytest.param("“乡里制”这一制度的所指是什么？", "system", id="quotation-and-more"),
        pytest.param("什么是“速成”和“仓颉”？", "input", id="two-quotations"),
        pytest.param("硼砂的奥妙是什么样的？", "mineral", id="unknown-word-in-a-question"),
        pytest.param("场馆占地面积", "area", id="unknown-word-with-known-parts"),
        pytest.param("占地面积是多少平方米", "area", id="the-same-in-a-question"),
    ],
)
def test_questions_are_answered(searcher: Searcher, query: str, first: str) -> None:
    """The answer has hits, and the document that holds what is asked about comes first."""
    assert ids(searcher, query)[:1] == [first]


@pytest.mark.parametrize("query", ["硼砂奥妙", "硼砂 奥妙"])
def test_an_unknown_word_outside_of_a_question_counts(searcher: Searcher, query: str) -> None:
    """Whoever asks for two words that no text has together gets 0; what has one of them is nearest."""
    page = searcher.search(Request(query=query))
    assert (page.total, [hit.source_id for hit in page.nearest][:1]) == (0, ["mineral"])


@pytest.mark.parametrize(
    "query", ["哪一年", "第几届", "几月份", "多少", "多长时间", "什么时候", "叫什么", "指的是什么"]
)
def test_question_compounds(query: str) -> None:
    """Interrogatives with measure words, nouns of a class and linking verbs are stop words."""
    assert is_stop_word(query)


@pytest.mark.parametrize(
    "query", ["能否", "是不是", "需不需要", "有没有", "怎么办", "为什么", "何时", "啥", "请问", "的"]
)
def test_other_stop_words(query: str) -> None:
    """So are verbs that are affirmed and denied, questions for the manner and the reason, and function words."""
    assert is_stop_word(query)


@pytest.mark.parametrize(
    "word", ["几何", "哪吒", "几乎", "多数", "何首乌", "不能", "否定", "什锦", "人", "时间", "年", "为"]
)
def test_words_like_question_words(word: str) -> None:
    """Words that contain the character of an interrogative, or what may follow one, have a meaning of their own."""
    assert not is_stop_word(word)


@pytest.mark.parametrize("name", ["几何", "哪吒", "何首乌"])
def test_names_in_questions(make_searcher: MakeSearcher, name: str) -> None:
    """Such a word is asked for, also inside a question."""
    searcher = make_searcher(
        {"aid": "it", "title": "会议", "content": FILLER + f"{name}另有说明。"},
        *({"title": "会议", "content": FILLER + f"第{n}次。"} for n in range(5)),
    )
    assert ids(searcher, f"{name}的意思是什么？") == ["it"]
