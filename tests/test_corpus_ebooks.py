"""E-books, OpenDocument files and mails: everything that their reader sees comes back, hostile ones do no harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders import epub, mail, odf
from corpus.loaders.package import Package
from corpus.loaders.raw_record import RawRecord

Read = Callable[..., tuple[list[Document], list[str]]]

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)
HAN = st.text(st.sampled_from("海湾潮汐能观测站数据公报第一二三四五号"), min_size=1, max_size=12)


def zipped(parts: Mapping[str, str]) -> bytes:
    """A package of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def book(chapters: Mapping[str, str], metadata: str = "<dc:title>潮汐手册</dc:title>", **parts: str) -> bytes:
    """An e-book of these chapters (name → body), in this order; further parts by their names in the archive."""
    manifest = "".join(
        f'<item id="c{number}" href="text/{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(sorted(chapters))
    )
    ids = {name: f"c{number}" for number, name in enumerate(sorted(chapters))}
    spine = "".join(f'<itemref idref="{ids[name]}"/>' for name in chapters)
    opf = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><metadata'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata><manifest>{manifest}'
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f'<spine toc="ncx">{spine}</spine></package>'
    )
    container = '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
    pages = {
        f"OEBPS/text/{name}": f'<?xml version="1.0"?><!DOCTYPE html><html><head><title>x</title></head><body>{body}'
        "</body></html>"
        for name, body in chapters.items()
    }
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/content.opf": opf,
            **pages,
            **parts,
        }
    )


def test_book_is_read_in_its_order_with_chapters_as_sections(read: Read) -> None:
    """The spine orders the chapters, headings make sections, a chapter without one has its name from the contents."""
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://x/ncx.dtd"><ncx><navMap><navPoint><navLabel>'
        '<text>附录</text></navLabel><content src="text/a.xhtml#p1"/></navPoint></navMap></ncx>'
    )
    content = book(
        {
            "b.xhtml": "<h1>第一章<br/>观测</h1><p>站点 A&amp;B。</p><h2>一、仪器</h2><p>浮标。</p>",
            "a.xhtml": "<p>术语表。</p>",
        },
        "<dc:title>潮汐手册</dc:title><dc:creator>甲</dc:creator><dc:creator>乙</dc:creator><dc:date>2024-03-05</dc:date>"
        "<dc:publisher>海湾出版社</dc:publisher>",
        **{"OEBPS/toc.ncx": ncx},
    )
    (document,), lines = read(content, "手册.epub")
    assert lines == []
    assert (document.title, document.account, document.date, document.source_id) == (
        "潮汐手册",
        "甲、乙",
        "2024-03-05",
        "手册",
    )
    assert document.body == "第一章 观测\n\n站点 A&B。\n\n一、仪器\n\n浮标。\n\n附录\n\n术语表。"
    assert [(section.level, section.title) for section in document.sections] == [
        (1, "第一章 观测"),
        (2, "一、仪器"),
        (1, "附录"),
    ]
    assert "海湾出版社" in "".join(part.text for part in document.set_aside)


def test_book_in_an_archive_and_named_zip_is_a_book(read: Read) -> None:
    """Content decides: a book is never taken apart as an archive."""
    content = book({"a.xhtml": "<p>潮汐表。</p>"})
    assert [document.title for document in read(content, "书.zip")[0]] == ["潮汐手册"]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("书/书.epub", content)
    assert [document.title for document in read(target.getvalue(), "外.zip")[0]] == ["潮汐手册"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(book({"a.xhtml": "<img src='x'/>"}), "the book holds no text", id="pictures"),
        pytest.param(
            book(
                {"a.xhtml": "<p>x</p>"},
                **{
                    "META-INF/encryption.xml": '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
                },
            ),
            "protected against copying",
            id="protected",
        ),
        pytest.param(
            zipped({"META-INF/container.xml": "<rootfile full-path='../../etc/passwd'/>"}), "no text", id="path"
        ),
    ],
)
def test_book_that_cannot_be_read_is_one_line(content: bytes, expected: str, read: Read) -> None:
    """Pictures, protection, paths out of the book."""
    documents, lines = read(content, "a.epub")
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


def test_chapter_that_is_missing_is_named(read: Read) -> None:
    """The other chapters are read."""
    raw = book({"a.xhtml": "<p>潮汐表。</p>", "b.xhtml": "<p>海流图。</p>"})
    documents, lines = read(raw.replace(b"OEBPS/text/b.xhtml", b"OEBPS/text/z.xhtml"), "a.epub")
    assert documents[0].body == "潮汐表。"
    assert len(lines) == 1
    assert "OEBPS/text/b.xhtml is missing" in lines[0]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["p", "h1", "h2", "li", "td", "blockquote"]), HAN), min_size=1, max_size=8))
