"""Feeds: RSS, Atom and JSON Feed, and XML that is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.feed import load
from corpus.loaders.raw_record import RawRecord

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
RSS = f"""<?xml version="1.0" encoding="gb18030"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>某号</title><link>http://a.cn/</link><description>号的简介</description>
<item><media:title>图</media:title><title>题 &amp; 目</title><link>http://a.cn/1</link><guid>7_1</guid>
<pubDate>Fri, 31 Oct 2025 17:00:00 GMT</pubDate><description>简介</description>
<content:encoded><![CDATA[<p>{TEXT}</p><p>第二段</p>]]></content:encoded></item>
<item><title>题二</title><pubDate>someday</pubDate><description>只有简介</description></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>某号</title><link href="http://a.cn/"/><id>x</id>
<entry><title>题</title><link rel="self" href="http://a.cn/self"/><link href="http://a.cn/1"/><id>7_1</id>
<updated>2025-11-02T09:00:00+08:00</updated><published>2025-10-31T17:00:00Z</published>
<author><name>另一号</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TEXT}</p><p>a &lt; b</p></div></content></entry>
</feed>"""

Read = Callable[..., tuple[list[Document], list[str]]]


@pytest.mark.parametrize("name", ["feed.xml", "feed.rss", "feed.txt"])
def test_rss_gives_articles(name: str, read: Read) -> None:
    """Title, link, day and full text of each item; the channel is the account."""
    documents, lines = read(RSS.encode("gb18030"), name)
    assert [(d.source_id, d.title, d.url, d.date, d.account) for d in documents] == [
        ("7_1", "题 & 目", "http://a.cn/1", "2025-11-01", "某号"),
        (documents[1].id, "题二", "", None, "某号"),
    ]
    assert [document.body for document in documents] == [f"{TEXT}\n\n第二段", "只有简介"]
    assert [line.replace(name, "") for line in lines] == [
        "note: , record 2: no text; its summary is used instead",
        "note: , record 2: the date 'someday' cannot be read; indexed without a date (write YYYY-MM-DD)",
    ]


def test_atom_gives_articles(read: Read) -> None:
    """The entry's own link, first day, author and markup."""
    (document,), lines = read(ATOM, "feed.atom")
    assert lines == []
    assert (document.source_id, document.title, document.url, document.date, document.account, document.body) == (
        *("7_1", "题", "http://a.cn/1", "2025-11-01", "另一号", f"{TEXT}\n\na < b"),
    )


@pytest.mark.parametrize(
    ("author", "account"),
    [
        pytest.param({"author": {"name": "某号"}}, "某号", id="object"),
        pytest.param({"authors": [{"name": "某号"}]}, "某号", id="list"),
        pytest.param({"author": "某号"}, "某号", id="text"),
        pytest.param({}, "总览", id="the-feeds"),
    ],
)
def test_json_feed_names_the_account(author: dict[str, Any], account: str, read: Read) -> None:
    """In a feed the author is the account, else the feed's title is; in an export the author is a person."""
    item = {"id": "1", "title": "题", "content_html": f"<p>{TEXT}</p>", **author}
    feed = {"version": "https://jsonfeed.org/version/1", "title": "总览", "items": [item]}
    assert [document.account for document in read(feed)[0]] == [account]
    assert [document.account for document in read({**feed, "version": "1"})[0]] == [""]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "<?xml version='1.0'?><data><x>甲</x></data>",
            "an XML file with the root <data>; of XML only RSS and Atom feeds are read",
            id="other-root",
        ),
        pytest.param(
            "<rss><channel>", "not valid XML: not well formed at line 1: no element found; download it again", id="cut"
        ),
        pytest.param(
            '<!DOCTYPE rss [<!ENTITY a "aa">]><rss>&a;</rss>',
            "not valid XML: it declares a document type, which is not allowed; download it again",
            id="entities",
        ),
        pytest.param("甲乙", "not valid XML: not well formed at line 1: syntax error; download it again", id="text"),
        pytest.param("<rss><channel><title>空</title></channel></rss>", "the file holds no record", id="no-items"),
    ],
)
def test_other_xml_is_one_line(content: str, expected: str, read: Read) -> None:
    """XML is never taken for a text."""
    assert read(content, "a.xml") == ([], [f"rejected: a.xml: {expected}"])


def test_items_up_to_a_cut_are_kept(read: Read) -> None:
    """A feed that was cut gives what came before, the beginning of its last entry included."""
    documents, lines = read(RSS[: RSS.index("简介</description></item>\n</ch")].replace("gb18030", "utf-8"), "a.rss")
    assert [(document.title, document.body) for document in documents] == [
        ("题 & 目", f"{TEXT}\n\n第二段"),
        ("题二", "只有"),
    ]
    rejections = [line for line in lines if line.startswith("rejected")]
    assert rejections == [
        "rejected: a.rss: the file ends within entry 2; what follows is missing, download it again",
    ]


def feed_of(*items: str, before: str = "") -> str:
    """A feed of these items."""
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>港湾来信</title>'
    return f"{before}{head}{''.join(items)}</channel></rss>"


def item_of(title: str, text: str = TEXT) -> str:
    """An item as most feeds write it."""
    return f"<item><title>{title}</title><link>http://a.cn/{len(title)}</link><description>{text}</description></item>"


