"""Loads plain text files: one document, with the first line as its title."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import HAN
from corpus.cleaning.original_text import original_texts
from corpus.document import SetAside
from corpus.loaders.raw_record import Item, RawRecord
from corpus.outline.page_marks import form_feeds_as_marks

#: A title is a short line; in a file without line breaks it ends with 规划, 方案 and the like.
_MAX_TITLE_CHARS: Final = 80
_TITLE_END: Final = re.compile(r".{4,60}?(?:规划|纲要|方案|计划|意见|办法|报告|通知|措施)(?=目录|\s|$)")
#: `海流**能**` is a word. Strings across the marks are found with them up to this length.
_BOLD: Final = re.compile(r"\*\*(?![\s*])([^*\n]{1,300})(?<!\s)\*\*(?!\*)")
_CONTEXT: Final = 20
_HAN: Final = re.compile(f"[{HAN}]")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    plain = without_bold_marks(text)
    return [
        RawRecord(
            number=1,
            title=title_of(plain, stem),
            text=form_feeds_as_marks(plain),
            source_format="text",
            stem=stem,
            set_aside=tuple(SetAside("other", part) for part in original_texts(text, plain, _CONTEXT)),
        )
    ]


def without_bold_marks(text: str) -> str:
    """The text without pairs of `**` around or beside Chinese, which also stand in texts that are no Markdown."""
    return _BOLD.sub(_inner, text) if "**" in text else text


def _inner(match: re.Match[str]) -> str:
    around = match.string[match.start() - 1 : match.start()] + match[1] + match.string[match.end() : match.end() + 1]
    return match[1] if _HAN.search(around) else match[0]


def title_of(text: str, stem: str) -> str:
    """The first line if it is short; else its beginning up to 规划, 方案 and the like; else the stem."""
    first = text.lstrip().partition("\n")[0].strip()
    if 0 < len(first) <= _MAX_TITLE_CHARS:
        return first
    named = _TITLE_END.match(first)
    return named[0] if named else stem
