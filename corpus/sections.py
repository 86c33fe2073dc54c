"""Headings of long documents: Markdown's own, and the numbered lines of Chinese official texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from corpus.document import Section

_MARKDOWN: Final = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
#: 第三章 / 第二节 / 一、 / （一） / 1、 at the start of a short line that is no sentence.
_NUMBERED: Final = (
    (1, re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章编部篇]\s*\S.*")),
    (2, re.compile(r"第[一二三四五六七八九十百\d]{1,4}节\s*\S.*")),
    (1, re.compile(r"[一二三四五六七八九十]{1,3}、\S.*")),
    (2, re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]\S.*")),
    (3, re.compile(r"\d{1,2}[、.．]\s?[^\d\s].*")),
)
#: A heading is one short line; measured on plans and reports, the longest real ones have about 40 characters.
_MAX_HEADING_CHARS: Final = 45
_SENTENCE_ENDS: Final = "。；！？，：;:,"


class _Found(NamedTuple):
    level: int
    title: str
    start: int


def markdown_sections(body: str) -> tuple[str, tuple[Section, ...]]:
    """The body with its heading lines freed of their # marks, and the sections they head."""
    found = []
    pieces = []
    at = length = 0
    for match in _MARKDOWN.finditer(body):
        title = match[2].strip()
        before = body[at : match.start()]
        found.append(_Found(len(match[1]), title, length + len(before)))
        pieces += [before, title]
        length += len(before) + len(title)
        at = match.end()
    body = "".join(pieces) + body[at:]
    return body, _tree(found, len(body))


def numbered_sections(body: str) -> tuple[str, tuple[Section, ...]]:
    """The body as it is, and the sections of a plain text by its numbered heading lines."""
    found = []
    start = 0
    for line in body.split("\n"):
        if len(line) <= _MAX_HEADING_CHARS and line[-1:] not in _SENTENCE_ENDS:
            level = next((level for level, form in _NUMBERED if form.fullmatch(line)), None)
            if level is not None:
                found.append(_Found(level, line.strip(), start))
        start += len(line) + 1
    return body, _tree(found, len(body))


def _tree(found: Iterable[_Found], end: int) -> tuple[Section, ...]:
    headings = list(found)
    sections = []
    open_headings: list[_Found] = []
    for here, following in zip(headings, [*headings[1:], None], strict=False):
        while open_headings and open_headings[-1].level >= here.level:
            open_headings.pop()
        open_headings.append(here)
        sections.append(
            Section(
                level=here.level,
                title=here.title,
                path=tuple(heading.title for heading in open_headings),
                page=None,
                start=here.start,
                length=(following.start if following else end) - here.start,
            )
        )
    return tuple(sections)
