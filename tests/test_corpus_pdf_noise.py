"""PDF files whose fonts tell little: predefined encodings are decoded, glyph numbers are never taken for a text."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.loaders.pdf_lines import joined_pages
from corpus.loaders.pdf_noise import is_plausible, without_noise

pytest.importorskip("pypdfium2")

Read = Callable[..., tuple[list[Document], list[str]]]

TEXT = [
    "青原市水稻育秧管理办法",
    "各县应当在春耕之前完成育秧设施的检查与维护工作",
    "市级财政对新建的育秧中心给予补助，标准另行制定。",
    "本办法由市农业局负责解释，自发布之日起实施。",
]


def pdf_file(pages: list[list[bytes]], encoding: str, ordering: str) -> bytes:
    """A PDF whose pages show these strings of codes in a font with this encoding."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /{encoding} /DescendantFonts [4 0 R] >>".encode(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /DW 1000 /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (%s) /Supplement 2 >> >>" % ordering.encode(),
    ]
    for number, lines in enumerate(pages):
        content = (
            b"BT /F 12 Tf 72 700 Td " + b"".join(b"<%s> Tj 0 -20 Td " % line.hex().encode() for line in lines) + b"ET"
        )
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (6 + 2 * number),
            b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content),
        ]
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer << /Size %d /Root 1 0 R >>" % (len(objects) + 1)
    return written + head + table + trailer + b"\nstartxref\n%d\n%%%%EOF" % len(written)


@pytest.mark.parametrize(
    ("encoding", "ordering", "codec"),
    [
        pytest.param("GBK-EUC-H", "GB1", "gbk", id="GBK-EUC-H"),
        pytest.param("GBKp-EUC-H", "GB1", "gbk", id="GBKp-EUC-H"),
        pytest.param("GBK2K-H", "GB1", "gb18030", id="GBK2K-H"),
        pytest.param("GB-EUC-H", "GB1", "gb2312", id="GB-EUC-H"),
        pytest.param("UniGB-UCS2-H", "GB1", "utf-16-be", id="UniGB-UCS2-H"),
        pytest.param("UniGB-UTF16-H", "GB1", "utf-16-be", id="UniGB-UTF16-H"),
    ],
)
def test_predefined_encodings_are_decoded(encoding: str, ordering: str, codec: str, read: Read) -> None:
    """Fonts that are not embedded name an encoding of Adobe; the text is there."""
    (document,), lines = read(pdf_file([[line.encode(codec) for line in TEXT]], encoding, ordering), "a.pdf")
    assert lines == []
    assert document.title == TEXT[0]
    assert "".join(document.body.split()).endswith("".join(TEXT[1:]))


def glyphs(count: int, seed: int, last: int) -> bytes:
    """Random glyph numbers of a subset font."""
    draw = Random(seed)  # repeatable
    return b"".join(draw.randint(3, last).to_bytes(2, "big") for _ in range(count))


@pytest.mark.parametrize("last", [300, 3000, 28000, 60000])
def test_glyph_numbers_are_no_text(last: int, read: Read) -> None:
    """Such a file is named with the remedy, whatever the numbers look like, and nothing of it is indexed."""
    pages = [[glyphs(24, 10 * page + line, last) for line in range(8)] for page in range(2)]
    documents, lines = read(pdf_file(pages, "Identity-H", "Identity"), "a.pdf")
    assert documents == []
    assert len(lines) == 1
    assert "the fonts of the PDF do not tell which characters they show; recognise their text (OCR)" in lines[0]


