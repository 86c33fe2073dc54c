"""Finds the items of digests (weekly news, ten events of a year, a calendar of a month) as sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, FULL_STOPS, HAN, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.document import Section
from corpus.outline.headings import OutlineHeading, section_tree

#: Words in titles of digests. A digest needs items, and either such a word or links to the full stories.
_DIGEST_TITLE: Final = re.compile(
    "一周|壹周|本周(?:要闻|动态|大事|热点|资讯|科技)|每周|周报|周刊|要闻|快讯|简报|早报|日报|晚报|月报|月历|日历|月刊|速递|速览|汇编|汇总|合集|盘点|大事"
    rf"|十[大件][^\n]{{0,6}}|[{NUMERAL_CHARS}\d]{{1,3}}件(?:大|实)?事|回顾|一览|资讯|动态|集锦|预告"
)
_MIN_ITEMS: Final = 3
#: An item has a text below its headline, unlike a numbered list of names.
_MIN_ITEM_CHARS: Final = 30
_MAX_HEADLINE_CHARS: Final = 90
#: If an item has no headline, its beginning up to a comma is used; a date alone would be too short.
_MIN_CLAUSE_CHARS: Final = 14
_MAX_CLAUSE_CHARS: Final = 45
#: The least share of the body that the items take up.
_MIN_SHARE_OF_ITEMS: Final = 0.6
_MAX_COLUMN_CHARS: Final = 8

#: 01 题, as `restore_paragraphs` writes it.
_NUMBERED_HEADLINE: Final = re.compile(r"^(0[1-9]|[1-9]\d) (?=\S)([^\n]{2,90})$", re.MULTILINE)
#: 1、题 or 1. 题 or 一、题 at the start of a line, to the end of its first sentence.
_LIST_ITEM: Final = re.compile(rf"^(\d{{1,2}})[、.．] ?(?!\d)([^\n{FULL_STOPS}]{{4,90}})", re.MULTILINE)
#: 【题】 at the start of a line, as a headline or before the text; 【相关链接】 and the like are no headlines.
_BRACKETED_HEADLINE: Final = re.compile(
    r"^(?:【(?!相关链接|详情|来源)[^【】\n]{4,60}】|[▌◆■●▲►▶★☆◎◉][ ]?[^\n]{4,60}$)", re.MULTILINE
)
_DATE_HEADLINE: Final = re.compile(r"^(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[^\n。，]{0,60})$", re.MULTILINE)
#: Lines that end an item: a link to the full story.
_STORY_LINK: Final = re.compile(
    r"^[（(【『\[]?(?:相关链接[】』\]][^\n]{0,120}|详情可?点击[^\n]{0,40}|点击[^\n]{0,20}(?:查看|阅读|跳转)[^\n]{0,20}"
    r"|详见[:：] ?https?://\S+|(?:查看|阅读)(?:全文|详情|原文)[^\n]{0,10})$",
    re.MULTILINE,
)
_LINKS: Final = re.compile(r"^[【『\[]相关链接[】』\]]", re.MULTILINE)
_SWIPE_HINT: Final = re.compile(r"[（(]?[左右上下]{2}滑动[^\n]{0,10}")
_CLAUSE_END: Final = re.compile(f"[{SENTENCE_ENDS}{ASCII_SENTENCE_ENDS}，]")
_COLUMN_NAME: Final = re.compile(f"[{HAN}]{{2,{_MAX_COLUMN_CHARS}}}")
_COLUMN_NAME_BEFORE: Final = re.compile(f"(?:^|\n)([{HAN}]{{2,{_MAX_COLUMN_CHARS}}})\n{{1,2}}\\Z")


def digest_sections(body: str, title: str) -> tuple[Section, ...] | None:
    """The items of a digest, and the names of its columns, as sections of level 1; None if the text is no digest."""
    is_named = _DIGEST_TITLE.search(title) is not None
    has_links = len(_LINKS.findall(body)) >= _MIN_ITEMS
    if not is_named and not has_links:
        return None
    finders: tuple[Callable[[str], list[OutlineHeading]], ...] = (
        _items_with_numbers,
        _items_with_links,
        _items_in_brackets,
        _items_of_list,
        _items_with_dates,
    )
    for find in finders:
        items = find(body)
        if len(items) >= _MIN_ITEMS and len(body) - items[0].start > _MIN_SHARE_OF_ITEMS * len(body):
            return section_tree(_with_column_headings(body, items), len(body))
    return None


def _items_with_numbers(body: str) -> list[OutlineHeading]:
    """Items numbered 01, 02 …, in each column from 01; most must have a text, unlike those of a list of names."""
    items: list[OutlineHeading] = []
    last = 0
    for match in _NUMBERED_HEADLINE.finditer(body):
        number = int(match[1])
        if number in (1, last + 1):
            items.append(OutlineHeading(1, match[0], match.start(), match.end()))
            last = number
    ends = [*(item.start for item in items[1:]), len(body)]
    with_text = sum(end - item.end >= _MIN_ITEM_CHARS for item, end in zip(items, ends, strict=False))
    return items if 2 * with_text > len(items) else []


def _items_of_list(body: str) -> list[OutlineHeading]:
    """Items numbered 1、 2、 … without a gap."""
    items: list[OutlineHeading] = []
    for match in _LIST_ITEM.finditer(body):
        if int(match[1]) == len(items) + 1:
            items.append(OutlineHeading(1, match[0].rstrip(), match.start(), match.end()))
    return items


def _items_in_brackets(body: str) -> list[OutlineHeading]:
    return [OutlineHeading(1, match[0], match.start(), match.end()) for match in _BRACKETED_HEADLINE.finditer(body)]


def _items_with_dates(body: str) -> list[OutlineHeading]:
    return [OutlineHeading(1, match[0].rstrip(), match.start(), match.end()) for match in _DATE_HEADLINE.finditer(body)]


def _items_with_links(body: str) -> list[OutlineHeading]:
    """Items that each end with a link to the full story; the first line, or its first clause, is the headline."""
    links = list(_STORY_LINK.finditer(body))
    items = []
    at = 0
    for link in links:
        headline = _headline(body, at, link.start())
        if headline:
            items.append(headline)
        at = link.end()
    return items


def _headline(body: str, start: int, end: int) -> OutlineHeading | None:
    lines = [line for line in _lines(body, start, end) if not _SWIPE_HINT.fullmatch(body, *line)]
    while len(lines) > 1 and _COLUMN_NAME.fullmatch(body, *lines[0]):
        del lines[0]  # the column's name
    # Before the first item there is the introduction of the article: the headline follows the last column's name.
    columns = [number for number, line in enumerate(lines[:-1]) if _COLUMN_NAME.fullmatch(body, *line)]
    if columns:
        lines = lines[columns[-1] + 1 :]
    if not lines:
        return None
    first, last = lines[0]
    if last - first > _MAX_CLAUSE_CHARS:
        clause = _CLAUSE_END.search(body, first + _MIN_CLAUSE_CHARS, last)
        last = min(clause.start() if clause else last, first + _MAX_HEADLINE_CHARS)
    return OutlineHeading(1, body[first:last].rstrip(), first, last) if last > first else None


def _lines(body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for line in body[start:end].split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _with_column_headings(body: str, items: list[OutlineHeading]) -> list[OutlineHeading]:
    """The items, and the short lines before items that name a column."""
    headings: list[OutlineHeading] = []
    for item in items:
        column = _COLUMN_NAME_BEFORE.search(body, max(0, item.start - _MAX_COLUMN_CHARS - 3), item.start)
        is_repeated = bool(column and headings and column[1] in headings[-1].title)
        if column and not is_repeated and not _SWIPE_HINT.match(column[1]):
            headings.append(OutlineHeading(1, column[1], column.start(1), column.end(1)))
        headings.append(item)
    return headings
