"""Joins the lines of PDF pages to paragraphs, and sets page numbers and repeated headers aside."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, CJK_PUNCTUATION, HAN, NUMERAL, NUMERAL_CHARS, RADICALS, SENTENCE_ENDS
from corpus.document import SetAside

#: Radicals that PDF writers store for characters, and those characters.
_CHARACTER_OF: Final = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2E80, 0x2FD6)} | dict(
    zip(RADICALS[::2], RADICALS[1::2], strict=True)
)
_RADICAL: Final = re.compile("[\u2e80-\u2fd5]")
#: Some writers store both for one glyph.
_TWICE: Final = re.compile(
    "|".join(f"{radical}{one}|{one}{radical}" for radical, one in _CHARACTER_OF.items() if radical != one)
)
#: What PDFium reports for a hyphen at the end of a line.
_HYPHENS: Final = str.maketrans("\x02\ufffe", "--")
#: Characters that are set without blanks between them: Han, Chinese punctuation, full-width forms.
_UNSPACED_CHAR: Final = f"[{HAN}{CJK_PUNCTUATION}\uff00-\uffef“”‘’]"
_WIDE: Final = re.compile(_UNSPACED_CHAR)
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
#: 海洋年报 | 12, 12 海洋年报
_NUMBER_AT_END: Final = re.compile(r"^(\d{1,4})(?!\d)|(?<!\d)(\d{1,4})$", re.ASCII)
_MIN_HEADER_CHARS: Final = 2
#: A header's text, and the number of its first page if it counts pages.
_Key = tuple[str, int | None]
#: A line of at least this share of the page's line width was broken at the margin, unless it ends a sentence.
_FULL: Final = 0.85
_MIN_WIDTH: Final = 40
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
    for page in range(len(pages)):
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
            is_open = _columns(line) >= width * _FULL and line[-1] not in _ENDS
    return "".join(pieces), tuple(starts), tuple(headers.set_aside())


class _Headers:
    """Recognises headers and footers: lines at an end of at least three pages, and of a third of all pages.

    A number at either end of such a line may count the pages.
    """

    def __init__(self, pages: list[list[str]]) -> None:
        self.pages = pages
        counts: Counter[_Key] = Counter()
        for number, page in enumerate(pages):
            ends = {*page[:_HEADER_LINES], *page[-_HEADER_LINES:]}
            counts.update({key for line in ends for key in _keys(line, number)})
        least = max(_MIN_REPEATS, len(pages) / 3)
        self._repeated = {key for key, count in counts.items() if count >= least}
        self._seen: set[str] = set()
        self._numbers: dict[str, None] = {}
        self._headers: dict[str, None] = {}

    def without(self, number: int) -> list[str]:
        """The lines of a page without its number, its footer, and headers that an earlier page had."""
        page = self.pages[number]
        kept = []
        for index, line in enumerate(page):
            is_footer = index >= max(len(page) - _HEADER_LINES, _HEADER_LINES)
            if index < _HEADER_LINES or is_footer:
                if _PAGE_NUMBER.fullmatch(line):
                    self._numbers[line] = None
                    continue
                if not self._repeated.isdisjoint(_keys(line, number)):
                    # The first page may have the title there.
                    if is_footer or line in self._seen or (line, None) not in self._repeated:
                        self._headers[line] = None
                        continue
                    self._seen.add(line)
            kept.append(line)
        return kept

    def set_aside(self) -> Iterator[SetAside]:
        """The page numbers, and each header and footer once, of all pages so far."""
        if self._numbers:
            yield SetAside("page_number", "\n".join(self._numbers))
        if self._headers:
            yield SetAside("page_header", "\n".join(self._headers))


def _keys(line: str, page: int) -> list[_Key]:
    """What a line has in common with the same header on other pages: itself, or its text and where pages count from."""
    keys: list[_Key] = [(line, None)]
    for match in _NUMBER_AT_END.finditer(line):
        text = line[: match.start()] + line[match.end() :]
        if len(text) >= _MIN_HEADER_CHARS:
            keys.append((text, int(match[1] or match[2]) - page))
    return keys


def _lines_of(page: str) -> list[str]:
    """The lines of a page, with radicals replaced, and without the blanks that some writers put between characters."""
    text = page.translate(_HYPHENS)
    if _RADICAL.search(text):
        text = _TWICE.sub(lambda pair: _RADICAL.sub("", pair[0]), text)
        text = _RADICAL.sub(lambda radical: _CHARACTER_OF[radical[0]], text)
    if len(_SPACED.findall(text)) > len(_UNSPACED.findall(text)):
        text = _SPACED.sub("", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _width(lines: Sequence[str]) -> int:
    """The columns of a page's full lines: the 95th percentile, because the widest ones may be those of tables."""
    widths = sorted(map(_columns, lines))
    return widths[len(widths) * 19 // 20] if widths else 0


def _columns(line: str) -> int:
    """How wide a line is: Chinese characters take two columns."""
    return len(line) + len(_WIDE.findall(line))


def _joint(before: str, line: str) -> str:
    """What joins two lines: a blank between ASCII characters, unless the line was broken at a hyphen or in a link."""
    is_inside = before[-1] in "-/_" and before[-2:-1].isalnum()
    return " " if before[-1].isascii() and line[0].isascii() and not is_inside else ""
