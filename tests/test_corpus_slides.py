"""Presentations and OFD files: slides with titles, tables and notes; pages with lines, numbers and templates."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders import ofd, slides
from corpus.loaders.package import Package
from corpus.loaders.raw_record import RawRecord

Read = Callable[..., tuple[list[Document], list[str]]]

DRAWING = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HAN = st.text(st.sampled_from("海湾潮汐能观测站数据公报第一二三四五号"), min_size=1, max_size=12)


def zipped(parts: Mapping[str, str]) -> bytes:
    """A package of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def relations(*targets: tuple[str, str, str]) -> str:
    """A list of relations: id, kind, target."""
    rows = (f'<Relationship Id="{id}" Type="{KINDS}/{kind}" Target="{part}"/>' for id, kind, part in targets)
    return f"<Relationships>{''.join(rows)}</Relationships>"


def shape(text: str, kind: str = "") -> str:
    """A shape with one paragraph for each line."""
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp>{place}<p:txBody>{lines}</p:txBody></p:sp>"


def presentation(bodies: Sequence[str], notes: str = "") -> bytes:
    """Slides with these bodies, stored in the opposite order; notes for the first."""
    count = len(bodies)
    parts = {
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {DRAWING}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + number}" r:id="s{number}"/>' for number in range(count))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{number}", "slide", f"slides/slide{count - number}.xml") for number in reversed(range(count)))
        ),
        **{
            f"ppt/slides/slide{count - number}.xml": f"<p:sld {DRAWING}><p:spTree>{body}</p:spTree></p:sld>"
            for number, body in enumerate(bodies)
        },
    }
    if notes:
        parts[f"ppt/slides/_rels/slide{count}.xml.rels"] = relations(("n", "notesSlide", "../notesSlides/n.xml"))
        parts["ppt/notesSlides/n.xml"] = f"<p:notes {DRAWING}>{shape(notes, 'body')}{shape('1', 'sldNum')}</p:notes>"
    return zipped(parts)


TABLE = (
    "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>站名</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r>"
    "<a:t>数量</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>"
)


def test_presentation_is_read_in_its_order(read: Read) -> None:
    """Titles of slides make sections, notes follow, footers are set aside."""
    first = shape("海湾观测汇报", "ctrTitle") + shape("站点建设\nR&amp;D") + shape("海湾站", "ftr")
    content = presentation([first, shape("一、进展", "title") + TABLE], "口头说明")
    (document,), lines = read(content, "汇报.pptx")
    assert lines == []
    assert (document.title, document.source_id) == ("海湾观测汇报", "汇报")
    assert document.body.split("\n\n") == ["海湾观测汇报", "站点建设", "R&D", "口头说明", "一、进展", "站名 数量"]
    assert [section.title for section in document.sections] == ["海湾观测汇报", "一、进展"]
    assert {(part.reason, part.text) for part in document.set_aside} >= {("page_header", "海湾站")}


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        pytest.param(presentation([shape("")]), "a.pptx", "the presentation holds no text", id="no-text"),
        pytest.param(presentation(["<p:sp>"]), "a.pptx", "the presentation holds no text", id="broken-slide"),
        pytest.param(zipped({"OFD.xml": "<x/>"}), "a.ofd", "the OFD file holds no document", id="no-document"),
        pytest.param(zipped({"OFD.xml": "<x>"}), "a.ofd", "OFD.xml is damaged", id="damaged"),
        pytest.param(
            zipped({"OFD.xml": "<x><DocRoot>../../passwd</DocRoot></x>"}),
            "a.ofd",
            "pictures without text",
            id="path",
        ),
    ],
)
def test_file_without_text_is_one_line(content: bytes, name: str, expected: str, read: Read) -> None:
    """Pictures, damage and paths out of the file."""
    documents, lines = read(content, name)
    assert documents == []
    assert len(lines) == 1
    assert expected in lines[0]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.lists(HAN, min_size=1, max_size=4), min_size=1, max_size=4))
def test_presentation_loses_no_text(pages: list[list[str]]) -> None:
    """What stands on the slides comes back in its order."""
    content = presentation(["".join(map(shape, page)) for page in pages])
    (record,) = slides.load(Package(io.BytesIO(content), 1 << 20), "x")
    assert isinstance(record, RawRecord)
    assert record.text.split("\n\n") == [text for page in pages for text in page]


def fixed(pages: Sequence[Sequence[tuple[float, float, str]]], template: str = "") -> bytes:
    """An OFD file: each page has pieces of text at (left, top)."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def page(pieces: Sequence[tuple[float, float, str]]) -> str:
        objects = "".join(
            f'<ofd:TextObject Boundary="{left} {top} {4 * len(text)} 5" Size="4"><ofd:TextCode X="0" Y="4">{text}'
            "</ofd:TextCode></ofd:TextObject>"
            for left, top, text in pieces
        )
        return f"<ofd:Page {space}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"

    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    common = '<ofd:CommonData><ofd:TemplatePage ID="9" BaseLoc="Tpls/t.xml"/></ofd:CommonData>' if template else ""
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocInfo><ofd:Title>x</ofd:Title></ofd:DocInfo>"
            "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {space}>{common}<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
            **{f"Doc_0/Pages/Page_{n}/Content.xml": page(pieces) for n, pieces in enumerate(pages)},
            "Doc_0/Tpls/t.xml": page([(10, 5, template)]),
        }
    )


def test_ofd_is_read_as_paragraphs(read: Read) -> None:
    """Pieces at one height are a line, lines are paragraphs, page numbers and templates are set aside."""
    content = fixed(
        [
            [(50, 20, "关于潮汐观测的"), (78, 20.2, "通知"), (20, 40, "站点："), (60, 40, "海湾"), (90, 280, "- 1 -")],
            [(20, 20, "二、要求"), (20, 30, "按月报送。"), (90, 280, "- 2 -")],
        ],
        "海湾市文件",
    )
    (document,), lines = read(content, "通知.ofd")
    assert lines == []
    assert document.title == "关于潮汐观测的通知"
    for part in ("站点： 海湾", "二、要求", "按月报送。"):
        assert part in document.body
    aside = {part.reason: part.text for part in document.set_aside}
    assert aside["page_header"] == "海湾市文件"
    assert "- 1 -" in aside["page_number"]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.lists(HAN, min_size=1, max_size=4), min_size=1, max_size=2))
def test_ofd_loses_no_text(pages: list[list[str]]) -> None:
    """What stands on the pages comes back in its order."""
    content = fixed([[(20, 20 + 10 * row, text) for row, text in enumerate(page)] for page in pages])
    (record,) = ofd.load(Package(io.BytesIO(content), 1 << 20), "x")
    assert isinstance(record, RawRecord)
    lines = [line for line in record.text.split("\n") if line and not line.startswith("<!--")]
    assert "".join(lines) == "".join(text for page in pages for text in page)
