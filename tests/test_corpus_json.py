"""JSON exports: the shapes and names that exporters use, and values that break decoders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.json_records import load
from corpus.loaders.raw_record import LoadIssue, RawRecord

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
FIRST = {"aid": "1_1", "title": "第一篇", "content": TEXT}
SECOND = {"aid": "1_2", "title": "第二篇", "content": TEXT}

Read = Callable[..., tuple[list[Document], list[str]]]


def nested(levels: int) -> str:
    """A record whose `extra` makes it this many levels deep, the record included."""
    return '{"title":"深","extra":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps([FIRST, SECOND]), id="array-on-one-line"),
        pytest.param(json.dumps([FIRST, SECOND], indent=2, ensure_ascii=False), id="array-in-many-lines"),
        pytest.param(json.dumps(FIRST) + "\n" + json.dumps(SECOND), id="lines"),
        pytest.param(json.dumps(FIRST) + "\r\n\r\n" + json.dumps(SECOND) + "\r\n", id="lines-of-windows"),
        pytest.param(json.dumps({"articles": [FIRST, SECOND]}), id="articles"),
        pytest.param(json.dumps({"total": 2, "data": [FIRST, SECOND]}, indent=1), id="data"),
        pytest.param(
            json.dumps({"version": "https://jsonfeed.org", "title": "源", "items": [FIRST, SECOND]}), id="feed"
        ),
        pytest.param("\ufeff" + json.dumps([FIRST, SECOND]), id="byte-order-mark"),
    ],
)
def test_every_shape_gives_the_same_articles(content: str, read: Read) -> None:
    """Array, lines, and an object around the array are one and the same to the reader."""
    documents, lines = read(content)
    assert [(document.source_id, document.title, document.body) for document in documents] == [
        ("1_1", "第一篇", TEXT),
        ("1_2", "第二篇", TEXT),
    ]
    assert lines == []


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(
            {"文章标识符aid": "7_1", "标题title": "题", "链接url": "http://a.cn/", "时间time": "2025-11-01",
             "公众号名称": "号", "finalContent": TEXT}, id="seeds"),
        pytest.param(
            {"aid": "7_1", "title": "题", "link": "http://a.cn/", "update_time": 1761926400, "create_time": 1,
             "_accountName": "号", "content": f"题\n\n{TEXT}"}, id="wechat-article-exporter"),
        pytest.param(
            {"ID": "7_1", "标题": "题", "链接": "http://a.cn/", "发布时间": "2025-11-01 00:00:00",
             "公众号": "号", "文章内容": TEXT}, id="its-excel-sheet"),
        pytest.param(
            {"id": "7_1", "title": "题", "url": "http://a.cn/", "publish_time": 1761926400, "mp_name": "号",
             "content": f"<p>{TEXT}</p>"}, id="we-mp-rss"),
        pytest.param(
            {"aid": "7_1", "title": "题", "link": "http://a.cn/", "create_time": 1761926400000, "author_name": "某人",
             "author": "某人", "_accountName": "号", "digest": "摘要", "content": TEXT}, id="milliseconds-and-author"),
        pytest.param(
            {"id": "7_1", "title": "题", "url": "http://a.cn/", "date_published": "2025-10-31T16:00:00.000Z",
             "nick_name": "号", "content": "", "content_html": f"<div>{TEXT}<br></div>"}, id="feed"),
    ],
)  # fmt: skip
def test_every_exporter_names_the_same_things(record: dict[str, Any], read: Read) -> None:
    """The names of five exporters give one document."""
    (document,), lines = read([record])
    assert lines == []
    assert (document.source_id, document.title, document.url, document.date, document.account, document.body) == (
        *("7_1", "题", "http://a.cn/", "2025-11-01", "号", TEXT),
    )


def test_object_of_the_page_gives_an_article(read: Read) -> None:
    """WeChat's own object of a page has numbers in place of a link, and its text as HTML."""
    page = {
        **{"nick_name": "号", "user_name": "gh_1", "biz": "MzA=", "mid": "2247", "idx": "1", "sn": "ab"},
        **{"title": "题", "create_time": "2025-11-01 12:00", "ori_create_time": 1761969600, "item_show_type": 0},
        **{"content_noencode": f"<p>{TEXT}</p>", "ip_wording": {"province_name": "上海"}, "author": "某人"},
    }
    (document,), lines = read(page)
    assert lines == []
    assert (document.source_id, document.title, document.account, document.date, document.body) == (
        *("2247_1", "题", "号", "2025-11-01", TEXT),
    )
    assert document.url == "https://mp.weixin.qq.com/s?__biz=MzA=&mid=2247&idx=1"
    (same,), _ = read([{"title": "题", "url": f"{document.url}&sn=ab&chksm=1#rd", "content": TEXT}])
    assert same.id == document.id


