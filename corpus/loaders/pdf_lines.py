"""The lines of a PDF's pages joined to paragraphs, without page numbers and repeated headers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, CJK_PUNCTUATION, HAN, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS

#: Printed characters that PDF writers store as radicals: those without a decomposition in Unicode, by hand.
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
#: So many lines at either end of a page may be headers; on so many pages they are.
_EDGE_LINES: Final = 2
_MIN_REPEATS: Final = 3
#: A line that reaches so far of the longest ones was broken by the margin; one that ends a sentence perhaps not.
_FULL: Final = 0.85
_MIN_WIDTH: Final = 20
_ENDS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "：:."
#: How a paragraph begins that is no continuation: a number of its own, a bullet, a bracketed remark.
_BEGINS: Final = re.compile(
    rf"\s|第[{NUMERAL_CHARS}百\d]{{1,4}}[章节条编部篇]|[（(]?{NUMERAL}[）)、]|"
    r"[（(]?\d{1,2}[）)、.．]\s?\D|[●•◆■□▪·*]|附件|附表|图\s?\d|表\s?\d"
)


def joined_pages(pages: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages, and where in it each of them begins; a paragraph may go on across a page's end."""
    headers = _Headers([_sound_lines(page) for page in pages])
    pieces: list[str] = []
    starts = []
    length = 0
    is_open = False
    for page in headers.pages:
        lines = headers.without(page)
        width = max(_width(lines), _MIN_WIDTH)
        starts.append(length)
        for place, line in enumerate(lines):
            joint = ""
            if pieces:
                joint = _joint(pieces[-1], line) if is_open and not _BEGINS.match(line) else "\n"
            if place == 0:
                starts[-1] += len(joint)
            pieces += [joint, line]
            length += len(joint) + len(line)
            is_open = len(line) >= width * _FULL and line[-1] not in _ENDS
    return "".join(pieces), tuple(starts)


class _Headers:
    """Pages as lines, and which of those stand at the edge of at least three pages and of a third of all."""

    def __init__(self, pages: list[list[str]]) -> None:
        self.pages = pages
        counts: Counter[str] = Counter()
        for page in pages:
            counts.update({*page[:_EDGE_LINES], *page[-_EDGE_LINES:]})
        least = max(_MIN_REPEATS, len(pages) / 3)
        self._repeated = {line for line, count in counts.items() if count >= least}
        self._seen: set[str] = set()

    def without(self, page: list[str]) -> list[str]:
        """The lines of a page but for its number, and for headers that an earlier page has shown."""
        kept = []
        for place, line in enumerate(page):
            if place < _EDGE_LINES or place >= len(page) - _EDGE_LINES:
                if _PAGE_NUMBER.fullmatch(line) or line in self._seen:
                    continue
                self._seen.update({line} & self._repeated)
            kept.append(line)
        return kept


def _sound_lines(page: str) -> list[str]:
    """A page's lines with characters for radicals, and without the blanks that some writers put between characters."""
    text = page.translate(_RADICALS)
    if len(_SPACED.findall(text)) > len(_UNSPACED.findall(text)):
        text = _SPACED.sub("", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _width(lines: Sequence[str]) -> int:
    """The length of a page's full lines: the longest but for one in twenty, which may be a table's."""
    lengths = sorted(map(len, lines))
    return lengths[len(lengths) * 19 // 20] if lengths else 0


def _joint(before: str, line: str) -> str:
    """Nothing between Han characters, a blank where a word of letters would join the next."""
    return " " if before[-1].isascii() and line[0].isascii() else ""
