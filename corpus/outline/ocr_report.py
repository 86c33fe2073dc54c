"""Finds the sections of reports that OCR turned into Markdown with unreliable heading levels.

The first two levels are taken from chapter numbers, X.Y numbers and the contents page. Below them the levels of the
Markdown marks are used, because most of them are right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from corpus.chinese import HAN, NUMERAL
from corpus.document import Section
from corpus.outline.headings import OutlineHeading, section_tree

#: Ornaments such as 》》 or — before the words of a heading.
_ORNAMENT: Final = re.compile(r"[—–\-》>▌■◆●·|｜\s]{1,10}(?=\S)")
_SECTION: Final = re.compile(r"(\d{1,2})[.．](\d{1,2})(?![\d.])\s*\S")
_BARE_NUMBER: Final = re.compile(r"\d{1,2}")
_NUMBERED_CHAPTER: Final = re.compile(rf"第({NUMERAL}|\d{{1,2}})[章编部篇]")
_HAS_NUMBER: Final = re.compile(rf"{_NUMBERED_CHAPTER.pattern}|\d{{1,2}}[ 、.]")
_LISTED: Final = re.compile(r"(\d{1,2})[.、．]\s?\D")
_HAN: Final = re.compile(f"[{HAN}]")
#: Months of a chronicle, captions of figures and tables, and page numbers are not headings.
_NO_HEADING: Final = re.compile(
    r"(?:(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?|[图表]\s?\d{1,3}(?!\d).*|第?\s?\d{1,4}\s?页?)"
)
_CONTENTS_HEADING: Final = re.compile(r"目\s*录|(?i:contents)")
_SOFT_BREAK: Final = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
_NOTE: Final = re.compile(r"\s*[（(][^（）()]{0,60}[）)]\s*$")
#: Limits for the contents, which take up one page or a few.
_MAX_LISTED: Final = 200
_MAX_CONTENTS_CHARS: Final = 10_000
_MAX_NAME_CHARS: Final = 60
#: A report has at least so many numbered sections.
_MIN_SECTIONS: Final = 3


@dataclass(slots=True, kw_only=True)
class _HeadingLine:
    """A heading according to Markdown, and what it is found to be.

    `level` is the level of the section, 0 if the line is no heading, and -1 as long as it is a candidate. `joins_next`
    is True for a chapter's number on a line of its own, above the chapter's name.
    """

    marks: int
    title: str
    start: int
    end: int
    follows_directly: bool
    number: tuple[int, int] | None = None
    level: int = 0
    section_title: str = ""
    page: int | None = None
    joins_next: bool = False


def ocr_report_sections(body: str, found: Sequence[OutlineHeading]) -> tuple[str, tuple[Section, ...]] | None:
    """The body without marks and ornaments, and its sections; None if the levels of the Markdown are reliable.

    `found` are the Markdown headings. A chapter's number on a line above the chapter's name is joined with the name. A
    missing number is added to the section's title, never to the body.
    """
    lines = [_heading_line(body, before, heading) for before, heading in zip([None, *found], found, strict=False)]
    numbered = _find_numbered_sections(lines)
    marks = {line.marks for line in numbered}
    bare = [line for line in lines if _BARE_NUMBER.fullmatch(line.title)]
    if len(numbered) < _MIN_SECTIONS or (len(marks) == 1 and not bare):
        return None
    contents = _contents_page(body, lines)
    _find_candidates(lines, contents)
    for line in numbered:
        line.level = 2
    _find_chapters(body, lines, contents)
    _number_chapters(lines)
    _assign_lower_levels(lines)
    return _body_and_sections(body, lines)


def _heading_line(body: str, before: OutlineHeading | None, heading: OutlineHeading) -> _HeadingLine:
    ornament = _ORNAMENT.match(heading.title)
    title = heading.title[ornament.end() :] if ornament else heading.title
    follows = before is not None and not body[before.end : heading.start].strip()
    return _HeadingLine(
        marks=heading.level,
        title=title,
        start=heading.start,
        end=heading.end,
        follows_directly=follows,
        page=heading.page,
    )


def _find_numbered_sections(lines: Sequence[_HeadingLine]) -> list[_HeadingLine]:
    """The headings with X.Y numbers that ascend like those of sections; other numbers do not."""
    last = (0, 0)
    numbered = []
    for line in lines:
        match = _SECTION.match(line.title)
        if match is None:
            continue
        number = int(match[1]), int(match[2])
        follows = number[0] == last[0] and last[1] < number[1] <= last[1] + 3
        begins = last[0] < number[0] <= last[0] + 2 and number[1] <= 3
        if follows or begins:
            line.number = last = number
            numbered.append(line)
    return numbered


def _contents_page(body: str, lines: Sequence[_HeadingLine]) -> tuple[int, int] | None:
    """Start and end of the contents page, from its heading to the first heading that it lists."""
    at = next((number for number, line in enumerate(lines) if _CONTENTS_HEADING.fullmatch(line.title)), None)
    if at is None:
        return None
    for line in lines[at + 1 : at + _MAX_LISTED]:
        if line.start - lines[at].end > _MAX_CONTENTS_CHARS:
            return None
        if _HAN.search(line.title):
            so_far = _EntryFinder(body[lines[at].end : line.start])
            if so_far.find(line.title) or not line.title[-1:].isdigit():
                return lines[at].start, line.start
    return None


class _EntryFinder:
    """Finds headings among the entries of a contents page, which may contain line breaks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._squeezed = "".join(text.split())

    def find(self, title: str) -> re.Match[str] | None:
        """The entry of a heading: group 2 is the page after it, group 1 matches if another entry is right before it."""
        name = "".join(_NOTE.sub("", title).split())
        if not name or len(name) > _MAX_NAME_CHARS or name not in self._squeezed:
            return None
        spaced = r"\s{0,2}".join(map(re.escape, name))
        before = rf"(?:[{HAN}]()\s{{0,4}})?(?<![{HAN}])"
        return re.search(rf"{before}{spaced}(?![{HAN}])(?:[\s.…·]{{1,80}}(\d{{1,3}})(?!\d))?", self._text)


