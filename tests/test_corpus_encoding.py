"""Bytes to text: the right text or a refusal, never replacement characters or mojibake in silence."""

from __future__ import annotations

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.encoding import Encoding, UnknownEncoding, detect, pieces

TEXT = "关于组织申报“钍基熔盐”专项的通知：R&D经费≥4.62%，联系人林𧃸（〇三室）。\n"
TRADITIONAL = "關於組織申報科技創新專項的通知，請各有關單位遵照執行。"


def decode(raw: bytes) -> str:
    """The text of a file that comes in one chunk."""
    return "".join(pieces(lambda: [raw], detect(lambda: [raw])))


def with_line_feeds(text: str) -> str:
    """The text with a line feed for each line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(TEXT.encode(), id="utf-8"),
        pytest.param(TEXT.encode("utf-8-sig"), id="utf-8-with-mark"),
        pytest.param(TEXT.encode("gb18030"), id="gb18030"),
        pytest.param(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), id="utf-16-little"),
        pytest.param(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), id="utf-16-big"),
        pytest.param(codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), id="utf-32-little"),
        pytest.param(codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), id="utf-32-big"),
    ],
)
def test_known_encodings_give_the_text(raw: bytes) -> None:
    """Chinese files as they come from Windows, Excel and exporters are read without being told their encoding."""
    assert decode(raw) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TRADITIONAL, id="traditional"),
        pytest.param("ASCII only, 2025.", id="ascii"),
        pytest.param("，。！？“”《》……", id="punctuation"),
        pytest.param("ひらがな カタカナ", id="kana"),
    ],
)
def test_gb18030_holds_other_texts_too(text: str) -> None:
    """Traditional characters, punctuation and kana are plausible GB18030."""
    assert decode(text.encode("gb18030")) == text


def test_private_use_characters_in_utf8_stay() -> None:
    """What is valid UTF-8 is not judged by its characters; a stray NUL is the cleaner's business."""
    assert decode("甲\ue000\x00乙丙丁戊己庚辛壬".encode()) == "甲\ue000\x00乙丙丁戊己庚辛壬"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(TEXT.encode() + b"\xff", "neither UTF-8 (byte 109) nor", id="utf-8-with-one-bad-byte"),
        pytest.param("科技创新券".encode()[:-1], "neither UTF-8 (byte 12) nor", id="utf-8-cut-reads-as-rare-han"),
        pytest.param("Größe und Übung, naïve".encode("latin-1"), "neither UTF-8 (byte 2) nor", id="latin-1"),
        pytest.param("中文".encode() + "中文，通知".encode("gbk"), "neither UTF-8 (byte 6) nor", id="mixed"),
        pytest.param(TRADITIONAL.encode("big5"), "neither UTF-8 (byte 0) nor", id="big5"),
        pytest.param(bytes(range(256)), "neither UTF-8 (byte 128) nor", id="all-bytes"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither UTF-8 (byte 0) nor", id="picture"),
        pytest.param("news 2025".encode("utf-16-le"), "UTF-16 without its byte-order mark", id="utf-16-without-mark"),
        pytest.param("通知内容".encode("utf-16-le"), "neither UTF-8", id="utf-16-han-without-mark"),
        pytest.param(codecs.BOM_UTF8 + b"\xff", "utf-8, but byte 0 is not valid", id="marked-utf-8"),
        pytest.param(
            codecs.BOM_UTF16_BE + b"\xd8\x00",
            "utf-16-be, but byte 0 is not valid",
            id="half-a-pair",
        ),
    ],
)
def test_other_bytes_are_refused(raw: bytes, message: str) -> None:
    """Bytes in no known encoding are refused with the place of the first fault."""
    with pytest.raises(UnknownEncoding) as caught:
        decode(raw)
    assert message in str(caught.value)


@given(st.text())
def test_any_text_survives_as_utf8(text: str) -> None:
    """UTF-8 with its mark comes back whole; without it, too, unless it is mostly control characters."""
    assert decode(text.encode("utf-8-sig")) == with_line_feeds(text)


@given(st.binary())
def test_bytes_are_never_replaced(raw: bytes) -> None:
    """Any bytes are decoded strictly by one of the known encodings, or refused."""
    try:
        text = decode(raw)
    except UnknownEncoding:
        return
    encodings = ("utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    marks = (b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    strict = set()
    for name in encodings:
        for mark in marks:
            with suppress(UnicodeDecodeError):
                strict.add(with_line_feeds(raw.removeprefix(mark).decode(name)))
    assert text in strict


@pytest.mark.parametrize(
    ("others", "is_read"), [pytest.param(999, True, id="one-in-thousand"), pytest.param(998, False, id="one-more")]
)
def test_rare_odd_characters_do_not_make_a_text_unreadable(others: int, is_read: bool) -> None:
    """Web texts hold a private-use character now and then; more of them are no Chinese text."""
    raw = ("字" * others + "\ue5e5").encode("gb18030")
    if is_read:
        assert decode(raw).endswith("\ue5e5")
    else:
        with pytest.raises(UnknownEncoding):
            decode(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_borders_of_chunks_do_not_matter(size: int, encoding: str) -> None:
    """A file is judged and read alike in chunks of any size; faults are named by their byte in the file."""
    raw = TEXT.encode(encoding)

    def chunks() -> list[bytes]:
        return [raw[start : start + size] for start in range(0, len(raw), size)]

    assert "".join(pieces(chunks, detect(chunks))) == TEXT
    for broken in (TEXT.encode() + b"\xff", codecs.BOM_UTF8 + TEXT.encode()[:-2]):
        raw = broken
        with pytest.raises(UnknownEncoding) as in_chunks:
            detect(chunks)
        with pytest.raises(UnknownEncoding) as whole:
            decode(broken)
        assert str(in_chunks.value) == str(whole.value)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_every_line_break_becomes_a_line_feed(size: int) -> None:
    """Breaks of Windows and of old Macs are line feeds, also where one is cut in two."""
    raw = "甲\r\n乙\r丙\n\r\n\r".encode()
    chunks = [raw[start : start + size] for start in range(0, len(raw), size)]
    assert "".join(pieces(lambda: chunks, Encoding("utf-8"))) == "甲\n乙\n丙\n\n\n"
