"""The fragments of a body that show best why it is a hit."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import log2
from typing import Final, NamedTuple
from unicodedata import category

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, SENTENCE_ENDS
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import run_class
from searcher.highlight.folding import Span
from searcher.highlight.marking import marked
from searcher.results import Marked

_STOPS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS
#: Where a sentence ends: a full stop ends one only before a blank, other ASCII marks not before ASCII characters.
_SENTENCE_END: Final = re.compile(
    rf"[.{_STOPS}\n](?:(?<![.{ASCII_SENTENCE_ENDS}])|(?<!\.)(?![!-~])|(?=\s))[{_STOPS}\n{CLOSING_MARKS}]*"
)
_PHRASE_END: Final = re.compile(r"[，、：,:](?:(?<![,:])|(?!\w))")
#: A line with one of these nearby is running text; headings, contents and credits have none.
_RUNNING: Final = re.compile(rf"[，,{_STOPS}]|\.\s")
_LEADERS: Final = re.compile(r"(?:[.·…]\s?){4}")
#: Kinds of characters that belong to the one before: marks that combine, the second half of a surrogate pair.
_JOINING: Final = frozenset({"Mn", "Mc", "Me", "Cs"})
#: What a fragment does not begin with: blanks, list marks, what belongs to the sentence before.
_BEFORE: Final = " \t\n\r\u00a0\u3000•·●○■□◆◇▪▶►➤※*>|、，。；：！？,;:!?)）】」』”’…—"
#: What a fragment does not end with: blanks and opening marks.
_AFTER: Final = " \t\n\r\u00a0\u3000(（【「『“‘《"

#: How far from its best length a fragment may go to begin and end with a sentence, in parts of that length.
_SLACK: Final = 0.6
#: Fragments with less between them are shown as one.
_GAP: Final = 10
#: Windows that are weighed first, by matches of each text, and of these the ones that are looked at.
_MAX_CANDIDATES: Final = 400
_MAX_LOOKED_AT: Final = 40
#: Matches of one fragment that are weighed.
_MAX_INSIDE: Final = 12
#: A matched text counts less where a fragment chosen before shows it, and all do outside of running text.
_SEEN: Final = 0.3
_NOT_RUNNING: Final = 0.5
#: Each further match of a fragment is worth this part of the least that a matched text is worth.
_FURTHER: Final = 0.05
#: How far into a body its running text is looked for.
_MAX_PREAMBLE: Final = 400


class _Window(NamedTuple):
    """Matches that fit into one fragment: the indexes of the first and the one after the last, and what they say."""

    first: int
    last: int
    kinds: frozenset[str]


def snippets(body: str, spans: Sequence[Span], count: int, length: int) -> tuple[Marked, ...]:
    """Up to `count` disjoint fragments of about `length` characters, in text order, those with most of the query.

    Without any match: the beginning of the running text. A fragment is a stretch of the body; none begins or ends
    within a match. Fragments that nearly touch become one, so that there are fewer.
    """
    if not body or count < 1:
        return ()
    if not spans:
        start = _beginning(body)
        return (marked(body, (), start, _end(body, start, start, length)),)
    return tuple(marked(body, spans, start, end) for start, end in _joined(_best(body, spans, count, length)))


def _best(body: str, spans: Sequence[Span], count: int, length: int) -> list[Span]:
    """The stretches that hold most different matched texts, rare and long ones first; earlier ones on a tie."""
    texts = [body[start:end] for start, end in spans]
    kinds = {text: _kind(text) for text in set(texts)}
    counts = Counter(texts)
    numbers: Counter[str] = Counter()
    for text, kind in kinds.items():
        numbers[kind] += counts[text]
    worth = {kind: len(kind) / (1.0 + log2(number)) for kind, number in numbers.items()}
    least = min(worth.values()) * _FURTHER
    windows = [_window(spans, texts, kinds, index, length) for index in _candidates(texts, counts)]
    scores = [_sum(worth, window.kinds) + least * (window.last - window.first - 1) for window in windows]
    order = sorted(range(len(windows)), key=lambda index: (-scores[index], index))[:_MAX_LOOKED_AT]
    if len(order) > 1:
        for index in order:
            if not _is_running(body, spans[windows[index].first], length):
                scores[index] *= _NOT_RUNNING
    chosen: list[Span] = []
    seen: set[str] = set()
    while order and len(chosen) < count:
        best = max(order, key=lambda index: (scores[index], -index))
        order.remove(best)
        window = windows[best]
        stretch = _outside(spans, *_stretch(body, (spans[window.first][0], spans[window.last - 1][1]), length))
        if any(stretch[0] < end and start < stretch[1] for start, end in chosen):
            continue
        chosen.append(stretch)
        fresh = window.kinds - seen
        seen |= fresh
        for index in order if fresh else ():
            kinds_here = windows[index].kinds
            shown = _sum(worth, kinds_here & fresh) / _sum(worth, kinds_here)
            scores[index] *= 1 - (1 - _SEEN) * shown
    return sorted(chosen)


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a match says in normal form."""
    return normalise(text) or text


