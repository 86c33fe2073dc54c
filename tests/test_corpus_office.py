"""Word and PDF files: headings, tables and notes, pages and their lines, and files that hurt."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

import pytest

from corpus.document import Document
from corpus.loaders import pdf
from corpus.loaders.pdf_lines import joined_pages

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("pypdfium2")

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = (
    '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="a3"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="own"><w:name w:val="我的标题"/><w:basedOn w:val="2"/></w:style>'
    '<w:style w:styleId="round"><w:name w:val="x"/><w:basedOn w:val="round"/></w:style>'
)
SENTENCE = "企业应当按照规定真实、完整地填报研发费用与技术合同的有关信息"

Read = Callable[..., tuple[list[Document], list[str]]]


def paragraph(text: str, style: str = "") -> str:
    """A paragraph of one run."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    """A table whose cells hold one paragraph each."""
    lines = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def docx(body: str, **parts: str) -> bytes:
    """A Word file with this body; other parts by their name without .xml."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
        for name, content in {"styles": STYLES, **parts}.items():
            package.writestr(f"word/{name}.xml", f"<w:{name} {WORD}>{content}</w:{name}>")
    return target.getvalue()


def test_word_document_keeps_its_headings_and_tables(read: Read) -> None:
    """Styles tell title and headings, a table's row is a line, notes stand at the end."""
    content = docx(
        paragraph("总体方案", "a3")
        + paragraph("一、任务", "1")
        + paragraph("建设平台。")
        + paragraph("（一）分工", "own")
        + table(["单位", "任务 R&D"], ["甲", ""], ["", "乙"])
        + paragraph("", "1")
        + paragraph("完。", "round"),
        footnotes='<w:footnote w:type="separator"><w:p><w:r><w:t>线</w:t></w:r></w:p></w:footnote>'
        f"<w:footnote>{paragraph('注一')}</w:footnote>",
    )
    (document,), lines = read(content, "plan.docx")
    assert lines == []
    assert (document.title, document.source_id) == ("总体方案", "plan")
    assert document.body.split("\n\n") == [
        "一、任务",
        "建设平台。",
        "（一）分工",
        "单位 任务 R&D",
        "甲",
        "乙",
        "完。",
        "注一",
    ]
    assert [(section.level, section.title) for section in document.sections] == [(1, "一、任务"), (2, "（一）分工")]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        pytest.param("<w:r><w:t>国家</w:t></w:r><w:r><w:t>重点</w:t></w:r>", "国家重点", id="runs-part-no-words"),
        pytest.param("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t></w:r>", "甲\n乙 丙", id="breaks"),
        pytest.param(
            "<w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:t>旧</w:t></w:r></w:del>", "新", id="changes"
        ),
        pytest.param("<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>", "链接", id="link"),
        pytest.param(
            "<w:r><w:instrText>PAGE</w:instrText></w:r><w:sdt><w:sdtContent><w:r><w:t>域</w:t></w:r></w:sdtContent></w:sdt>",
            "域",
            id="fields",
        ),
        pytest.param(
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
            "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>显</w:t></w:r><w:r><w:t>文</w:t></w:r>",
            "显文",
            id="hidden",
        ),
        pytest.param(
            "<w:r><w:t>前</w:t></w:r><w:r><x:AlternateContent xmlns:x='m'><x:Choice><w:txbxContent>"
            + paragraph("框中")
            + "</w:txbxContent></x:Choice><x:Fallback><w:txbxContent>"
            + paragraph("框中")
            + "</w:txbxContent></x:Fallback></x:AlternateContent></w:r><w:r><w:t>后</w:t></w:r>",
            "框中\n\n前后",
            id="text-box-once",
        ),
    ],
)
def test_word_paragraph_is_what_its_reader_sees(runs: str, text: str, read: Read) -> None:
    """Inserted, linked and boxed text counts once; deleted, hidden and computed parts do not."""
    tabs = "<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>"
    (document,), lines = read(docx(f"{paragraph('题')}<w:p>{tabs}{runs}</w:p>"), "a.docx")
    assert (document.body, lines) == (text, [])


def test_word_document_without_styles_has_numbered_sections(read: Read) -> None:
    """Most official texts have no styles: their sections are those that their numbers tell."""
    body = "".join(
        map(paragraph, ["某市行动计划", "一、总体要求", "文。", "二、主要任务", "文。", "三、保障措施", "文。"])
    )
    (document,), lines = read(docx(body), "无名.docx")
    assert (document.title, lines) == ("某市行动计划", [])
    assert [section.title for section in document.sections] == ["一、总体要求", "二、主要任务", "三、保障措施"]


