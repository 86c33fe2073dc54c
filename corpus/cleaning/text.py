"""Cleans exported texts: entities, line breaks, blanks, invisible characters, a repeated title."""

from __future__ import annotations

import html
import re
from typing import Final

from corpus.chinese import HAN

#: An article whose text has fewer letters, digits or Han characters was an image or a video.
MIN_TEXT_CHARS: Final = 20

_PARAGRAPHS: Final = re.compile("\n{2,}")
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff]")
_LONE_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_WORD: Final = re.compile(r"\w")
_SPACED: Final = re.compile(f"(?<![{HAN}] )(?<![{HAN}])[{HAN}](?: [{HAN}]){{3,60}}(?![{HAN}]| [{HAN}])")
#: A quick test for the pattern above: it begins with a blank, and blanks are rare.
_MAYBE_SPACED: Final = re.compile(f" [{HAN}] [{HAN}] [{HAN}]")
_TAG: Final = re.compile("^【[^】]{1,8}】")
#: A title has up to four lines, with empty ones between them; longer lines are not part of a title.
_TITLE_LINES: Final = 12
_MAX_TITLE_CHARS: Final = 300
#: Only complete entities: browsers also decode `&reg` in `?lang=zh&region=cn`, which would break links.
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});", re.ASCII)
#: Characters that would break a line of the report, or the terminal.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(raw: str) -> str:
    """The text with entities decoded once, one kind of line break, single blanks, one empty line between paragraphs."""
    # `splitlines` and `split` know all line breaks and blanks, and are several times as fast as patterns.
    text = "\n".join(_ENTITY.sub(_character, raw).splitlines())
    text = _INVISIBLE.sub("", _LONE_SURROGATES.sub("\ufffd", text))
    text = "\n".join([" ".join(line.split()) for line in text.split("\n")]).strip()
    return _PARAGRAPHS.sub("\n\n", text) if "\n\n\n" in text else text


def clean_line(raw: str) -> str:
    """A title or a name, cleaned as by `clean_text`, on one line."""
    is_clean = raw.isprintable() and "&" not in raw  # true of most lines: only blanks may be too many
    return " ".join((raw if is_clean else clean_text(raw)).split())


def printable(text: str) -> str:
    """A file name or a message for the report: on one line, with escapes for characters that cannot be printed."""
    return _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], text)


def drop_repeated_title(body: str, title: str) -> str:
    """The body without a copy of the title as its first paragraph; the copy may contain line breaks.

    A copy that is directly followed by the next line is kept, because strings that cross its end would be lost; its own
    lines are joined.
    """
    end = _copy_of_title(body, title)
    if end == 0:
        return body
    if body[end : end + 2] in ("", "\n\n"):
        return body[end:].lstrip("\n")
    return _one_line(body[:end]) + body[end:]


def _copy_of_title(body: str, title: str) -> int:
    """The end of the copy of the title, perhaps without 【通知】, at the beginning of the body; 0 without one."""
    whole = "".join(title.split())
    variants = {whole, _TAG.sub("", whole)} - {""}
    seen = ""
    at = 0
    for _ in range(_TITLE_LINES):
        end = body.find("\n", at)
        end = len(body) if end < 0 else end
        if end - at > _MAX_TITLE_CHARS:
            return 0
        seen += "".join(body[at:end].split())
        if seen in variants:
            return end
        if end == len(body) or not any(title.startswith(seen) for title in variants):
            return 0
        at = end + 1
    return 0


def _one_line(text: str) -> str:
    """Lines joined to one, with a blank between two Latin words only."""
    joined = ""
    for line in text.split("\n"):
        is_latin = joined[-1:].isascii() and joined[-1:].isalnum() and line[:1].isascii() and line[:1].isalnum()
        joined += f" {line}" if is_latin else line
    return joined


def join_spaced(text: str) -> str:
    """Join four or more Han characters with single blanks between them: 上 海 市 交 通 → 上海市交通."""
    return _SPACED.sub(_without_blanks, text) if _MAYBE_SPACED.search(text) else text


def _without_blanks(spaced: re.Match[str]) -> str:
    return spaced[0].replace(" ", "")


def _character(entity: re.Match[str]) -> str:
    text = html.unescape(entity[0])
    return entity[0] if text.endswith(";") and text != ";" else text  # `&notes;` is not an entity, although `&not` is


def says_little(text: str) -> bool:
    """True if the text has fewer than MIN_TEXT_CHARS letters, digits or Han characters, as with pictures and videos."""
    return len(text) < 400 and len(_WORD.findall(text)) < MIN_TEXT_CHARS
