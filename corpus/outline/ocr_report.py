"""Reports that optical recognition gave as Markdown: the # marks lie, the numbers of chapters and sections do not.

The first two levels are rebuilt from chapter numbers, X.Y numbers and the contents page; below them the marks count,
for they are right more often than not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from corpus.chinese import HAN, NUMERAL
from corpus.document import Section
from corpus.outline.headings import Heading, section_tree

#: 》》 or — before a heading's words is a printer's ornament.
_ORNAMENT: Final = re.compile(r"[—–\-》>▌■◆●·|｜\s]{1,10}(?=\S)")
_SECTION: Final = re.compile(r"(\d{1,2})[.．](\d{1,2})(?![\d.])\s*\S")
_BARE_NUMBER: Final = re.compile(r"\d{1,2}")
_NUMBERED_CHAPTER: Final = re.compile(rf"第({NUMERAL}|\d{{1,2}})[章编部篇]")
_HAS_NUMBER: Final = re.compile(rf"{_NUMBERED_CHAPTER.pattern}|\d{{1,2}}[ 、.]")
_LISTED: Final = re.compile(r"(\d{1,2})[.、．]\s?\D")
_HAN: Final = re.compile(f"[{HAN}]")
#: Months of a chronicle, captions of figures and tables, and words for the page's number are no headings.
_NOISE: Final = re.compile(r"(?:(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?|[图表]\s?\d{1,3}(?!\d).*|第?\s?\d{1,4}\s?页?)")
_CONTENTS: Final = re.compile(r"目\s*录|(?i:contents)")
_SOFT_BREAK: Final = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
_NOTE: Final = re.compile(r"\s*[（(][^（）()]{0,60}[）)]\s*$")
#: A contents page is one page, or a few.
_MAX_LISTED: Final = 200
_MAX_CONTENTS_CHARS: Final = 10_000
_MAX_NAME_CHARS: Final = 60
#: Fewer numbered sections than this do not make a report.
_MIN_SECTIONS: Final = 3


@dataclass(slots=True, kw_only=True)
class _Line:
    """A line that Markdown calls a heading, and what we make of it: level 0 for none."""

    marks: int
    title: str
    start: int
    end: int
    follows_directly: bool
    number: tuple[int, int] | None = None
    level: int = 0
    shown: str = ""
    page: int | None = None
    takes_next: bool = False


def report_sections(body: str, found: Sequence[Heading]) -> tuple[str, tuple[Section, ...]] | None:
    """The body without marks and ornaments, and its sections; None for Markdown whose own marks can be trusted.

    `found` are the headings as Markdown has them. A chapter's number on a line above its name is joined with it; a
    number that got lost is added to the section's title, never to the body.
    """
    lines = [_line(body, before, heading) for before, heading in zip([None, *found], found, strict=False)]
    numbered = _number_sections(lines)
    marks = {line.marks for line in numbered}
    bare = [line for line in lines if _BARE_NUMBER.fullmatch(line.title)]
    if len(numbered) < _MIN_SECTIONS or (len(marks) == 1 and not bare):
        return None
    contents = _contents(body, lines)
    _drop_noise(lines, contents)
    for line in numbered:
        line.level = 2
    _find_chapters(body, lines, contents)
    _number_chapters(lines)
    _rank_below(lines)
    return _rebuilt(body, lines)


def _line(body: str, before: Heading | None, heading: Heading) -> _Line:
    ornament = _ORNAMENT.match(heading.title)
    title = heading.title[ornament.end() :] if ornament else heading.title
    follows = before is not None and not body[before.end : heading.start].strip()
    return _Line(
        marks=heading.level,
        title=title,
        start=heading.start,
        end=heading.end,
        follows_directly=follows,
        page=heading.page,
    )


def _number_sections(lines: Sequence[_Line]) -> list[_Line]:
    """The headings with X.Y numbers that ascend, as numbers of sections do and numbers in words do not."""
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


def _contents(body: str, lines: Sequence[_Line]) -> tuple[int, int] | None:
    """The stretch of the contents page, from its heading to the first heading that it has named already."""
    at = next((number for number, line in enumerate(lines) if _CONTENTS.fullmatch(line.title)), None)
    if at is None:
        return None
    for line in lines[at + 1 : at + _MAX_LISTED]:
        if line.start - lines[at].end > _MAX_CONTENTS_CHARS:
            return None
        if _HAN.search(line.title):
            so_far = _Names(body[lines[at].end : line.start])
            if so_far.find(line.title) or not line.title[-1:].isdigit():
                return lines[at].start, line.start
    return None


class _Names:
    """The entries of a contents page; line breaks may stand inside their names."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._squeezed = "".join(text.split())

    def find(self, title: str) -> re.Match[str] | None:
        """Where a heading is named, with the page behind it as group 2."""
        name = "".join(_NOTE.sub("", title).split())
        if not name or len(name) > _MAX_NAME_CHARS or name not in self._squeezed:
            return None
        spread = r"\s{0,2}".join(map(re.escape, name))
        before = rf"(?:[{HAN}]()\s{{0,4}})?(?<![{HAN}])"
        return re.search(rf"{before}{spread}(?![{HAN}])(?:[\s.…·]{{1,80}}(\d{{1,3}})(?!\d))?", self._text)