def cut(raw: bytes) -> bytes:
    """A file whose second half is missing."""
    return raw[: len(raw) // 2]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(cut(docx(paragraph("甲"))), "a damaged ZIP package: File is not a zip file", id="cut"),
        pytest.param(
            docx("<w:p><w:r><w:t>甲"),
            "word/document.xml is damaged: not well formed at line 1: mismatched tag",
            id="xml",
        ),
        pytest.param(docx(paragraph("")), "the Word document holds no text", id="no-text"),
        pytest.param(docx("", styles=""), "the Word document holds no text", id="empty"),
        pytest.param(b"PK\x05\x06" + b"\0" * 18, "a ZIP archive; unpack it", id="empty-archive"),
    ],
)
def test_word_file_that_cannot_be_read_is_one_line(content: bytes, expected: str, read: Read) -> None:
    """Damage, old formats and pictures only: one line says what to do."""
    documents, lines = read(content, "a.docx")
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


def test_entities_of_word_files_are_refused(read: Read) -> None:
    """A document type, in which entities that grow without end are declared, is in no Word file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        package.writestr("word/document.xml", f"{bomb}<w:document {WORD}>&b;</w:document>")
    documents, lines = read(target.getvalue(), "a.docx")
    assert documents == []
    assert len(lines) == 1
    assert "it declares a document type" in lines[0]


def test_word_file_that_expands_too_far_is_refused(read: Read) -> None:
    """A small package of a large part does not fill the memory; nor does deep markup."""
    documents, lines = read(docx(paragraph("甲" * 1_000_000)), "a.docx", max_file_bytes=100_000)
    assert documents == []
    assert lines == [
        "rejected: a.docx: cannot be read as an Office file: it expands to more than 100,000 bytes (max_file_bytes)"
    ]
    documents, lines = read(docx("<w:sdt>" * 50_000 + paragraph("深") + "</w:sdt>" * 50_000), "b.docx")
    assert documents == []
    assert [line.split(": ")[-1] for line in lines] == ["nested deeper than 1,000 levels"]


def pdf_file(*pages: Sequence[str], title: str = "") -> bytes:
    """A PDF whose pages show these lines, in a font that names its characters by their numbers."""
    cmap = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange"
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /ToUnicode 5 0 R"
        b" /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW 1000"
        b" /CIDSystemInfo << /Registry (A) /Ordering (B) >> >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(cmap), cmap),
    ]
    for number, lines in enumerate(pages):
        shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -20 Td " for line in lines)
        content = f"BT /F 12 Tf 72 700 Td {shown}ET".encode()
        resources = "<< /Font << /F 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {7 + 2 * number} 0 R"
            f" /Resources {resources} >>".encode()
        )
        objects.append(b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content))
    objects.append(b"<< /Title <%s> >>" % ("\ufeff" + title).encode("utf-16-be").hex().encode())
    written = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>" % (len(objects) + 1, len(objects))
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return written + head + table + trailer + b"\nstartxref\n%d\n%%%%EOF" % len(written)


def encrypted(raw: bytes, password: str) -> bytes:
    """The PDF, encrypted with a password; an empty one lets everybody read."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(raw)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")  # noqa: S106
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


PAGES = (["某市行动计划", "一、总体要求", SENTENCE, "并对真实性负责。", "- 1 -"], ["⼆、主要任务", "⻓期坚持。", "2"])


def test_pdf_is_read_as_paragraphs(read: Read) -> None:
    """Lines that the margin broke are joined, page numbers are gone, radicals are characters."""
    (document,), lines = read(pdf_file(*PAGES), "plan.pdf")
    assert lines == []
    assert (document.title, document.source_id) == ("某市行动计划", "plan")
    assert document.body.split("\n") == [
        *("某市行动计划", "一、总体要求", f"{SENTENCE}并对真实性负责。", "二、主要任务", "长期坚持。"),
    ]


def test_pdf_sections_have_pages(read: Read) -> None:
    """A section of a PDF names the page on which it begins."""
    (document,), _ = read(pdf_file(*PAGES), "plan.pdf")
    pages = {section.title: section.page for section in document.sections}
    assert pages == {"一、总体要求": 1, "二、主要任务": 2}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("某市 行动计划（一）", "某市行动计划（一）", id="on-the-first-page"),
        pytest.param("Microsoft Word - 模板", "某市行动计划", id="of-the-template"),
    ],
)
def test_pdf_title_must_stand_on_its_page(title: str, expected: str, read: Read) -> None:
    """The title among the file's properties counts where readers see it, too."""
    (document,), _ = read(pdf_file(["某市行动计划", "（一）", "文字文字文字。"], title=title), "a.pdf")
    assert "".join(document.title.split()) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(pdf_file([], ["3"]), "the pages of the PDF are pictures without text", id="pictures"),
        pytest.param(encrypted(pdf_file(*PAGES), "secret"), "the PDF is encrypted; save it without", id="encrypted"),
        pytest.param(cut(pdf_file(*PAGES)), "cannot be read as a PDF", id="cut"),
        pytest.param(b"%PDF-1.7\n" + bytes(range(256)) * 20, "cannot be read as a PDF", id="noise"),
        pytest.param(
            pdf_file(PAGES[0]).replace(b"/Kids [6 0 R", b"/Kids [2 0 R"), "cannot be read as a PDF", id="loop"
        ),
    ],
)
def test_pdf_without_text_is_one_line(content: bytes, expected: str, read: Read) -> None:
    """Pictures, passwords and damage: one line says what to do, and nothing is written beside it."""
    documents, lines = read(content, "a.pdf")
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


