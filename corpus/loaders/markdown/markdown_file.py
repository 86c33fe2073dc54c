"""Loads Markdown files; the title is that of the front matter, or the first heading of the highest level."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import CJK_PUNCTUATION, HAN
from corpus.document import SetAside
from corpus.loaders.markdown.exporter_head import read_exporter_head
from corpus.loaders.markdown.front_matter import read_front_matter
from corpus.loaders.markdown.plain_text import PlainText, inline_text, plain_text
from corpus.loaders.raw_record import Item, RawRecord
from corpus.loaders.titles import is_title, official_title
from corpus.outline.page_marks import form_feeds_as_marks

#: Suffixes of Markdown: also of notebooks in R and Quarto, and of pages with components.
SUFFIXES: Final = (".md", ".markdown", ".rmd", ".qmd", ".mdx")
#: Where a title is looked for, and what tells Markdown from plain text.
_HEAD_CHARS: Final = 20_000
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)
#: What else tells Markdown in a field: a link, a picture, or the second line of a table.
_LINK_OR_TABLE: Final = re.compile(
    r"\[[^\[\]\n]{0,200}\]\((?:https?://|/|\.{1,2}/|mailto:)[^\s()]{0,500}\)|!\[[^\[\]\n]{0,200}\]\([^\s()]{1,500}\)"
    r"|^[ \t]{0,3}\|?(?:[ \t]?:?-{2,}:?[ \t]?\|){1,50}(?:[ \t]?:?-{2,}:?[ \t]?)?$",
    re.MULTILINE,
)
#: What a vision model wrote about a picture: an English paragraph in a Chinese text that begins with the picture.
_PICTURE_WORDS: Final = re.compile(
    rf"^(?:The|This|An?) (?:\w{{1,20}} ){{0,2}}(?:background|image|picture|photo|photograph|illustration|cover)\b"
    rf"(?=[^\n]{{0,60}}\b(?:features?|shows?|depicts?|displays?|illustrates?)\b)[^{CJK_PUNCTUATION}{HAN}\n]{{60,3000}}$",
    re.MULTILINE,
)
_MIN_HAN_SHARE: Final = 0.3
_HAN: Final = re.compile(f"[{HAN}]")


def load(text: str, stem: str) -> list[Item]:
    """One record: the whole file."""
    matter = read_front_matter(text)
    head = read_exporter_head(text[matter.end :])
    read = plain_text(form_feeds_as_marks(head.text))
    body, pictures = _without_picture_words(read.text)
    aside = (*matter.others, *map(inline_text, head.lines), *pictures)
    return [
        RawRecord(
            number=1,
            title=matter.title or _title(read, stem),
            account=matter.account or head.account,
            date=matter.date or head.date or None,
            url=matter.url or head.url,
            text=body,
            source_format="markdown",
            stem=stem,
            set_aside=(*(SetAside("other", part) for part in aside if part.strip()), *read.set_aside),
        )
    ]


def field_text(text: str) -> PlainText | None:
    """A field of an export as the reader of the rendered Markdown sees it; None for a field without Markdown."""
    return plain_text(text) if looks_like_markdown(text) or _LINK_OR_TABLE.search(text, 0, _HEAD_CHARS) else None


def begins_with_object(start: str) -> bool:
    """True for an object with a text behind it, and not with other objects: front matter in JSON."""
    if start[:1] != "{":
        return False
    end = read_front_matter(start).end
    return end > 0 and start[end:].lstrip()[:1] not in ("", "{", ",")


def looks_like_markdown(text: str) -> bool:
    """True for a text with a # heading in its first 20,000 characters."""
    start = text[:_HEAD_CHARS]
    return bool(_HEADING.search(start)) and bool(plain_text(start).headings)


def _without_picture_words(text: str) -> tuple[str, list[str]]:
    if not _PICTURE_WORDS.search(text) or len(_HAN.findall(text)) <= _MIN_HAN_SHARE * len(text):
        return text, []
    return _PICTURE_WORDS.sub("", text), [match[0] for match in _PICTURE_WORDS.finditer(text)]


def _title(read: PlainText, stem: str) -> str:
    """The title of an official document above the first heading; else the first heading of the highest level, with
    Han characters and no mark such as 附件2 before others; else the file's name."""
    headings = [(level, title) for start, level, title in read.headings if start < _HEAD_CHARS]
    first = read.headings[0][0] if headings else _HEAD_CHARS
    official = official_title(read.text[:first].split("\n"))
    if official:
        return official
    named = [heading for heading in headings if _HAN.search(heading[1]) and is_title(heading[1])] or headings
    return min(named, key=lambda heading: heading[0], default=(1, stem))[1]
