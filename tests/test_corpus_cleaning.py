"""From an exporter's text to the text people read: what is changed, and that nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.placeholders import placeholder_in
from corpus.cleaning.text import (
    clean_line,
    clean_text,
    drop_repeated_title,
    join_spaced,
    printable,
    says_little,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        pytest.param("甲\r乙\r\r丙", "甲\n乙\n\n丙", id="carriage-returns"),
        pytest.param("甲\r\n乙\x0b丙\x0c丁\u2028戊\u2029己\x85庚", "甲\n乙\n丙\n丁\n戊\n己\n庚", id="all-line-breaks"),
        pytest.param("甲\n \n\t\n\n乙", "甲\n\n乙", id="one-empty-line-at-most"),
        pytest.param("  甲 \u3000\u00a0\t 乙  \n  丙  ", "甲 乙\n丙", id="blanks"),
        pytest.param("邮 &nbsp;&nbsp;箱：a", "邮 箱：a", id="nbsp"),
        pytest.param("R&amp;D &gt;&gt; &#60;10 &#x3bc;Ω", "R&D >> <10 μΩ", id="entities"),
        pytest.param("&amp;lt;p&amp;gt;", "&lt;p&gt;", id="entities-once"),
        pytest.param("R&D，AT&T，a&b;c", "R&D，AT&T，a&b;c", id="ampersands-that-are-none"),
        pytest.param("?lang=zh&region=cn&copy=2&notes;", "?lang=zh&region=cn&copy=2&notes;", id="links-stay-whole"),
        pytest.param("&#0;&#xd800;", "\ufffd\ufffd", id="entities-of-nothing"),
        pytest.param("&#13;甲&#10;乙", "甲\n乙", id="entities-of-line-breaks"),
        pytest.param("科\u200b技\ufeff创\u2060新\x00\x1b\x9f", "科技创新", id="invisible"),
        pytest.param("👨\u200d👩，𧃸，e\u0301", "👨\u200d👩，𧃸，e\u0301", id="joined-and-rare-stay"),
        pytest.param("甲\ud800乙", "甲\ufffd乙", id="lone-surrogate"),
        pytest.param(" \r\n\t ", "", id="blank"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text_is_cleaned(raw: str, clean: str) -> None:
    """Entities once, one kind of line break, single blanks, one empty line between paragraphs, nothing invisible."""
    assert clean_text(raw) == clean


@given(st.text().filter(lambda text: "&" not in text) | st.text(alphabet="甲 \r\n\t\u3000\x00\u200b\u2028").map(str))
def test_clean_text_stays_as_it_is(raw: str) -> None:
    """Cleaning twice is cleaning once, for texts without entities."""
    assert clean_text(clean_text(raw)) == clean_text(raw)


@given(st.text(alphabet="&;#amplt3甲 "))
def test_escaping_is_what_cleaning_undoes(text: str) -> None:
    """A clean text whose ampersands are escaped comes back as it was: entities are decoded once, never twice."""
    clean = clean_text(text)
    assert clean_text(clean.replace("&", "&amp;")) == clean


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Z"], exclude_characters="&")))
def test_nothing_else_is_lost(text: str) -> None:
    """A text without blanks, controls and ampersands is not changed at all."""
    assert clean_text(text) == text


@given(st.text())
def test_a_line_is_one_line(raw: str) -> None:
    """A title or name never contains a line break, nor blanks at its ends."""
    line = clean_line(raw)
    assert line.splitlines() in ([], [line])
    assert line == line.strip()


@given(st.text())
def test_printable_can_be_printed(text: str) -> None:
    """What reports show is one line and can be encoded."""
    shown = printable(text)
    assert len(shown.encode("utf-8").decode().splitlines()) <= 1


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        pytest.param("关于申报的通知\n\n各单位：", "各单位：", id="as-it-is"),
        pytest.param("关于申报\n的通知\n\n各单位：", "各单位：", id="broken"),
        pytest.param("关于 申报的 通知\n\n各单位：\n\n二", "各单位：\n\n二", id="with-blanks"),
        pytest.param("关于申报\n\n的通知\n\n各单位：", "各单位：", id="broken-by-an-empty-line"),
        pytest.param("关于申报\n的通知\n各单位：", "关于申报的通知\n各单位：", id="broken-and-runs-on"),
        pytest.param("关于申报的通知", "", id="nothing-else"),
        pytest.param("关于申报的通知\n各单位：", "关于申报的通知\n各单位：", id="runs-on-into-the-next-line"),
        pytest.param("关于申报的通知发布了\n\n各单位：", "关于申报的通知发布了\n\n各单位：", id="merely-begins-so"),
        pytest.param("关于申报的\n\n各单位：", "关于申报的\n\n各单位：", id="half-of-it"),
        pytest.param("各单位：\n\n关于申报的通知", "各单位：\n\n关于申报的通知", id="further-down"),
        pytest.param("", "", id="empty"),
    ],
)
def test_repeated_title_goes(body: str, rest: str) -> None:
    """Only a first paragraph that is the title, and nothing but the title, is taken away."""
    assert drop_repeated_title(body, "关于申报的通知") == rest
    assert drop_repeated_title(body, "") == body


def test_title_may_carry_a_tag() -> None:
    """The copy of a title is one without 【通知】 too."""
    assert drop_repeated_title("关于申报\n的通知\n\n各单位：", "【通知】关于申报的通知") == "各单位："


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        pytest.param("东 岸 区 交 通 委 员 会", "东岸区交通委员会", id="body"),
        pytest.param("由 东 岸 发 布。", "由东岸发布。", id="in-a-sentence"),
        pytest.param("姚 桑 彤", "姚 桑 彤", id="three"),
        pytest.param("东岸 张江 漕河泾 大零号湾", "东岸 张江 漕河泾 大零号湾", id="words"),
        pytest.param("A B C D 1 2 3 4", "A B C D 1 2 3 4", id="letters"),
    ],
)
def test_spaced_names_are_joined(text: str, joined: str) -> None:
    """Four or more single Han characters with blanks between them were spaced for show."""
    assert join_spaced(text) == joined


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        pytest.param("获取全文失败，请重试~", "获取全文失败", id="not-fetched"),
        pytest.param("[付费内容]" + "字" * 114, "[付费内容]", id="just-short-enough"),
        pytest.param("[付费内容]" + "字" * 115, None, id="a-text-follows"),
        pytest.param("读者问：获取全文失败怎么办？", None, id="talks-about-it"),
        pytest.param("", None, id="empty"),
    ],
)
def test_placeholder_stands_for_a_whole_text(text: str, mark: str | None) -> None:
    """A short text that begins with an exporter's mark is none; one that only mentions it is."""
    assert placeholder_in(text) == mark


@pytest.mark.parametrize(
    ("text", "little"),
    [
        pytest.param("↓分享\n↓点赞\n↓在看", True, id="icons"),
        pytest.param("字" * 19, True, id="just-below"),
        pytest.param("字" * 20, False, id="just-enough"),
        pytest.param("，" * 400, False, id="long-whatever-it-is"),
    ],
)
def test_what_is_left_of_a_picture_says_little(text: str, little: bool) -> None:
    """Fewer than 20 letters, digits or Han characters are no text."""
    assert says_little(text) is little
