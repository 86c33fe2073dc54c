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

#: `海流**能**` is a word; `2**10` between Latin letters and digits is none of emphasis. Strings across the marks are
#: found with them up to this length.
_BOLD: Final = re.compile(
    r"(?:(?<![A-Za-z0-9*])|(?<!\*)(?=\*{2,3}[^A-Za-z0-9*]))(\*{2,3})(?![\s*])([^*\n]{1,300})(?<!\s)"
    r"(?:(?<![A-Za-z0-9])|(?=\*{2,3}(?![A-Za-z0-9*])))\1(?!\*)"
)
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
    """The text without pairs of `**` or `***` around or beside Chinese, which other texts than Markdown have too."""
    return _BOLD.sub(_inner, text) if "**" in text else text


def _inner(match: re.Match[str]) -> str:
    around = match.string[match.start() - 1 : match.start()] + match[2] + match.string[match.end() : match.end() + 1]
    return match[2] if _HAN.search(around) else match[0]