def _find_candidates(lines: Sequence[_HeadingLine], contents: tuple[int, int] | None) -> None:
    """Mark the lines that may be headings as candidates; those of the contents page and noise keep level 0."""
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        is_listed = contents is not None and contents[0] < line.start < contents[1]
        if is_listed:
            continue
        if _BARE_NUMBER.fullmatch(line.title):
            named = following and following.follows_directly and following.number is None
            line.joins_next = bool(named and following and _HAN.search(following.title))
        is_subtitle = line.follows_directly and not _HAN.search(line.title)
        if not is_subtitle and not _NO_HEADING.fullmatch(line.title):
            line.level = -1


def _find_chapters(body: str, lines: Sequence[_HeadingLine], contents: tuple[int, int] | None) -> None:
    """Give level 1 to chapters: numbered ones, those of the contents page, and top-level marks between chapters."""
    entries = _EntryFinder(body[slice(*contents)] if contents else "")
    between = _between_sections(lines)
    last = 0
    for at, line in enumerate(lines):
        if line.joins_next:
            number = int(line.title)
            line.joins_next = last < number <= last + 3
            if line.joins_next:
                last, name = number, lines[at + 1]
                line.level, name.level = 1, 0
                line.section_title = f"{line.title} {_SOFT_BREAK.sub('', name.title)}"
                line.page = line.page or _page_of(entries.find(name.title))
            continue
        if line.level >= 0:
            last = max(last, line.number[0]) if line.number else last
            continue
        entry = entries.find(line.title) if line.marks <= 3 else None
        if entry or _NUMBERED_CHAPTER.match(line.title) or (line.marks == 1 and not between[at]):
            line.level = 1
            line.page = line.page or _page_of(entry)


