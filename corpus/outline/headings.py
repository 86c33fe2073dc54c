"""Headings of a text, the sections that they make, and how loaders mark them in a body: `## title`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from corpus.document import Section
from corpus.outline.page_marks import PageMap

#: A heading in a body, or a line whose escape is to be removed.
_MARKDOWN: Final = re.compile(r"^(?:(?P<escape>\\)\\*#{1,6}|(?P<marks>#{1,6}))[ \t]+(?P<title>\S[^\n]*)$", re.MULTILINE)
#: What would read as one of these after cleaning, which removes blanks and invisible signs before it.
_LITERAL: Final = re.compile(
    r"^((?:[^\S\n]|[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff])*)(?=\\*#{1,6}[^\S\n])", re.MULTILINE
)


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


def markdown_headings(text: str, pages: PageMap) -> tuple[str, list[OutlineHeading]]:
    """The text without the escapes of `escape_headings`, and its lines that begin with `# `."""
    headings = []
    pieces = []
    at = removed = 0
    for match in _MARKDOWN.finditer(text):
        if match["escape"]:
            pieces.append(text[at : match.start()])
            at = match.start() + 1
            removed += 1
        else:
            start, end, page = match.start() - removed, match.end() - removed, pages.at(match.start())
            headings.append(OutlineHeading(len(match["marks"]), match["title"].rstrip(), start, end, page))
    return "".join(pieces) + text[at:], headings


def escape_headings(text: str) -> str:
    """The text with a backslash before each line that would be a heading: `# 注` in code is none."""
    return _LITERAL.sub(r"\1\\", text) if "#" in text else text
