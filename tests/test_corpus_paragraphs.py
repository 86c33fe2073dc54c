"""Lost and misplaced line breaks between paragraphs, and page marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.outline.page_marks import form_feeds_as_marks, without_page_marks
from corpus.outline.paragraphs import restore_paragraphs
from corpus.outline.sections import find_sections

FILL = "坚持统筹谋划稳步推进各项工作取得新的成效" * 6


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        pytest.param("2\n0\n2\n6\n从共识出发", "2026\n从共识出发", id="year-in-a-column"),
        pytest.param("20\n25\n一周", "2025\n一周", id="year-in-two"),
        pytest.param("16\n\n条\n\n举\n\n措\n\n发布", "16条举措\n\n发布", id="words-in-a-column"),
        pytest.param("男\n女\n男\n女", "男\n女\n男\n女", id="column-of-a-table"),
        pytest.param("1\n甲公司\n2\n乙公司\n3\n丙公司", "1 甲公司\n2 乙公司\n3 丙公司", id="numbers-of-a-list"),
        pytest.param("12\n个单位\n45\n个项目", "12\n个单位\n45\n个项目", id="numbers-that-do-not-count"),
        pytest.param("01\n甲\n说完了。02\n乙", "01 甲\n说完了。\n02 乙", id="number-at-the-end"),
        pytest.param("短文。一、甲。二、乙。", "短文。一、甲。二、乙。", id="short-paragraph"),
        pytest.param(
            f"{FILL}。一、总体要求（一）目标。{FILL}。（二）原则。{FILL}。二、保障（一）领导。{FILL}。（二）监督。{FILL}。",
            f"{FILL}。\n一、总体要求\n（一）目标。{FILL}。\n（二）原则。{FILL}。\n二、保障\n（一）领导。{FILL}。\n（二）监督。{FILL}。",
            id="glued-headings",
        ),
        pytest.param(
            f"{FILL}包括：（1）甲；（2）乙。{FILL}。（2）丙。{FILL}9月。",
            f"{FILL}包括：\n（1）甲；（2）乙。{FILL}。\n（2）丙。{FILL}9月。",
            id="only-after-sentences",
        ),
        pytest.param(
            f"新进展Q 海报：问题？A 张三：{FILL}。Q 江报：问题？A 李四：{FILL}。",
            f"新进展\nQ 海报：问题？\nA 张三：{FILL}。\nQ 江报：问题？\nA 李四：{FILL}。",
            id="interview",
        ),
    ],
)
def test_paragraphs_come_back(text: str, restored: str) -> None:
    """Line breaks are restored where a number or a speaker begins a paragraph, and only there."""
    assert restore_paragraphs(text) == restored


@given(st.text(alphabet="一二、（）12QA：。 \n甲乙问答0", max_size=400).map(lambda text: text + FILL * 2))
def test_nothing_but_blanks_changes(text: str) -> None:
    """Only blanks and line breaks are removed or added."""
    assert "".join(restore_paragraphs(text).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "body", "pages"),
    [
        pytest.param("甲\n<!-- page 2 -->\n乙\n<!-- page 3 -->\n丙", "甲\n乙\n丙", [1, 2, 3], id="comments"),
        pytest.param(f"甲{FILL}\n\n第1页\n\n乙{FILL}\n\n第2页", f"甲{FILL}\n乙{FILL}", [1, 2], id="feet"),
        pytest.param("{0}------------\n甲。\n\n{1}------------\n\n乙", "甲。\n\n乙", [1, 2], id="counted-from-zero"),
        pytest.param("甲\n— 3 —\n乙", "甲\n— 3 —\n乙", [None, None], id="one-mark-proves-nothing"),
        pytest.param("甲\n- 7 -\n乙\n- 2 -\n丙", "甲\n- 7 -\n乙\n- 2 -\n丙", [None] * 3, id="not-ascending"),
    ],
)
def test_page_marks(text: str, body: str, pages: list[int | None]) -> None:
    """Page marks that ascend are removed, and give the page of each position."""
    found, numbers = without_page_marks(text)
    assert found == body
    assert [numbers.at(found.index(sign)) for sign in "甲乙丙" if sign in found] == pages


def test_form_feeds_become_pages() -> None:
    """A text with form feeds between its pages has sections with pages."""
    text = form_feeds_as_marks("一、甲\n文。\f二、乙\n文。\f三、丙\n文。\f")
    _, sections = find_sections(text, "text", "")
    assert [(section.title, section.page) for section in sections] == [("一、甲", 1), ("二、乙", 2), ("三、丙", 3)]


def test_contents_list_with_line_breaks() -> None:
    """A table of contents is one section, and supplies the pages of the headings."""
    text = "目录\n一、甲……1\n（一）乙 2\n二、丙 13\n一、甲\n（一）乙\n文。\n二、丙\n文。"
    body, sections = find_sections(text, "text", "")
    assert body == text
    assert [(section.title, section.page) for section in sections] == [
        *(("目录", None), ("一、甲", 1), ("（一）乙", 2), ("二、丙", 13)),
    ]
