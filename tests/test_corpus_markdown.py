"""Markdown: the text is what the reader of the rendered page sees, and fields come from where exporters write them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.markdown.markdown_file import load, looks_like_markdown
from corpus.loaders.raw_record import RawRecord
from corpus.outline.sections import find_sections

Read = Callable[..., tuple[list[Document], list[str]]]


def loaded(markdown: str) -> RawRecord:
    """The record of a file called 文件."""
    (record,) = load(markdown, "文件")
    assert isinstance(record, RawRecord)
    return record


def aside(record: RawRecord) -> list[str]:
    """What is set aside."""
    return [part.text for part in record.set_aside]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        pytest.param("沙*丘*车_间_、~~旧~~址", "沙丘车间、旧址", id="emphasis-inside-words"),
        pytest.param("***沙丘***与__车间__，**沙**丘。", "沙丘与车间，沙丘。", id="strong"),
        pytest.param(
            "这是**“十五五”**规划，**（一期）**工程，**试点：**开展",
            "这是“十五五”规划，（一期）工程，试点：开展",
            id="beside-signs",
        ),
        pytest.param("**沙丘 **治理与** 车间**改造", "沙丘 治理与 车间改造", id="blank-inside-bold"),
        pytest.param(
            "沙丘202**5年**为54**.9**%，Sand**-b**y，**1.**甲",
            "沙丘2025年为54.9%，Sand-by，1.甲",
            id="bold-of-exporters",
        ),
        pytest.param("沙丘**：治理", "沙丘：治理", id="mark-without-a-partner"),
        pytest.param("==沙==丘", "沙丘", id="highlight"),
        pytest.param(
            "5*3 米、2**10、a_b_c 与 **kwargs、5~8 天，~10 人，x==y",
            "5*3 米、2**10、a_b_c 与 **kwargs、5~8 天，~10 人，x==y",
            id="no-marks",
        ),
        pytest.param(
            "见 沙丘_名单_2.xlsx 与 sand_list.csv", "见 沙丘_名单_2.xlsx 与 sand_list.csv", id="names-of-files"
        ),
        pytest.param(
            r"沙科〔2025〕8\. 号 \*星\* \# \[甲\] \_ C\+\+ \\",
            r"沙科〔2025〕8. 号 *星* # [甲] _ C++ \\".replace("\\\\", "\\"),
            id="escapes",
        ),
        pytest.param("`a**2` 与 ``b`c`` 和 `<span>`", "a**2 与 b`c 和 <span>", id="code-spans"),
        pytest.param(
            "$a_1*b*c$ 和 $$x_2$$，花费 $100 和 $200", "$a_1*b*c$ 和 $$x_2$$，花费 $100 和 $200", id="formulas"
        ),
        pytest.param(
            '[沙](https://a.cn/x_y "题")丘，[车](/p)间，[厂](#a)房，[矿](a%20b.pdf)山',
            "沙丘，车间，厂房，矿山",
            id="links",
        ),
        pytest.param(
            "第1[沙][1]丘，[车][]间，[厂][x]房，a[i][j]\n\n[1]: https://a.cn\n[车]: /b",
            "第1沙丘，车间，厂房，a[i][j]",
            id="references",
        ),
        pytest.param(
            "[沙](附件/名 单.docx)丘，见[1][2]与[甲]", "沙丘，见[1][2]与[甲]", id="blank-in-target-and-citations"
        ),
        pytest.param("[[沙地|沙]]丘 [[车间]] [[厂#一]] [[1, 2]]", "沙丘 车间 厂 > 一 [[1, 2]]", id="wiki-links"),
        pytest.param(
            "<https://a.cn/x_y_z> <mailto:a@b.cn> https://b.cn/c_d*e*f。",
            "https://a.cn/x_y_z mailto:a@b.cn https://b.cn/c_d*e*f。",
            id="addresses",
        ),
        pytest.param(
            "沙[^1]丘，车[^x]间\n\n[^1]: 注**一**\n    续行\n\n    又一段",
            "沙丘，车间\n\n注一\n续行\n\n又一段",
            id="footnotes",
        ),
        pytest.param("> 沙\n> > 丘\n>\n> 车", "沙\n\n丘\n\n车", id="quotes"),
        pytest.param("> [!TIP]+ 提示\n> 内容", "提示\n内容", id="callout"),
        pytest.param("::: warning 注意\n内容\n:::", "注意\n内容", id="box"),
        pytest.param("- [x] 沙**丘**\n- [ ] 车\n  1. 间\n  2. 厂", "- 沙丘\n- 车\n1. 间\n2. 厂", id="task-list"),
        pytest.param("1. 甲\n1. 乙\n\n3) 丙", "1. 甲\n2. 乙\n\n3) 丙", id="numbers"),
        pytest.param("| 项 | 值 |\n|--|:-:|\n| a\\|b | **1**0 |", "项\t值\na|b\t10", id="table"),
        pytest.param("沙  \n丘\\\n车\n间", "沙\n丘\n车\n间", id="line-breaks"),
        pytest.param("&copy; &lt;沙&gt; &#20013; AT&T", "© <沙> 中 AT&T", id="entities"),
        pytest.param(
            "H<sub>2</sub>O <kbd>C</kbd> <ins>沙</ins>丘<br>车<!-- 无 -->间<a href='/x'>厂</a>",
            "H2O C 沙丘\n车间厂",
            id="inline-tags",
        ),
        pytest.param("a<b 且 List<String> 与 《<沙>》", "a<b 且 List<String> 与 《<沙>》", id="no-tags"),
        pytest.param(
            "<details><summary>多</summary>\n\n沙**丘**\n\n</details>\n\n<!--\n无\n-->",
            "多\n\n沙丘",
            id="blocks-of-html",
        ),
        pytest.param(
            "```py\n# 注\ndef __init__(self, **kw): return a**2 < 3\n```",
            "# 注\ndef __init__(self, **kw): return a**2 < 3",
            id="fence",
        ),
        pytest.param("    x = a**2\n\n文", "x = a**2\n\n文", id="indented-code"),
        pytest.param("    沙**丘**治理", "沙丘治理", id="indented-paragraph"),
        pytest.param(
            "This page is about *sand*.\n\nThe cover is easy to clean and is made of sand.",
            "This page is about sand.\n\nThe cover is easy to clean and is made of sand.",
            id="english",
        ),
        pytest.param("沙丘\n\n---\n\n车间\n***\n厂", "沙丘\n\n车间\n\n厂", id="rulers"),
    ],
)
def test_text_is_what_the_reader_sees(markdown: str, text: str, read: Read) -> None:
    """Marks, targets and tags go, in words too; what only looks like a mark stays."""
    (document,), _ = read(f"# 题\n\n{markdown}", "文件.md")
    assert document.body.removeprefix("题\n\n") == text.replace("\t", " ")


@pytest.mark.parametrize(
    ("markdown", "titles"),
    [
        pytest.param("沙丘\n====\n\n车间\n-\n\n### 厂 ###", ["沙丘", "车间", "厂"], id="underlined-and-closed"),
        pytest.param("# 沙**丘** {#id}\n\n## `#` 与 C#\n\n#### [车](/x)间", ["沙丘", "# 与 C#", "车间"], id="marks"),
        pytest.param("# 甲\n\n```\n# 注\n```\n\n\\# 乙\n\n    # 丙\n\n> # 丁", ["甲"], id="no-headings"),
        pytest.param("````\n```\n````\n\n# 甲\n\n~~~\n# 乙", ["甲"], id="open-fences"),
        pytest.param('<h1 align="center">沙<b>丘</b></h1>\n\n## 车间', ["沙丘", "车间"], id="html"),
        pytest.param(f"{'很长的段落' * 20}\n---\n\n# 甲", ["甲"], id="paragraph-above-a-ruler"),
    ],
)
def test_headings(markdown: str, titles: list[str]) -> None:
    """Headings of each notation are sections; # in code and escaped # are none, and stay in the text."""
    record = loaded(markdown)
    body, sections = find_sections(record.text, record.source_format, record.title)
    assert [section.title for section in sections] == titles
    assert body.count("注") == markdown.count("注")
    assert "\\" not in body


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        pytest.param(
            '---\ntitle: "沙: 丘"\ndate: 2025-03-04 08:00\nauthor: 沙报\nurl: https://a.cn/1\n---\n文',
            ("沙: 丘", "沙报", "2025-03-04 08:00", "https://a.cn/1"),
            id="yaml",
        ),
        pytest.param(
            "---\ntitle: 沙: 丘 # 注\npublished: 2025-03-04\ncreated: 2025-09-09\n"
            'source: https://a.cn/2\nauthor:\n  - "[[作者/沙报|沙报]]"\n---\n文',
            ("沙: 丘", "沙报", "2025-03-04", "https://a.cn/2"),
            id="clipper",
        ),
        pytest.param(
            "---\ncreated: 2025-09-09\ntitle: >-\n  沙\n  丘\nauthor:\n  name: 沙报\n  mail: a@b.cn\n---\n文",
            ("沙\n丘", "沙报", "2025-09-09", ""),
            id="note",
        ),
        pytest.param(
            "+++\ntitle = '沙丘'\ndate = 2025-03-04T00:00:00+08:00\nauthors = ['沙报']\n+++\n文",
            ("沙丘", "沙报", "2025-03-04 00:00:00+08:00", ""),
            id="toml",
        ),
        pytest.param("+++\ntitle = 沙丘\ndate = 2025-03-04\n+++\n文", ("沙丘", "", "2025-03-04", ""), id="broken-toml"),
        pytest.param("title: 沙丘\ndate: 2025-03-04\ntags:\n- 甲\n---\n文", ("沙丘", "", "2025-03-04", ""), id="hexo"),
        pytest.param(
            "---\nTitle: '沙''丘'\nPublish-Date: 2025/3/4\npermalink: /x/\n...\n文",
            ("沙'丘", "", "2025/3/4", ""),
            id="case",
        ),
    ],
)
def test_front_matter_gives_fields(markdown: str, expected: tuple[str, str, str, str]) -> None:
    """Title, account, day and link come from front matter, and the text begins behind it."""
    record = loaded(markdown)
    assert (record.title, record.account, str(record.date), record.url) == expected
    assert record.text == "文"


