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


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param('"n":NaN', id="nan"),
        pytest.param('"n":[1,-Infinity,Infinity]', id="infinity"),
        pytest.param('"n":"第一行\n第二行\t完\r\n"', id="line-breaks-in-a-string"),
        pytest.param('"n":"甲\x01乙\x1f"', id="control-characters-in-a-string"),
        pytest.param('"n":[1,2 ,\n ],', id="commas-behind-the-last"),
        pytest.param('"n":{"a":1,},,', id="two-commas"),
    ],
)
@pytest.mark.parametrize("shape", ["[{},{}]", "{}\n{}", '{{"rows":[{},{}]}}', "{},\n{},\n", "\ufeff[{},{},]"])
def test_what_programs_write_beside_json_is_read(fault: str, shape: str, read: Read) -> None:
    """NaN, raw line breaks, control characters and commas behind the last member cost nothing."""
    row = json.dumps(FIRST, ensure_ascii=False)[:-1] + f",{fault}}}"
    documents, lines = read(shape.format(row, json.dumps(SECOND, ensure_ascii=False)), "a.jsonl")
    assert [(document.title, document.body) for document in documents] == [("第一篇", TEXT), ("第二篇", TEXT)]
    assert lines == []


@pytest.mark.parametrize(
    ("around", "account"),
    [
        pytest.param('{{"rows":[{0},{1}]}}', "", id="rows"),
        pytest.param('{{"code":0,"msg":"成功","data":{{"list":[{0},{1}],"total":2}}}}', "", id="list-in-data"),
        pytest.param('{{"result":{{"data":{{"records":[{0},{1}]}}}}}}', "", id="three-deep"),
        pytest.param('{{"2024":[{0}],"2025":[{1}]}}', "", id="array-per-year"),
        pytest.param('{{"a1":{0},"a2":{1}}}', "", id="object-per-id"),
        pytest.param('{{"hits":{{"hits":[{{"_id":"x","_source":{0}}},{{"_source":{1}}}]}}}}', "", id="elasticsearch"),
        pytest.param('{{"data":{{"posts":{{"edges":[{{"node":{0}}},{{"node":{1}}}]}}}}}}', "", id="graphql"),
        pytest.param('{{"account":"港湾来信","articles":[{0},{1}]}}', "港湾来信", id="account-before"),
        pytest.param('{{"articles":[{0},{1}],"公众号名称":"港湾来信"}}', "港湾来信", id="account-behind"),
        pytest.param('{{"author":{{"name":"港湾来信"}},"data":{{"items":[{0},{1}]}}}}', "港湾来信", id="author"),
    ],
)
def test_list_is_found_in_the_answers_of_web_apis(around: str, account: str, read: Read) -> None:
    """The array of articles may have any name and depth; the account of the object around holds for each article."""
    documents, lines = read(around.format(json.dumps(FIRST), json.dumps(SECOND)))
    assert [(document.title, document.body) for document in documents] == [("第一篇", TEXT), ("第二篇", TEXT)]
    assert {document.account for document in documents} == {account}
    assert lines == []


def test_long_list_below_data_is_streamed(read: Read) -> None:
    """An object that is longer than the window gives the same as a short one."""
    rows = [{"aid": f"{number}_1", "title": f"题{number}", "content": TEXT} for number in range(3000)]
    content = {"code": 0, "account": "港湾来信", "data": {"page": 1, "list": rows}, "time": 1}
    documents, lines = read(json.dumps(content))
    assert (len(documents), {document.account for document in documents}, lines) == (3000, {"港湾来信"}, [])


@pytest.mark.parametrize(
    ("field", "key"),
    [
        (field, key)
        for field, keys in {
            "title": ("Title", "articleTitle", "ARTICLE_TITLE", "文件标题", "标题（title）", "Post Title"),
            "body": ("fullText", "full_text", "FullText", "Full Text", "full-text", "fulltext", "article", "全文"),
            "text": ("文章正文", "正文内容", "正文 content", "articleContent", "contentHtml", "content:encoded"),
            "date": ("publishDate", "publish_date", "PublishTime", "pubDate", "pub-date", "发文日期", "成文日期"),
            "day": ("published_at", "createdAt", "发布日期 date", "releaseDate", "首发日期", "postTime"),
            "account": ("accountName", "account_name", "mpName", "NickName", "公众号", "发布机构", "发文机关"),
        }.items()
        for key in keys
    ],
)
def test_names_in_any_writing_are_known(field: str, key: str, read: Read) -> None:
    """Case, separators and languages differ; title, text, day and account are found in JSON and in CSV."""
    names = {"title": "title", "text": "content", "date": "date", "account": "account"}
    part = {"body": "text", "day": "date"}.get(field, field)
    record = {key if name == part else known: value for (name, known), value in zip(
        names.items(), ("港区简报", TEXT, "2025-10-07", "港湾来信"), strict=True)}  # fmt: skip
    table = ",".join(record) + "\n" + ",".join(record.values()) + "\n"
    for content, name in ((json.dumps([record]), "a.json"), (table, "a.csv"), (table.replace(",", "\t"), "a.txt")):
        (document,), lines = read(content, name)
        assert (document.title, document.body, document.date, document.account) == (
            *("港区简报", TEXT, "2025-10-07", "港湾来信"),
        )
        assert lines == []


