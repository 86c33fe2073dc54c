"""Loads mails (.eml): subject, sender, day and text; finds the attachments, which are read as files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from typing import IO, Final

from corpus.document import SetAside
from corpus.loaders.mht import decoded
from corpus.loaders.page.tree import text_of_html
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

#: Mails have some nested parts, forwarded ones some more; the parser calls itself for each.
_MAX_MULTIPARTS: Final = 50
_NESTED: Final = re.compile(rb"^content-type:\s{0,20}(?:multipart/|message/)", re.IGNORECASE | re.MULTILINE)
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")
_PEOPLE: Final = ("From", "To", "Cc")
_MAX_HEADER: Final = 10_000


class BrokenMail(ValueError):
    """The bytes are no mail that can be read."""


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """One record: the mail; its addresses are set aside."""
    try:
        message = _parse(content.read())
    except BrokenMail as error:
        yield LoadIssue(number=None, kind="broken_file", message=str(error))
        return
    text = "\n\n".join(filter(None, (_shown(part) for part in _text_parts(message))))
    subject = _header(message, "Subject")
    if not subject and not text.strip():
        yield LoadIssue(number=None, kind="no_title_no_text", message="neither subject nor text")
        return
    people = [line for name in _PEOPLE if (line := _header(message, name))]
    name, address = parseaddr(_header(message, "From"))
    yield RawRecord(
        number=1,
        title=subject.replace("&", "&amp;") or stem,
        account=(name or address).replace("&", "&amp;"),
        date=_day(message),
        text=text,
        source_format="text",
        stem=stem,
        set_aside=(SetAside("other", "\n".join(people).replace("&", "&amp;")),) if people else (),
    )


def attachments(raw: bytes) -> list[tuple[str, bytes]]:
    """The names and contents of a mail's attachments; raises BrokenMail."""
    found = []
    for part in _parse(raw).walk():
        if _is_attachment(part):
            name = _filename(part)
            if part.get_content_type() == "message/rfc822":  # a forwarded mail is shown as text
                continue
            payload = part.get_payload(decode=True)
            found.append((name or "attachment", payload if isinstance(payload, bytes) else b""))
    return found


def _parse(raw: bytes) -> Message:
    if sum(1 for _ in _NESTED.finditer(raw)) > _MAX_MULTIPARTS:
        raise BrokenMail(f"the mail has more than {_MAX_MULTIPARTS} nested parts")
    return BytesParser(policy=compat32).parsebytes(raw)


def _text_parts(message: Message) -> Iterator[Message]:
    """The parts that are shown: of alternatives the page, or else the text; of forwarded mails all of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() in ("multipart", "message"):
            parts = [inner for inner in part.get_payload() if isinstance(inner, Message)]
            if part.get_content_type() == "multipart/alternative":
                parts = [inner for inner in parts if inner.get_content_type() != "text/plain"] or parts
            waiting += reversed(parts)
        elif part.get_content_maintype() == "text" and not _is_attachment(part):
            yield part


def _shown(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    text = decoded(raw, str(part.get_param("charset", "")))
    return text_of_html(text) if part.get_content_type() in _HTML_TYPES else text.replace("&", "&amp;")


def _is_attachment(part: Message) -> bool:
    if part.is_multipart() and part.get_content_type() != "message/rfc822":
        return False
    is_declared = part.get_content_disposition() == "attachment"
    return is_declared or (bool(_filename(part)) and part.get_content_maintype() != "image")


def _filename(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError):
        return ""
    return _decoded_words(name)


def _header(message: Message, name: str) -> str:
    """A header on one line, decoded; empty if it is missing."""
    raw = next((str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()), "")
    return " ".join(_decoded_words(raw[:_MAX_HEADER]).split())


def _decoded_words(line: str) -> str:
    """A line whose encoded words (=?gbk?B?…?=) are decoded, raw bytes too."""
    try:
        parts = decode_header(line)
    except (HeaderParseError, ValueError):
        return line
    pieces = []
    for piece, charset in parts:
        raw = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) and not piece.isascii() else piece
        if isinstance(raw, str):
            pieces.append(raw)
        else:
            known = charset if charset and charset != "unknown-8bit" else ""
            pieces.append(decoded(raw, known))
    return "".join(pieces)


def _day(message: Message) -> str | None:
    line = _header(message, "Date")
    try:
        return parsedate_to_datetime(line).isoformat()
    except (TypeError, ValueError, IndexError):
        return line or None
