"""Reports and articles in Markdown: the title from the first heading that names the document."""

from __future__ import annotations

import re
from typing import Final

from corpus.loaders.raw import Item, RawRecord

_HEADING: Final = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_IMAGE: Final = re.compile(r"!\[([^\]\n]{0,500})\]\([^()\s]{0,2000}\)")
_LINK: Final = re.compile(r"\[([^\]\n]{1,500})\]\((?:https?|javascript):[^()\s]{0,2000}\)")
#: Bold marks cut numbers and words in two (`**15**所`), so they go before anything is searched.
_BOLD: Final = re.compile(r"\*\*|__(?=\S)|(?<=\S)__")
_HAN: Final = re.compile("[\u4e00-\u9fff]")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    return [
        RawRecord(
            number=1,
            source_id=stem,
            title=_title(text, stem),
            account="",
            date=None,
            url="",
            text=plain(text),
            form="markdown",
        )
    ]


def plain(text: str) -> str:
    """The text without bold marks, image links and link targets; headings keep their # for the sections."""
    return _BOLD.sub("", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))


def looks_like_markdown(text: str) -> bool:
    """True for a text with a # heading in its first 20,000 characters."""
    return _HEADING.search(text, 0, 20_000) is not None


def _title(text: str, stem: str) -> str:
    """The first heading of the highest level, with Han characters before others; else the file's name."""
    headings = [(len(m[1]), plain(m[2])) for m in _HEADING.finditer(text, 0, 20_000)]
    named = [heading for heading in headings if _HAN.search(heading[1])] or headings
    return min(named, key=lambda heading: heading[0], default=(1, stem))[1]