def test_pdf_of_an_official_document_has_its_title(read: Read) -> None:
    """The letterhead, set apart, is no title; the title over two lines is whole."""
    lines = [
        "青 原 市 农 业 局 文 件",
        "青农发〔2024〕3 号",
        "青原市农业局关于印发水稻",
        "育秧管理办法的通知",
        "各县农业局：",
        SENTENCE,
    ]
    (document,), issues = read(pdf_file(lines), "a.pdf")
    assert (document.title, issues) == ("青原市农业局关于印发水稻育秧管理办法的通知", [])
    assert "青原市农业局文件" in "".join(document.text.split())


def test_pdf_that_everybody_may_read_is_read(read: Read) -> None:
    """A file that is encrypted only against changes opens without a password."""
    (document,), lines = read(encrypted(pdf_file(*PAGES), ""), "a.pdf")
    assert (document.title, lines) == ("某市行动计划", [])


def test_pdf_pages_that_are_pictures_are_named(read: Read) -> None:
    """Where some pages hold no text, the rest is read and the report tells which."""
    (document,), lines = read(pdf_file(*PAGES, [], [SENTENCE], ["5"]), "a.pdf")
    assert document.body.endswith(SENTENCE)
    assert lines == [
        "note: a.pdf: pages with hardly any text: 3, 5; where they are pictures, what they show is not found"
    ]


def test_pdf_pages_that_are_damaged_are_named(read: Read) -> None:
    """A page that is none does not cost the others."""
    (document,), lines = read(pdf_file(*PAGES).replace(b"/Kids [6 0 R", b"/Kids [2 0 R"), "a.pdf")
    assert document.body.endswith("长期坚持。")
    assert len(lines) == 1
    assert "pages that cannot be read: " in lines[0]


def test_pdf_of_endless_pages_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may not claim as many pages as it likes."""
    monkeypatch.setattr(pdf, "MAX_PAGES", 3)
    assert len(read(pdf_file(*[[SENTENCE]] * 3), "a.pdf")[0]) == 1
    assert "more than 3 pages" in read(pdf_file(*[[SENTENCE]] * 4), "a.pdf")[1][0]


def test_without_the_extra_a_line_says_what_to_install(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """PDF needs a library that not everybody has; Word does not."""
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert read(pdf_file(*PAGES), "a.pdf") == (
        [],
        ["rejected: a.pdf: PDF files are read with an extra: pip install 'kesou[office]'"],
    )
    assert len(read(docx(paragraph("甲")), "a.docx")[0]) == 1


def test_pdf_that_takes_without_end_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files can be slow: many pages that share a stream that unpacks to a gigabyte."""
    monkeypatch.setattr(pdf, "MAX_SECONDS", -1.0)
    documents, lines = read(pdf_file(*PAGES), "a.pdf")
    assert documents == []
    assert "or takes more than" in lines[0]


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        pytest.param([f"{SENTENCE}\n并完整", "甲"], f"{SENTENCE}并完整\n甲", id="joined"),
        pytest.param([f"{SENTENCE}", "并完整\n甲"], f"{SENTENCE}并完整\n甲", id="joined-across-pages"),
        pytest.param([f"{SENTENCE}\n一、任务"], f"{SENTENCE}\n一、任务", id="numbered-line-begins"),
        pytest.param([f"{SENTENCE}。\n并完整"], f"{SENTENCE}。\n并完整", id="sentence-ends"),
        pytest.param(["甲乙\n丙丁"], "甲乙\n丙丁", id="short-lines"),
        pytest.param(["某 市 行 动 计 划 的 通 知"], "某市行动计划的通知", id="spaced-characters"),
        pytest.param(["表头\n甲 10 50%\n乙 30 40%"], "表头\n甲 10 50%\n乙 30 40%", id="table"),
        pytest.param(["页眉\n甲", "页眉\n乙", "页眉\n丙"], "页眉\n甲\n乙\n丙", id="header-once"),
        pytest.param(["甲\n— 12 —", "第 13 页 共 20 页\n乙", "丙\nPage 3 of 9"], "甲\n乙\n丙", id="page-numbers"),
        pytest.param(["", "", ""], "", id="nothing"),
    ],
)
def test_lines_of_pages_become_paragraphs(pages: list[str], text: str) -> None:
    """What the margin and the printer added goes; what the writer meant stays."""
    joined, starts, _ = joined_pages(pages)
    assert joined == text
    assert len(starts) == len(pages)
    assert list(starts) == sorted(starts)


def test_compressed_word_file(read: Read) -> None:
    """A Word file inside a gzip file is read like the file itself."""
    (document,), lines = read(gzip.compress(docx(paragraph("题目", "a3") + paragraph("正文在此。"))), "a.docx.gz")
    assert (document.body, lines) == ("正文在此。", [])