def test_front_matter_in_json(read: Read) -> None:
    """Hugo's front matter is an object; objects one behind the other are an export, whatever the file is called."""
    (document,), _ = read('{\n "title": "沙丘志",\n "date": "2024-05-06"\n}\n\n固沙正文', "甲.md")
    assert (document.title, str(document.date), document.body) == ("沙丘志", "2024-05-06", "固沙正文")
    documents, _ = read('{"title": "沙丘", "text": "一"}\n{"title": "固沙", "text": "二"}', "乙.md")
    assert [document.title for document in documents] == ["沙丘", "固沙"]


def test_other_values_of_front_matter_are_set_aside() -> None:
    """Tags and descriptions are no text, and are kept."""
    record = loaded(
        '---\ntitle: 题\ntags: [沙, "丘,车"]\ndescription: |\n  第一行\n  第二行\nauthor: [甲, 乙]\n---\n文'
    )
    assert aside(record) == ["tags: 沙, 丘,车", "description: 第一行\n第二行", "author: 甲, 乙"]


@pytest.mark.parametrize("markdown", ["---\n\n沙丘\n\n---\n\n车间", "---\n沙丘很大\n---", "+++\n沙"])
def test_rulers_are_no_front_matter(markdown: str) -> None:
    """A text between rulers stays."""
    assert "沙" in loaded(markdown).text


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(
            "原创 沙里 沙报 2025-03-04 12:00 甘肃\n\n> 原文地址: [https://a.cn/1](https://a.cn/1)",
            ("沙报", "2025-03-04 12:00", "https://a.cn/1"),
            id="wechat-article-exporter",
        ),
        pytest.param(
            "原创 undefined 沙报 2025-03-04 12:00 undefined\n\n> 原文地址: https://a.cn/1",
            ("沙报", "2025-03-04 12:00", "https://a.cn/1"),
            id="undefined",
        ),
        pytest.param(
            "原创 John Smith 沙报 2025-03-04 12:00\n> 原文地址: https://a.cn/1",
            ("沙报", "2025-03-04 12:00", "https://a.cn/1"),
            id="latin-author",
        ),
        pytest.param(
            "[沙报](javascript:void(0);) *2025-03-04 12:00*", ("沙报", "2025-03-04 12:00", ""), id="brackets-in-script"
        ),
        pytest.param("原创  沙里  [ 沙报 ](javascript:void\\(0\\);)", ("沙报", None, ""), id="wechatDownload"),
        pytest.param(
            "公众号：沙报 | 发布时间：2025年3月4日\n\n[阅读原文](https://a.cn/1)",
            ("沙报", "2025年3月4日", "https://a.cn/1"),
            id="labels",
        ),
        pytest.param(
            "- **作者**：沙里\n- **日期**：2025-03-04\n- **链接**：<https://a.cn/1>",
            ("沙里", "2025-03-04", "https://a.cn/1"),
            id="list",
        ),
    ],
)
def test_lines_of_exporters_give_fields(head: str, expected: tuple[str, str | None, str]) -> None:
    """Account, day and link below the title are read, set aside, and no text."""
    record = loaded(f"![封面](a.png)\n\n#  沙丘治理\n\n{head}\n\n文章")
    assert (record.title, record.account, record.date, record.url) == ("沙丘治理", *expected)
    assert record.text.split() == ["#", "沙丘治理", "文章"]
    assert "沙" in "".join(aside(record))


