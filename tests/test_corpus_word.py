"""Word files: automatic numbers, embedded pages, page headers and other parts, and packages made to hurt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.office import loader_of
from corpus.loaders.raw_record import Item, RawRecord
from corpus.loaders.word.number_formats import number_text

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
MAX_BYTES = 1 << 24

Read = Callable[..., tuple[list[Document], list[str]]]


def numbered(text: str, num: int | str = "", level: int | str = "", style: str = "") -> str:
    """A paragraph of a list."""
    parts = (f'<w:pStyle w:val="{style}"/>' if style else "") + "<w:numPr>"
    parts += (f'<w:ilvl w:val="{level}"/>' if level != "" else "") + (f'<w:numId w:val="{num}"/>' if num != "" else "")
    return f"<w:p><w:pPr>{parts}</w:numPr></w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def plain(text: str, style: str = "") -> str:
    """A paragraph without a number of its own."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def level(index: int, number_format: str, text: str, start: int = 1, more: str = "") -> str:
    """The definition of a level."""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*definitions: str, nums: str = "") -> str:
    """numbering.xml with a list for each definition, and more lists."""
    inner = "".join(
        f'<w:abstractNum w:abstractNumId="{index}">{text}</w:abstractNum>' for index, text in enumerate(definitions)
    )
    lists = "".join(
        f'<w:num w:numId="{index + 1}"><w:abstractNumId w:val="{index}"/></w:num>' for index in range(len(definitions))
    )
    return f"<w:numbering {NAMES}>{inner}{lists}{nums}</w:numbering>"


