"""Sections of Markdown and of plain texts with numbered headings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document, Section, SourceFormat
from corpus.outline.sections import find_sections, markdown_sections, numbered_sections

Read = Callable[..., tuple[list[Document], list[str]]]


def outline(sections: tuple[Section, ...]) -> list[tuple[int, str]]:
    """Level and title of each section."""
    return [(section.level, section.title) for section in sections]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("# 甲\n\n## 乙\n\n文\n\n# 丙", [(1, "甲"), (2, "乙"), (1, "丙")], id="two-levels"),
        pytest.param("### C#\n# 100 #", [(3, "C#"), (1, "100 #")], id="signs-of-the-title"),
        pytest.param("#话题# 甲\n####### 七\n#\n# ", [], id="no-headings"),
        pytest.param("\\# 注释\n\\\\# 注\n# 题", [(1, "题")], id="escaped"),
        pytest.param("文中 # 不是\n - # 也不是", [], id="within-a-line"),
    ],
)
def test_markdown_headings(body: str, expected: list[tuple[int, str]]) -> None:
    """Lines that begin with one to six # and a blank are headings, except where a loader escaped them."""
    assert outline(markdown_sections(body)[1]) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "规划\n一、基础\n（一）成效\n文。\n（二）问题\n1、短板\n二、要求",
            [(1, "一、基础"), (2, "（一）成效"), (2, "（二）问题"), (3, "1、短板"), (1, "二、要求")],
            id="plan",
        ),
        pytest.param(
            "第一章 总则\n一、目的\n第二章 管理\n第一节 机构\n一、职责\n（一）分工",
            [
                *((1, "第一章 总则"), (3, "一、目的"), (1, "第二章 管理")),
                *((2, "第一节 机构"), (3, "一、职责"), (4, "（一）分工")),
            ],
            id="chapters-and-sections-stand-above-numbers",
        ),
        pytest.param("第二章 管理\n一、职责", [(1, "第二章 管理"), (2, "一、职责")], id="chapters-above-numbers"),
        pytest.param("(一)半角\n2．全角点\n3.点", [(2, "(一)半角"), (3, "2．全角点"), (3, "3.点")], id="variants"),
        pytest.param("一、这是一句话。\n二、还有：\n三、" + "长" * 44 + "\n四、", [], id="sentences-and-long-lines"),
        pytest.param("五、" + "长" * 43, [(1, "五、" + "长" * 43)], id="just-short-enough"),
        pytest.param("2025.11.01\n3.14\n1.5倍", [], id="numbers-are-no-headings"),
        pytest.param("一是原始创新\n第一，要\n", [], id="other-ways-to-count"),
    ],
)
def test_numbered_headings(body: str, expected: list[tuple[int, str]]) -> None:
    """Short numbered lines are headings, and each kind of number has a level of its own."""
    assert numbered_sections(body)[0] == body
    assert outline(numbered_sections(body)[1]) == expected


def test_paths_lead_down_from_the_outermost_heading() -> None:
    """A path has the titles of the headings above; a skipped level leaves no gap."""
    _, sections = markdown_sections("# 甲\n### 乙\n## 丙\n### 丁\n# 戊")
    assert [section.path for section in sections] == [
        ("甲",),
        ("甲", "乙"),
        ("甲", "丙"),
        ("甲", "丙", "丁"),
        ("戊",),
    ]


markdown_lines = st.lists(
    st.sampled_from(["# 甲", "## 乙 ##", "文字", "", "\\# 注", "# #", "一、题", "（二）题", "第三章 题"])
)


@given(markdown_lines.map("\n".join))
def test_sections_join_and_lie_inside_the_body(text: str) -> None:
    """Each section begins with its title and ends where the next one begins, or at the end of the body."""
    for body, sections in (markdown_sections(text), numbered_sections(text)):
        ends = [*(section.start for section in sections[1:]), len(body)]
        assert [section.start + section.length for section in sections] == ends[: len(sections)]
        assert all(body.startswith(section.title, section.start) for section in sections)
        assert all(section.path[-1] == section.title for section in sections)


