"""Boundary scanner: cuts fragments of limited length out of a text, at the borders of sentences and clauses."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final
from unicodedata import category

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, SENTENCE_ENDS
from indexer.analysis.tokens import run_class
from searcher.highlight.occurrences import Span

_STOPS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS
#: Where a sentence or a line ends: a full stop ends one only before a blank, other ASCII marks not before ASCII.
_SENTENCE_END: Final = (
    rf"[.{_STOPS}\n](?:(?<![.{ASCII_SENTENCE_ENDS}])|(?<!\.)(?![!-~])|(?=\s))[{_STOPS}\n{CLOSING_MARKS}]*"
)
_CLAUSE_END: Final = r"[，、：,:](?:(?<![,:])|(?=\W))"
_FIRST_END: Final = re.compile(f"{_SENTENCE_END}|{_CLAUSE_END}")
_LAST_SENTENCE_END: Final = re.compile(f"(?s).*{_SENTENCE_END}")
#: Group 1 ends before a comma, and is not there if the last border is the end of a sentence.
_LAST_END: Final = re.compile(f"(?s).*(?:{_SENTENCE_END}|(?={_CLAUSE_END})()[，、：,:])")
#: A line with one of these near a match is running text; headings, tables of contents and credits have none.
_RUNNING: Final = re.compile(rf"[，,{_STOPS}]|\.\s")
_LEADERS: Final = re.compile(r"(?:[.·…]\s?){4}")
#: Unicode categories of characters that belong to the one before: combining marks, surrogates.
_JOINING: Final = frozenset({"Mn", "Mc", "Me", "Cs"})
#: Characters that a fragment does not begin with: blanks, list marks, marks of the sentence before.
_BEFORE: Final = " \t\n\r\u00a0\u3000•·●○■□◆◇▪▶►➤※*>|、，。；：！？,;:!?)）】」』”’…—"
#: Characters that a fragment does not end with: blanks and opening marks.
_AFTER: Final = " \t\n\r\u00a0\u3000(（【「『“‘《"
#: Characters of a text in which the beginning of its running text is searched.
_MAX_PREAMBLE: Final = 400


def fragment_around(text: str, spans: Sequence[Span], matches: Span, bounds: Span, length: int) -> Span:
    """A fragment of at most `length` characters that holds `matches`, from the first one's start to the last one's end.

    It lies within `bounds`, where other fragments or the text end, begins and ends between sentences if some border is
    near, else between clauses, else between words, and cuts none of the `spans`. Matches that are longer than the
    limit are a fragment of their own.
    """
    first, last = matches
    if last - first >= length:
        return matches
    start = _start(text, matches, bounds, length)
    end = _end(text, last, start, bounds[1], length)
    return _trimmed(text, spans, matches, start, end)


def beginning(text: str, length: int) -> Span:
    """The beginning of the running text, after headings, credits and list marks: at most `length` characters."""
    start = _first_running_line(text)
    end = min(len(text), start + _MAX_PREAMBLE)
    stripped = end - len(text[start:end].lstrip(_BEFORE))
    start = stripped if stripped < end else start
    return fragment_around(text, (), (start, start), (start, len(text)), length)


def is_running(text: str, span: Span, length: int) -> bool:
    """True if a match is in running text; a heading, a line of a table of contents or of credits has no punctuation."""
    start = text.rfind("\n", max(0, span[0] - length), span[0]) + 1 or max(0, span[0] - length)
    end = text.find("\n", span[1], span[1] + length)
    if end < 0:
        end = min(len(text), span[1] + length)
    return _RUNNING.search(text, start, end) is not None and _LEADERS.search(text, start, end) is None


def _start(text: str, matches: Span, bounds: Span, length: int) -> int:
    """Where a fragment begins: with the sentence of its first match if the end of a clause is then within reach."""
    first, last = matches
    low, high = max(bounds[0], last - length), min(bounds[1], first + length)
    border = _FIRST_END.search(text, last, high)
    nearest_end = border.end() if border else high if high == bounds[1] else last
    earliest = max(low, nearest_end - length)
    if border := _LAST_SENTENCE_END.match(text, earliest, first):
        return border.end()
    if earliest == bounds[0]:
        return earliest
    if border := _FIRST_END.search(text, earliest, first) or _LAST_END.match(text, low, earliest):
        return border.end()
    return _nearest_cut(text, range(max(earliest, first - length // 2), first + 1))


def _end(text: str, last: int, start: int, bound: int, length: int) -> int:
    """Where a fragment ends: with its last sentence, or its last clause if the sentences are less than half of it."""
    limit = min(start + length, bound)
    if limit == bound:
        return bound
    border = _LAST_SENTENCE_END.match(text, last, limit)
    if border and border.end() - start >= length // 2:
        return border.end()
    if border := _LAST_END.match(text, last, limit):
        return border.end(1) if border.lastindex else border.end()
    return _nearest_cut(text, range(limit, last - 1, -1))


def _trimmed(text: str, spans: Sequence[Span], matches: Span, start: int, end: int) -> Span:
    """The fragment without matches that its ends cut, and without blanks and marks that should not stand at an end."""
    first, last = matches
    at = bisect_left(spans, (start, 0)) - 1
    if at >= 0:
        start = max(start, spans[at][1])
    at = bisect_left(spans, (end, 0)) - 1
    if at >= 0 and spans[at][1] > end:
        end = spans[at][0]
    start = first - len(text[start:first].lstrip(_BEFORE))
    return start, last + len(text[last:end].rstrip(_AFTER)) or end


def _cuts_word(text: str, at: int) -> bool:
    """True if a cut at the offset splits a Latin word, a number, or a character from its combining marks."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if run_class(right):
        return run_class(left) > 0 or (left in ".,:" and right.isdecimal() and text[at - 2 : at - 1].isdecimal())
    return (right in ".,:%" and left.isdecimal()) or category(right) in _JOINING or "\u200d" in (left, right)


def _nearest_cut(text: str, offsets: range) -> int:
    """The first of the offsets that cuts no word, else the first one."""
    return next((at for at in offsets if not _cuts_word(text, at)), offsets[0])


def _first_running_line(text: str) -> int:
    start = 0
    while 0 <= start < min(_MAX_PREAMBLE, len(text)):
        if is_running(text, (start, start), _MAX_PREAMBLE):
            return start
        start = text.find("\n", start) + 1 or -1
    return 0
