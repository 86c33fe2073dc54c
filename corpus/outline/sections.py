"""Finds the sections of a document: chooses the outline parser by source format and content."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.document import Section, SourceFormat
from corpus.outline.digests import digest_sections
from corpus.outline.headings import OutlineHeading, markdown_headings, section_tree
from corpus.outline.ocr_report import ocr_report_sections
from corpus.outline.one_line_plan import one_line_plan_sections
from corpus.outline.page_marks import PageMap, without_page_marks
from corpus.outline.paragraphs import restore_paragraphs

#: Headings are short lines that begin with 第三章, 第二节, 一、, （一） or 1、 and are no sentences.
_CHAPTERS: Final = (
    re.compile(rf"第[{NUMERAL_CHARS}百\d]{{1,4}}[章编部篇]\s*\S.*"),
    re.compile(rf"第[{NUMERAL_CHARS}百\d]{{1,4}}节\s*\S.*"),
)
_NUMBERS: Final = (
    re.compile(rf"{NUMERAL}、\S.*"),
    re.compile(rf"[（(]{NUMERAL}[）)]\S.*"),
    re.compile(r"\d{1,2}[、.．]\s?[^\d\s].*"),
)
#: Measured on plans and reports: the longest headings have about 40 characters.
_MAX_HEADING_CHARS: Final = 45
_NOT_AT_END: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "，,：:"
_CONTENTS_HEADING: Final = re.compile(r"目\s?录")
#: The end of an entry of a table of contents: dots or blanks, then the page.
_PAGE_OF_ENTRY: Final = re.compile(r"(?:[\s.．…·•-]{0,200}\s?(\d{1,4}))?$")
_MIN_ENTRIES: Final = 3


def find_sections(body: str, source_format: SourceFormat, title: str) -> tuple[str, tuple[Section, ...]]:
    """The body as it is stored and shown, and its sections in ascending order.

    Only these characters of the body are removed: blanks and line breaks, marks of Markdown headings, page marks, and
    page numbers that a table of contents confirms. Lost line breaks between paragraphs are restored, except in
    Markdown. The text at a section's start begins with its title, unless the number of a chapter had to be inferred.
    """
    if source_format == "markdown":
        return markdown_sections(*without_page_marks(body))
    unbroken = one_line_plan_sections(body, title)
    if unbroken is not None:
        return unbroken
    body = restore_paragraphs(body)
    if source_format == "article":
        items = digest_sections(body, title)
        return (body, items) if items is not None else numbered_sections(body)
    return numbered_sections(*without_page_marks(body))


def markdown_sections(body: str, pages: PageMap = PageMap()) -> tuple[str, tuple[Section, ...]]:  # noqa: B008 a constant
    """The body without the # marks of its headings, and the sections of these headings."""
    body, found = markdown_headings(body, pages)
    report = ocr_report_sections(body, found)
    if report is not None:
        return report
    moved = []
    pieces = []
    at = length = 0
    for heading in found:
        before = body[at : heading.start]
        start = length + len(before)
        length = start + len(heading.title)
        moved.append(heading._replace(start=start, end=length))
        pieces += [before, heading.title]
        at = heading.end
    body = "".join(pieces) + body[at:]
    return body, section_tree(moved, len(body))


def numbered_sections(body: str, pages: PageMap = PageMap()) -> tuple[str, tuple[Section, ...]]:  # noqa: B008 a constant
    """The unchanged body of a plain text, and the sections of its numbered headings.

    一、 has level 1, with （一） and 1、 below it; if the text has chapters, these come first and the levels of the
    others increase. A table of contents is one section; it gives the pages of the headings that it lists.
    """
    lines = []
    start = 0
    for line in body.split("\n"):
        if 1 < len(line) <= _MAX_HEADING_CHARS and line[-1] not in _NOT_AT_END:
            lines.append((start, line))
        start += len(line) + 1
    above = max((_kind_of_heading(line, _CHAPTERS) for _, line in lines), default=0)
    found = []
    for start, line in lines:
        number = _kind_of_heading(line, _NUMBERS)
        level = above + number if number else _kind_of_heading(line, _CHAPTERS)
        if level:
            found.append(OutlineHeading(level, line.strip(), start, start + len(line), pages.at(start)))
    return body, section_tree(_without_contents(lines, found), len(body))


def _without_contents(lines: list[tuple[int, str]], found: list[OutlineHeading]) -> list[OutlineHeading]:
    """The headings, with the entries of a table of contents replaced by one heading for all of it."""
    start, word = next(((start, line) for start, line in lines if _CONTENTS_HEADING.fullmatch(line.strip())), (0, ""))
    listed = [heading for heading in found if heading.start > start] if word else []
    names = [_PAGE_OF_ENTRY.sub("", heading.title, count=1) for heading in listed]
    if len(listed) < 2 * _MIN_ENTRIES or names[0] not in names[1:]:
        return found
    length = names.index(names[0], 1)
    if length < _MIN_ENTRIES:
        return found
    numbers = {
        name: match[1]
        for name, entry in zip(names, listed[:length], strict=False)
        if (match := _PAGE_OF_ENTRY.search(entry.title))
    }
    rest = [
        heading._replace(page=heading.page or int(numbers.get(heading.title) or 0) or None)
        for heading in listed[length:]
    ]
    before = [heading for heading in found if heading.start < start]
    return [*before, OutlineHeading(1, word.strip(), start, start + len(word)), *rest]


def _kind_of_heading(line: str, patterns: tuple[re.Pattern[str], ...]) -> int:
    """The number, from 1, of the first pattern that matches the whole line; 0 if none does."""
    return next((number for number, pattern in enumerate(patterns, 1) if pattern.fullmatch(line)), 0)
