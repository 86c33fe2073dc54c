"""What becomes of files: which are found, what each bad one costs, and which article is which."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Document
from corpus.reading import SUFFIXES, find_files, read_file
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy

DATA = Path(__file__).with_name("data") / "reading"
TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
SAVE_IT = "save it as JSON, HTML, Markdown or text and try again"

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
    "empty_array.json": ([], ["rejected: : no record in this file"]),
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
        ["note: , record 1: characters that are no text were replaced by U+FFFD"],
    ),
    "nan_in_second_record.json": (
        ["第一篇", "第三篇"],
        ["rejected: , record 2: not valid JSON at character 67: NaN is no JSON number"],
    ),
    "no_heading.md": (["no_heading"], []),
    "null.json": ([], ["rejected: , record 1: an article must be a JSON object, not null"]),
    "object_cut_in_many_lines.json": (
        [],
        ["rejected: , record 1: not valid JSON at character 52: Unterminated string starting at"],
    ),
    "only_a_placeholder.txt": (
        [],
        ["rejected: : the exporter's placeholder 获取全文失败 instead of a text; export the article again"],
    ),
    "pdf_called_txt.txt": ([], [f"rejected: : a file in PDF format; {SAVE_IT}"]),
    "quote_not_escaped.json": (
        ["第一篇", "第三篇"],
        ["rejected: , record 2: not valid JSON at character 104: Expecting ',' delimiter"],
    ),
    "repeated_key.json": (
        ["第一篇"],
        ["note: , record 1: the key 'content' stands more than once; its last value counts"],
    ),
    "scalar.json": ([], ["rejected: , record 1: an article must be a JSON object, not a number"]),
    "text_after_the_array.json": (
        ["第一篇"],
        ["rejected: : not valid JSON at character 67: text after the end of the array, which is unread"],
    ),
    "trailing_commas.json": (
        ["第一篇", "第三篇"],
        ["rejected: , record 2: not valid JSON at character 131: Expecting property name enclosed in double quotes"],
    ),
    "two_arrays.json": (["第一篇", "第二篇"], []),
    "utf16_with_mark.txt": (["量子通信"], []),
    "utf16_with_mark_cut.txt": ([], ["rejected: : marked as utf-16-le, but broken at byte 6"]),
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
    "word_called_md.md": ([], [f"rejected: : a file in Word, Excel or ZIP format; {SAVE_IT}"]),
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
            "rejected: , record 1: the exporter's placeholder (unknown) instead of a text; export the article again",
            id="unknown",
        ),
        pytest.param(
            {"title": "题", "content": "获取全文失败，请重试~"},
            "rejected: , record 1: the exporter's placeholder 获取全文失败 instead of a text; export the article again",
            id="not-fetched",
        ),
        pytest.param(
            {"title": "题", "content": "<p>该内容已被发布者删除</p>"},
            "rejected: , record 1: the exporter's placeholder 该内容已被发布者删除 instead of a text; export the article again",
            id="deleted",
        ),
        pytest.param(
            {"title": "题", "content": "The content has been deleted by the author."},
            "rejected: , record 1: the exporter's placeholder The content has been deleted by the author. instead of a text; export the article again",
            id="deleted-in-english",
        ),
        pytest.param(
            {"title": "付费的题", "content": "付费的题\n\n[付费文章]\n一句简介"},
            "rejected: , record 1: the exporter's placeholder [付费文章] instead of a text; export the article again",
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
        pytest.param({"content": f"{TEXT}\n下一行"}, TEXT, f"{TEXT}\n下一行", ["no title; the first line of the text stands in for it"], id="no-title"),
        pytest.param({"content": "字" * 61}, "字" * 60, "字" * 61, ["no title; the first line of the text stands in for it"], id="no-title-long-line"),
        pytest.param({"title": "undefined", "content": TEXT}, TEXT, TEXT, ["no title; the first line of the text stands in for it"], id="undefined"),
        pytest.param({"title": "题"}, "题", "", ["no text; found by its title only"], id="no-text"),
        pytest.param({"title": "题", "content": "\r \r"}, "题", "", ["no text; found by its title only"], id="blank-text"),
        pytest.param({"title": "题", "content": "题"}, "题", "", ["no text; found by its title only"], id="title-only-repeated"),
        pytest.param({"title": "题\n的\x00下半", "content": TEXT}, "题 的下半", TEXT, [], id="title-with-a-line-break"),
        pytest.param({"title": 2025, "content": TEXT}, "2025", TEXT, [], id="title-that-is-a-number"),
        pytest.param({"title": "题", "content": "[付费文章]" + "字" * 120}, "题", "[付费文章]" + "字" * 120, [], id="paid-and-there"),
    ],
)  # fmt: skip
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
    documents, lines = read(json_text([{"title": "题", "content": TEXT, "date": raw}]))
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
    message = f"note: source.json, record 1: the link {url[:40]!r} is no web address; indexed without a link"
    assert lines == ([] if kept else [message])


LONG_LINK = "http://mp.weixin.qq.com/s?__biz=MzA4NjU4MjYzNg==&mid=2651163759&idx=1"


@pytest.mark.parametrize(
    ("record", "same"),
    [
        pytest.param({"标题title": "题", "finalContent": TEXT, "链接url": LONG_LINK + "&sn=1a#rd", "公众号名称": "甲"}, True, id="as-in-the-seeds"),
        pytest.param({"title": "题", "content": TEXT, "link": LONG_LINK + "&chksm=67db&scene=27#wechat_redirect", "_accountName": "甲号"}, True, id="other-exporter"),
        pytest.param({"title": "题", "url": LONG_LINK.replace("&", "&amp;").replace("http:", "https:"), "time": "2025-11-01"}, True, id="escaped-link"),
        pytest.param({"title": "改过的题", "url": LONG_LINK.replace("__biz=MzA4NjU4MjYzNg==&mid=2651163759", "mid=2651163759&__biz=MzA4NjU4MjYzNg%3D%3D")}, True, id="other-order"),
        pytest.param({"title": "题", "content": TEXT, "url": LONG_LINK.replace("com/", "com:443/")}, True, id="with-a-port"),
        pytest.param({"title": "题", "content": TEXT, "url": LONG_LINK.replace("MzA4", "MzA5")}, False, id="other-account"),
        pytest.param({"title": "题", "content": TEXT, "url": LONG_LINK.replace("idx=1", "idx=2")}, False, id="second-article-of-the-day"),
        pytest.param({"title": "题", "content": TEXT, "url": LONG_LINK.replace("mp.", "not-mp.")}, False, id="other-host"),
        pytest.param({"title": "题", "content": TEXT, "url": "http://mp.weixin.qq.com[/s?mid=1"}, False, id="broken-link"),
    ],
)  # fmt: skip
def test_one_article_has_one_id(record: dict[str, Any], same: bool, read: Read) -> None:
    """The id comes from WeChat's link, whatever an exporter adds to it; it is the same on every machine."""
    (document,), _ = read([record])
    assert (document.id == "62980031b7e9070a") is same