def _drop_noise(lines: Sequence[_Line], contents: tuple[int, int] | None) -> None:
    """Level 0 stays for noise and for what is on the contents page; -1 is what must still be ranked."""
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        is_listed = contents is not None and contents[0] < line.start < contents[1]
        if is_listed:
            continue
        if _BARE_NUMBER.fullmatch(line.title):
            named = following and following.follows_directly and following.number is None
            line.takes_next = bool(named and following and _HAN.search(following.title))
        is_subtitle = line.follows_directly and not _HAN.search(line.title)
        if not is_subtitle and not _NOISE.fullmatch(line.title):
            line.level = -1


def _find_chapters(body: str, lines: Sequence[_Line], contents: tuple[int, int] | None) -> None:
    names = _Names(body[slice(*contents)] if contents else "")
    between = _between_sections(lines)
    last = 0
    for at, line in enumerate(lines):
        if line.takes_next:
            number = int(line.title)
            line.takes_next = last < number <= last + 3
            if line.takes_next:
                last, name = number, lines[at + 1]
                line.level, name.level = 1, 0
                line.shown = f"{line.title} {_SOFT_BREAK.sub('', name.title)}"
                line.page = line.page or _page(names.find(name.title))
            continue
        if line.level >= 0:
            last = max(last, line.number[0]) if line.number else last
            continue
        entry = names.find(line.title) if line.marks <= 3 else None
        if entry or _NUMBERED_CHAPTER.match(line.title) or (line.marks == 1 and not between[at]):
            line.level = 1
            line.page = line.page or _page(entry)


def _page(entry: re.Match[str] | None) -> int | None:
    """The page behind an entry; where the entry before it has none, the pages stand in a column of their own."""
    return int(entry[2]) if entry and entry[2] and entry[1] is None else None


def _between_sections(lines: Sequence[_Line]) -> list[bool]:
    """For each line, whether it stands between two numbered sections of the same chapter."""
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


def _number_chapters(lines: Sequence[_Line]) -> None:
    """The chapter above X.1 is X, also where its number or its marks got lost."""
    chapter: _Line | None = None
    last = 0
    for at, line in enumerate(lines):
        if line.level == 1:
            chapter = line
        if line.number is None:
            continue
        if line.number[0] != last:
            last = line.number[0]
            chapter = chapter or _name_before(lines, at)
            if chapter is not None:
                chapter.level = 1
                name = _SOFT_BREAK.sub("", chapter.shown or chapter.title)
                chapter.shown = name if _HAS_NUMBER.match(name) else f"{last} {name}"
        chapter = None


def _name_before(lines: Sequence[_Line], at: int) -> _Line | None:
    """The heading right before a chapter's first section, if its marks are no lower ones."""
    for number in range(at - 1, -1, -1):
        line = lines[number]
        if line.level:
            return line if line.level == -1 and line.marks <= lines[at].marks else None
    return None


def _rank_below(lines: Sequence[_Line]) -> None:
    """Levels below chapters and numbered sections, by their marks.

    The first heading is one of the highest there, for recognition gives it one mark too many. Headings with its own
    marks that come before a higher one are its equals in a chapter, and below it in a numbered section, where the
    first heading often names a group. Numbers that run on (4. after 3.) stay on one level.
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


def _rebuilt(body: str, lines: Sequence[_Line]) -> tuple[str, tuple[Section, ...]]:
    pieces: list[str] = []
    headings = []
    at = length = 0
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.start < at:
            continue  # the name of a chapter, written with its number
        title = line.shown or line.title
        written = line.title
        end = line.end
        if line.takes_next and following:
            written = title
            end = following.end
        elif line.level == 1:
            written = _SOFT_BREAK.sub("", line.title)
        before = body[at : line.start]
        start = length + len(before)
        length = start + len(written)
        pieces += [before, written]
        if line.level > 0:
            headings.append(Heading(line.level, title if line.level == 1 else written, start, length, line.page))
        at = end
    body = "".join(pieces) + body[at:]
    return body, section_tree(headings, len(body))
