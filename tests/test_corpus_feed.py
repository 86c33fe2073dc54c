"""Feeds: RSS, Atom and JSON Feed, and XML that is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus.document import Document

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


def test_items_before_a_broken_place_are_kept(read: Read) -> None:
    """A feed that was cut gives what came before."""
    documents, lines = read(RSS[: RSS.index("只有")].replace("gb18030", "utf-8"), "a.rss")
    assert [document.title for document in documents] == ["题 & 目"]
    assert len(lines) == 1
    assert lines[0].endswith("; what follows is unread; download it again")


def test_page_in_xhtml_is_a_page(read: Read) -> None:
    """An XML declaration before HTML does not make it a feed."""
    (document,), lines = read(
        '<?xml version="1.0"?><!DOCTYPE html><html><head><title>题</title></head><body><p>文</p></body></html>', "a.txt"
    )
    assert (document.title, document.body, lines) == ("题", "文", [])