def test_book_loses_no_text(parts: list[tuple[str, str]]) -> None:
    """What stands in a chapter, in whatever element, comes back in its order."""
    body = "".join(f"<{name}>{text}</{name}>" for name, text in parts)
    (record,) = epub.load(Package(io.BytesIO(book({"a.xhtml": body})), 1 << 20), "x")
    assert isinstance(record, RawRecord)
    assert "".join(record.text.replace("#", "").split()) == "".join(text for _, text in parts)


def odt(body: str, styles: str = "", meta: str = "", automatic: str = "") -> bytes:
    """An OpenDocument text."""
    content = f"<office:automatic-styles>{automatic}</office:automatic-styles><office:body><office:text>{body}"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {SPACES}>{content}</office:text></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {SPACES}>{styles}</office:document-styles>",
            "meta.xml": f"<office:document-meta {SPACES}>{meta}</office:document-meta>",
        }
    )


BODY = (
    "<text:tracked-changes><text:p>删去</text:p></text:tracked-changes>"
    '<text:p text:style-name="P1">海湾观测方案</text:p>'
    "<text:table-of-content><text:index-body><text:p>一、站点 1</text:p></text:index-body></text:table-of-content>"
    '<text:h text:outline-level="1">一、站点</text:h><text:p>甲<text:s text:c="2"/>乙<text:tab/>丙<text:line-break/>丁'
    "<text:span>戊</text:span><text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注释</text:p>"
    "</text:note-body></text:note>己 R&amp;D &amp;lt;</text:p>"
    "<text:list><text:list-item><text:p>浮标</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>名称</text:p></table:table-cell><table:table-cell>"
    "<text:p>数量</text:p></table:table-cell></table:table-row></table:table>"
    "<office:annotation><dc:creator>审</dc:creator><text:p>批注</text:p></office:annotation>"
    "<text:p><draw:frame><draw:text-box><text:p>框中</text:p><text:p><text:page-number>&lt;number&gt;"
    "</text:page-number></text:p></draw:text-box></draw:frame></text:p>"
)


def test_open_document_keeps_its_headings_and_tables(read: Read) -> None:
    """Outline levels make sections; headers, contents lists and comments are set aside; deleted text is not there."""
    content = odt(
        BODY,
        "<style:master-page><style:header><text:p>海湾站文件</text:p></style:header><draw:frame>"
        "<draw:text-box><text:p>海湾站文件</text:p></draw:text-box></draw:frame></style:master-page>",
        "<dc:title>内部标题</dc:title>",
        '<style:style style:name="P1" style:parent-style-name="Title"/>',
    )
    (document,), lines = read(content, "方案.odt")
    assert lines == []
    assert document.title == "海湾观测方案"
    assert [(section.level, section.title) for section in document.sections] == [(1, "一、站点")]
    for part in ("甲 乙 丙\n丁戊1己 R&D &lt;", "浮标", "名称 数量", "框中", "注释"):
        assert part in document.body
    assert "删去" not in document.body
    assert "number" not in document.body
    aside = {part.reason: part.text for part in document.set_aside}
    assert (aside["page_header"], aside["contents"]) == ("海湾站文件", "一、站点 1")
    others = "".join(part.text for part in document.set_aside if part.reason == "other")
    assert "批注" in others
    assert "内部标题" in others


def test_flat_open_document_is_read(read: Read) -> None:
    """The same as one XML file."""
    raw = f'<?xml version="1.0"?>\n<office:document {SPACES}><office:body>{BODY}</office:body></office:document>'
    (document,), lines = read(raw, "a.fodt")
    assert lines == []
    assert "浮标" in document.body


