"""The table of contents of a text that lost its line breaks: `目录一、总则1（一）目的1（二）原则2二、任务3…`.

Every entry is a numbered title followed by its page, and the page runs into the next entry's number: `101、` is page 10
and item 1. What the next number must be is known, so that the two can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from corpus.chinese import NUMERAL, numeral_value

#: A contents list stands at the beginning, after a title and perhaps a preface of some lines.
_HEAD_CHARS: Final = 2_000
_CONTENTS: Final = re.compile(r"目\s?录")
#: The longest list that we look through: a thousand entries.
_MAX_CONTENTS_CHARS: Final = 60_000
#: Before the first numbered entry a list may have one like 前言1.
_MAX_BEFORE_FIRST: Final = 60
#: The longest title of an entry; measured ones have about 40 characters.
_MAX_TITLE_CHARS: Final = 80
#: Digits before a number are the page of the entry before it. Those of 1、 and of its page are one run.
_MARK: Final = re.compile(
    rf"(?P<page>\d{{0,4}})\s?(?:(?P<part>第(?:{NUMERAL}|\d{{1,2}})[章编部篇])|(?P<section>第(?:{NUMERAL}|\d{{1,2}})节)"
    rf"|(?P<han>{NUMERAL})、|[（(](?P<bracket>{NUMERAL})[）)])|(?P<digits>\d{{1,6}})、"
)
_KINDS: Final = ("part", "section", "han", "bracket", "digits")
_NUMERAL: Final = re.compile(rf"{NUMERAL}|\d{{1,2}}")
_DIGIT_RUN: Final = re.compile(r"\d{1,8}")
#: A list is one only if its entries come again below; some may have been reworded.
_MIN_ENTRIES: Final = 4
_MIN_SHARE_FOUND: Final = 0.6
#: Between list and text may stand a preface with a few numbers that seem to continue the list.
_MAX_MARKS_IN_PREFACE: Final = 20
#: How far the last entry's page may lie behind the one before it.
_MAX_PAGE_STEP: Final = 60


class Entry(NamedTuple):
    """A line of the contents: level from 1, its title with its number, its page, and where it stands in the list."""

    level: int
    title: str
    page: int | None
    start: int


class Contents(NamedTuple):
    """The list from `start` (the word 目录) to `end`, where the text itself begins."""

    start: int
    end: int
    entries: tuple[Entry, ...]


class _Mark(NamedTuple):
    """A number in the list; `page` and `title_ends` are those of the entry before it."""

    kind: int
    page: int | None
    title_ends: int
    start: int


def find_contents(text: str) -> Contents | None:
    """The contents list at the beginning of a text without line breaks; None if its entries do not come again."""
    word = _CONTENTS.search(text, 0, _HEAD_CHARS)
    if word is None:
        return None
    marks = list(_marks(text, word.end(), min(len(text), word.end() + _MAX_CONTENTS_CHARS)))
    if not marks or marks[0].start - word.end() > _MAX_BEFORE_FIRST or len(marks) < _MIN_ENTRIES:
        return None
    first_title = text[marks[0].start : marks[1].title_ends].strip()
    again = text.find(first_title, marks[1].start)
    if len(first_title) > _MAX_TITLE_CHARS or again < 0:
        return None
    marks = [mark for mark in marks if mark.start < again]
    for kept in range(len(marks), max(_MIN_ENTRIES, len(marks) - _MAX_MARKS_IN_PREFACE) - 1, -1):
        last = _last_entry(text, marks[kept - 1], again)
        if last is not None:
            return _contents(text, word.start(), marks[:kept], last)
    return None


def _marks(text: str, start: int, end: int) -> Iterator[_Mark]:
    """The numbers that continue the list: the next one of an open kind, or the first one of a kind below."""
    counts = [0] * len(_KINDS)
    page: int | None = None
    for match in _MARK.finditer(text, start, end):
        kind = next(number for number, name in enumerate(_KINDS) if match[name] is not None)
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
        yield _Mark(kind, this_page, title_ends, mark_start)


def _split_item(digits: str, expected: int, page: int | None) -> tuple[int, int | None, int] | None:
    """Of `4713、` the item 13 and the page 47, given that 13 is the next item; the width of the item's number."""
    for item in (str(expected),) if expected == 1 else (str(expected), "1"):
        before = digits.removesuffix(item)
        if before == digits or (before and before[0] == "0"):
            continue
        if page is None or (before and int(before) >= page):
            return int(item), int(before) if before else None, len(item)
    return None


def _last_entry(text: str, mark: _Mark, again: int) -> tuple[int, int | None, int] | None:
    """End of the last entry's title, its page, and where the list ends; None if no such title comes again.

    The list's last page and the number of the first page are one run: `1081` is 108 and 1.
    """
    start, page_before = mark.start, mark.page
    limit = min(again, start + _MAX_TITLE_CHARS)
    best = None
    for run in _DIGIT_RUN.finditer(text, start + 2, limit):
        if text.find(text[start : run.start()].rstrip(), again) < 0:
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
    while end < limit and text.find(text[start : end + 1], again) >= 0:
        end += 1
    return (end, None, end) if end > start + 4 else None


def _last_page(text: str, start: int, limit: int, page_before: int) -> tuple[int, int, int] | None:
    """As `_last_entry` where a page's number cuts the title in the text: the list's last page, and perhaps page 1."""
    run = _DIGIT_RUN.search(text, start + 2, limit)
    for digits in (run[0].removesuffix("1"), run[0]) if run else ():
        if run and digits and page_before <= int(digits) <= page_before + _MAX_PAGE_STEP:
            return run.start(), int(digits), run.start() + len(digits)
    return None


def _contents(text: str, start: int, marks: list[_Mark], last: tuple[int, int | None, int]) -> Contents | None:
    kinds = sorted({mark.kind for mark in marks})
    ends = [*((mark.title_ends, mark.page) for mark in marks[1:]), last[:2]]
    entries = tuple(
        Entry(kinds.index(mark.kind) + 1, text[mark.start : end].strip(), page, mark.start)
        for mark, (end, page) in zip(marks, ends, strict=True)
    )
    missing = 0
    at = last[2]
    for entry in entries:
        found = text.find(entry.title, at)
        at = max(at, found)
        missing += found < 0
        if missing > (1 - _MIN_SHARE_FOUND) * len(entries):
            return None
    return Contents(start, last[2], entries)
