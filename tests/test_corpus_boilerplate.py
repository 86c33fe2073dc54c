"""Boilerplate is what an account repeats at the edges of its texts; content that recurs there stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cleaning.boilerplate import AccountBoilerplate, EndLine, LineCounter, is_asked, lines_about_medium
from corpus.cleaning.trim import trim

SHARE = "欢迎转发，请注明来自“江湾经信”"
TEXT = "第{}条新闻的开头。\n中间有一段话。\n再有一段话。\n又有一段话。\n还有一段话。\n最后一段第{}句。"


def boilerplate_of(tails: list[str], head: str = "") -> AccountBoilerplate:
    """The boilerplate of an account with a text for each tail."""
    lines = LineCounter()
    for number, tail in enumerate(tails):
        lines.add("江湾", lines_about_medium(head + TEXT.format(number, number) + tail))
    return lines.boilerplate().of("江湾")


def test_call_to_share_goes_from_the_third_time_on() -> None:
    """Two texts with the same line are a coincidence, three are a habit."""
    body = TEXT.format(1, 1)
    for times, rest in ((2, f"{body}\n{SHARE}"), (3, body)):
        trimmed = trim(f"{body}\n{SHARE}", "", boilerplate_of([f"\n{SHARE}"] * times))
        assert trimmed.body == rest
    assert trimmed.dropped == (SHARE,)
    assert trimmed.rules == ("boilerplate",)


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("\n\n↓分享\n↓点赞\n\n↓在看", id="lines"),
        pytest.param("↓分享", id="glued-to-the-last-sentence"),
        pytest.param(f"\n{SHARE}觉得不错请点赞！", id="ends-with-an-exclamation"),
        pytest.param("\n点击“阅读原文”查看详情", id="read-on"),
        pytest.param("\n↓分享\n编辑：小舟\n本文转载自“东岸发布”", id="among-credits"),
    ],
)
def test_repeated_tails_go(tail: str) -> None:
    """Also where they are glued to the last sentence, and where credits stand between them."""
    boilerplate = boilerplate_of([tail] * 4)
    assert trim(TEXT.format(7, 7) + tail, "", boilerplate).body == TEXT.format(7, 7)


def test_words_around_read_on_may_vary() -> None:
    """阅读原文 is one habit in many words; the day below a signature is a border like the end of a sentence."""
    boilerplate = boilerplate_of(["\n点击“阅读原文”查看详情", "\n查看全文请点击“阅读原文”", "\n左下角点击“阅读原文”"])
    assert trim("各单位：\n区科委\n2025年9月3日相关信息请点击“阅读原文”", "", boilerplate).body.endswith("2025年9月3日")
    assert trim("各单位：\n如何用好阅读原文功能", "", boilerplate).body.endswith("阅读原文功能")


def test_repeated_heads_go() -> None:
    """A line above all texts is found like one below them."""
    boilerplate = boilerplate_of([""] * 3, "点击蓝字关注我们\n")
    assert trim("点击蓝字关注我们\n正文在此。", "", boilerplate).body == "正文在此。"


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("\n特此通知。", id="form"),
        pytest.param("\n东岸区科学技术委员会", id="signature"),
        pytest.param("\n东岸区科委\n2025年9月3日", id="day"),
        pytest.param("\n联系电话：55501234", id="contact"),
        pytest.param("\n附件：", id="attachment"),
        pytest.param("\n扫描二维码报名", id="what-readers-look-for"),
        pytest.param("\n各有关单位请认真组织。", id="sentence-of-few"),
    ],
)
def test_what_notices_repeat_stays(tail: str) -> None:
    """The forms of notices are content, however often an account writes them."""
    body = TEXT.format(7, 7) + tail
    assert trim(body, "", boilerplate_of([tail] * 6)).body == body


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("本规定自印发之日起施行。", id="comes-into-force"),
        pytest.param("本细则由江湾区数据局负责解释。", id="who-explains"),
        pytest.param("请认真贯彻执行。", id="carry-out"),
        pytest.param("现转发给你们，请结合实际认真落实。", id="passed-on"),
        pytest.param("各单位应当加强风险识别。", id="recognise"),
        pytest.param("市有关部门应当推送政策信息。", id="deliver"),
        pytest.param("为深入贯彻海洋强区战略，制定本规定。", id="purpose"),
        pytest.param("让创新发生", id="slogan"),
    ],
)
def test_clauses_that_all_texts_share_stay(line: str) -> None:
    """What does not speak of the medium is content, even where every text of an account begins and ends with it."""
    body = f"{line}\n{TEXT.format(7, 7)}\n{line}"
    assert trim(body, "", boilerplate_of([f"\n{line}"] * 20, f"{line}\n")).body == body


def test_middle_of_a_text_is_never_touched() -> None:
    """The same words inside the text are the text."""
    body = f"开头。\n{SHARE}\n结尾。"
    assert trim(body, "", boilerplate_of([f"\n{SHARE}"] * 3)).body == body


def test_other_accounts_are_not_touched() -> None:
    """What one account repeats, another one may say."""
    lines = LineCounter()
    for number in range(5):
        lines.add("江湾", lines_about_medium(f"第{number}条。\n{SHARE}"))
    body = f"我们说。\n{SHARE}"
    assert trim(body, "", lines.boilerplate().of("东岸")).body == body


def test_nothing_but_boilerplate_stays() -> None:
    """A text is never emptied: the only line it has is left, and the text counts as a picture's."""
    trimmed = trim(SHARE, "", boilerplate_of([f"\n{SHARE}"] * 3))
    assert (trimmed.body, trimmed.dropped, trimmed.is_all_trimmed) == (SHARE, (), True)


def test_counting_needs_little_memory() -> None:
    """Only lines about the medium are kept, however many others there are."""
    body = "\n".join(f"第{number}条，各单位要认真组织。" for number in range(5))
    assert lines_about_medium(f"{body}\n{SHARE}") == (("tail", SHARE),)


def test_counts_can_be_added_up() -> None:
    """Texts with the same lines may be counted at once, in any order."""
    one, other = LineCounter(), LineCounter()
    for _ in range(3):
        one.add("江湾", [("tail", SHARE)])
    one.add("江湾", [])
    other.add("江湾", [], 1)
    other.add("江湾", [("tail", SHARE)], 3)
    assert one.of("江湾") == other.of("江湾") == {("tail", SHARE)}


def known_lines(tails: set[str]) -> Iterator[EndLine]:
    """Boilerplate of some tails and one head."""
    yield "head", "↓点赞"
    for tail in tails:
        yield "tail", tail


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([SHARE, "点击“阅读原文”", "↓点赞", "编辑：小舟", "正文在此。", "长按 关注"]), max_size=8),
    st.sampled_from(["\n", ""]),
    st.lists(st.sets(st.sampled_from([SHARE, "阅读原文", "↓点赞", "长按关注"])), min_size=2, max_size=2),
)
def test_same_answers_trim_in_the_same_way(lines: list[str], glue: str, known: list[set[str]]) -> None:
    """A text is trimmed otherwise only if a line that was asked for became boilerplate, or ceased to be."""
    body = "开头是第一句话。" + glue.join(lines)
    one, other = (frozenset(known_lines(found)) for found in known)
    boilerplate = AccountBoilerplate(one)
    before, after = trim(body, "", boilerplate), trim(body, "", AccountBoilerplate(other))
    assert before == after or is_asked(boilerplate.asked, boilerplate.asked_endings, one ^ other)
