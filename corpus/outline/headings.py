"""Headings of a text, the sections that they make, and a parser of Markdown headings."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.document import Section

_MARKDOWN: Final = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]*)$", re.MULTILINE)
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


class OutlineHeading(NamedTuple):
    """A heading at text[start:end], its Markdown marks included; levels count from 1, pages as the source does."""

    level: int
    title: str
    start: int
    end: int
    page: int | None = None


def section_tree(headings: Sequence[OutlineHeading], end: int) -> tuple[Section, ...]:
    """The sections of a text of `end` characters, each from its heading to the next one.

    A section's path has the titles of all headings above it; levels that the text skips are not in it.
    """
    sections = []
    open_headings: list[OutlineHeading] = []
    for here, following in zip(headings, [*headings[1:], None], strict=False):
        while open_headings and open_headings[-1].level >= here.level:
            open_headings.pop()
        open_headings.append(here)
        sections.append(
            Section(
                level=here.level,
                title=here.title,
                path=tuple(heading.title for heading in open_headings),
                page=here.page,
                start=here.start,
                length=(following.start if following else end) - here.start,
            )
        )
    return tuple(sections)


def markdown_headings(text: str) -> Iterator[OutlineHeading]:
    """The # headings of a Markdown text, except in fenced code, where # begins a comment."""
    fenced = deque(_fenced(text))
    for match in _MARKDOWN.finditer(text):
        while fenced and fenced[0][1] <= match.start():
            fenced.popleft()
        title = _without_closing_marks(match[2].rstrip())
        if title and not (fenced and fenced[0][0] < match.start()):
            yield OutlineHeading(len(match[1]), title, match.start(), match.end())


def _without_closing_marks(title: str) -> str:
    """A heading without its closing marks: `题 ##` is 题, while `C#` keeps its #."""
    stripped = title.rstrip("#")
    return stripped.rstrip() if not stripped or stripped[-1].isspace() else title


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each fenced code block; a fence that is not closed is ignored, so that it hides no headings."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[2].strip():
            yield opening.start(), fence.end()
            opening = None