def word_file(body: str, parts: Mapping[str, str | bytes] | None = None, relations: str = "", main: str = "") -> bytes:
    """A Word package of a body and other parts by their names."""
    main = main or "word/document.xml"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(main, f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        if relations:
            package.writestr("word/_rels/document.xml.rels", f"<Relationships>{relations}</Relationships>")
        for name, content in (parts or {}).items():
            package.writestr(name, content)
    return target.getvalue()


def relation(name: str, kind: str, target: str) -> str:
    """A reference of the document to another part."""
    return f'<Relationship Id="{name}" Type="http://x/relationships/{kind}" Target="{target}"/>'


def items(content: bytes) -> Iterator[Item]:
    """What the loader makes of a Word file."""
    load = loader_of(content[:512], MAX_BYTES)
    assert load is not None
    yield from load(io.BytesIO(content), "文件")


def record_of(content: bytes) -> RawRecord:
    """The one record of a Word file."""
    (record,) = items(content)
    assert isinstance(record, RawRecord)
    return record


def lines_of(body: str, numbers: str, styles: str = "") -> list[str]:
    """The paragraphs of a document with these lists and styles."""
    parts = {"word/numbering.xml": numbers, "word/styles.xml": f"<w:styles {NAMES}>{styles}</w:styles>"}
    return record_of(word_file(body, parts)).text.split("\n\n")


@pytest.mark.parametrize(
    ("number_format", "numbers"),
    [
        ("decimal", {1: "1", 12: "12"}),
        ("decimalZero", {1: "01", 12: "12"}),
        ("decimalFullWidth", {12: "１２"}),
        ("chineseCounting", {1: "一", 10: "十", 11: "十一", 20: "二十", 35: "三十五", 101: "一〇一"}),
        (
            "chineseCountingThousand",
            {10: "十", 19: "十九", 100: "一百", 101: "一百零一", 110: "一百一十", 1008: "一千零八"},
        ),
        ("taiwaneseCountingThousand", {115: "一百一十五", 2020: "二千零二十"}),
        ("japaneseCounting", {10: "十", 100: "百", 101: "百一", 1111: "千百十一", 20000: "二万"}),
        ("ideographDigital", {10: "一〇", 25: "二五"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥"}),
        ("ideographZodiacTraditional", {1: "甲子", 11: "甲戌", 60: "癸亥"}),
        ("chineseLegalSimplified", {1: "壹", 10: "壹拾", 103: "壹佰零叁"}),
        ("ideographLegalTraditional", {2: "貳"}),
        ("upperRoman", {4: "IV", 1994: "MCMXCIV"}),
        ("lowerRoman", {9: "ix"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {28: "bb"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedCircleChinese", {10: "⑩"}),
        ("decimalEnclosedParen", {3: "⑶"}),
        ("decimalEnclosedFullstop", {3: "⒊"}),
        ("ideographEnclosedCircle", {10: "㊉"}),
        ("ordinal", {1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 21: "21st"}),
        ("numberInDash", {5: "- 5 -"}),
        ("none", {5: ""}),
        ("somethingNew", {5: "5"}),
        ("chineseCounting", {0: "0"}),
    ],
)
def test_numbers_are_written_as_word_writes_them(number_format: str, numbers: dict[int, str]) -> None:
    """Each number format of Chinese, Japanese and English documents."""
    assert {number: number_text(number, number_format) for number in numbers} == numbers


ARTICLES = level(0, "chineseCountingThousand", "第%1条") + level(1, "chineseCounting", "（%2）")
OUTLINE = level(0, "decimal", "%1") + level(1, "decimal", "%1.%2") + level(2, "decimal", "%1.%2.%3")


@pytest.mark.parametrize(
    ("numbers", "body", "expected"),
    [
        pytest.param(
            numbering(ARTICLES),
            [("甲", 1, 0), ("乙", 1, 1), ("丙", 1, 1), ("丁", 1, 0), ("戊", 1, 1)],
            ["第一条 甲", "（一）乙", "（二）丙", "第二条 丁", "（一）戊"],
            id="lower-levels-restart",
        ),
        pytest.param(
            numbering(OUTLINE),
            [("甲", 1, 0), ("乙", 1, 1), ("丙", 1, 2), ("丁", 1, 1), ("戊", 1, 0), ("己", 1, 2)],
            ["1 甲", "1.1 乙", "1.1.1 丙", "1.2 丁", "2 戊", "2.1.1 己"],
            id="several-places",
        ),
        pytest.param(
            numbering(level(0, "chineseCounting", "第%1章") + level(1, "decimal", "%1.%2", more="<w:isLgl/>")),
            [("甲", 1, 0), ("乙", 1, 1)],
            ["第一章 甲", "1.1 乙"],
            id="legal",
        ),
        pytest.param(
            numbering(level(0, "decimal", "%1.") + level(1, "decimal", "%2)", more='<w:lvlRestart w:val="0"/>')),
            [("甲", 1, 0), ("乙", 1, 1), ("丙", 1, 0), ("丁", 1, 1)],
            ["1. 甲", "1) 乙", "2. 丙", "2) 丁"],
            id="never-restarts",
        ),
        pytest.param(
            numbering(level(0, "decimal", "%1、", start=5)),
            [("甲", 1, 0), ("乙", 1, "")],
            ["5、甲", "6、乙"],
            id="start",
        ),
        pytest.param(
            numbering(
                ARTICLES,
                nums='<w:num w:numId="7"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
                '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
                '<w:num w:numId="8"><w:abstractNumId w:val="0"/></w:num>',
            ),
            [("甲", 1, 0), ("乙", 8, 0), ("丙", 7, 0), ("丁", 7, 0)],
            ["第一条 甲", "第二条 乙", "第一条 丙", "第二条 丁"],
            id="lists-share-a-count-unless-they-restart",
        ),
        pytest.param(
            numbering(
                ARTICLES,
                nums='<w:num w:numId="7"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
                + level(0, "upperLetter", "%1.")
                + "</w:lvlOverride></w:num>",
            ),
            [("甲", 7, 0)],
            ["A. 甲"],
            id="list-with-its-own-level",
        ),
        pytest.param(
            numbering(level(0, "bullet", "\uf0b7") + level(1, "bullet", "－") + level(2, "bullet", "")),
            [("甲", 1, 0), ("乙", 1, 1), ("丙", 1, 2)],
            ["• 甲", "－ 乙", "丙"],
            id="bullets",
        ),
        pytest.param(
            numbering(level(0, "decimal", "%1", more='<w:suff w:val="nothing"/>')), [("甲", 1, 0)], ["1甲"], id="no-gap"
        ),
        pytest.param(
            numbering(
                level(0, "custom", "%1", more="").replace('w:val="custom"', 'w:val="custom" w:format="001, 002, …"')
                .replace("<w:lvlText", '<w:numFmt w:val="decimal"/><w:lvlText')
            ),
            [("甲", 1, 0)],
            ["001 甲"],
            id="padded",
        ),
        pytest.param(numbering(ARTICLES), [("甲", 0, 0), ("乙", 99, 0), ("丙", 1, 7), ("丁", 1, 0)],
                     ["甲", "乙", "丙", "第一条 丁"], id="no-list"),
        pytest.param(numbering(ARTICLES), [("", 1, 0), ("乙", 1, 0)], ["第一条", "第二条 乙"], id="empty-counts"),
    ],
)  # fmt: skip
def test_automatic_numbers_are_text(numbers: str, body: list[tuple[str, int, int | str]], expected: list[str]) -> None:
    """Lists count as they do in Word."""
    assert lines_of("".join(numbered(*item) for item in body), numbers) == expected


def test_styles_number_paragraphs() -> None:
    """Most regulations number by styles: the level is the one that names the style, bases included."""
    numbers = numbering(
        level(0, "chineseCounting", "第%1章", more='<w:pStyle w:val="章"/>')
        + level(1, "chineseCounting", "第%2条", more='<w:lvlRestart w:val="0"/><w:pStyle w:val="条"/>')
    )
    styles = (
        '<w:style w:styleId="章"><w:name w:val="heading 1"/>'
        "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
        '<w:style w:styleId="条"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="款"><w:name w:val="款"/><w:basedOn w:val="条"/></w:style>'
    )
    body = plain("总则", "章") + plain("甲", "条") + plain("附则", "章") + plain("乙", "款")
    body += numbered("丙", num=0, style="条") + plain("丁", "条")
    assert lines_of(body, numbers, styles) == [
        "# 第一章 总则", "第一条 甲", "# 第二章 附则", "第二条 乙", "丙", "第三条 丁",
    ]  # fmt: skip


def test_linked_list_styles_number_paragraphs() -> None:
    """A definition may refer to a style of lists, which refers to the definition with the levels."""
    numbers = numbering('<w:numStyleLink w:val="L"/>', '<w:styleLink w:val="L"/>' + ARTICLES)
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    assert lines_of(numbered("甲", 1, 0), numbers, styles) == ["第一条 甲"]


def test_old_and_deleted_numbers_do_not_count() -> None:
    """Properties before a tracked change are not the paragraph's; a deleted paragraph takes no number."""
    gone = "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr><w:rPr><w:del/></w:rPr></w:pPr><w:del/></w:p>"
    changed = (
        "<w:p><w:pPr><w:pPrChange><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:pPrChange></w:pPr>"
        "<w:r><w:t>乙</w:t></w:r></w:p>"
    )
    assert lines_of(numbered("甲", 1, 0) + gone + changed + numbered("丙", 1, 0), numbering(ARTICLES)) == [
        "第一条 甲", "乙", "第二条 丙",
    ]  # fmt: skip


def test_numbered_headings_are_sections(read: Read) -> None:
    """Headings whose number is automatic divide the document, with styles or without."""
    body = plain("青原市水稻育秧办法") + "".join(
        numbered(name, 1, 0) + numbered(text, 2, 0)
        for name, text in (("总则", "为育好秧苗，制定本办法。"), ("管理", "市局负责管理。"))
    )
    numbers = numbering(level(0, "chineseCounting", "%1、"), ARTICLES)
    (document,), lines = read(word_file(body, {"word/numbering.xml": numbers}), "办法.docx")
    assert (document.title, lines) == ("青原市水稻育秧办法", [])
    assert [section.title for section in document.sections] == ["一、总则", "二、管理"]
    assert "第二条 市局负责管理。" in document.body


PAGE = "<html><head><title>窗口</title></head><body><h1>梯田灌溉</h1><p>渠水 R&amp;D 自流。</p></body></html>"
ARCHIVE = (
    "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + PAGE
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.htm", PAGE, id="html"),
        pytest.param("a.mht", ARCHIVE, id="archive"),
        pytest.param("a.txt", "梯田灌溉\r\n渠水 R&D 自流。", id="text"),
        pytest.param("a.docx", word_file(plain("梯田灌溉") + plain("渠水 R&D 自流。")), id="word"),
    ],
)
@pytest.mark.parametrize("target", ["/word/{}", "{}", "./{}"])
def test_embedded_file_is_read_in_its_place(name: str, content: str | bytes, target: str, read: Read) -> None:
    """A document around an embedded part keeps the order."""
    body = plain("水利汇编") + plain("前言在此。") + '<w:altChunk r:id="x"/>' + plain("后记在此。")
    packed = word_file(body, {f"word/{name}": content}, relation("x", "aFChunk", target.format(name)))
    (document,), lines = read(packed, "a.docx")
    assert (document.title, lines) == ("水利汇编", [])
    assert document.body.split("\n\n") == ["前言在此。", "梯田灌溉", "渠水 R&D 自流。", "后记在此。"]


def test_embedded_page_alone_is_read_as_the_page() -> None:
    """A document that holds one page only has the page's title."""
    record = record_of(word_file('<w:altChunk r:id="x"/>', {"word/a.mht": ARCHIVE}, relation("x", "aFChunk", "a.mht")))
    assert record.title == "梯田灌溉"
    assert "自流。" in record.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"{\\rtf1 x}", "in a format that cannot be read; open the document in Word", id="rtf"),
        pytest.param(b"PK\x03\x04 no package", "a damaged ZIP package", id="damaged"),
        pytest.param(None, "is missing", id="missing"),
    ],
)
def test_embedded_file_that_cannot_be_read_is_named(content: bytes | None, says: str, read: Read) -> None:
    """The rest of the document is read, and one note says what is not."""
    parts = {} if content is None else {"word/a.bin": content}
    packed = word_file(plain("题") + plain("文。") + '<w:altChunk r:id="x"/>', parts, relation("x", "aFChunk", "a.bin"))
    (document,), lines = read(packed, "a.docx")
    assert document.body == "文。"
    assert len(lines) == 1
    assert says in lines[0]


def test_documents_embedded_without_end_are_cut() -> None:
    """Documents inside documents are read to a small depth only."""
    packed = word_file(plain("底"))
    for _ in range(20):
        packed = word_file(
            plain("层") + '<w:altChunk r:id="x"/>', {"word/a.docx": packed}, relation("x", "aFChunk", "a.docx")
        )
    record = record_of(packed)
    assert record.text.count("层") == 4
    assert len(record.notices) == 1


def test_part_embedded_many_times_is_read_a_few_times() -> None:
    """A small file cannot unpack without end by referring to one part again and again."""
    packed = word_file(
        plain("题") + '<w:altChunk r:id="x"/>' * 20_000,
        {"word/a.txt": "育秧" * 20_000},
        relation("x", "aFChunk", "a.txt"),
    )
    record = record_of(packed)
    assert len(record.text) < MAX_BYTES
    assert record.notices[0][1].endswith("the embedded parts together are too large")
    assert len(record.notices) == 1


def part(name: str, text: str) -> str:
    """Another part of a package."""
    return f"<w:{name} {NAMES}>{text}</w:{name}>"


def test_what_stands_beside_the_text_is_set_aside() -> None:
    """Headers and footers once each, comments, diagrams and readings above characters; notes stay in the text."""
    watermark = '<w:p><w:r><w:pict><v:shape xmlns:v="v"><v:textpath string="样稿"/></v:shape></w:pict></w:r></w:p>'
    parts = {
        "word/header1.xml": part("hdr", plain("农业简报") + watermark),
        "word/header2.xml": part("hdr", plain("农业简报") + watermark),
        "word/footer1.xml": part("ftr", plain("主办：青原市农业局")),
        "word/comments.xml": part("comments", f"<w:comment>{plain('此处核对数字')}</w:comment>"),
        "word/footnotes.xml": part("footnotes", f"<w:footnote>{plain('脚注在此')}</w:footnote>"),
        "word/diagrams/data1.xml": '<d:m xmlns:d="d" xmlns:a="a"><d:pt><d:t><a:p><a:t>育秧流程</a:t></a:p></d:t>'
        "</d:pt></d:m>",
        "word/charts/chart1.xml": '<c:c xmlns:c="c"><c:strCache><c:pt><c:v>早稻产量</c:v></c:pt></c:strCache></c:c>',
    }  # fmt: skip
    relations = "".join(
        relation(f"r{index}", kind, target)
        for index, (kind, target) in enumerate(
            [
                ("header", "header1.xml"), ("header", "header2.xml"), ("footer", "footer1.xml"),
                ("comments", "comments.xml"),
                ("diagramData", "diagrams/data1.xml"), ("chart", "/word/charts/chart1.xml"),
            ]
        )
    )  # fmt: skip
    ruby = "<w:p><w:r><w:ruby><w:rt><w:r><w:t>yāng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>秧</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>苗</w:t></w:r></w:p>"  # noqa: E501
    record = record_of(word_file(plain("题") + ruby, parts, relations))
    assert record.text == "题\n\n秧苗\n\n脚注在此"
    assert [(reason, text) for reason, text in record.set_aside] == [
        ("other", "yāng"),
        ("page_header", "农业简报\n样稿"),
        ("page_header", "主办：青原市农业局"),
        ("other", "此处核对数字"),
        ("other", "育秧流程"),
        ("other", "早稻产量"),
    ]
    without_list = record_of(word_file(plain("题"), parts))
    assert ("page_header", "农业简报\n样稿") in without_list.set_aside


def test_packages_of_other_writers_are_read() -> None:
    """The main part has any name, case or slash; macros do not matter."""
    for name, target in (("word/document2.xml", "/word/document2.xml"), ("Word\\Document.xml", "word/document.xml")):
        rels = "<Relationships>" + relation("d", "officeDocument", target) + "</Relationships>"
        packed = word_file(plain("题") + plain("文。"), {"_rels/.rels": rels, "word/vbaProject.bin": b"x"}, main=name)
        assert record_of(packed).text == "题\n\n文。"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        pytest.param(plain("青原市农业局", "T") + plain("育秧规划", "T") + plain("文。"), "育秧规划", id="style"),
        pytest.param(
            plain("附件1") + plain("育秧管理办法") + plain("总则", "H"), "育秧管理办法", id="before-a-heading"
        ),
        pytest.param(plain("水稻育秧") + plain("第一章 总则", "H"), "水稻育秧", id="before-a-numbered-heading"),
        pytest.param(plain("目录", "H") + plain("育秧年报", "H") + plain("文。"), "育秧年报", id="contents"),
        pytest.param(plain("修订历史", "T") + plain("育秧平台方案") + plain("文。"), "育秧平台方案", id="history"),
    ],
)
def test_title_of_a_word_document(body: str, title: str) -> None:
    """Styles tell the title, unless they are on marks that are none."""
    styles = (
        f'<w:styles {NAMES}><w:style w:styleId="T"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>'
    )
    assert record_of(word_file(body, {"word/styles.xml": styles})).title == title