@pytest.mark.parametrize(
    ("first", "second", "are_same"),
    [
        pytest.param({"aid": "1_1", "account": "甲"}, {"aid": "1_1", "account": "乙"}, False, id="aid-in-two-accounts"),
        pytest.param({"aid": "1_1", "account": "科创 长宁"}, {"aid": "1_1", "account": "科创长宁", "title": "改"}, True, id="blank-in-the-account"),
        pytest.param({"id": 1}, {"id": 1, "title": "别的题"}, False, id="row-numbers-without-account"),
        pytest.param({"id": 1}, {"id": "1"}, True, id="number-or-text"),
        pytest.param({}, {}, True, id="nothing-but-the-same-text"),
        pytest.param({"content": "第一周的要闻"}, {"content": "第二周的要闻"}, False, id="one-title-two-texts"),
        pytest.param({"date": "2025-11-01"}, {"date": "2025年11月1日"}, True, id="date-written-otherwise"),
        pytest.param({"date": "2025-11-01"}, {"date": "2025-11-02"}, False, id="two-days"),
    ],
)  # fmt: skip
def test_id_without_a_link(first: dict[str, Any], second: dict[str, Any], are_same: bool, read: Read) -> None:
    """Without a link, account and exporter's id decide; without these, whether title, day and text are the same."""
    common = {"title": "一周要闻", "content": TEXT}
    documents, lines = read([{**common, **first}, {**common, **second}])
    assert lines == []
    assert len({document.id for document in documents}) == (1 if are_same else 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("index.html", "<h1>一周要闻</h1><p>{}</p>", id="html-exporters-call-each-page-index"),
        pytest.param("一周要闻.txt", "一周要闻\n\n{}", id="text-named-by-its-title"),
        pytest.param("一周要闻.md", "# 一周要闻\n\n{}", id="markdown-named-by-its-title"),
        pytest.param("article.json", '{{"title": "一周要闻", "content": "{}"}}', id="one-object-a-file"),
    ],
)
def test_files_of_one_name_in_two_folders_are_two_documents(
    name: str, content: str, tmp_path: Path, packaged_taxonomy: Taxonomy
) -> None:
    """One folder for each account or article, the same file name in each: none of them counts as a repetition."""
    for folder, text in (("甲", "第一周的要闻。"), ("乙", "第二周的要闻。")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content.format(text), "utf-8")
    files, problems = find_files([tmp_path])
    items = [item for file in files for item in read_file(file, packaged_taxonomy, Settings())]
    assert problems == []
    assert [item.title for item in items if isinstance(item, Document)] == ["一周要闻", "一周要闻"]
    assert len({item.id for item in items if isinstance(item, Document)}) == len(items) == 2


def test_article_of_a_long_link_has_its_number(read: Read) -> None:
    """A page saved from WeChat is called by the number that other exporters give the article."""
    (document,), _ = read(f'<meta property="og:url" content="{LONG_LINK.replace("&", "&amp;")}"><h1>题</h1>', "a.html")
    assert (document.source_id, document.id) == ("2651163759_1", "62980031b7e9070a")


