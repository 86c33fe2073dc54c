"""Plans that an extraction from PDF gave as one line: page numbers go, headings get lines of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from corpus.chinese import CLOSING_MARKS, SENTENCE_ENDS
from corpus.document import Section
from corpus.outline.glued_contents import Contents, Entry, find_contents
from corpus.outline.headings import Heading, section_tree
from corpus.outline.page_marks import Pages
from corpus.outline.page_numbers import Anchor, PageNumber, find_page_numbers
from corpus.outline.paragraphs import glued_breaks, with_breaks

#: A text is unbroken if it is long and has, on average, less than one line break in as many characters.
_MIN_CHARS: Final = 2_000
_MIN_CHARS_PER_LINE: Final = 400
#: 1、支持企业发展壮大。 as the beginning of a paragraph, below the headings of the contents.
_RUN_IN: Final = re.compile(r"(?<!\d)(\d{1,2})、[^。，；：！？、\n]{3,40}(?=。)")
_BEFORE_PARAGRAPH: Final = SENTENCE_ENDS + CLOSING_MARKS


def unbroken_sections(body: str, title: str) -> tuple[str, tuple[Section, ...]] | None:
    """The body with line breaks around its headings and without page numbers, and its sections.

    None for a text that has line breaks, or no contents list whose entries come again as headings. The list stays
    in the body as a section of its own.
    """
    if len(body) < _MIN_CHARS or (body.count("\n") + 1) * _MIN_CHARS_PER_LINE > len(body):
        return None
    contents = find_contents(body)
    if contents is None:
        return None
    anchors = [Anchor(entry.page or 0, at) for entry, at in _located(body, contents) if entry.page is not None]
    body, pages = _without_numbers(body, find_page_numbers(body, contents.end, anchors))
    found = [
        Heading(entry.level, entry.title, at, at + len(entry.title), pages.at(at) or entry.page)
        for entry, at in _located(body, contents, pages)
    ]
    headings = [
        Heading(1, "目录", contents.start, contents.start + 2),
        *_opening(body, contents.end, title, pages),
        *_with_run_in(body, found, pages),
    ]
    return _broken(body, contents, headings)


def _located(text: str, contents: Contents, pages: Pages | None = None) -> Iterator[tuple[Entry, int]]:
    """The places where the entries' titles come again, in order; on the entry's own page where pages are known.

    A title whose first place lies beyond that of the next entry stands elsewhere, so it is left out.
    """
    at = contents.end
    entries = contents.entries
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        span = _span(pages, entry.page, len(text)) if pages else None
        place = text.find(entry.title, max(at, span[0]), span[1] + len(entry.title)) if span else -1
        if place < 0:
            place = text.find(entry.title, at)
            if place >= 0 and following and 0 <= text.find(following.title, at, place) < place:
                continue
        if place >= 0:
            yield entry, place
            at = place + len(entry.title)


def _span(pages: Pages, page: int | None, end: int) -> tuple[int, int] | None:
    """Where a page begins and ends."""
    which = bisect_right(pages.numbers, page or 0) - 1
    if which < 0 or pages.numbers[which] != page:
        return None
    return pages.starts[which], pages.starts[which + 1] if which + 1 < len(pages.starts) else end


def _without_numbers(text: str, numbers: Sequence[PageNumber]) -> tuple[str, Pages]:
    pieces = []
    starts = []
    at = length = 0
    for number in numbers:
        pieces.append(text[at : number.start])
        length += number.start - at
        starts.append(length)
        at = number.end
    return "".join(pieces) + text[at:], Pages(tuple(starts), tuple(number.page for number in numbers))


def _opening(body: str, at: int, title: str, pages: Pages) -> Iterator[Heading]:
    """What stands between the contents and the first heading, if it begins with the document's title."""
    if title and body.startswith(title, at):
        yield Heading(1, title, at, at + len(title), pages.at(at))


def _with_run_in(body: str, headings: Sequence[Heading], pages: Pages) -> Iterator[Heading]:
    """The headings, and below each the paragraphs that begin with a number and a short sentence, from 1 on."""
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
                yield Heading(heading.level + 1, match[0], match.start(), match.end() + 1, pages.at(match.start()))


def _broken(body: str, contents: Contents, headings: Sequence[Heading]) -> tuple[str, tuple[Section, ...]]:
    """Line breaks around headings and contents entries, and between paragraphs; the headings move with them."""
    places = {contents.end, *(entry.start for entry in contents.entries)}
    for heading in headings:
        places |= {heading.start, heading.end}
    text_start = next((heading.start for heading in headings if heading.start >= contents.end), contents.end)
    places.update(text_start + place for place in glued_breaks(body[text_start:]))
    ordered = sorted(place for place in places if 0 < place < len(body) and "\n" not in body[place - 1 : place + 1])
    moved = [
        heading._replace(start=heading.start + bisect_right(ordered, heading.start), end=0) for heading in headings
    ]
    body = with_breaks(body, ordered)
    return body, section_tree(moved, len(body))
