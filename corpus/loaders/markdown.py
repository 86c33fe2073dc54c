"""Loads Markdown files; the title is the first heading of the highest level."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import CJK_PUNCTUATION, HAN
from corpus.loaders.raw_record import Item, RawRecord
from corpus.outline.headings import markdown_headings
from corpus.outline.page_marks import form_feeds_as_marks

#: The part of a file that is searched for the title, and for headings that distinguish Markdown from plain text.
_HEAD_CHARS: Final = 20_000
#: A target's own parentheses are escaped: `[ 公众号 ](javascript:void\\(0\\);)`.
_TARGET: Final = r"(?:\\.|[^()\s\\]){0,2000}"
_IMAGE: Final = re.compile(rf"!\[([^\]\n]{{0,500}})\]\({_TARGET}\)")
_LINK: Final = re.compile(rf"\[([^\]\n]{{1,500}})\]\((?:https?|javascript|data):{_TARGET}\)")
#: Bold marks split numbers and words (`**15**所`), so they are removed before anything is matched.
_BOLD: Final = re.compile(r"\*\*|__(?=\S)|(?<=\S)__")
#: Tags that converters leave inside words: m<sup>3</sup>. A line break in a table's cell is a blank.
_TAG: Final = re.compile(r"</?(?:b|i|u|em|strong|sup|sub|span|font|center)(?: [^<>\n]{0,200})?>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
#: Lines that converters draw for tables and page ends: `---`, `--	---`. Tables with | are kept.
_RULE: Final = re.compile(r"^[ \t]*-{2,200}(?:[ \t]+-{1,200}){0,50}[ \t]*$", re.MULTILINE)
#: Descriptions of pictures by a vision model: English paragraphs in a Chinese text that begin with the picture.
_PICTURE_WORDS: Final = re.compile(
    rf"^(?:The|This|An?)\b[^{CJK_PUNCTUATION}{HAN}\n]{{0,40}}\b(?:background|image|picture|photo|photograph|cover|page|illustration"
    rf"|graphic|logo|icon|figure|diagram|chart|infographic)\b[^{CJK_PUNCTUATION}{HAN}\n]{{60,3000}}$",
    re.MULTILINE,
)
#: Below this share the text is English, and its paragraphs may begin like a description.
_MIN_HAN_SHARE: Final = 0.3
_HAN: Final = re.compile(f"[{HAN}]")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    return [
        RawRecord(
            number=1,
            title=_title(text, stem),
            text=plain(form_feeds_as_marks(text)),
            source_format="markdown",
            stem=stem,
        )
    ]


def plain(text: str) -> str:
    """The text without bold marks, inline tags, link targets, lines of hyphens and descriptions of pictures.

    Headings keep their #, which marks the sections.
    """
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _RULE.sub("", text)
    if _PICTURE_WORDS.search(text) and len(_HAN.findall(text)) > _MIN_HAN_SHARE * len(text):
        text = _PICTURE_WORDS.sub("", text)
    return _BOLD.sub("", _BREAK.sub(" ", _TAG.sub("", text)))


def looks_like_markdown(text: str) -> bool:
    """True if the first 20,000 characters hold a # heading."""
    return any(markdown_headings(text[:_HEAD_CHARS]))


def _title(text: str, stem: str) -> str:
    """The first heading of the highest level, with Han characters before others; else the file's name."""
    headings = [(heading.level, plain(heading.title)) for heading in markdown_headings(text[:_HEAD_CHARS])]
    named = [heading for heading in headings if _HAN.search(heading[1])] or headings
    return min(named, key=lambda heading: heading[0], default=(1, stem))[1]