@pytest.mark.parametrize(
    ("options", "content", "titles", "expected"),
    [
        pytest.param({"max_file_bytes": 42}, '[{"title":"题","content":"12345678901234"}]', ["题"], [], id="file-just-below"),
        pytest.param({"max_file_bytes": 41}, '[{"title":"题","content":"12345678901234"}]', [], ["rejected: source.json: 42 bytes, more than 41 (max_file_bytes)"], id="file-just-above"),
        pytest.param({"max_document_chars": 14}, '[{"title":"题","content":"12345678901234"}]', ["题"], [], id="document-just-below"),
        pytest.param({"max_document_chars": 13}, '[{"title":"题","content":"12345678901234"}]', [], ["rejected: source.json, record 1: 14 characters, more than 13 (max_document_chars)"], id="document-just-above"),
    ],
)  # fmt: skip
def test_size_limits_are_exact(
    options: dict[str, int], content: str, titles: list[str], expected: list[str], read: Read
) -> None:
    """At the limit a file or a document is read, one above it is one line that names the setting."""
    documents, lines = read(content, **options)
    assert ([document.title for document in documents], lines) == (titles, expected)


def test_folder_is_searched_for_all_known_files(tmp_path: Path) -> None:
    """Known suffixes in any case, sorted, below all folders; hidden ones and pictures are passed over in silence."""
    names = ["乙/b.TXT", "a.json", *(f"z{suffix}" for suffix in SUFFIXES), ".hidden.txt", ".git/x.txt", "p.png", "css"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("甲", "utf-8")
    files, problems = find_files([tmp_path])
    assert [file.name for file in files] == ["a.json", *sorted(f"z{suffix}" for suffix in SUFFIXES), "乙/b.TXT"]
    assert [file.size for file in files] == [3] * 10
    assert problems == []


def test_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """A folder, a file in it, and a link to that file are one file."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    (tmp_path / "b.txt").symlink_to("a.txt")
    files, problems = find_files([tmp_path, tmp_path / "a.txt", tmp_path])
    assert [file.name for file in files] == ["a.txt"]
    assert problems == []


def test_what_cannot_be_read_is_one_line_each(tmp_path: Path) -> None:
    """Missing, dangling, round in a loop, a pipe without a writer, a format we do not know: named, and nothing hangs."""
    (tmp_path / "good.txt").write_text("甲", "utf-8")
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "round").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "report.PDF").write_bytes(b"%PDF-1.7")
    (tmp_path / "name\nwith break.txt").write_text("乙", "utf-8")
    (tmp_path / "empty").mkdir()
    files, problems = find_files([tmp_path, tmp_path / "absent", tmp_path / "empty", tmp_path / "pipe.txt"])
    assert [file.name for file in files] == ["good.txt", "name\\nwith break.txt"]
    assert [str(problem).replace(str(tmp_path), "…") for problem in problems] == [
        "round: a link to a folder is not followed; give that folder as a source of its own",
        f"report.PDF: .pdf files cannot be read; {SAVE_IT}",
        "dangling.txt: cannot be read: No such file or directory",
        "loop.txt: cannot be read: Too many levels of symbolic links",
        "pipe.txt: not a regular file",
        "…/absent: no such file or folder",
        f"…/empty: no file here that could be read; known are {' '.join(SUFFIXES)}",
        "pipe.txt: not a regular file",
    ]
    assert all(problem.is_rejection and problem.record is None for problem in problems)


def test_unreadable_file_and_folder_are_named(tmp_path: Path, read: Read) -> None:
    """Without the right to read, a file and a folder are one line each."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").mkdir(mode=0o000)
    (tmp_path / "closed.txt").write_text("甲", "utf-8")
    (tmp_path / "closed.txt").chmod(0o000)
    files, problems = find_files([tmp_path])
    items = list(read_file(files[0], Taxonomy.load(), Settings()))
    (tmp_path / "closed").chmod(0o700)
    assert [str(problem) for problem in problems] == ["closed: cannot be read: Permission denied"]
    assert [str(item) for item in items] == ["closed.txt: cannot be read: Permission denied"]


def test_file_that_goes_away_after_listing_is_one_line(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """A file deleted between listing and reading is a problem of that file."""
    (tmp_path / "a.txt").write_text("甲", "utf-8")
    files, _ = find_files([tmp_path])
    (tmp_path / "a.txt").unlink()
    (problem,) = read_file(files[0], packaged_taxonomy, Settings())
    assert str(problem) == "a.txt: cannot be read: No such file or directory"


def test_name_that_is_no_text_is_shown_with_escapes(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """A file name in another encoding is read, and its report can be printed and stored."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.txt")).write_bytes(b"x" * 81)
    files, _ = find_files([tmp_path])
    items = list(read_file(files[0], packaged_taxonomy, Settings()))
    assert files[0].name == r"\udcd6\udcd0.txt"
    assert str(items[0]) == r"\udcd6\udcd0.txt: characters that are no text were replaced by U+FFFD"
    assert isinstance(items[1], Document)
    assert (items[1].title, items[1].source_id) == ("\ufffd\ufffd", "\ufffd\ufffd")


def json_text(value: Any) -> str:
    """JSON with every character escaped, lone surrogates too."""
    import json

    return json.dumps(value)