def test_only_heading_is_the_title_and_numbers_divide(read: Read) -> None:
    """A document with one heading, its title, is divided by its numbered lines."""
    styles = f'<w:styles {NAMES}><w:style w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>'
    lines = ["一、目标", "文。", "二、任务", "文。"]
    body = plain("青原市育秧年报", "H") + "".join(map(plain, lines))
    (document,), _ = read(word_file(body, {"word/styles.xml": styles}), "a.docx")
    assert document.title == "青原市育秧年报"
    assert [section.title for section in document.sections] == ["一、目标", "二、任务"]


def test_hostile_lists_and_styles_stay_small() -> None:
    """Levels, starts and circles of styles that no writer makes are read in no time."""
    numbers = numbering(
        "".join(level(index, "chineseCounting", "%1%9" * 1000, start=10**9) for index in range(60)),
        '<w:numStyleLink w:val="s0"/>',
        nums='<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num><w:abstractNumId/></w:num>',
    )
    styles = "".join(
        f'<w:style w:styleId="s{index}"><w:basedOn w:val="s{(index + 1) % 2000}"/>'
        f'<w:numPr><w:ilvl w:val="{10**30}"/></w:numPr></w:style>'
        for index in range(2000)
    )
    body = "".join(numbered("甲", 1, index, f"s{index}") for index in range(2000)) + numbered("乙", "", -5, "s1")
    lines = lines_of(body, numbers, styles)
    assert len(lines) == 2001
    assert max(map(len, lines)) < 120


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


