"""Joins the lines of PDF pages to paragraphs, and sets page numbers and repeated headers aside."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, CJK_PUNCTUATION, HAN, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.document import SetAside

#: Radicals that PDF writers store for characters, and those characters: pairs that Unicode does not decompose.
_BY_HAND: Final = "⺠民⻄西⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙"
_DECOMPOSED: Final = (0x2E9F, 0x2EF3, *range(0x2F00, 0x2FD6))
_RADICALS: Final = str.maketrans(
    dict(zip(_BY_HAND[::2], _BY_HAND[1::2], strict=True))
    | {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in _DECOMPOSED}
)
#: Characters that are set without blanks between them: Han, Chinese punctuation, full-width forms.
_UNSPACED_CHAR: Final = f"[{HAN}{CJK_PUNCTUATION}\uff00-\uffef“”‘’]"
_SPACED: Final = re.compile(f"(?<={_UNSPACED_CHAR}) (?={_UNSPACED_CHAR})")
_UNSPACED: Final = re.compile(f"{_UNSPACED_CHAR}(?={_UNSPACED_CHAR})")
#: 3, - 3 -, — 3 —, 第 3 页, 第3页 共10页, 3/10, Page 3 of 10
_PAGE_NUMBER: Final = re.compile(
    r"[-—–·\s]{0,4}(?:第\s?)?\d{1,4}(?:\s?页)?(?:[\s,，]?(?:/|共|of)\s?\d{1,4}(?:\s?页)?)?[-—–·\s]{0,4}|"
    r"page \d{1,4}(?: of \d{1,4})?",
    re.IGNORECASE,
)
#: So many lines at either end of a page may be headers, if they occur on so many pages.
_HEADER_LINES: Final = 2
_MIN_REPEATS: Final = 3
#: A line of at least this share of the page's line width was broken at the margin, unless it ends a sentence.
_FULL: Final = 0.85
_MIN_WIDTH: Final = 20
_ENDS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "：:."
#: The beginnings of new paragraphs: a number, a bullet, a bracketed remark.
_BEGINS: Final = re.compile(
    rf"\s|第[{NUMERAL_CHARS}百\d]{{1,4}}[章节条编部篇]|[（(]?{NUMERAL}[）)、]|"
    r"[（(]?\d{1,2}[）)、.．]\s?\D|[●•◆■□▪·*]|附件|附表|图\s?\d|表\s?\d"
)


def joined_pages(pages: Sequence[str]) -> tuple[str, tuple[int, ...], tuple[SetAside, ...]]:
    """The text of all pages, the position where each page begins, and what is set aside.

    Paragraphs may continue on the next page.
    """
    headers = _Headers([_lines_of(page) for page in pages])
    pieces: list[str] = []
    starts = []
    length = 0
    is_open = False
    for page in headers.pages:
        lines = headers.without(page)
        width = max(_width(lines), _MIN_WIDTH)
        starts.append(length)
        for index, line in enumerate(lines):
            joint = ""
            if pieces:
                joint = _joint(pieces[-1], line) if is_open and not _BEGINS.match(line) else "\n"
            if index == 0:
                starts[-1] += len(joint)
            pieces += [joint, line]
            length += len(joint) + len(line)
            is_open = len(line) >= width * _FULL and line[-1] not in _ENDS
    return "".join(pieces), tuple(starts), tuple(headers.set_aside())


class _Headers:
    """Recognises headers and footers: lines at an end of at least three pages, and of a third of all pages."""

    def __init__(self, pages: list[list[str]]) -> None:
        self.pages = pages
        counts: Counter[str] = Counter()
        for page in pages:
            counts.update({*page[:_HEADER_LINES], *page[-_HEADER_LINES:]})
        least = max(_MIN_REPEATS, len(pages) / 3)
        self._repeated = {line for line, count in counts.items() if count >= least}
        self._seen: set[str] = set()
        self._numbers: list[str] = []
        self._headers: list[str] = []

    def without(self, page: list[str]) -> list[str]:
        """The lines of a page without its number, and without headers that an earlier page had."""
        kept = []
        for index, line in enumerate(page):
            if index < _HEADER_LINES or index >= len(page) - _HEADER_LINES:
                if _PAGE_NUMBER.fullmatch(line):
                    self._numbers.append(line)
                    continue
                if line in self._seen:
                    self._headers.append(line)
                    continue
                self._seen.update({line} & self._repeated)
            kept.append(line)
        return kept

    def set_aside(self) -> Iterator[SetAside]:
        """The page numbers, and the headers but for the first time, of all pages so far."""
        if self._numbers:
            yield SetAside("page_number", "\n".join(self._numbers))
        if self._headers:
            yield SetAside("page_header", "\n".join(self._headers))


def _lines_of(page: str) -> list[str]:
    """The lines of a page, with radicals replaced, and without the blanks that some writers put between characters."""
    text = page.translate(_RADICALS)
    if len(_SPACED.findall(text)) > len(_UNSPACED.findall(text)):
        text = _SPACED.sub("", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _width(lines: Sequence[str]) -> int:
    """The length of a page's full lines: the 95th percentile, because the longest ones may be those of tables."""
    lengths = sorted(map(len, lines))
    return lengths[len(lengths) * 19 // 20] if lengths else 0


def _joint(before: str, line: str) -> str:
    """What joins two lines: a blank between ASCII characters, nothing otherwise."""
    return " " if before[-1].isascii() and line[0].isascii() else ""
