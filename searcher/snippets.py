"""The fragments of a body that show best why it is a hit."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from searcher.marking import Span, marked
from searcher.page import Marked

_SENTENCE_END: Final = re.compile(r"[。！？；!?;]+[”’」』）)]*|\n+")
_PHRASE_END: Final = re.compile(r"[，、：,:]")
#: How far from its best length a fragment may go to begin and end with a sentence, in parts of that length.
_SLACK: Final = 0.6
#: Later matches of a text are counted and marked, but no fragment begins there.
_MAX_CANDIDATES: Final = 150
#: Matches of one fragment that are weighed.
_MAX_INSIDE: Final = 12


def snippets(body: str, spans: Sequence[Span], count: int, length: int) -> tuple[Marked, ...]:
    """Up to `count` disjoint fragments of about `length` characters, in text order, those with most matches.

    Without any match: the beginning of the body. A fragment stays within the body's own characters.
    """
    if not body or count < 1:
        return ()
    if not spans:
        return (marked(body, (), *_window(body, (0, 0), length)),)
    windows = _best(body, spans, count, length)
    return tuple(marked(body, spans, start, end) for start, end in windows)


def _best(body: str, spans: Sequence[Span], count: int, length: int) -> list[Span]:
    """The windows that hold most different matched texts, then most matches; earlier ones first on a tie."""
    candidates = []
    for index, span in enumerate(spans[:_MAX_CANDIDATES]):
        inside = [other for other in spans[index : index + _MAX_INSIDE] if other[1] <= span[0] + length]
        texts = {body[start:end] for start, end in inside}
        weight = sum(len(text) for text in texts)
        candidates.append((-weight, -len(inside), index))
    chosen: list[Span] = []
    for _, _, index in sorted(candidates):
        start, end = _outside(spans, *_window(body, spans[index], length))
        if all(end <= first or last <= start for first, last in chosen):
            chosen.append((start, end))
            if len(chosen) == count:
                break
    return sorted(chosen)


def _outside(spans: Sequence[Span], start: int, end: int) -> Span:
    """The stretch widened so that neither end lies within a match."""
    at_start = bisect_left(spans, (start, 0)) - 1
    if at_start >= 0 and spans[at_start][1] > start:
        start = spans[at_start][0]
    at_end = bisect_left(spans, (end, 0)) - 1
    if at_end >= 0 and spans[at_end][1] > end:
        end = spans[at_end][1]
    return start, end


def _window(body: str, span: Span, length: int) -> Span:
    """A stretch around a match that begins and ends with a sentence where one is near."""
    slack = int(length * _SLACK)
    lowest = max(0, span[0] - slack)
    start = _last_end(_SENTENCE_END, body, lowest, span[0])
    if start is None:
        start = _last_end(_PHRASE_END, body, lowest, span[0]) if lowest else 0
    if start is None:
        start = max(lowest, span[0] - length // 4)
    least = max(span[1], min(start + length, len(body)))
    highest = min(len(body), least + slack)
    later = _SENTENCE_END.search(body, max(span[1], start + length // 2), highest)
    end = later.end() if later else highest if highest == len(body) else least
    while start < span[0] and body[start].isspace():
        start += 1
    while end > max(span[1], start) and body[end - 1].isspace():
        end -= 1
    return start, end


def _last_end(pattern: re.Pattern[str], body: str, start: int, end: int) -> int | None:
    last = None
    for match in pattern.finditer(body, start, end):
        last = match.end()
    return last
