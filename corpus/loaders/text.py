"""Loads plain text files: one document, with the first line as its title."""

from __future__ import annotations

import re
from typing import Final

from corpus.loaders.raw_record import Item, RawRecord
from corpus.outline.page_marks import form_feeds_as_marks

#: A title is a short line; in a file without line breaks it ends with 规划, 方案 and the like.
_MAX_TITLE_CHARS: Final = 80
_TITLE_END: Final = re.compile(r".{4,60}?(?:规划|纲要|方案|计划|意见|办法|报告|通知|措施)(?=目录|\s|$)")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    return [
        RawRecord(number=1, title=title_of(text, stem), text=form_feeds_as_marks(text), source_format="text", stem=stem)
    ]


def title_of(text: str, stem: str) -> str:
    """The first line if it is short; else its beginning up to 规划, 方案 and the like; else the stem."""
    first = text.lstrip().partition("\n")[0].strip()
    if 0 < len(first) <= _MAX_TITLE_CHARS:
        return first
    named = _TITLE_END.match(first)
    return named[0] if named else stem
