"""What becomes of a file's records: what each bad one costs, and what is repaired."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Document

DATA = Path(__file__).with_name("data") / "reading"
TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
NO_TITLE = "no title; the first line of the text is used as the title"
NO_TEXT = "no text; found by its title only"
PLACEHOLDER = "rejected: , record 1: the placeholder {} instead of a text; export the article again"

Read = Callable[..., tuple[list[Document], list[str]]]

#: File in tests/data/reading → titles of its documents, and the report's lines without the file's name.
OUTCOMES: dict[str, tuple[list[str], list[str]]] = {
    "array_cut_in_third_record.json": (
        ["第一篇", "第二篇"],
        [
            "rejected: , record 3: not valid JSON at character 167: Unterminated string starting at;"
            " the file ends before this record does; what follows is unread, export it again"
        ],
    ),
    "array_without_its_end.json": (
        ["第一篇", "第二篇"],
        ["rejected: : the file ends within the array, after record 2; what follows is unread, export it again"],
    ),
    "article_with_a_list_of_data.json": (["第一篇"], []),
    "binary_numbers.txt": (
        [],
        ["rejected: : a binary file, or UTF-16 without its byte-order mark; save the file as UTF-8 and try again"],
    ),
    "blank.json": ([], ["rejected: : the file is empty"]),
    "bracket_but_no_json.txt": (["[通知] 关于申报的通知"], []),
    "carriage_returns_only.txt": (["创新券通知"], []),
    "comma_missing.json": (["第一篇", "第二篇"], []),
    "empty.txt": ([], ["rejected: : the file is empty"]),
    "empty_array.json": ([], ["rejected: : the file holds no record"]),
    "entries_that_are_no_objects.json": (
        ["第一篇", "第二篇"],
        [
            "rejected: , record 2: an article must be a JSON object, not a number",
            "rejected: , record 3: an article must be a JSON object, not a text",
            "rejected: , record 4: an article must be a JSON object, not null",
            "rejected: , record 5: an article must be a JSON object, not an array",
            "rejected: , record 6: an article must be a JSON object, not true or false",
        ],
    ),
    "gb18030.txt": (["钍基熔盐与𧃸的故事"], []),
    "heading_in_code.md": (["数据接口说明"], []),
    "held_array_broken_behind.json": (
        ["第一篇"],
        ["rejected: : not valid JSON at character 88: Expecting value"],
    ),
    "held_array_cut.json": (
        ["第一篇"],
        [
            "rejected: , record 2: not valid JSON at character 126: Unterminated string starting at;"
            " the file ends before this record does; what follows is unread, export it again"
        ],
    ),
    "html_called_txt.txt": (["网页"], []),
    "json_called_txt.txt": (["第一篇"], []),
    "latin1.txt": (
        [],
        ["rejected: : the text is neither UTF-8 (byte 2) nor GB18030; save the file as UTF-8 and try again"],
    ),
    "line_2_of_3_is_broken.jsonl": (
        ["第一篇", "第三篇"],
        ["rejected: , record 2: not valid JSON at character 77: Expecting property name enclosed in double quotes"],
    ),
    "lone_surrogate.json": (
        ["第一篇"],
        ["note: , record 1: characters that are not valid text were replaced by U+FFFD"],
    ),
    "nan_in_second_record.json": (
        ["第一篇", "数", "第三篇"],
        ["note: , record 2: no text; found by its title only"],
    ),
    "no_heading.md": (["no_heading"], []),
    "null.json": ([], ["rejected: , record 1: an article must be a JSON object, not null"]),
    "object_cut_in_many_lines.json": (
        [],
        ["rejected: , record 1: not valid JSON at character 52: Unterminated string starting at"],
    ),
    "only_a_placeholder.txt": (
        [],
        ["rejected: : the placeholder 获取全文失败 instead of a text; export the article again"],
    ),
    "pdf_called_txt.txt": (
        [],
        ["rejected: : cannot be read as a PDF; save it again as PDF and try again"],
    ),
    "quote_not_escaped.json": (
        ["第一篇", "第三篇"],
        ["rejected: , record 2: not valid JSON at character 104: Expecting ',' delimiter"],
    ),
    "repeated_key.json": (
        ["第一篇"],
        ["note: , record 1: the key 'content' occurs more than once; its last value is used"],
    ),
    "scalar.json": ([], ["rejected: , record 1: an article must be a JSON object, not a number"]),
    "text_after_the_array.json": (
        ["第一篇"],
        ["rejected: : not valid JSON at character 67: text after the end of the array, which is unread"],
    ),
    "trailing_comma.json": (["第一篇", "第二篇", "第三篇"], []),
    "two_arrays.json": (["第一篇", "第二篇"], []),
    "utf16_with_mark.txt": (["量子通信"], []),
    "utf16_with_mark_cut.txt": (
        [],
        [
            "rejected: : the byte-order mark says utf-16-le, but byte 6 is not valid;"
            " save the file as UTF-8 and try again"
        ],
    ),
    "utf16_without_mark.txt": (
        [],
        ["rejected: : a binary file, or UTF-16 without its byte-order mark; save the file as UTF-8 and try again"],
    ),
    "utf8_cut_in_a_character.txt": (
        [],
        ["rejected: : the text is neither UTF-8 (byte 12) nor GB18030; save the file as UTF-8 and try again"],
    ),
    "utf8_with_mark.json": (["第一篇"], []),
    "utf8_with_one_gbk_line.txt": (
        [],
        ["rejected: : the text is neither UTF-8 (byte 36) nor GB18030; save the file as UTF-8 and try again"],
    ),
    "word_called_md.md": (
        [],
        ["rejected: : cannot be read as an Office file: a damaged ZIP package: File is not a zip file"],
    ),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in OUTCOMES])
def test_each_broken_file_costs_only_what_is_broken(name: str, read: Read) -> None:
    """A broken place is one line that names file and record; everything else in the file is read."""
    documents, lines = read((DATA / name).read_bytes(), name)
    titles, expected = OUTCOMES[name]
    assert [document.title for document in documents] == titles
    assert [line.replace(name, "", 1) for line in lines] == expected


def test_every_data_file_is_expected_to_do_something() -> None:
    """No file in tests/data/reading is left untested."""
    assert {path.name for path in DATA.iterdir()} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            {"title": "", "content": ""},
            "rejected: , record 1: neither title nor text; its keys are: content, title",
            id="both-empty",
        ),
        pytest.param(
            {"author": "某", "封面": "x"},
            "rejected: , record 1: neither title nor text; its keys are: author, 封面",
            id="unknown-keys",
        ),
        pytest.param({}, "rejected: , record 1: neither title nor text; its keys are: none", id="no-keys"),
        pytest.param(
            {"a\nb\x1b[31m": 1},
            "rejected: , record 1: neither title nor text; its keys are: a\\nb\\x1b[31m",
            id="key-with-a-line-break",
        ),
        pytest.param(
            {"title": " \u200b ", "content": "\r\r"}, "rejected: , record 1: neither title nor text", id="both-blank"
        ),
        pytest.param(
            {"title": "(unknown)", "content": "(unknown)\n\n"},
            PLACEHOLDER.format("(unknown)"),
            id="unknown",
        ),
        pytest.param(
            {"title": "题", "content": "获取全文失败，请重试~"},
            PLACEHOLDER.format("获取全文失败"),
            id="not-fetched",
        ),
        pytest.param(
            {"title": "题", "content": "<p>该内容已被发布者删除</p>"},
            PLACEHOLDER.format("该内容已被发布者删除"),
            id="deleted",
        ),
        pytest.param(
            {"title": "题", "content": "The content has been deleted by the author."},
            PLACEHOLDER.format("The content has been deleted by the author."),
            id="deleted-in-english",
        ),
        pytest.param(
            {"title": "付费的题", "content": "付费的题\n\n[付费文章]\n一句简介"},
            PLACEHOLDER.format("[付费文章]"),
            id="unpaid-below-the-title",
        ),
    ],
)
def test_record_that_is_no_article_is_rejected(record: dict[str, Any], expected: str, read: Read) -> None:
    """A record without words of its own is not in the index, and one line says why; its neighbour is."""
    documents, lines = read([record, {"aid": "2", "title": "好的一篇", "content": TEXT}])
    assert [document.title for document in documents] == ["好的一篇"]
    assert [line.replace("source.json", "") for line in lines] == [expected]


@pytest.mark.parametrize(
    ("record", "title", "body", "expected"),
    [
        pytest.param({"content": f"{TEXT}\n下一行"}, TEXT, f"{TEXT}\n下一行", [NO_TITLE], id="no-title"),
        pytest.param({"content": "字" * 61}, "字" * 60, "字" * 61, [NO_TITLE], id="no-title-long-line"),
        pytest.param({"title": "undefined", "content": TEXT}, TEXT, TEXT, [NO_TITLE], id="undefined"),
        pytest.param({"title": "题"}, "题", "", [NO_TEXT], id="no-text"),
        pytest.param({"title": "题", "content": "\r \r"}, "题", "", [NO_TEXT], id="blank-text"),
        pytest.param({"title": "题", "content": "题"}, "题", "", [NO_TEXT], id="title-only-repeated"),
        pytest.param({"title": "题\n的\x00下半", "content": TEXT}, "题 的下半", TEXT, [], id="title-with-a-line-break"),
        pytest.param({"title": 2025, "content": TEXT}, "2025", TEXT, [], id="title-that-is-a-number"),
        pytest.param(
            {"title": "题", "content": "[付费文章]" + "字" * 120},
            "题",
            "[付费文章]" + "字" * 120,
            [],
            id="paid-and-there",
        ),
    ],
)
def test_record_with_a_gap_is_repaired(
    record: dict[str, Any], title: str, body: str, expected: list[str], read: Read
) -> None:
    """What an article lacks is made good where that is honest, and the report says so."""
    documents, lines = read([record])
    assert [(document.title, document.body) for document in documents] == [(title, body)]
    assert lines == [f"note: source.json, record 1: {message}" for message in expected]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("2025-13-40", "'2025-13-40'", id="no-such-day"),
        pytest.param("soon", "'soon'", id="word"),
        pytest.param(-1, "'-1'", id="negative"),
        pytest.param(10**300, "'1" + "0" * 39 + "'", id="huge"),
        pytest.param(1e308, "'1e+308'", id="huge-float"),
        pytest.param(0, "'0'", id="zero"),
        pytest.param(True, "'True'", id="true"),
        pytest.param("9999-12-31T23:59:59Z", "'9999-12-31T23:59:59Z'", id="last-evening-of-all"),
        pytest.param("日\n期\ud800", r"'日\n期\ud800'", id="line-break-and-surrogate"),
    ],
)
def test_wrong_date_is_named_and_left_out(raw: Any, shown: str, read: Read) -> None:
    """A date that does not exist is quoted in one line; the article has none then, and is there."""
    documents, lines = read(json.dumps([{"title": "题", "content": TEXT, "date": raw}]))
    assert [document.date for document in documents] == [None]
    assert lines == [
        f"note: source.json, record 1: the date {shown} cannot be read; indexed without a date (write YYYY-MM-DD)"
    ]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        pytest.param(
            " https://mp.weixin.qq.com/s/abc?a=1&amp;b=2 ", "https://mp.weixin.qq.com/s/abc?a=1&b=2", id="web"
        ),
        pytest.param("HTTP://example.com/甲", "HTTP://example.com/甲", id="capitals-and-han"),
        pytest.param("javascript:alert(1)", "", id="javascript"),
        pytest.param("data:text/html,<script>", "", id="data"),
        pytest.param("/s/abc", "", id="relative"),
        pytest.param("https://example.com/a\nb", "", id="line-break"),
    ],
)
def test_only_web_addresses_are_links(url: str, kept: str, read: Read) -> None:
    """A link that is no http or https address is not carried on, and a line says so."""
    documents, lines = read([{"title": "题", "content": TEXT, "url": url}])
    assert [document.url for document in documents] == [kept]
    message = f"note: source.json, record 1: the link {url[:40]!r} is not a web address; indexed without a link"
    assert lines == ([] if kept else [message])


SIZED = "题\n\n12345678901234\n"


@pytest.mark.parametrize(
    ("options", "content", "titles", "expected"),
    [
        pytest.param({"max_file_bytes": 20}, SIZED, ["题"], [], id="file-just-below"),
        pytest.param(
            {"max_file_bytes": 19},
            SIZED,
            [],
            ["rejected: source.txt: 20 bytes, more than 19 (max_file_bytes)"],
            id="file-just-above",
        ),
        pytest.param({"max_document_chars": 14}, SIZED, ["题"], [], id="document-just-below"),
        pytest.param(
            {"max_document_chars": 13},
            SIZED,
            [],
            ["rejected: source.txt: 14 characters, more than 13 (max_document_chars)"],
            id="document-just-above",
        ),
    ],
)
def test_size_limits_are_exact(
    options: dict[str, int], content: str, titles: list[str], expected: list[str], read: Read
) -> None:
    """At the limit a file or a document is read, one above it is one line that names the setting."""
    documents, lines = read(content, "source.txt", **options)
    assert ([document.title for document in documents], lines) == (titles, expected)