def test_text_called_open_document_is_read_and_named(read: Read) -> None:
    """A file whose content is another format than its suffix says is read as what it is."""
    (document,), lines = read("潮汐公报", "a.odt")
    assert (document.title, lines) == (
        "潮汐公报",
        ["note: a.odt: the content is no .odt file; it is read as the text that it is"],
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(odt("<text:p/>"), "holds no text", id="no-text"),
        pytest.param(odt("<text:p>甲"), "content.xml is damaged", id="not-well-formed"),
        pytest.param(
            zipped({"content.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "document type", id="entities"
        ),
        pytest.param(odt("<text:p>" * 2000 + "</text:p>" * 2000), "nested deeper", id="deep"),
    ],
)
def test_open_document_that_cannot_be_read_is_one_line(content: bytes, expected: str, read: Read) -> None:
    """Emptiness, damage, entities and depth."""
    documents, lines = read(content, "a.odt")
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["p", "h", "li", "cell", "note"]), HAN), min_size=1, max_size=8))
def test_open_document_loses_no_text(parts: list[tuple[str, str]]) -> None:
    """What stands in paragraphs, headings, lists, tables and notes comes back."""
    forms = {
        "p": "<text:p>{}</text:p>",
        "h": '<text:h text:outline-level="2">{}</text:h>',
        "li": "<text:list><text:list-item><text:p>{}</text:p></text:list-item></text:list>",
        "cell": "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>",
        "note": "<text:p>号<text:note><text:note-body><text:p>{}</text:p></text:note-body></text:note></text:p>",
    }
    body = "".join(forms[name].format(text) for name, text in parts)
    (record,) = odf.load(Package(io.BytesIO(odt(body)), 1 << 20), "x")
    assert isinstance(record, RawRecord)
    blocks = {block.lstrip("# ") for block in record.text.split("\n\n")}
    assert {text for _, text in parts} <= blocks


def message(**headers: str) -> EmailMessage:
    """A mail with these headers."""
    mail = EmailMessage()
    for name, value in {"Subject": "关于观测的函", "From": "海湾站 <a@b.cn>", "To": "丙 <c@d.cn>", **headers}.items():
        mail[name] = value
    mail["Date"] = "Tue, 05 Mar 2024 23:30:00 +0800"
    return mail


def test_mail_is_read_with_its_attachments(read: Read) -> None:
    """The page of a mail is its text, its addresses are set aside, readable attachments are files, others are named."""
    mail = message()
    mail.set_content("纯文本")
    mail.add_alternative("<p>请于<b>三月</b>报送。</p>", subtype="html")
    mail.add_attachment("潮位表第一期".encode("gb18030"), maintype="text", subtype="plain", filename="附件一.txt")
    mail.add_attachment(b"x", maintype="application", subtype="x-rar", filename="附件二.rar")
    mail.add_attachment(zip_of("表.txt", "海流表"), maintype="application", subtype="zip", filename="附件三.zip")
    documents, lines = read(mail.as_bytes(), "函.eml")
    assert [(document.title, document.source_id) for document in documents] == [
        ("关于观测的函", "函"),
        ("潮位表第一期", "附件一"),
        ("海流表", "表"),
    ]
    assert documents[0].body == "请于三月报送。"
    assert (documents[0].account, documents[0].date) == ("海湾站", "2024-03-05")
    assert "c@d.cn" in documents[0].set_aside[0].text
    assert lines == ["note: 函.eml/附件二.rar: .rar files cannot be read; unpack it, or pack it as .zip, and try again"]


def zip_of(name: str, content: str) -> bytes:
    """An archive of one file."""
    return zipped({name: content})


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("Subject: 观测通知\nFrom: 海湾站 <a@b.cn>\n\n正文内容。".encode(), id="raw-utf8"),
        pytest.param("Subject: 观测通知\r\nFrom: 海湾站 <a@b.cn>\r\n\r\n正文内容。".encode("gbk"), id="raw-gbk"),
        pytest.param(
            b"Subject: =?gb2312?B?uduy4s2o1qo=?=\nFrom: =?utf-8?B?5rW35rm+56uZ?= <a@b.cn>\nMIME-Version: 1.0\n"
            b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n"
            + "正文内容。".encode("gbk"),
            id="encoded-words",
        ),
    ],
)
def test_mail_in_any_encoding_is_read(raw: bytes, read: Read) -> None:
    """Old mails name no charset, or write raw bytes into headers."""
    (document,), lines = read(raw, "a.eml")
    assert (document.title, document.account, document.body, lines) == ("观测通知", "海湾站", "正文内容。", [])


def test_mail_of_endless_parts_is_refused(read: Read) -> None:
    """The parser calls itself for each nested part."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000))
    documents, lines = read(b"MIME-Version: 1.0\n" + nested, "a.eml")
    assert documents == []
    assert "more than 50 nested parts" in lines[0]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(HAN, HAN, st.sampled_from(["plain", "html"]), st.sampled_from(["utf-8", "gb18030"]))
def test_mail_loses_no_text(subject: str, text: str, kind: str, charset: str) -> None:
    """Subject and text come back from every transfer encoding."""
    written = message(Subject=subject)
    written.set_content(text, subtype=kind, charset=charset)
    (record,) = mail.load(io.BytesIO(written.as_bytes()), "x")
    assert isinstance(record, RawRecord)
    assert (record.title, record.text.strip()) == (subject, text)
