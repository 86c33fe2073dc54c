"""Repairs what feeds write that is no XML: entities of HTML, a bare & or <, control characters."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

_PLACES: Final = re.compile(
    r"<!\[CDATA\[(?:(?!\]\]>).)*+\]\]>|<(?![A-Za-z_/!?])"
    r"|&(?:#(\d{1,7});|#[xX]([\da-fA-F]{1,6});|([A-Za-z][A-Za-z\d]{1,31};))?",
    re.DOTALL,
)
#: What XML 1.0 does not allow.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_XML_NAMES: Final = ("amp;", "lt;", "gt;", "quot;", "apos;")


def repaired(text: str) -> str:
    """The text with each entity of HTML as its character, every other & escaped, and no character outside XML."""
    text = _NO_XML.sub("", text)
    # Behind the last end no section is closed, and each mark would be searched to the end of the text.
    last = text.rfind("]]>")
    end = last + len("]]>") if last >= 0 else 0
    return _PLACES.sub(_repaired, text[:end]) + _PLACES.sub(_repaired, text[end:].replace("<![CDATA[", ""))


def _repaired(match: re.Match[str]) -> str:
    whole, decimal, hexadecimal, name = match[0], match[1], match[2], match[3]
    if whole.startswith("<"):
        return whole if len(whole) > 1 else "&lt;"
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        is_valid = 0 < code < 0x110000 and not _NO_XML.match(chr(code))
        return whole if is_valid else ""
    if name is None or name in _XML_NAMES:
        return "&amp;" if name is None else whole
    character = html5.get(name)
    if character is None:
        return "&amp;" + name
    return "".join(f"&#{ord(one)};" for one in character)