@pytest.mark.parametrize(
    "line", ["原创 2025-03-04 这是正文。", "日期：2025-03-04", "时间：2025年3月4日\n\n地点：沙丘", "作者：沙里"]
)
def test_lines_that_may_be_text_stay(line: str) -> None:
    """Without a link or an account's label, nobody knows whether such a line is an exporter's."""
    record = loaded(f"# 题\n\n{line}\n\n正文")
    assert (record.date, record.account) == (None, "")
    assert line in record.text


def test_what_is_not_shown_is_set_aside() -> None:
    """Descriptions of pictures, comments, components and surplus cells are kept; so is what lenient reading changed."""
    record = loaded(
        "沙![图一](a.png)丘<img src=b alt='图二'>%%批注%%\n\n%%\n长批注\n%%\n\n![[图三.png]]\n\n"
        "<Badge text='新'/>\n文字<Badge text='旧'/>\n\n| 甲 |\n|--|\n| 乙 | 丙 |\n\n==沙==漠"
    )
    assert record.text.split() == ["沙丘", "文字", "甲", "乙", "沙漠"]
    kept = "\n".join(aside(record))
    assert all(part in kept for part in ("图一", "图二", "批注", "长批注", "图三", "旧", "丙", "==沙==漠"))


def test_description_of_a_picture_in_a_chinese_report_is_set_aside() -> None:
    """What a vision model wrote is no text of the report."""
    words = (
        "The background of the page features a wide desert with dunes under a clear sky, and a road that leads to it."
    )
    record = loaded(f"# 沙丘报告\n\n{words}\n\n{'沙丘治理取得进展。' * 20}")
    assert words not in record.text
    assert words in aside(record)


