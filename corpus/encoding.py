"""Bytes to text, strictly: a file is what its bytes prove it to be, or it is refused; never a silent U+FFFD."""

from __future__ import annotations

import codecs
import re
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
_IMPLAUSIBLE: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")


class UnknownEncoding(CorpusError):
    """The bytes are no UTF-8, no UTF-16/32 with its mark, and no plausible GB18030."""


def decode(raw: bytes) -> str:
    """The text of a file; raises UnknownEncoding naming the first byte that is no UTF-8."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(name)
            except UnicodeDecodeError as error:
                raise UnknownEncoding(f"marked as {name}, but broken at byte {error.start}") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        first_fault = error.start
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = "\x00"
    if _IMPLAUSIBLE.search(text):
        raise UnknownEncoding(
            f"the text is neither UTF-8 (byte {first_fault}) nor GB18030; save the file as UTF-8 and try again"
        )
    return text