@given(markdown_lines.map("\n".join))
def test_markdown_body_loses_only_marks(text: str) -> None:
    """The body is the text without the # marks of its headings, and without the backslashes before other #."""
    body, _ = markdown_sections(text)
    assert [line.strip("# ") for line in body.split("\n")] == [line.strip("\\# ") for line in text.split("\n")]


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        pytest.param(
            "封面\n\n# REPORT\n\n# 科技**进步**报告\n\n文",
            "科技进步报告",
            "封面\n\nREPORT\n\n科技进步报告\n\n文",
            id="han-title-first",
        ),
        pytest.param("## 小节\n# 大题\n文", "大题", "小节\n\n大题\n\n文", id="highest-level"),
        pytest.param("```\n# code\n```\n文", "source", "# code\n\n文", id="no-heading-but-code"),
        pytest.param(
            "# 题\n**15**所，m<sup>3</sup>，<b>36.6%</b>，<br>__重__",
            "题",
            "题\n\n15所，m3，36.6%，\n重",
            id="marks-inside-words",
        ),
        pytest.param(
            "# 题\n开头![图](a.jpg)[文](https://a.cn/x)[ 号 ](javascript:void\\(0\\);)[注](#1)",
            "题",
            "题\n\n开头文 号 注",
            id="links",
        ),
        pytest.param("# 题\n若a<b且c>d，《<中国>》", "题", "题\n\n若a<b且c>d，《<中国>》", id="signs-stay"),
    ],
)
def test_markdown_is_read_as_text(content: str, title: str, body: str, read: Read) -> None:
    """Bold marks, inline tags and link targets are removed; the rest of the text is unchanged."""
    (document,), lines = read(content, "source.md")
    assert (document.title, document.body, lines) == (title, body, [])


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        pytest.param("通知\n\n各单位：", "通知", "各单位：", id="title-alone"),
        pytest.param("规划\n文号\n\n一、", "规划", "规划\n文号\n\n一、", id="title-runs-on"),
        pytest.param("\n\n 题 \n\n文", "题", "文", id="blank-lines-first"),
        pytest.param(
            "上海市科技创新“十四五”规划目录一、发展基础" + "字" * 80,
            "上海市科技创新“十四五”规划",
            "上海市科技创新“十四五”规划目录一、发展基础" + "字" * 80,
            id="no-line-breaks-at-all",
        ),
        pytest.param("字" * 81, "source", "字" * 81, id="long-line-without-a-title"),
        pytest.param("字" * 80, "字" * 80, "", id="one-line"),
    ],
)
def test_plain_text_is_named_by_its_first_line(content: str, title: str, body: str, read: Read) -> None:
    """A short first line is the title; a long one may contain the title; else the file's name is used."""
    (document,), lines = read(content, "source.txt")
    assert (document.title, document.body, lines) == (title, body, [])


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    *("# 1", "## 1.1 甲", "# 1.2 乙", "### 丙", "目录", "一、甲事2", "一、甲事", "（一）乙事", "2、丙"),
                    *("01", "丁", "", "文" * 220, "【相关链接】", "（详情可点击跳转链接）"),
                    *("<!-- page 2 -->", "<!-- page 3 -->", "第3页"),
                ]
            ),
            max_size=30,
        ).map("\n".join),
    ),
    st.sampled_from(["article", "markdown", "text"]),
    st.sampled_from(["", "一周要闻", "规划"]),
)
def test_any_text_has_an_outline(text: str, source_format: SourceFormat, title: str) -> None:
    """Sections ascend inside the body, paths end in the section's title, and the body loses only marks."""
    body, sections = find_sections(text, source_format, title)
    starts = [section.start for section in sections]
    assert starts == sorted(starts)
    assert all(section.length >= 0 and section.start + section.length <= len(body) for section in sections)
    assert all(section.path[-1] == section.title and section.level >= 1 for section in sections)
    if source_format == "article":
        assert "".join(body.split()) == "".join(text.split())
