"""Removes page marks (lines such as <!-- page 3 -->) from a text, and maps positions of the text to pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from corpus.chinese import HAN

PAGE_COMMENT: Final = re.compile(r"^<!-- ?(?:page|第|p\.) ?[:=]? ?(\d{1,4}) ?页? ?-->$", re.MULTILINE | re.IGNORECASE)
#: Page marks of converters and printers: <!-- page 3 -->, {2}------ (counted from 0), 第3页 共9页, — 3 —.
_MARKS: Final = (
    PAGE_COMMENT,
    re.compile(r"^\{(\d{1,4})\} ?-{10,200}$", re.MULTILINE),
    re.compile(
        r"^[\[【(（]?(?:第|page) ?(\d{1,4}) ?页?(?:[ /,，]{0,2}(?:共|of) ?\d{1,4} ?页?)?[\]】)）]?$", re.M | re.I
    ),
    re.compile(r"^[-—–―] ?(\d{1,4}) ?[-—–―]$", re.MULTILINE),
)
_COUNTED_FROM_ZERO: Final = 1
#: A single match may be a coincidence.
_MIN_MARKS: Final = 2
#: The largest difference between the pages of two marks; pages such as pictures have no mark.
_MAX_STEP: Final = 5
#: If there is more text than this before the first mark, marks are at the foot of their pages.
_MIN_FOOT_CHARS: Final = 100
_MID_SENTENCE: Final = re.compile(f"[{HAN}a-z，、]", re.IGNORECASE)


class PageMap(NamedTuple):
    """The positions in a text where its pages begin, ascending, and the numbers of these pages."""

    starts: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()

    def at(self, position: int) -> int | None:
        """The page of a position; None before the first known page."""
        which = bisect_right(self.starts, position) - 1
        return self.numbers[which] if which >= 0 else None


def form_feeds_as_marks(text: str) -> str:
    """The text with a line <!-- page N --> in place of each form feed, which later steps would read as a line break."""
    first, *others = text.rstrip("\f\n ").split("\f")
    return first + "".join(f"\n<!-- page {number} -->\n{page}" for number, page in enumerate(others, 2))


def with_page_marks(text: str, starts: Sequence[int]) -> str:
    """The text with a line <!-- page N --> at the start of each page; unchanged if there is only one page."""
    if len(starts) < _MIN_MARKS:
        return text
    ends = (*starts[1:], len(text))
    pages = [
        f"<!-- page {n} -->\n{text[start:end].strip()}"
        for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]
    return "\n".join(pages)


def without_page_marks(text: str) -> tuple[str, PageMap]:
    """The text without its page marks, and its pages; a sentence that continued after a mark is one paragraph again."""
    marks = max((_ascending_marks(text, number) for number in range(len(_MARKS))), key=len)
    if len(marks) < _MIN_MARKS:
        return text, PageMap()
    is_foot = marks[0][2] == 1 and marks[0][0] > max(_MIN_FOOT_CHARS, len(text) - marks[-1][1])
    starts = []
    pieces = []
    at = length = 0
    for start, end, _ in marks:
        before, after = text[at:start].rstrip("\n"), end
        while text[after : after + 1] == "\n":
            after += 1
        pieces += [before, _separator(text, start, end, bool(length or before), after)]
        length += len(pieces[-2]) + len(pieces[-1])
        starts.append(length)
        at = after
    numbers = [page for _, _, page in marks]
    if is_foot:
        starts, numbers = [0, *starts], [numbers[0], *(page + 1 for page in numbers)]
    elif numbers[0] > 1:
        starts, numbers = [0, *starts], [numbers[0] - 1, *numbers]
    return "".join(pieces) + text[at:], PageMap(tuple(starts), tuple(numbers))


def _ascending_marks(text: str, kind: int) -> list[tuple[int, int, int]]:
    """Start, end and page of the marks of one kind whose pages ascend."""
    marks: list[tuple[int, int, int]] = []
    for match in _MARKS[kind].finditer(text):
        page = int(match[1]) + (kind == _COUNTED_FROM_ZERO)
        if not marks or marks[-1][2] < page <= marks[-1][2] + _MAX_STEP:
            marks.append((match.start(), match.end(), page))
    return marks


def _separator(text: str, start: int, end: int, has_text_before: bool, after: int) -> str:
    if not has_text_before or after >= len(text):
        return ""
    before = text[max(0, start - 3) : start].rstrip("\n")
    if _MID_SENTENCE.match(before[-1:]) and _MID_SENTENCE.match(text[after]):
        return "\n"
    return "\n\n" if text[start - 2 : start] == "\n\n" or text[end : end + 2] == "\n\n" else "\n"