def test_summary_is_found_where_the_text_is_missing(read: Read) -> None:
    """An article that was not downloaded is found by its summary, and the report says so."""
    documents, lines = read([{"title": "题", "digest": "一句摘要。", "content": ""}, {"title": "题", "summary": " "}])
    assert [document.body for document in documents] == ["一句摘要。", ""]
    assert lines[0] == "note: source.json, record 1: no text; its summary is used instead"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(nested(65), "character 74: nested deeper than 64 levels", id="one-level-too-deep"),
        pytest.param(nested(5000), "character 74: nested deeper than 64 levels", id="5000-levels"),
        pytest.param('{"title":' + "9" * 5000 + "}", "character 74: a whole number of 5,000 digits", id="5000-digits"),
        pytest.param('{"title":"数","n":-Infinity}', "character 74: -Infinity is no JSON number", id="infinity"),
        pytest.param('{"title":"\t","n":1}', "character 84: Invalid control character at", id="control-character"),
        pytest.param("{'title':'题'}", "character 75: Expecting property name enclosed in double quotes", id="python"),
        pytest.param("oops", "character 74: Expecting value", id="word"),
        pytest.param("", "character 74: Expecting value", id="nothing-between-commas"),
        pytest.param("}", "character 74: Expecting value", id="stray-brace"),
    ],
)
def test_broken_record_of_an_array_costs_only_itself(broken: str, message: str, read: Read) -> None:
    """One line with the record's number and the place; the records before and after it are read."""
    first, second = (json.dumps(record, ensure_ascii=False) for record in (FIRST, SECOND))
    documents, lines = read(f"[{first},{broken},{second}]")
    assert [document.title for document in documents] == ["第一篇", "第二篇"]
    assert lines == [f"rejected: source.json, record 2: not valid JSON at {message}"]


def test_comma_too_many_inside_a_record_costs_the_record(read: Read) -> None:
    """Behind the last record it is let pass; inside a record it is a fault, in the words of Python's decoder."""
    documents, lines = read('[{"title":"坏",},{"title":"好"},]')
    assert [document.title for document in documents] == ["好"]
    assert lines[0].startswith("rejected: source.json, record 1: not valid JSON at character 1")
    assert lines[1:] == ["note: source.json, record 2: no text; found by its title only"]


def test_record_as_deep_as_allowed_is_read(read: Read) -> None:
    """64 levels are read, and a small limit counts the same way."""
    for content in (nested(64), f"[{nested(64)}]", f'{{"articles":[{nested(64)}]}}'):
        documents, lines = read(content)
        assert [document.title for document in documents] == ["深"]
        assert lines == ["note: source.json, record 1: no text; found by its title only"]
    documents, lines = read(f"[{nested(3)},{nested(4)}]", max_json_depth=3)
    assert [document.title for document in documents] == ["深"]
    assert lines[1:] == ["rejected: source.json, record 2: not valid JSON at character 29: nested deeper than 3 levels"]


def test_one_bad_line_of_many_costs_only_itself(read: Read) -> None:
    """Of 1,000 lines, 999 are read; the bad one is named by its number, counting from 1."""
    rows = [json.dumps({"aid": str(number), "title": f"题{number}", "content": TEXT}) for number in range(1, 1001)]
    rows[499] = rows[499][:-1]
    documents, lines = read("\n".join(rows), "many.jsonl")
    assert len(documents) == 999
    place = len("\n".join(rows[:500])) + 1
    assert lines == [f"rejected: many.jsonl, record 500: not valid JSON at character {place}: Expecting ',' delimiter"]


def test_many_broken_records_take_no_longer_than_sound_ones(read: Read) -> None:
    """Of an array of 20,000 and of as many lines, each second one is broken; every one of them is named."""
    rows = [f'{{"title":"好{n}"}}' if n % 2 else "{'title':'坏'}" for n in range(1, 20_001)]
    for name, content in (("a.json", f"[{','.join(rows)}]"), ("a.jsonl", "\n".join(rows))):
        documents, lines = read(content, name)
        assert len(documents) == 10_000
        assert [line.split(":")[1] for line in lines if line.startswith("rejected")] == [
            f" {name}, record {number}" for number in range(2, 20_001, 2)
        ]