def test_pages_that_cannot_be_decoded_are_named() -> None:
    """The other pages are read."""
    noise = "".join(chr(0x20 + 37 * index % 0x6F00) for index in range(200))
    assert without_noise("\n".join(TEXT)) == ("\n".join(TEXT), False)
    assert without_noise(noise) == ("", True)
    assert without_noise(f"{TEXT[0]}\n\ue001\ue002\ue003\ue004\n{TEXT[1]}") == (f"{TEXT[0]}\n{TEXT[1]}", True)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("\n".join(TEXT), id="chinese"),
        pytest.param("目录\n第一章 总则" + "." * 300 + "1\n第二章 管理" + "…" * 300 + "2", id="contents"),
        pytest.param("Rice seedlings are raised in trays for ten days before they are planted." * 2, id="english"),
        pytest.param("Mạ được gieo trong khay mười ngày trước khi cấy bằng máy, mỗi khay một ký." * 2, id="vietnamese"),
        pytest.param("Рассаду риса выращивают в лотках десять дней до посадки машиной." * 2, id="russian"),
        pytest.param("벼 모종은 상자에서 열흘 동안 키운 뒤 기계로 심는다. 상자마다 한 근이다." * 2, id="korean"),
        pytest.param("ᠠᠨᠢᠮᠠᠯ བོད་ཡིག བོད་ཡིག བོད་ཡིག བོད་ཡིག བོད་ཡིག བོད་ཡིག བོད་ཡིག", id="mongolian-and-tibetan"),
        pytest.param("\uf0b7 水稻\n\uf0b7 小麦\n\uf06e 玉米", id="bullets-of-symbol-fonts"),
        pytest.param("2023 1,204.5 33%\n2024 1,377.0 35%\n" * 10, id="table"),
        pytest.param("王芳 李娜 张伟 刘洋 陈静 杨帆 赵磊 黄敏 周杰 吴倩 徐浩 孙悦 " * 3, id="names"),
        pytest.param("水稻育秧管理辦法由市農業局負責解釋，應當在春耕之前完成檢查與維護。" * 3, id="traditional"),
    ],
)  # fmt: skip
def test_texts_are_no_noise(page: str) -> None:
    """Lists, tables and other languages stay."""
    assert without_noise(page) == (page, False)


def test_guessed_characters_are_judged() -> None:
    """What PDFium guesses is kept if it is Chinese or English."""
    assert is_plausible("水稻 (rice)，育秧。")
    assert not is_plausible("水稻\u0d52\u1389šœ")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("⻅见附件", "见附件"), ("见⻅附件", "见附件"), ("⻓长江⻛风电", "长江风电"), ("⼈人⺠民", "人民"),
        ("⼈⼈有责", "人人有责"), ("天天向上", "天天向上"), ("⻢⻋⻔", "马车门"),
    ],
)  # fmt: skip
def test_radical_and_character_of_one_glyph_are_read_once(line: str, shown: str) -> None:
    """A doubled character stays doubled."""
    assert joined_pages([line])[0] == shown


def test_headers_and_footers_of_pages_are_set_aside() -> None:
    """Also those that count pages; the body is not torn where they stood."""
    bodies = [
        "育秧中心应当在每年春耕以前完成设施检查与维护并",
        "向县农业局报告结果以便全市统一安排农机调度和作",
        "业。其余事项由各县另行规定并在本县范围内公布。",
    ]
    pages = [f"青原农业年报 {number + 7}\n{body}\n青原市农业局编印" for number, body in enumerate(bodies)]
    text, _, aside = joined_pages(pages)
    assert text == "".join(bodies)
    headers = [text for reason, text in aside if reason == "page_header"]
    assert headers == ["青原农业年报 7\n青原市农业局编印\n青原农业年报 8\n青原农业年报 9"]


@pytest.mark.parametrize(
    ("lines", "joint"),
    [
        pytest.param(["本系统采用对象存储 Object Storage 并且", "Kubernetes 编排"], "", id="han-before-latin"),
        pytest.param(["本系统采用对象存储 Object Storage then", "Kubernetes 编排"], " ", id="latin"),
        pytest.param(["详见网址 https://example.org/papers/of-muni\x02", "chair-of-the-city/a"], "", id="link"),
    ],
)
def test_lines_of_two_scripts_are_joined_whole(lines: list[str], joint: str) -> None:
    """A line is full by its width, in which a Chinese character counts twice."""
    assert joined_pages(["\n".join(lines)])[0] == joint.join(lines).replace("\x02", "-")


HAN = st.text(
    st.sampled_from("青原水稻育秧管理办法农业中心设施检查维护工作财政补助标准制定公布"), min_size=1, max_size=40
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.lists(HAN, max_size=6), min_size=1, max_size=5))
def test_no_character_of_a_page_is_lost(pages: list[list[str]]) -> None:
    """Every line is in the text or set aside."""
    text, starts, aside = joined_pages(["\n".join(lines) for lines in pages])
    held = text + "\n" + "\n".join(part.text for part in aside)
    assert all(line in held for lines in pages for line in lines)
    assert list(starts) == sorted(starts)