def _candidates(texts: Sequence[str], counts: Counter[str]) -> Iterable[int]:
    """Matches that fragments may begin with: all of a few, and of many the first of each text and those before them."""
    if len(texts) <= _MAX_CANDIDATES:
        return range(len(texts))
    share = max(_MAX_CANDIDATES // len(counts), 1)
    left = dict.fromkeys(sorted(counts, key=counts.__getitem__)[:_MAX_CANDIDATES], share)
    found: set[int] = set()
    for index, text in enumerate(texts):
        if text in left:
            left[text] -= 1
            found.update((max(index - 1, 0), index))
            if not left[text]:
                del left[text]
                if not left:
                    break
    return sorted(found)


def _sum(worth: Mapping[str, float], kinds: Iterable[str]) -> float:
    return sum(map(worth.__getitem__, kinds))


def _window(spans: Sequence[Span], texts: Sequence[str], kinds: Mapping[str, str], first: int, length: int) -> _Window:
    limit = spans[first][0] + length
    last = first + 1
    while last < len(spans) and last - first < _MAX_INSIDE and spans[last][1] <= limit:
        last += 1
    return _Window(first, last, frozenset(map(kinds.__getitem__, texts[first:last])))


def _is_running(body: str, span: Span, length: int) -> bool:
    """Does a match stand in running text? A heading, a line of contents or of credits has no punctuation."""
    start = body.rfind("\n", max(0, span[0] - length), span[0]) + 1 or max(0, span[0] - length)
    end = body.find("\n", span[1], span[1] + length)
    if end < 0:
        end = min(len(body), span[1] + length)
    if _LEADERS.search(body, start, end):
        return False
    return _RUNNING.search(body, start, end) is not None


def _beginning(body: str) -> int:
    """Where running text begins, after headings, lines of credits and list marks; else where the body does."""
    start = _first_running_line(body)
    end = min(len(body), start + _MAX_PREAMBLE)
    stripped = end - len(body[start:end].lstrip(_BEFORE))
    return stripped if stripped < end else start


def _first_running_line(body: str) -> int:
    start = 0
    while 0 <= start < min(_MAX_PREAMBLE, len(body)):
        if _is_running(body, (start, start), _MAX_PREAMBLE):
            return start
        start = body.find("\n", start) + 1 or -1
    return 0


def _outside(spans: Sequence[Span], start: int, end: int) -> Span:
    """The stretch widened so that neither end lies within a match."""
    at_start = bisect_left(spans, (start, 0)) - 1
    if at_start >= 0 and spans[at_start][1] > start:
        start = spans[at_start][0]
    at_end = bisect_left(spans, (end, 0)) - 1
    if at_end >= 0 and spans[at_end][1] > end:
        end = spans[at_end][1]
    return start, end


def _stretch(body: str, span: Span, length: int) -> Span:
    """A stretch around matches that begins and ends with a sentence where one is near, else between words."""
    slack = int(length * _SLACK)
    first, last = span
    lowest = max(0, first - slack)
    start = _last_end(_SENTENCE_END, body, lowest, first)
    if start is None and lowest:
        start = _last_end(_PHRASE_END, body, lowest, first)
        if start is None:
            start = _nearest_border(body, max(lowest, first - length // 4), lowest, first)
    start = first - len(body[start or 0 : first].lstrip(_BEFORE))
    return start, _end(body, start, last, length)


def _end(body: str, start: int, last: int, length: int) -> int:
    """Where a stretch ends that begins at `start` and must reach to `last`."""
    slack = int(length * _SLACK)
    best = max(last, min(start + length, len(body)))
    highest = min(len(body), best + slack)
    later = _SENTENCE_END.search(body, max(last, start + length // 2), highest)
    if later:
        end = later.end()
    elif highest == len(body):
        end = highest
    else:
        phrase = _PHRASE_END.search(body, best, highest)
        end = phrase.start() if phrase else _nearest_border(body, best, last, highest)
    return last + len(body[last:end].rstrip(_AFTER)) or end


def _last_end(pattern: re.Pattern[str], body: str, start: int, end: int) -> int | None:
    last = None
    for match in pattern.finditer(body, start, end):
        last = match.end()
    return last


def _cuts_word(body: str, at: int) -> bool:
    """Would a border here part a Latin word, a number, or a character from what combines with it?"""
    if not 0 < at < len(body):
        return False
    left, right = body[at - 1], body[at]
    if run_class(right):
        return run_class(left) > 0 or (left in ".,:" and right.isdecimal() and body[at - 2 : at - 1].isdecimal())
    return (right in ".,:%" and left.isdecimal()) or category(right) in _JOINING or "\u200d" in (left, right)


def _nearest_border(body: str, at: int, lowest: int, highest: int) -> int:
    """A border that cuts no word: the first from here on, else the last before; here where there is none."""
    for border in chain(range(at, highest + 1), range(at - 1, lowest - 1, -1)):
        if not _cuts_word(body, border):
            return border
    return at


def _joined(stretches: Iterable[Span]) -> Iterator[Span]:
    """Ascending stretches, those with little between them as one."""
    last: Span | None = None
    for start, end in stretches:
        if last and start - last[1] < _GAP:
            last = last[0], end
        else:
            if last:
                yield last
            last = start, end
    if last:
        yield last