def test_first_line_may_be_the_bad_one(read: Read) -> None:
    """Lines are recognised by what most of them are."""
    documents, lines = read('{"title":"坏"\n' + json.dumps(FIRST) + "\n" + json.dumps(SECOND), "a.jsonl")
    assert [document.title for document in documents] == ["第一篇", "第二篇"]
    assert len(lines) == 1
    assert lines[0].startswith("rejected: a.jsonl, record 1: not valid JSON")


def test_second_object_on_a_line_is_named(read: Read) -> None:
    """Two objects on one line are no JSON Lines; nothing of the line is taken silently."""
    documents, lines = read(json.dumps(FIRST) + json.dumps(SECOND) + "\n" + json.dumps(SECOND), "a.jsonl")
    assert [document.title for document in documents] == ["第二篇"]
    assert len(lines) == 1
    assert lines[0].startswith("rejected: a.jsonl, record 1: not valid JSON at character ")
    assert lines[0].endswith(": text after the end of the object")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        pytest.param("浓度 <10 μΩ·cm 且 x<y，a>b", "浓度 <10 μΩ·cm 且 x<y，a>b", id="less-than-is-a-sign"),
        pytest.param("浓度 &lt;10 &amp; R&amp;D", "浓度 <10 & R&D", id="entities-in-plain-text"),
        pytest.param("<p>甲</p><p>乙&lt;10</p>", "甲\n\n乙<10", id="html-in-the-plain-field"),
        pytest.param("甲<br/>乙<BR>丙", "甲\n乙\n丙", id="breaks-only"),
        pytest.param(
            "<section>写作 &amp;lt;p&amp;gt; 即可</section>", "写作 &lt;p&gt; 即可", id="html-is-decoded-once"
        ),
        pytest.param("写作 &amp;lt;p&amp;gt; 即可", "写作 &lt;p&gt; 即可", id="text-is-decoded-once"),
        pytest.param("见《<中国制造>》", "见《<中国制造>》", id="angle-brackets-around-han"),
        pytest.param("<p>若a&lt;b</p><script>alert(1)</script>", "若a<b", id="script-in-the-plain-field"),
    ],
)
def test_html_is_told_from_a_sign(content: str, body: str, read: Read) -> None:
    """Only real tags make a text HTML; a `<` in a formula stays, and entities are decoded exactly once."""
    (document,), lines = read([{"title": "题", "content": content}])
    assert (document.body, lines) == (body, [])


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("https://example.com/a.html", id="address"),
        pytest.param("a.txt", id="file-name"),
        pytest.param("<?xml version='1.0'?><rss><channel>甲</channel></rss>", id="xml"),
        pytest.param("<![if IE]>甲<![endif]>", id="declaration"),
    ],
)
def test_odd_markup_makes_no_noise(markup: str, read: Read) -> None:
    """Text that only looks like an address, a file or XML is read without a warning from the HTML library."""
    documents, lines = read([{"title": "题", "content_html": markup}])
    assert len(documents) == 1
    assert lines == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(
    st.sampled_from(["title", "content", "aid", "date", "data", "url"]) | st.text(max_size=3), values
)


@given(st.lists(records | values, max_size=5))
def test_every_entry_of_an_array_is_accounted_for(entries: list[Any]) -> None:
    """Each entry is a record or a fault, in order, numbered from 1."""
    items = list(load(json.dumps(entries), ""))
    assert [item.number for item in items] == list(range(1, len(entries) + 1))


@given(st.lists(records, min_size=1, max_size=4), st.data())
def test_cut_array_keeps_what_came_before(entries: list[dict[str, Any]], data: st.DataObject) -> None:
    """Wherever a file is cut, the records before the cut are read, and the last fault tells of the rest.

    Where the cut lies in a string with a bracket, the broken record may be told as one of its own before.
    """
    text = json.dumps(entries)
    cut = data.draw(st.integers(1, len(text) - 1))
    whole, items = list(load(text, "")), list(load(text[:cut], ""))
    faults = [item for item in items if isinstance(item, LoadIssue) and item not in whole]
    kept = items[: items.index(faults[0])]
    assert kept == whole[: len(kept)]
    assert [fault.kind for fault in faults] in (["truncated_json"], ["bad_json", "truncated_json"])
    assert items[-1] == faults[-1]


@given(st.text())
def test_any_text_is_records_and_faults(text: str) -> None:
    """Nothing that a file called .json may hold makes the reader raise."""
    assert all(isinstance(item, RawRecord | LoadIssue) for item in [*load("[" + text, ""), *load("{" + text, "")])
