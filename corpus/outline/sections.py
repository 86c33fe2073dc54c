"""The outline of a text: which form it has, and what that form's headings are."""

from __future__ import annotations

import re
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.document import Section, SourceFormat
from corpus.outline.digests import digest_sections
from corpus.outline.headings import Heading, markdown_headings, section_tree
from corpus.outline.ocr_report import report_sections
from corpus.outline.one_line_plan import unbroken_sections
from corpus.outline.page_marks import Pages, without_page_marks
from corpus.outline.paragraphs import restore_paragraphs

#: 第三章, 第二节 / 一、 / （一） / 1、 at the start of a short line that is no sentence.
_CHAPTERS: Final = (
    re.compile(rf"第[{NUMERAL_CHARS}百\d]{{1,4}}[章编部篇]\s*\S.*"),
    re.compile(rf"第[{NUMERAL_CHARS}百\d]{{1,4}}节\s*\S.*"),
)
_NUMBERS: Final = (
    re.compile(rf"{NUMERAL}、\S.*"),
    re.compile(rf"[（(]{NUMERAL}[）)]\S.*"),
    re.compile(r"\d{1,2}[、.．]\s?[^\d\s].*"),
)
#: A heading is one short line; measured on plans and reports, the longest real ones have about 40 characters.
_MAX_HEADING_CHARS: Final = 45
_NOT_LAST: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "，,：:"
_CONTENTS: Final = re.compile(r"目\s?录")
#: An entry of a contents list: dots or blanks, then the page.
_PAGE: Final = re.compile(r"(?:[\s.．…·•-]{0,200}\s?(\d{1,4}))?$")
_MIN_ENTRIES: Final = 3


def find_sections(body: str, source_format: SourceFormat, title: str) -> tuple[str, tuple[Section, ...]]:
    """The body as readers should see it, and its sections in ascending order.

    Of the body's characters only these are lost: blanks and line breaks, marks of Markdown headings, page marks and
    the page numbers that a contents list proves. Paragraphs that were glued together are parted in all forms but
    Markdown. A section's title stands at its start, but for a chapter's number that had to be inferred.
    """
    if source_format == "markdown":
        return markdown_sections(*without_page_marks(body))
    unbroken = unbroken_sections(body, title)
    if unbroken is not None:
        return unbroken
    body = restore_paragraphs(body)
    if source_format == "article":
        items = digest_sections(body, title)
        return (body, items) if items is not None else numbered_sections(body)
    return numbered_sections(*without_page_marks(body))


def markdown_sections(body: str, pages: Pages = Pages()) -> tuple[str, tuple[Section, ...]]:  # noqa: B008 a constant
    """The body with its heading lines freed of their # marks, and the sections they head."""
    found = [heading._replace(page=pages.at(heading.start)) for heading in markdown_headings(body)]
    report = report_sections(body, found)
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


def numbered_sections(body: str, pages: Pages = Pages()) -> tuple[str, tuple[Section, ...]]:  # noqa: B008 a constant
    """The body as it is, and the sections of a plain text by its numbered heading lines.

    一、 is at level 1 with （一） and 1、 below it; where chapters stand above them, all three go down. A contents
    list is one section; its pages are those of the headings it lists.
    """
    lines = []
    start = 0
    for line in body.split("\n"):
        if 1 < len(line) <= _MAX_HEADING_CHARS and line[-1] not in _NOT_LAST:
            lines.append((start, line))
        start += len(line) + 1
    above = max((_rank(line, _CHAPTERS) for _, line in lines), default=0)
    found = []
    for start, line in lines:
        number = _rank(line, _NUMBERS)
        level = above + number if number else _rank(line, _CHAPTERS)
        if level:
            found.append(Heading(level, line.strip(), start, start + len(line), pages.at(start)))
    return body, section_tree(_without_contents(lines, found), len(body))


def _without_contents(lines: list[tuple[int, str]], found: list[Heading]) -> list[Heading]:
    """The headings, with those of a contents list replaced by one for the list."""
    start, word = next(((start, line) for start, line in lines if _CONTENTS.fullmatch(line.strip())), (0, ""))
    listed = [heading for heading in found if heading.start > start] if word else []
    names = [_PAGE.sub("", heading.title, count=1) for heading in listed]
    if len(listed) < 2 * _MIN_ENTRIES or names[0] not in names[1:]:
        return found
    length = names.index(names[0], 1)
    if length < _MIN_ENTRIES:
        return found
    numbers = {
        name: match[1]
        for name, entry in zip(names, listed[:length], strict=False)
        if (match := _PAGE.search(entry.title))
    }
    rest = [
        heading._replace(page=heading.page or int(numbers.get(heading.title) or 0) or None)
        for heading in listed[length:]
    ]
    before = [heading for heading in found if heading.start < start]
    return [*before, Heading(1, word.strip(), start, start + len(word)), *rest]


def _rank(line: str, forms: tuple[re.Pattern[str], ...]) -> int:
    """Which of the forms, counted from 1, the line has; 0 for none."""
    return next((rank for rank, form in enumerate(forms, 1) if form.fullmatch(line)), 0)