@pytest.mark.parametrize(
    ("fault", "title", "body"),
    [
        pytest.param(item_of("航道&nbsp;甲"), "航道 甲", TEXT, id="entity-of-html"),
        pytest.param(item_of("航道&mdash;甲&hellip;"), "航道—甲…", TEXT, id="further-entities"),
        pytest.param(item_of("A&B 航道"), "A&B 航道", TEXT, id="bare-and"),
        pytest.param(item_of("航道 & 港池"), "航道 & 港池", TEXT, id="and-between-blanks"),
        pytest.param(item_of("航道", "水深&lt;9 米，x&y；z&w=2"), "航道", "水深<9 米，x&y；z&w=2", id="and-in-a-text"),
        pytest.param(item_of("航\x08道\x0b"), "航道", TEXT, id="control-characters"),
        pytest.param(item_of("航道&#0;&#11;&#xFFFF;"), "航道", TEXT, id="references-to-control-characters"),
        pytest.param(item_of("航道", "水深 < 9 米"), "航道", "水深 < 9 米", id="bare-less"),
        pytest.param(item_of("航道", f"<![CDATA[<p>甲&nbsp;乙 & 丙\x01</p><p>{TEXT}</p>]]>"),
                     "航道", f"甲 乙 & 丙\n\n{TEXT}", id="control-character-in-cdata"),
        pytest.param(item_of("航道").replace("description>", "content:encoded>"), "航道", TEXT, id="undeclared-prefix"),
        pytest.param(item_of("航道", f"<b>{TEXT}"), "航道", TEXT, id="tag-not-closed"),
        pytest.param(item_of("航道", f"{TEXT}</p>"), "航道", TEXT, id="tag-not-opened"),
        pytest.param(item_of("航道", f"<![CDATA[{TEXT}"), "航道", TEXT, id="cdata-not-closed"),
        pytest.param(item_of("航道", f"<img src=a.png>{TEXT}"), "航道", TEXT, id="attribute-without-quotes"),
    ],
)  # fmt: skip
def test_fault_of_an_entry_costs_no_text(fault: str, title: str, body: str, read: Read) -> None:
    """An entry with a fault is read as other readers do, and the entries around it are whole."""
    documents, lines = read(feed_of(item_of("前"), fault, item_of("后后"), item_of("末末末")), "a.xml")
    assert [document.title for document in documents] == ["前", title, "后后", "末末末"]
    assert [document.body for document in documents] == [TEXT, body, TEXT, TEXT]
    assert {document.account for document in documents} == {"港湾来信"}
    assert not [line for line in lines if line.startswith("rejected")]


@pytest.mark.parametrize("before", ["\n\n", "\ufeff\n", "  ", "Warning: <b>slow</b> query\n", "\x00\x08"])
def test_what_stands_before_the_declaration_is_passed_over(before: str, read: Read) -> None:
    """Blank lines, a second byte-order mark, and the warnings of a program."""
    documents, lines = read(feed_of(item_of("航道"), before=before), "a.xml")
    assert [(document.title, document.account) for document in documents] == [("航道", "港湾来信")]
    assert not [line for line in lines if line.startswith("rejected")]


def test_other_elements_of_an_entry_are_set_aside(read: Read) -> None:
    """Categories and the names of other vocabularies are found by phrases."""
    item = item_of("航道").replace("</item>", "<category>清淤</category><media:title>航拍图</media:title></item>")
    (document,), _ = read(feed_of(item), "a.xml")
    assert {"清淤", "航拍图"} <= {text for _, text in document.set_aside}


def test_entry_in_a_cdata_section_is_no_entry(read: Read) -> None:
    """A text that speaks of feeds is not divided."""
    (document,), lines = read(
        feed_of(item_of("航道", f"<![CDATA[写作 &lt;item&gt; 或 <item> 皆可。{TEXT}]]>")), "a.xml"
    )
    assert TEXT in document.body
    assert not [line for line in lines if line.startswith("rejected")]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.text())
def test_any_text_is_entries_and_issues(texts: list[str], junk: str) -> None:
    """Nothing that a feed may hold makes the loader raise, and every entry is accounted for."""
    content = feed_of(*(item_of("题", text) for text in texts)) + junk
    records = [item for item in load([content], "") if isinstance(item, RawRecord)]
    if not any("<" in text for text in (*texts, junk)):
        assert len(records) == len(texts)


def test_page_in_xhtml_is_a_page(read: Read) -> None:
    """An XML declaration before HTML does not make it a feed."""
    (document,), lines = read(
        '<?xml version="1.0"?><!DOCTYPE html><html><head><title>题</title></head><body><p>文</p></body></html>', "a.txt"
    )
    assert (document.title, document.body, lines) == ("题", "文", [])


@pytest.mark.parametrize("mark", ["<!--", "<![CDATA[", "&", "<", "<title>", "<description><![CDATA[", "<b x='"])
def test_marks_without_an_end_take_linear_time(mark: str) -> None:
    """A feed of 400,000 openings, which a search for the end of each would take hours for."""
    started = time.process_time()
    list(load([feed_of(item_of("前"), f"<item>{mark * 400_000}")], ""))
    assert time.process_time() - started < 20
