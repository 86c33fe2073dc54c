"""Digests: weekly news, ten events of a year, calendars of a month. One article holds many items, each its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, FULL_STOPS, HAN, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.document import Section
from corpus.outline.headings import Heading, section_tree

#: How digests call themselves. The word alone makes no digest, nor do items alone.
_NAME: Final = re.compile(
    "一周|壹周|本周(?:要闻|动态|大事|热点|资讯|科技)|每周|周报|周刊|要闻|快讯|简报|早报|日报|晚报|月报|月历|日历|月刊|速递|速览|汇编|汇总|合集|盘点|大事"
    rf"|十[大件][^\n]{{0,6}}|[{NUMERAL_CHARS}\d]{{1,3}}件(?:大|实)?事|回顾|一览|资讯|动态|集锦|预告"
)
_MIN_ITEMS: Final = 3
#: An item says something below its headline; a numbered list of names does not.
_MIN_ITEM_CHARS: Final = 30
_MAX_HEADLINE_CHARS: Final = 90
#: Where a text stands in for a headline, its beginning up to a comma; a day alone says too little.
_MIN_CLAUSE_CHARS: Final = 14
_MAX_CLAUSE_CHARS: Final = 45
#: A digest is little else than its items.
_MIN_SHARE_OF_ITEMS: Final = 0.6
_MAX_COLUMN_CHARS: Final = 8

#: 01 题, as `restore_paragraphs` writes it.
_NUMBERED: Final = re.compile(r"^(0[1-9]|[1-9]\d) (?=\S)([^\n]{2,90})$", re.MULTILINE)
#: 1、题 or 1. 题 or 一、题 at the start of a line, to the end of its first sentence.
_LISTED: Final = re.compile(rf"^(\d{{1,2}})[、.．] ?(?!\d)([^\n{FULL_STOPS}]{{4,90}})", re.MULTILINE)
#: 【题】 at the start of a line, as a headline or before the text itself; not those that lead to links.
_BRACKETED: Final = re.compile(
    r"^(?:【(?!相关链接|详情|来源)[^【】\n]{4,60}】|[▌◆■●▲►▶★☆◎◉][ ]?[^\n]{4,60}$)", re.MULTILINE
)
_DATED: Final = re.compile(r"^(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[^\n。，]{0,60})$", re.MULTILINE)
#: Lines that end an item: a link to the whole story.
_CLOSER: Final = re.compile(
    r"^[（(【『\[]?(?:相关链接[】』\]][^\n]{0,120}|详情可?点击[^\n]{0,40}|点击[^\n]{0,20}(?:查看|阅读|跳转)[^\n]{0,20}"
    r"|详见[:：] ?https?://\S+|(?:查看|阅读)(?:全文|详情|原文)[^\n]{0,10})$",
    re.MULTILINE,
)
_LINKS: Final = re.compile(r"^[【『\[]相关链接[】』\]]", re.MULTILINE)
_SWIPE: Final = re.compile(r"[（(]?[左右上下]{2}滑动[^\n]{0,10}")
_CLAUSE_END: Final = re.compile(f"[{SENTENCE_ENDS}{ASCII_SENTENCE_ENDS}，]")
_COLUMN: Final = re.compile(f"[{HAN}]{{2,{_MAX_COLUMN_CHARS}}}")
_COLUMN_BEFORE: Final = re.compile(f"(?:^|\n)([{HAN}]{{2,{_MAX_COLUMN_CHARS}}})\n{{1,2}}\\Z")


def digest_sections(body: str, title: str) -> tuple[Section, ...] | None:
    """The items of a digest as sections of level 1, and the names of its columns beside them; None for no digest."""
    is_named = _NAME.search(title) is not None
    has_links = len(_LINKS.findall(body)) >= _MIN_ITEMS
    if not is_named and not has_links:
        return None
    finders: tuple[Callable[[str], list[Heading]], ...] = (_numbered, _closed, _bracketed, _listed, _dated)
    for find in finders:
        items = find(body)
        if len(items) >= _MIN_ITEMS and len(body) - items[0].start > _MIN_SHARE_OF_ITEMS * len(body):
            return section_tree(_with_columns(body, items), len(body))
    return None


def _numbered(body: str) -> list[Heading]:
    """Items numbered 01, 02 …, again from 01 in each column; each has a text, so a list of names is none."""
    items: list[Heading] = []
    last = 0
    for match in _NUMBERED.finditer(body):
        number = int(match[1])
        if number in (1, last + 1):
            items.append(Heading(1, match[0], match.start(), match.end()))
            last = number
    ends = [*(item.start for item in items[1:]), len(body)]
    with_text = sum(end - item.end >= _MIN_ITEM_CHARS for item, end in zip(items, ends, strict=False))
    return items if 2 * with_text > len(items) else []


def _listed(body: str) -> list[Heading]:
    """Items numbered 1、 2、 … in one row."""
    items: list[Heading] = []
    for match in _LISTED.finditer(body):
        if int(match[1]) == len(items) + 1:
            items.append(Heading(1, match[0].rstrip(), match.start(), match.end()))
    return items


def _bracketed(body: str) -> list[Heading]:
    return [Heading(1, match[0], match.start(), match.end()) for match in _BRACKETED.finditer(body)]


def _dated(body: str) -> list[Heading]:
    return [Heading(1, match[0].rstrip(), match.start(), match.end()) for match in _DATED.finditer(body)]


def _closed(body: str) -> list[Heading]:
    """Items that each end with a link to the whole story; the first line, or its first clause, is the headline."""
    closers = list(_CLOSER.finditer(body))
    items = []
    at = 0
    for closer in closers:
        headline = _headline(body, at, closer.start())
        if headline:
            items.append(headline)
        at = closer.end()
    return items


def _headline(body: str, start: int, end: int) -> Heading | None:
    lines = [line for line in _lines(body, start, end) if not _SWIPE.fullmatch(body, *line)]
    while len(lines) > 1 and _COLUMN.fullmatch(body, *lines[0]):
        del lines[0]  # the column's name
    # A first item follows the article's own opening; its headline is behind the last column's name.
    columns = [number for number, line in enumerate(lines[:-1]) if _COLUMN.fullmatch(body, *line)]
    if columns:
        lines = lines[columns[-1] + 1 :]
    if not lines:
        return None
    first, last = lines[0]
    if last - first > _MAX_CLAUSE_CHARS:
        clause = _CLAUSE_END.search(body, first + _MIN_CLAUSE_CHARS, last)
        last = min(clause.start() if clause else last, first + _MAX_HEADLINE_CHARS)
    return Heading(1, body[first:last].rstrip(), first, last) if last > first else None


def _lines(body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for line in body[start:end].split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _with_columns(body: str, items: list[Heading]) -> list[Heading]:
    """The items, and the short lines right before them that name a column."""
    headings: list[Heading] = []
    for item in items:
        column = _COLUMN_BEFORE.search(body, max(0, item.start - _MAX_COLUMN_CHARS - 3), item.start)
        is_repeated = bool(column and headings and column[1] in headings[-1].title)
        if column and not is_repeated and not _SWIPE.match(column[1]):
            headings.append(Heading(1, column[1], column.start(1), column.end(1)))
        headings.append(item)
    return headings
