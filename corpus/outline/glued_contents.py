"""Parses the table of contents of a text without line breaks: `目录一、总则1（一）目的1（二）原则2二、任务3…`.

Every entry is a numbered title followed by its page. The digits of the page join those of the next entry's number: in
`101、` the page is 10 and the number is 1. They are separated by the number that the next entry must have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from corpus.chinese import NUMERAL, numeral_value

#: A table of contents is at the beginning, after a title and perhaps a preface of some lines.
_HEAD_CHARS: Final = 2_000
_CONTENTS_HEADING: Final = re.compile(r"目\s?录")
#: The longest table that is parsed: a thousand entries.
_MAX_TABLE_CHARS: Final = 60_000
#: The table may begin with an entry that has no number, such as 前言1.
_MAX_BEFORE_FIRST: Final = 60
#: The longest title of an entry; measured ones have about 40 characters.
_MAX_TITLE_CHARS: Final = 80
#: Digits before a number are the page of the entry before it. In 1、 number and page are one run of digits.
_ENTRY_NUMBER: Final = re.compile(
    rf"(?P<page>\d{{0,4}})\s?(?:(?P<part>第(?:{NUMERAL}|\d{{1,2}})[章编部篇])|(?P<section>第(?:{NUMERAL}|\d{{1,2}})节)"
    rf"|(?P<han>{NUMERAL})、|[（(](?P<bracket>{NUMERAL})[）)])|(?P<digits>\d{{1,6}})、"
)
_KINDS: Final = ("part", "section", "han", "bracket", "digits")
_NUMERAL: Final = re.compile(rf"{NUMERAL}|\d{{1,2}}")
_DIGIT_RUN: Final = re.compile(r"\d{1,8}")
#: The titles of the entries must occur again in the text below; some may have been reworded.
_MIN_ENTRIES: Final = 4
_MIN_SHARE_FOUND: Final = 0.6
#: A preface between table and text may contain a few numbers that seem to continue the table.
_MAX_NUMBERS_IN_PREFACE: Final = 20
#: The largest difference between the pages of the last two entries.
_MAX_PAGE_STEP: Final = 60


class ContentsEntry(NamedTuple):
    """An entry: its level from 1, its title with the number, its page, and its start in the text."""

    level: int
    title: str
    page: int | None
    start: int


class TableOfContents(NamedTuple):
    """A table of contents at text[start:end], which begins with the word 目录, and its entries in order."""

    start: int
    end: int
    entries: tuple[ContentsEntry, ...]


class _EntryNumber(NamedTuple):
    """The number that begins an entry at `start`; `page` and `title_ends` belong to the entry before it."""

    kind: int
    page: int | None
    title_ends: int
    start: int


def find_table_of_contents(text: str) -> TableOfContents | None:
    """The table of contents at the beginning of a text without line breaks.

    None if there is none, or if too few of its titles occur again as headings.
    """
    word = _CONTENTS_HEADING.search(text, 0, _HEAD_CHARS)
    if word is None:
        return None
    numbers = list(_entry_numbers(text, word.end(), min(len(text), word.end() + _MAX_TABLE_CHARS)))
    if not numbers or numbers[0].start - word.end() > _MAX_BEFORE_FIRST or len(numbers) < _MIN_ENTRIES:
        return None
    first_title = text[numbers[0].start : numbers[1].title_ends].strip()
    first_repeat = text.find(first_title, numbers[1].start)
    if len(first_title) > _MAX_TITLE_CHARS or first_repeat < 0:
        return None
    numbers = [number for number in numbers if number.start < first_repeat]
    for kept in range(len(numbers), max(_MIN_ENTRIES, len(numbers) - _MAX_NUMBERS_IN_PREFACE) - 1, -1):
        last = _last_entry(text, numbers[kept - 1], first_repeat)
        if last is not None:
            return _table_of_contents(text, word.start(), numbers[:kept], last)
    return None


def _entry_numbers(text: str, start: int, end: int) -> Iterator[_EntryNumber]:
    """The numbers that continue the table: the next one of a kind that has begun, or the first one of a kind below."""
    counts = [0] * len(_KINDS)
    page: int | None = None
    for match in _ENTRY_NUMBER.finditer(text, start, end):
        kind = next(index for index, name in enumerate(_KINDS) if match[name] is not None)
        if _KINDS[kind] == "digits":
            split = _split_item(match["digits"], counts[kind] + 1, page)
            if split is None:
                continue
            count: int | None = split[0]
            this_page, width = split[1:]
            mark_start = match.end() - 1 - width
        else:
            numeral = _NUMERAL.search(match[_KINDS[kind]])
            count = numeral_value(numeral[0]) if numeral else None
            this_page = int(match["page"]) if match["page"] else None
            mark_start = match.end("page")
            mark_start += text[mark_start].isspace()
        if count != counts[kind] + 1 or (page is not None and (this_page is None or this_page < page)):
            continue
        counts[kind] = count
        counts[kind + 1 :] = [0] * (len(counts) - kind - 1)
        page = this_page
        title_ends = match.start() if _KINDS[kind] != "digits" else match.start("digits")
        yield _EntryNumber(kind, this_page, title_ends, mark_start)


def _split_item(digits: str, expected: int, page: int | None) -> tuple[int, int | None, int] | None:
    """The next number, the page before it and the width of the number: 13, 47 and 2 of `4713、` if 13 is expected."""
    for item in (str(expected),) if expected == 1 else (str(expected), "1"):
        before = digits.removesuffix(item)
        if before == digits or (before and before[0] == "0"):
            continue
        if page is None or (before and int(before) >= page):
            return int(item), int(before) if before else None, len(item)
    return None


def _last_entry(text: str, number: _EntryNumber, first_repeat: int) -> tuple[int, int | None, int] | None:
    """End of the last entry's title, its page, and the end of the table; None if that title does not occur again.

    The last page of the table and the number of the text's first page are one run of digits: `1081` is 108 and 1.
    """
    start, page_before = number.start, number.page
    limit = min(first_repeat, start + _MAX_TITLE_CHARS)
    best = None
    for run in _DIGIT_RUN.finditer(text, start + 2, limit):
        if text.find(text[start : run.start()].rstrip(), first_repeat) < 0:
            break
        for width in range(1, len(run[0]) + 1):
            page = int(run[0][:width])
            if (page_before or 0) <= page <= (page_before or 0) + _MAX_PAGE_STEP:
                best = run.start(), page, run.start() + width
                break
    if best is not None:
        return best
    if page_before is not None:
        return _last_page(text, start, limit, page_before)
    end = start + 2
    while end < limit and text.find(text[start : end + 1], first_repeat) >= 0:
        end += 1
    return (end, None, end) if end > start + 4 else None


def _last_page(text: str, start: int, limit: int, page_before: int) -> tuple[int, int, int] | None:
    """The same if a page number interrupts the title in the text: the page may be followed by the digit of page 1."""
    run = _DIGIT_RUN.search(text, start + 2, limit)
    for digits in (run[0].removesuffix("1"), run[0]) if run else ():
        if run and digits and page_before <= int(digits) <= page_before + _MAX_PAGE_STEP:
            return run.start(), int(digits), run.start() + len(digits)
    return None


def _table_of_contents(
    text: str, start: int, numbers: list[_EntryNumber], last: tuple[int, int | None, int]
) -> TableOfContents | None:
    kinds = sorted({number.kind for number in numbers})
    ends = [*((number.title_ends, number.page) for number in numbers[1:]), last[:2]]
    entries = tuple(
        ContentsEntry(kinds.index(number.kind) + 1, text[number.start : end].strip(), page, number.start)
        for number, (end, page) in zip(numbers, ends, strict=True)
    )
    missing = 0
    at = last[2]
    for entry in entries:
        found = text.find(entry.title, at)
        at = max(at, found)
        missing += found < 0
        if missing > (1 - _MIN_SHARE_FOUND) * len(entries):
            return None
    return TableOfContents(start, last[2], entries)