def test_page_marks_survive() -> None:
    """Marks of pages, comments and form feeds among them, still give the pages of sections."""
    record = loaded("# 甲\n文\f# 乙\n文\n\n<!-- page 3 -->\n\n# 丙")
    _, sections = find_sections(record.text, record.source_format, record.title)
    assert [(section.title, section.page) for section in sections] == [("甲", 1), ("乙", 2), ("丙", 3)]


def test_bold_marks_in_plain_text_are_no_text(read: Read) -> None:
    """`**` around Chinese is a mark in a text file too; elsewhere it stays."""
    (document,), _ = read("短讯\n\n沙**丘**治理，***固沙***林，a**2 + b**2", "甲.txt")
    assert document.body == "沙丘治理，固沙林，a**2 + b**2"


def test_powers_in_plain_text_stay(read: Read) -> None:
    """`2**10` is a power, also where Chinese stands between two of them and marks behind."""
    (document,), _ = read("短讯\n\n若2**8是256则x**y与m**n同，**沙**丘，C**值**与B**级**", "甲.txt")
    assert document.body == "若2**8是256则x**y与m**n同，沙丘，C值与B级"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("文\n\n# 题", True), ("#话题# 文", False), ("```\n# 注\n```", False), ("文" * 20_000 + "\n# 题", False)],
)
def test_text_with_a_heading_is_markdown(text: str, expected: bool) -> None:
    """A # heading, that is no comment in code, tells Markdown from plain text."""
    assert looks_like_markdown(text) is expected


