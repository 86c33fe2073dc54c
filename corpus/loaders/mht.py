"""Loads web archives (.mht, MHTML): the HTML page inside a MIME message, as browsers and Word exporters write it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import IO, Final

from corpus.document import SetAside
from corpus.loaders.html import load as load_html
from corpus.loaders.page.tree import text_of_html
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

#: Archives hold one or two nested parts; the parser calls itself for each.
_MAX_MULTIPARTS: Final = 30
_MULTIPART: Final = re.compile(rb"^content-type:\s{0,20}multipart/", re.IGNORECASE | re.MULTILINE)
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
_CHARSET: Final = re.compile(rb"""<meta[^<>]{0,200}?charset\s{0,3}=\s{0,3}["']?([\w-]{2,40})""", re.IGNORECASE)
_CHARSET_BYTES: Final = 4096
#: Browsers read the GB charsets as their superset.
_GB: Final = ("gb2312", "gbk", "gb_2312-80", "x-gbk")
#: Codecs that no page uses, and whose time grows faster than the text.
_SLOW: Final = ("punycode", "idna")
_LOCATIONS: Final = ("Snapshot-Content-Location", "Content-Location")
_DAMAGED: Final = "the web archive holds no HTML page; save the page again as HTML"


class BrokenArchive(ValueError):
    """The bytes are no web archive that can be read."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The page of a web archive with its address, and the pages that it shows in frames."""

    html: str
    url: str
    frames: tuple[str, ...]


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """The records of the page, as from the same page saved as HTML; the text of its frames is set aside."""
    try:
        archive = read_archive(content.read())
    except BrokenArchive as error:
        yield LoadIssue(number=None, kind="broken_file", message=str(error))
        return
    frames = tuple(SetAside("other", text) for text in map(text_of_html, archive.frames) if text.strip())
    yield from with_address(load_html(archive.html, stem), archive.url, frames)


def with_address(items: Iterable[Item], url: str, set_aside: tuple[SetAside, ...] = ()) -> Iterator[Item]:
    """The items, with this address where a record has none, and with more text that is set aside."""
    for item in items:
        if isinstance(item, RawRecord):
            yield replace(item, url=item.url or url, set_aside=item.set_aside + set_aside)
        else:
            yield item


def read_archive(raw: bytes) -> Archive:
    """The pages of a web archive; raises BrokenArchive."""
    if sum(1 for _ in _MULTIPART.finditer(raw)) > _MAX_MULTIPARTS:
        raise BrokenArchive(f"the web archive has more than {_MAX_MULTIPARTS} nested parts")
    message = BytesParser(policy=compat32).parsebytes(raw)
    pages = [part for part in message.walk() if part.get_content_type() in _HTML_TYPES]
    if not pages:
        raise BrokenArchive(_DAMAGED)
    html, *frames = map(_text, pages)
    addresses = (str(part.get(name, "")).strip() for name in _LOCATIONS for part in (message, pages[0]))
    url = next((address for address in addresses if address.startswith(("http://", "https://"))), "")
    return Archive(html, url, tuple(frames))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decoded(payload if isinstance(payload, bytes) else b"", str(part.get_param("charset", "")))


def decoded(raw: bytes, charset: str = "") -> str:
    """The text of a page: by its declared charset, by that of its meta element, else UTF-8 or GB18030."""
    named = _CHARSET.search(raw[:_CHARSET_BYTES])
    declared = (charset, named[1].decode("ascii", "replace") if named else "")
    marked = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for name in (*declared, marked, "gb18030"):
        try:
            if codecs.lookup(name).name in _SLOW:
                continue
            return raw.decode("gb18030" if name.casefold() in _GB else name).removeprefix("\ufeff")
        except (LookupError, UnicodeError):  # an unknown charset, or another one than declared
            continue
    return raw.decode("utf-8", "replace")
