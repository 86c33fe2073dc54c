"""Damaged files of every format: each is a document or a line of the report, and no run ends with an exception."""

from __future__ import annotations

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.collection import Collection
from corpus.document import Document
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy

TEXT = "科技创新券在本市各区通用，企业可以凭券购买检测服务。"
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>一、任务</w:t></w:r></w:p>'
    f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    "</w:body></w:document>"
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>标题</t></is></c><c r="B1" t="inlineStr"><is><t>正文</t></is></c></row>'
    f'<row r="2"><c r="A2" t="inlineStr"><is><t>题</t></is></c><c r="B2" t="inlineStr"><is><t>{TEXT}</t></is></c></row>'
    "</sheetData></worksheet>"
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RECORDS = [{"aid": f"{n}", "title": f"题{n}", "content": TEXT, "date": "2025-11-01"} for n in range(3)]
#: What formats consist of; a byte that is replaced by one of these often damages the structure.
TOKENS = (
    b"<",
    b">",
    b"/",
    b'"',
    b"\\",
    b"{",
    b"]",
    b"\n",
    b"\0",
    b"\xff",
    b"&#0;",
    b"<![",
    b"9" * 30,
    b" obj ",
    b"%PDF-",
)


def package(**parts: str) -> bytes:
    """A ZIP package of these parts, by their names with __ for a slash."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return target.getvalue()


def word(document: str) -> bytes:
    """A Word file with this main part."""
    return package(word__document=document)


def workbook(sheet: str) -> bytes:
    """An Excel file with this sheet."""
    target = io.BytesIO()
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SPREADSHEET}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1"'
        f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def pdf(is_compressed: bool) -> bytes:
    """A PDF of one page with a line of text."""
    content = b"BT /F 12 Tf 72 700 Td (Science and technology plan of the city, 2025) Tj ET"
    content = zlib.compress(content) if is_compressed else content
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d%s >> stream\n%s\nendstream"
        % (len(content), b" /Filter /FlateDecode" if is_compressed else b"", content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    written = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return written + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(written)


FORMATS = {
    "json": json.dumps(RECORDS, ensure_ascii=False).encode(),
    "jsonl": "\n".join(json.dumps(record) for record in RECORDS).encode(),
    "csv": f'标题,正文\n题,"{TEXT}"\n题二,"甲""乙\n丙"\n'.encode(),
    "html": f'<html><head><title>题</title></head><body><!-- x --><div id="js_content"><p>{TEXT}</p></div>'.encode(),
    "rss": '<?xml version="1.0"?><rss><channel><title>号</title><item><title>题</title>'
    f"<pubDate>Sat, 01 Nov 2025 01:30:00 GMT</pubDate><description><![CDATA[<p>{TEXT}]]></description></item>"
    "</channel></rss>".encode(),
    "md": f"# 总体方案\n\n## 一、任务\n\n| 甲 | 乙 |\n|---|---|\n\n{TEXT}[链接](http://a.cn/)".encode(),
    "txt": f"总体方案\n\n一、任务\n{TEXT}\f\n二、保障\n{TEXT}\n".encode("gb18030"),
    "docx": word(WORD),
    "xlsx": workbook(SHEET),
    "pdf": pdf(is_compressed=False),
}


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The bytes with one to four changes: a bit flipped, a part removed, repeated or replaced, or the end cut off."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(content) + 1)
        end = min(len(content), start + dice.choice((1, 1, 2, 8, 64)))
        part = content[start:end]
        part = dice.choice(
            (
                bytes(byte ^ 1 << dice.randrange(8) for byte in part),
                b"",
                part * dice.choice((2, 50)),
                dice.choice(TOKENS),
                dice.randbytes(len(part)),
            )
        )
        content = content[:start] + part + (b"" if dice.random() < 0.1 else content[end:])
    return content


def unmentioned(contents: list[bytes], suffix: str, folder: Path, taxonomy: Taxonomy) -> list[str]:
    """Read the contents as files of one run: the names of those that gave neither a document nor an issue."""
    for number, content in enumerate(contents):
        (folder / f"{number}.{suffix}").write_bytes(content)
    files, _ = find_files([folder])
    assert len(files) == len(contents)
    collection = Collection(files, taxonomy, Settings(max_file_bytes=1 << 20), folder)
    mentioned = set()
    for item in collection:
        mentioned.add(collection.file if isinstance(item, Document) else item.file)
        assert "\n" not in str(item) or isinstance(item, Document)
    return [file.name for file in files if file.name not in mentioned]


@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_bytes_are_lines_of_the_report(suffix: str, tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """A file with changed bytes gives documents or issues, each issue on one line."""
    dice = random.Random(suffix)
    contents = [FORMATS[suffix], *(damaged(FORMATS[suffix], dice) for _ in range(200))]
    assert unmentioned(contents, suffix, tmp_path, packaged_taxonomy) == []


@pytest.mark.parametrize(
    ("suffix", "make", "part"),
    [pytest.param("docx", word, WORD, id="docx"), pytest.param("xlsx", workbook, SHEET, id="xlsx")],
)
def test_damaged_parts_of_packages_are_lines_of_the_report(
    suffix: str, make: Callable[[str], bytes], part: str, tmp_path: Path, packaged_taxonomy: Taxonomy
) -> None:
    """The same for the XML inside a sound package, where no checksum reveals the damage."""
    dice = random.Random(suffix)
    parts = (damaged(part.encode(), dice).decode("utf-8", "replace") for _ in range(200))
    assert unmentioned([make(part), *map(make, parts)], suffix, tmp_path, packaged_taxonomy) == []


def test_damaged_pages_of_a_pdf_are_lines_of_the_report(tmp_path: Path, packaged_taxonomy: Taxonomy) -> None:
    """The same for a PDF whose page is compressed."""
    dice = random.Random("pages")
    assert (
        unmentioned([pdf(True), *(damaged(pdf(True), dice) for _ in range(200))], "pdf", tmp_path, packaged_taxonomy)
        == []
    )