def test_readme_begins_with_html(read: Read) -> None:
    """A Markdown file that begins with a tag is no page; a whole page is one, whatever its name."""
    (document,), _ = read('<div align="center">\n<h1>沙**丘</h1>\n</div>\n\n车**间**', "文件.md")
    assert (document.title, document.body) == ("沙**丘", "沙**丘\n\n车间")
    (page,), _ = read("<!DOCTYPE html><html><title>沙丘</title><body><p>车**间**厂</p></body></html>", "页.md")
    assert "车**间**厂" in page.body


@pytest.mark.parametrize("suffix", [".md", ".markdown", ".Rmd", ".qmd", ".mdx"])
def test_suffixes(suffix: str, read: Read) -> None:
    """Notebooks and pages with components are Markdown."""
    (document,), _ = read("沙**丘**", f"文件{suffix}")
    assert (document.title, document.body) == ("文件", "沙丘")


HOSTILE = {
    **{
        mark: mark * 4000
        for mark in ("[", "![", "[[", "[a][", "[a](", "<!--", "<a ", "*_", "**中", "%%", "$", "`", "[^a]")
    },
    "nested brackets": "[" * 4000 + "]" * 4000,
    "nested quotes": "> " * 4000 + "沙",
    "nested lists": "\n".join("  " * depth + "- 沙" for depth in range(400)),
    "open comment": "<!-- 沙\n\n" * 4000,
    "hidden blocks": "%%\n\n" * 4001,
    "headings of HTML": "<div>" + "<h1>" * 4000,
    "front matter": "---\n" + 'a: "\\"\n' * 4000,
    "labels": "# 沙\n" + "公众号：" * 100,
    "backslashes": "\\" * 4000 + "# 沙",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_in_time(text: str) -> None:
    """No nesting and no repetition takes long, and no Han character is lost."""
    started = time.process_time()
    record = loaded(text)
    assert time.process_time() - started < 5
    assert record.text.count("沙") + "".join(aside(record)).count("沙") >= min(text.count("沙"), 1)


words = st.text(alphabet="沙丘车间厂房治理", min_size=1, max_size=6)
wrapped = st.builds(
    lambda form, word: form.format(word),
    st.sampled_from(
        [
            *("**{}**", "*{}*", "_{}_", "~~{}~~", "=={}==", "`{}`", "<u>{}</u>", "[{}](/a_b)", "[{}][1]", "[[页|{}]]"),
            *("{}", "“{}”", "**“{}”**", "<span a='b'>{}</span>", "{}[^1]", "**[{}](/x)**", "[**{}**](/x)"),
        ]
    ),
    words,
)
lines = st.lists(wrapped, min_size=1, max_size=4).map("".join)
blocks = st.builds(
    lambda form, line: form.format(line),
    st.sampled_from(
        [
            *("{}", "## {}", "- {}", "> {}", "1. {}", "{}\n---", "| {} |\n|--|", "- [ ] {}", "```\n{}\n```", "* * {}"),
            *("<div>\n\n{}\n\n</div>", "[^2]: {}", "> - {}", "+ {}\n\n  续", "::: tip {}\n:::"),
        ]
    ),
    lines,
)


@given(st.lists(blocks, min_size=1, max_size=6))
def test_every_han_character_is_found_where_it_stood(written: list[str]) -> None:
    """Marks and blocks leave the Han characters of each line together, in their order."""
    record = loaded("# 题\n\n" + "\n\n".join(written))
    body, _ = find_sections(record.text, record.source_format, record.title)
    seen = "".join(character for character in body if character in "沙丘车间厂房治理续")
    assert seen == "".join(character for character in "".join(written) if character in "沙丘车间厂房治理续")
