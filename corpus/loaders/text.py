"""Loads plain text files: one document, with the title that it begins with."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import HAN
from corpus.cleaning.original_text import original_texts
from corpus.document import SetAside
from corpus.loaders.raw_record import Item, RawRecord
from corpus.loaders.titles import title_of
from corpus.outline.page_marks import form_feeds_as_marks

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
