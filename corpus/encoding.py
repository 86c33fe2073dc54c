"""Bytes to text, strictly: a file is what its bytes prove it to be, or it is refused; never a silent U+FFFD."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from corpus.errors import CorpusError

#: Byte-order marks, longest first (the UTF-32 mark begins with the UTF-16 one).
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: GB18030 accepts almost any bytes; text full of private-use or control characters shows that it was none.
#: Texts of today are 99 % made of the 3,755 characters of GB 2312's first level, traditional ones at least 35 %
#: (measured, headlines included); broken UTF-8, Latin-1 and other bytes read as GB18030 stay below 25 %.
_COMMON_SHARE: Final = 0.3
_HAN: Final = re.compile("[\u3400-\u9fff]")
_IMPLAUSIBLE: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1f]")

#: How files begin that hold texts in a form we cannot read.
_OTHER_FORMATS: Final = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "Word, Excel or ZIP"),
    (b"\xd0\xcf\x11\xe0", "old Word or Excel"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"From: <Saved by", "MHTML"),
)


class UnknownEncoding(CorpusError):
    """The bytes are no UTF-8, no UTF-16/32 with its mark, and no plausible GB18030."""


def other_format(raw: bytes) -> str | None:
    """The name of the format when the file's first bytes tell one that holds no plain text."""
    return next((name for start, name in _OTHER_FORMATS if raw.startswith(start)), None)


def decode(raw: bytes) -> str:
    """The text of a file; raises UnknownEncoding naming the first byte that is no UTF-8."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(name)
            except UnicodeDecodeError as error:
                raise UnknownEncoding(f"marked as {name}, but broken at byte {error.start}") from None
    try:
        return _text_only(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        first_fault = error.start
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = "\x00"
    if _IMPLAUSIBLE.search(text) or not _reads_as_chinese(text):
        raise UnknownEncoding(
            f"the text is neither UTF-8 (byte {first_fault}) nor GB18030; save the file as UTF-8 and try again"
        )
    return text


def _text_only(text: str) -> str:
    """The text, unless much of it is control characters: UTF-16 without its mark, or a binary file of small numbers."""
    if "\0" in text and len(_CONTROLS.findall(text)) * 10 > len(text):
        raise UnknownEncoding(
            "a binary file, or UTF-16 without its byte-order mark; save the file as UTF-8 and try again"
        )
    return text


def _reads_as_chinese(text: str) -> bool:
    counts = {character: count for character, count in Counter(text).items() if _HAN.match(character)}
    return (
        sum(counts[character] for character in counts if _is_common(character)) >= sum(counts.values()) * _COMMON_SHARE
    )


def _is_common(character: str) -> bool:
    """True for the characters of GB 2312's first level, whose bytes begin with B0 to D7."""
    try:
        return character.encode("gb2312") < b"\xd8"
    except UnicodeEncodeError:
        return False
