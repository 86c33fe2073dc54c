"""Credit lines: which lines are nothing but credits, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.credits import Credit, credit_of, glued_credit


@pytest.mark.parametrize(
    ("line", "reposted_from", "source"),
    [
        pytest.param("本文转载自“东岸发布”", "东岸发布", None, id="reposted"),
        pytest.param("本文转载自“东岸发布“", "东岸发布", None, id="wrong-quote"),
        pytest.param('本文转载自"东岸发布"', "东岸发布", None, id="half-width-quotes"),
        pytest.param("本文转载自“东岸发布”微信公众号", "东岸发布", None, id="account-named-as-such"),
        pytest.param("转载自：东岸发布", "东岸发布", None, id="colon"),
        pytest.param("（转自：东岸发布）", "东岸发布", None, id="brackets"),
        pytest.param("来源：东岸时报 东岸新闻", None, "东岸时报 东岸新闻", id="source"),
        pytest.param("资料来源：澄江电网、澄江水务", None, "澄江电网、澄江水务", id="sources-of-data"),
        pytest.param("综合自：澄江航天", None, "澄江航天", id="synthesis"),
        pytest.param("来源 | 东岸时报", None, "东岸时报", id="stroke"),
        pytest.param("编辑：小舟", None, None, id="editor"),
        pytest.param("拍摄：小舟 后期：闻小渡", None, None, id="two-people"),
        pytest.param("文字/摄影：小舟", None, None, id="two-tasks"),
        pytest.param("文 | 小舟", None, None, id="author-with-stroke"),
        pytest.param("来源：国家局编辑：小舟本文转载自“东岸发布”", "东岸发布", "国家局", id="glued-together"),
        pytest.param("澄江研究所供图", None, None, id="picture"),
    ],
)
def test_credits_are_read(line: str, reposted_from: str | None, source: str | None) -> None:
    """A line of credits gives the account of the repost and the origin, or only people."""
    assert credit_of(line) == Credit(reposted_from, source)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("转载请注明出处", id="a-request"),
        pytest.param("来源：数据由各区上报，经统计局核定。", id="a-sentence"),
        pytest.param("地点：东岸大厦三楼", id="another-label"),
        pytest.param("设计/制造一体化平台", id="two-terms"),
        pytest.param("编辑部的故事", id="a-word-that-begins-so"),
        pytest.param("来源：", id="no-value"),
        pytest.param("", id="empty"),
    ],
)
def test_other_lines_are_no_credits(line: str) -> None:
    """Sentences, other labels and words that merely begin alike stay in the text."""
    assert credit_of(line) is None


def test_interview_begins_with_a_question() -> None:
    """Above a text, 记者：… is somebody speaking and a caption belongs to a picture; below it both are credits."""
    for line in ("记者：李明 王芳", "澄江社记者 李明 摄"):
        assert credit_of(line, is_first=True) is None
        assert credit_of(line) == Credit()


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        pytest.param("走在前列。本文转载自“东岸发布”", "本文转载自“东岸发布”", id="repost"),
        pytest.param("欢迎观看编辑：小舟", "编辑：小舟", id="editor-without-a-border"),
        pytest.param("他说：“值得。”记者：小舟", "记者：小舟", id="behind-a-quotation"),
        pytest.param("一切都在变好。", "", id="none"),
        pytest.param("编辑：小舟", "", id="nothing-before-it"),
    ],
)
def test_credit_glued_to_a_sentence_is_found(line: str, credit: str) -> None:
    """Where a credit begins that runs on from the last sentence."""
    at = glued_credit(line)
    assert line[at:] == credit if credit else at is None


@given(st.text(alphabet="来源编辑作者转载自本文：“”/ 甲乙，。（）") | st.text())
def test_any_line_can_be_asked(line: str) -> None:
    """No line makes it fail."""
    assert credit_of(line) is None or line
    assert glued_credit(line) is None or line
