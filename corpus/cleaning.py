"""From an exporter's text to the text people read: line breaks, entities, the repeated title; nothing else is lost."""

from __future__ import annotations

import html
import re
from typing import Final

#: Texts that exporters write in place of an article they could not fetch. (FORMATS of the common exporters)
PLACEHOLDERS: Final = (
    "获取全文失败",
    "该内容已被发布者删除",
    "The content has been deleted by the author.",
    "[付费文章]",
    "[付费内容]",
    "(unknown)",
)
#: An article whose remaining text has fewer letters or characters than this was an image or a video.
MIN_TEXT_CHARS: Final = 20

_BREAKS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS: Final = re.compile("[^\\S\n]+")
_LINE_EDGES: Final = re.compile(" ?\n ?")
_PARAGRAPHS: Final = re.compile("\n{2,}")
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff]")
_LONE_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_WORD: Final = re.compile(r"\w")
#: Only whole entities: browsers also read `&reg` in `?lang=zh&region=cn`, which would break the links in a text.
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});", re.ASCII)
#: What would break a report line, or the terminal that shows it.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(raw: str) -> str:
    """The text with entities decoded once, one kind of line break, single blanks, one empty line between paragraphs."""
    text = _ENTITY.sub(_character, raw)
    text = _LONE_SURROGATES.sub("\ufffd", _BREAKS.sub("\n", text))
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", text))
    return _PARAGRAPHS.sub("\n\n", _LINE_EDGES.sub("\n", text)).strip()


def clean_line(raw: str) -> str:
    """A title or a name: as `clean_text`, on one line."""
    return " ".join(clean_text(raw).split())


def printable(text: str) -> str:
    """A file's name or a key for a report: on one line, and encodable, with escapes for what is not."""
    return _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], text)


def drop_repeated_title(body: str, title: str) -> str:
    """The body without a copy of the title as its first paragraph, also when the copy is broken by line breaks.

    A copy that runs on into the next line stays: removing it would lose the strings that cross its end.
    """
    first, _, rest = body.partition("\n\n")
    return rest if title and "".join(first.split()) == "".join(title.split()) else body


def _character(entity: re.Match[str]) -> str:
    text = html.unescape(entity[0])
    return entity[0] if text.endswith(";") and text != ";" else text  # `&notes;` is none, although `&not` is


def placeholder_in(text: str) -> str | None:
    """The exporter's placeholder that stands for the whole text, if it does."""
    if len(text) > 120:
        return None
    return next((mark for mark in PLACEHOLDERS if text.startswith(mark)), None)


def says_little(text: str) -> bool:
    """True for what is left of a picture or a video: fewer than MIN_TEXT_CHARS letters, digits or Han characters."""
    return len(text) < 400 and len(_WORD.findall(text)) < MIN_TEXT_CHARS
