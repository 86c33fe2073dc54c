"""Headings of long documents: Markdown's own, and the numbered lines of Chinese official texts."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from corpus.document import Section

_MARKDOWN: Final = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]*)$", re.MULTILINE)
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
#: 第三章, 第二节 / 一、 / （一） / 1、 at the start of a short line that is no sentence.
_CHAPTERS: Final = (
    re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章编部篇]\s*\S.*"),
    re.compile(r"第[一二三四五六七八九十百\d]{1,4}节\s*\S.*"),
)
_NUMBERS: Final = (
    re.compile(r"[一二三四五六七八九十]{1,3}、\S.*"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]\S.*"),
    re.compile(r"\d{1,2}[、.．]\s?[^\d\s].*"),
)
#: A heading is one short line; measured on plans and reports, the longest real ones have about 40 characters.
_MAX_HEADING_CHARS: Final = 45
_SENTENCE_ENDS: Final = "。；！？，：;:,"


class Heading(NamedTuple):
    """A heading and the stretch of text that it takes up, marks included."""

    level: int
    title: str
    start: int
    end: int


def markdown_headings(text: str) -> Iterator[Heading]:
    """The # headings of a Markdown text, without those inside fenced code, where # begins a comment."""
    fenced = deque(_fenced(text))
    for match in _MARKDOWN.finditer(text):
        while fenced and fenced[0][1] <= match.start():
            fenced.popleft()
        title = _without_closing_marks(match[2].rstrip())
        if title and not (fenced and fenced[0][0] < match.start()):
            yield Heading(len(match[1]), title, match.start(), match.end())


def markdown_sections(body: str) -> tuple[str, tuple[Section, ...]]:
    """The body with its heading lines freed of their # marks, and the sections they head."""
    found = []
    pieces = []
    at = length = 0
    for heading in markdown_headings(body):
        before = body[at : heading.start]
        start = length + len(before)
        length = start + len(heading.title)
        found.append(heading._replace(start=start, end=length))
        pieces += [before, heading.title]
        at = heading.end
    body = "".join(pieces) + body[at:]
    return body, _tree(found, len(body))


def numbered_sections(body: str) -> tuple[str, tuple[Section, ...]]:
    """The body as it is, and the sections of a plain text by its numbered heading lines.

    一、 is at level 1 with （一） and 1、 below it; where chapters stand above them, all three go down.
    """
    lines = []
    start = 0
    for line in body.split("\n"):
        if len(line) <= _MAX_HEADING_CHARS and line[-1:] not in _SENTENCE_ENDS:
            lines.append((start, line))
        start += len(line) + 1
    above = max((_rank(line, _CHAPTERS) for _, line in lines), default=0)
    found = []
    for start, line in lines:
        number = _rank(line, _NUMBERS)
        level = above + number if number else _rank(line, _CHAPTERS)
        if level:
            found.append(Heading(level, line.strip(), start, start + len(line)))
    return body, _tree(found, len(body))


def _rank(line: str, forms: tuple[re.Pattern[str], ...]) -> int:
    """Which of the forms, counted from 1, the line has; 0 for none."""
    return next((rank for rank, form in enumerate(forms, 1) if form.fullmatch(line)), 0)


def _without_closing_marks(title: str) -> str:
    """`题 ##` is 题, as Markdown has it; the mark of `C#` stays."""
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else title


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of fenced code; a fence that nothing closes is none, lest it hide the rest of a report."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[2].strip():
            yield opening.start(), fence.end()
            opening = None


def _tree(found: Iterable[Heading], end: int) -> tuple[Section, ...]:
    headings = list(found)
    sections = []
    open_headings: list[Heading] = []
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