def test_texts_of_other_fields_are_set_aside(read: Read) -> None:
    """What a reader of the record sees under any name stays; ids, numbers and addresses do not."""
    record = {
        **FIRST,
        **{"备注": "由港区办公室补充说明", "作者": "闻潮", "标签": ["航道", "清淤"], "cover": "https://a.cn/图.png"},
        **{"评论": [{"用户": "海生", "内容": "期待早日通航"}], "readNum": 5, "key": "a1b2", "digest": "一句提要"},
    }
    (document,), lines = read([record])
    assert lines == []
    aside = "\n".join(text for _, text in document.set_aside)
    for text in ("由港区办公室补充说明", "闻潮", "航道", "清淤", "海生", "期待早日通航", "一句提要"):
        assert text in aside
    assert "a1b2" not in aside
    assert "https" not in aside


@pytest.mark.parametrize(
    ("record", "title"),
    [
        pytest.param(
            {"title": {"rendered": "题"}, "content": {"rendered": f"<p>{TEXT}</p>"}, "date": "2025-11-01T08:00:00"},
            "题",
            id="wordpress",
        ),
        pytest.param(
            {"_id": {"$oid": "65"}, "title": "题", "text": TEXT, "createdAt": {"$date": "2025-11-01T01:00:00Z"}},
            "题",
            id="mongodb",
        ),
        pytest.param(
            {"title": "题", "content": TEXT.split("，"), "pubTime": [2025, 11, 1, 8, 0]}, "题", id="paragraphs-and-java"
        ),
        pytest.param({"名目": "港区", "记述": TEXT * 3, "首刊日期": "2025年11月1日"}, "", id="unknown-names"),
    ],
)
def test_values_in_wrappers_are_read(record: dict[str, Any], title: str, read: Read) -> None:
    """Objects around values, lists of paragraphs, and a long text under an unknown name."""
    (document,), _ = read([record])
    assert document.date == "2025-11-01"
    assert document.title == (title or document.body[:60])
    assert "企业可以凭券购买检测服务" in document.body


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"name": "x", "version": "1.0.0", "scripts": {"test": "echo"}}, id="of-a-program"),
        pytest.param({"compilerOptions": {"strict": True}}, id="settings"),
        pytest.param({"a": 1, "b": [1, 2]}, id="numbers"),
    ],
)
def test_object_without_text_for_readers_is_a_note(content: dict[str, Any], read: Read) -> None:
    """A file of a program is named, and nothing failed."""
    documents, lines = read(content)
    assert documents == []
    assert len(lines) == 1
    assert lines[0].startswith("note: source.json")


def test_files_of_programs_are_named_by_their_names(read: Read) -> None:
    """Settings with comments are no broken export."""
    assert read('// 配置\n{"a": 1,}', "tsconfig.json") == (
        [],
        ["note: tsconfig.json: a file of a program without text for readers"],
    )


def test_texts_without_any_known_name_are_one_document(read: Read) -> None:
    """Texts of a program's pages are readers' texts too."""
    documents, lines = read({"menu": {"home": "港区首页", "about": "关于航道"}, "n": 1}, "zh.json")
    assert [document.body for document in documents] == ["港区首页\n关于航道"]
    assert (
        lines[0] == "note: zh.json, record 1: no key is known as its title or text; all its Chinese texts are indexed"
    )


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


@pytest.mark.parametrize("between", ["", " ", ",", "\n", ",\n\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_one_after_the_other_are_read(between: str, indent: int | None, read: Read) -> None:
    """Objects on one line, or each over several lines, with commas or without."""
    third = {**SECOND, "aid": "1_3", "title": "第三篇"}
    rows = [json.dumps(row, ensure_ascii=False, indent=indent) for row in (FIRST, SECOND, third)]
    if indent and "\n" not in between:
        between += "\n"
    documents, lines = read(between.join(rows), "a.jsonl")
    assert [document.title for document in documents] == ["第一篇", "第二篇", "第三篇"]
    assert lines == []


def test_words_behind_an_object_are_named(read: Read) -> None:
    """Nothing of a line is dropped silently."""
    documents, lines = read(json.dumps(FIRST) + " 其他\n" + json.dumps(SECOND), "a.jsonl")
    assert [document.title for document in documents] == ["第一篇", "第二篇"]
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

    Where the cut lies in a string with a bracket, parts of the broken record may be told as records before.
    """
    text = json.dumps(entries)
    cut = data.draw(st.integers(1, len(text) - 1))
    whole, items = list(load(text, "")), list(load(text[:cut], ""))
    faults = [item for item in items if isinstance(item, LoadIssue) and item not in whole]
    kept = items[: items.index(faults[0])]
    assert kept == whole[: len(kept)]
    assert {fault.kind for fault in faults[:-1]} <= {"bad_json"}
    assert faults[-1].kind == "truncated_json"
    assert items[-1] == faults[-1]


@given(st.text())
def test_any_text_is_records_and_faults(text: str) -> None:
    """Nothing that a file called .json may hold makes the reader raise."""
    assert all(isinstance(item, RawRecord | LoadIssue) for item in [*load("[" + text, ""), *load("{" + text, "")])
