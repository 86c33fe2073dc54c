"""Restores plans that PDF extraction put on one line: removes page numbers, puts headings on lines of their own.

The table of contents supplies the headings and the pages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from corpus.chinese import CLOSING_MARKS, SENTENCE_ENDS
from corpus.document import Section
from corpus.outline.glued_contents import ContentsEntry, TableOfContents, find_table_of_contents
from corpus.outline.headings import OutlineHeading, section_tree
from corpus.outline.page_marks import PageMap
from corpus.outline.page_numbers import Anchor, PageNumber, find_page_numbers
from corpus.outline.paragraphs import insert_breaks, missing_breaks

#: The text is long and has, on average, less than one line break in as many characters.
_MIN_CHARS: Final = 2_000
_MIN_CHARS_PER_LINE: Final = 400
#: Run-in headings such as 1、支持企业发展壮大。 begin a paragraph below the headings of the table of contents.
_RUN_IN: Final = re.compile(r"(?<!\d)(\d{1,2})、[^。，；：！？、\n]{3,40}(?=。)")
_BEFORE_PARAGRAPH: Final = SENTENCE_ENDS + CLOSING_MARKS


def one_line_plan_sections(body: str, title: str) -> tuple[str, tuple[Section, ...]] | None:
    """The body with line breaks around its headings and without page numbers, and its sections.

    None if the text has line breaks, or no table of contents whose titles occur again as headings. The table of
    contents stays in the body as a section of its own.
    """
    if len(body) < _MIN_CHARS or (body.count("\n") + 1) * _MIN_CHARS_PER_LINE > len(body):
        return None
    contents = find_table_of_contents(body)
    if contents is None:
        return None
    anchors = [Anchor(entry.page or 0, at) for entry, at in _find_entries(body, contents) if entry.page is not None]
    body, pages = _remove_page_numbers(body, find_page_numbers(body, contents.end, anchors))
    found = [
        OutlineHeading(entry.level, entry.title, at, at + len(entry.title), pages.at(at) or entry.page)
        for entry, at in _find_entries(body, contents, pages)
    ]
    headings = [
        OutlineHeading(1, "目录", contents.start, contents.start + 2),
        *_title_after_contents(body, contents.end, title, pages),
        *_with_run_in_headings(body, found, pages),
    ]
    return _insert_line_breaks(body, contents, headings)


def _find_entries(
    text: str, contents: TableOfContents, pages: PageMap | None = None
) -> Iterator[tuple[ContentsEntry, int]]:
    """The positions where the titles of the entries occur again, in order; on the entry's page if pages are known.

    A title that is first found after the title of the next entry is another occurrence, so it is left out.
    """
    at = contents.end
    entries = contents.entries
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        page_range = _page_range(pages, entry.page, len(text)) if pages else None
        position = (
            text.find(entry.title, max(at, page_range[0]), page_range[1] + len(entry.title)) if page_range else -1
        )
        if position < 0:
            position = text.find(entry.title, at)
            if position >= 0 and following and 0 <= text.find(following.title, at, position) < position:
                continue
        if position >= 0:
            yield entry, position
            at = position + len(entry.title)


def _page_range(pages: PageMap, page: int | None, end: int) -> tuple[int, int] | None:
    """Start and end of a page; None if it is unknown."""
    index = bisect_right(pages.numbers, page or 0) - 1
    if index < 0 or pages.numbers[index] != page:
        return None
    return pages.starts[index], pages.starts[index + 1] if index + 1 < len(pages.starts) else end


def _remove_page_numbers(text: str, numbers: Sequence[PageNumber]) -> tuple[str, PageMap]:
    pieces = []
    starts = []
    at = length = 0
    for number in numbers:
        pieces.append(text[at : number.start])
        length += number.start - at
        starts.append(length)
        at = number.end
    return "".join(pieces) + text[at:], PageMap(tuple(starts), tuple(number.page for number in numbers))


def _title_after_contents(body: str, at: int, title: str, pages: PageMap) -> Iterator[OutlineHeading]:
    """The title of the document, if the text after the table of contents begins with it."""
    if title and body.startswith(title, at):
        yield OutlineHeading(1, title, at, at + len(title), pages.at(at))


def _with_run_in_headings(body: str, headings: Sequence[OutlineHeading], pages: PageMap) -> Iterator[OutlineHeading]:
    """The headings, each with the run-in headings below it, if these are numbered from 1 on."""
    ends = [*(heading.start for heading in headings[1:]), len(body)]
    for heading, end in zip(headings, ends, strict=False):
        yield heading
        below = [
            match
            for match in _RUN_IN.finditer(body, heading.end, end)
            if match.start() == heading.end or body[match.start() - 1] in _BEFORE_PARAGRAPH
        ]
        if [int(match[1]) for match in below] == list(range(1, len(below) + 1)):
            for match in below:
                yield OutlineHeading(
                    heading.level + 1, match[0], match.start(), match.end() + 1, pages.at(match.start())
                )


def _insert_line_breaks(
    body: str, contents: TableOfContents, headings: Sequence[OutlineHeading]
) -> tuple[str, tuple[Section, ...]]:
    """The body with line breaks around headings and entries and between paragraphs, and its sections."""
    positions = {contents.end, *(entry.start for entry in contents.entries)}
    for heading in headings:
        positions |= {heading.start, heading.end}
    text_start = next((heading.start for heading in headings if heading.start >= contents.end), contents.end)
    positions.update(text_start + position for position in missing_breaks(body[text_start:]))
    ordered = sorted(
        position for position in positions if 0 < position < len(body) and "\n" not in body[position - 1 : position + 1]
    )
    moved = [
        heading._replace(start=heading.start + bisect_right(ordered, heading.start), end=0) for heading in headings
    ]
    body = insert_breaks(body, ordered)
    return body, section_tree(moved, len(body))
