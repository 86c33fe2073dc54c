"""Plain text: one document, named by its first line."""

from __future__ import annotations

import re
from typing import Final

from corpus.loaders.raw_record import Item, RawRecord
from corpus.outline.page_marks import form_feeds_as_marks

#: A title is a short line; a file without line breaks begins with one that must be cut at 规划, 方案 and the like.
_MAX_TITLE_CHARS: Final = 80
_TITLE_END: Final = re.compile(r".{4,60}?(?:规划|纲要|方案|计划|意见|办法|报告|通知|措施)(?=目录|\s|$)")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    return [
        RawRecord(number=1, title=title_of(text, stem), text=form_feeds_as_marks(text), source_format="text", stem=stem)
    ]


def title_of(text: str, stem: str) -> str:
    """The first line where it is a short one; else what it begins with up to 规划, 方案 and the like; else the stem."""
    first = text.lstrip().partition("\n")[0].strip()
    if 0 < len(first) <= _MAX_TITLE_CHARS:
        return first
    named = _TITLE_END.match(first)
    return named[0] if named else stem