def _page_of(entry: re.Match[str] | None) -> int | None:
    """The page after an entry; None if the pages are in a column of their own, so that no entry precedes it."""
    return int(entry[2]) if entry and entry[2] and entry[1] is None else None


def _between_sections(lines: Sequence[_HeadingLine]) -> list[bool]:
    """For each line, True if it is between two numbered sections of the same chapter."""
    following = []
    chapter = 0
    for line in reversed(lines):
        chapter = line.number[0] if line.number else chapter
        following.append(chapter)
    between = []
    chapter = 0
    for line, after in zip(lines, reversed(following), strict=True):
        chapter = line.number[0] if line.number else chapter
        between.append(chapter != 0 and chapter == after)
    return between


def _number_chapters(lines: Sequence[_HeadingLine]) -> None:
    """Give the chapter above section X.1 the number X, even if its number or its marks are missing."""
    chapter: _HeadingLine | None = None
    last = 0
    for at, line in enumerate(lines):
        if line.level == 1:
            chapter = line
        if line.number is None:
            continue
        if line.number[0] != last:
            last = line.number[0]
            chapter = chapter or _chapter_before(lines, at)
            if chapter is not None:
                chapter.level = 1
                name = _SOFT_BREAK.sub("", chapter.section_title or chapter.title)
                chapter.section_title = name if _HAS_NUMBER.match(name) else f"{last} {name}"
        chapter = None


def _chapter_before(lines: Sequence[_HeadingLine], at: int) -> _HeadingLine | None:
    """The heading right before a chapter's first section, if its Markdown level is not lower."""
    for number in range(at - 1, -1, -1):
        line = lines[number]
        if line.level:
            return line if line.level == -1 and line.marks <= lines[at].marks else None
    return None


def _assign_lower_levels(lines: Sequence[_HeadingLine]) -> None:
    """Give levels to the candidates below chapters and numbered sections, by their Markdown levels.

    The first heading of a group has the highest level there, because OCR often puts it one level too low. Headings that
    have the same Markdown level and come before a higher one get the same level in a chapter, and a lower one in a
    numbered section, where the first heading often names a group. Consecutive numbers (3., 4.) keep the same level.
    """
    base = 1
    for is_above, group in groupby(lines, lambda line: line.level > 0):
        if is_above:
            base = [line.level for line in group][-1]
            continue
        below = [line for line in group if line.level == -1]
        if not below:
            continue
        highest = min(line.marks for line in below)
        shift = below[0].marks - highest if base == 1 else 0
        last = base
        listed: tuple[int, int] | None = None
        for line in below:
            shift = 0 if line.marks < below[0].marks else shift
            level = base + 1 + max(0, line.marks - highest - shift)
            level = base + 1 if line is below[0] else min(level, last + 1)
            match = _LISTED.match(line.title)
            if match and listed and int(match[1]) == listed[0] + 1:
                level = listed[1]
            listed = (int(match[1]), level) if match else listed
            line.level = last = level


def _body_and_sections(body: str, lines: Sequence[_HeadingLine]) -> tuple[str, tuple[Section, ...]]:
    """The body with the headings as they were found, and the sections."""
    pieces: list[str] = []
    headings = []
    at = length = 0
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.start < at:
            continue  # the name of a chapter, already joined with its number
        title = line.section_title or line.title
        body_title = line.title
        end = line.end
        if line.joins_next and following:
            body_title = title
            end = following.end
        elif line.level == 1:
            body_title = _SOFT_BREAK.sub("", line.title)
        before = body[at : line.start]
        start = length + len(before)
        length = start + len(body_title)
        pieces += [before, body_title]
        if line.level > 0:
            headings.append(
                OutlineHeading(line.level, title if line.level == 1 else body_title, start, length, line.page)
            )
        at = end
    body = "".join(pieces) + body[at:]
    return body, section_tree(headings, len(body))