@settings(derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(HAN, st.sampled_from(["plain", "list", "cell", "heading", "box", "header"])), min_size=1))
def test_every_character_comes_back_where_it_stood(blocks: list[tuple[str, str]]) -> None:
    """Random documents: the text holds all paragraphs in order, headers are set aside."""
    body, headers = "", ""
    for text, kind in blocks:
        if kind == "cell":
            body += f"<w:tbl><w:tr><w:tc>{plain(text)}</w:tc></w:tr></w:tbl>"
        elif kind == "list":
            body += numbered(text, 1, len(text) % 2)
        elif kind == "box":
            body += f"<w:p><w:r><w:txbxContent>{plain(text)}</w:txbxContent></w:r></w:p>"
        elif kind == "header":
            headers += plain(text)
        else:
            body += plain(text, "H" if kind == "heading" else "")
    parts = {
        "word/numbering.xml": numbering(ARTICLES),
        "word/styles.xml": f'<w:styles {NAMES}><w:style w:styleId="H"><w:name w:val="heading 2"/></w:style></w:styles>',
        "word/header1.xml": part("hdr", headers),
    }
    found = [item for item in items(word_file(body, parts)) if isinstance(item, RawRecord)]
    shown = [text for text, kind in blocks if kind != "header"]
    at = 0
    for text in shown:
        at = found[0].text.index(text, at) + len(text)
    if shown:
        aside = "\n".join(text for _, text in found[0].set_aside)
        assert all(text in aside for text, kind in blocks if kind == "header")
