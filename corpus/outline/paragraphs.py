"""Repairs paragraphs whose line breaks an exporter lost or misplaced, by numbering and sentence ends.

Only blanks and line breaks are added or removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from corpus.chinese import CLOSING_MARKS, FULL_STOPS, HAN, NUMERAL, SENTENCE_ENDS, numeral_value

#: A shorter line is one paragraph, even if there are numbers inside.
MIN_GLUED_CHARS: Final = 200

#: 2⏎0⏎2⏎6 or 十⏎件⏎大⏎事: lines of one character that were printed vertically beside the text.
_STACK: Final = re.compile(rf"^(?:\d{{1,2}}|[{HAN}])(?:\n+(?:\d{{1,2}}|[{HAN}])){{1,12}}$", re.MULTILINE)
_STACKED_CHARS: Final = 2
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
#: So few lines of one character may be a list instead.
_MAX_COLUMN: Final = 3
#: 01⏎题 and ……。02⏎题: the number of an item above its headline, or at the end of the paragraph before it.
_ITEM: Final = re.compile(rf"(?:^|(?<=[{FULL_STOPS}”）]))(\d{{1,2}})\n+(?=\S)(?!\d{{1,2}}(?:\n|\Z))", re.MULTILINE)
#: 通知公告01 题: the first item of a column in one line with the column's name.
_FIRST_OF_COLUMN: Final = "01 "
_COLUMN: Final = re.compile(rf"^([{HAN}]{{2,8}})(?={_FIRST_OF_COLUMN}[{HAN}“《])", re.MULTILINE)
#: Numbers that begin a paragraph after the end of a sentence; after a colon only the first of a kind does.
_BEGINNING: Final = re.compile(
    rf"(?:[{FULL_STOPS}][{CLOSING_MARKS}]?|(?P<colon>：))(?P<at>(?P<han>{NUMERAL})、|[（(](?P<bracket>{NUMERAL})[）)]"
    r"|(?P<digits>\d{1,2})(?:、|[.．](?!\d))|[（(](?P<number>\d{1,2})[）)]|——)"
)
#: Numbers may be skipped, because those after a heading do not follow the end of a sentence.
_MAX_STEP: Final = 3
_KINDS: Final = ("han", "bracket", "digits", "number")
#: A heading without a line break ends where the next number follows: 三、建设产业体系（7）优化产业。
_HEADING: Final = re.compile(
    rf"{NUMERAL}、[^{SENTENCE_ENDS}：\n]{{2,60}}?(?=[（(](?:\d{{1,2}}|{NUMERAL})[）)])|[（(]{NUMERAL}[）)][^{SENTENCE_ENDS}：\n]{{2,60}}?(?=1、)"
)
#: Questions and answers of an interview: Q 某报：……？A 某人：……
_SPEAKER: Final = re.compile(
    rf"(?<=[^\sA-Za-z])(?P<side>[QA]) ?(?=[{HAN}·]{{2,8}}：)|(?<=[{FULL_STOPS}”])(?P<said>[问答])(?=：)"
)
_SIDES: Final = ("Q", "A", "问：", "答：")
_MIN_TURNS: Final = 4


def restore_paragraphs(text: str) -> str:
    """The text with vertical words joined, item numbers moved to their headlines, and missing line breaks inserted."""
    # The patterns look at every character, and few texts have what each of them needs.
    lines = text.split("\n")
    if any(0 < len(line) <= _STACKED_CHARS for line in lines):
        text = _STACK.sub(_join_stack, text)
    if any(line[-1:].isdecimal() for line in lines):
        text = _move_item_numbers(text)
    if _FIRST_OF_COLUMN in text:
        text = _COLUMN.sub(r"\1\n", text)
    return insert_breaks(text, missing_breaks(text))


def insert_breaks(text: str, positions: Iterator[int] | list[int]) -> str:
    """The text with a line break inserted at each of the positions, which ascend."""
    pieces = []
    at = 0
    for position in positions:
        pieces += [text[at:position], "\n"]
        at = position
    return "".join(pieces) + text[at:] if pieces else text


def missing_breaks(text: str) -> list[int]:
    """The positions, ascending, where paragraphs begin inside the long lines of a text."""
    if len(text) < MIN_GLUED_CHARS:
        return []
    positions: set[int] = set()
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if len(line) >= MIN_GLUED_CHARS:
            positions.update(_breaks_in_line(text, start, end))
        start = end + 1
    return sorted(positions)


def _breaks_in_line(text: str, start: int, end: int) -> Iterator[int]:
    counts = dict.fromkeys(_KINDS, 0)
    heading = _HEADING.match(text, start, end)
    if heading:
        yield heading.end()
    for match in _BEGINNING.finditer(text, start, end):
        kind = next((kind for kind in _KINDS if match[kind]), None)
        count = (numeral_value(match[kind]) or 0) if kind else 0
        if count != 1 and (match["colon"] or (kind and counts[kind] and not 0 < count - counts[kind] <= _MAX_STEP)):
            continue
        if kind:
            counts[kind] = count
            counts.update(dict.fromkeys(_KINDS[_KINDS.index(kind) + 1 :], 0))
        yield match.start("at")
        heading = _HEADING.match(text, match.start("at"), end)
        if heading:
            yield heading.end()
    if sum(text.count(side, start, end) for side in _SIDES) >= _MIN_TURNS:
        turns = list(_SPEAKER.finditer(text, start, end))
        if len(turns) >= _MIN_TURNS:
            yield from (turn.start() for turn in turns)


def _join_stack(stack: re.Match[str]) -> str:
    """The characters in one line, if they are a year or a word; a column of a table stays as it is."""
    pieces = stack[0].split()
    joined = "".join(pieces)
    is_year = _YEAR.fullmatch(joined)
    is_word = (
        len(pieces) > _MAX_COLUMN and len({*pieces}) == len(pieces) and not any(piece.isdigit() for piece in pieces[1:])
    )
    return joined if is_year or is_word else stack[0]


def _move_item_numbers(text: str) -> str:
    matches = list(_ITEM.finditer(text))
    numbers = [0, *(int(match[1]) for match in matches), 0]
    pieces = []
    at = 0
    for match, before, number, after in zip(matches, numbers, numbers[1:], numbers[2:], strict=False):
        if number and (after == number + 1 or (before and before == number - 1)):
            at_line_start = not match.start() or text[match.start() - 1] == "\n"
            pieces += [text[at : match.start()], "" if at_line_start else "\n", match[1], " "]
            at = match.end()
    return "".join(pieces) + text[at:]
