"""Snippets: the fragments of a body that contain the most, and the rarest, matches of a query."""

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
from searcher.highlight.marking import marked
from searcher.highlight.occurrences import Span
from searcher.results import Marked

_STOPS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS
#: Where a sentence ends: a full stop ends one only before a blank, other ASCII marks not before ASCII characters.
_SENTENCE_END: Final = re.compile(
    rf"[.{_STOPS}\n](?:(?<![.{ASCII_SENTENCE_ENDS}])|(?<!\.)(?![!-~])|(?=\s))[{_STOPS}\n{CLOSING_MARKS}]*"
)
_PHRASE_END: Final = re.compile(r"[，、：,:](?:(?<![,:])|(?!\w))")
#: A line with one of these near a match is running text; headings, tables of contents and credits have none.
_RUNNING: Final = re.compile(rf"[，,{_STOPS}]|\.\s")
_LEADERS: Final = re.compile(r"(?:[.·…]\s?){4}")
#: Unicode categories of characters that belong to the one before: combining marks, surrogates.
_JOINING: Final = frozenset({"Mn", "Mc", "Me", "Cs"})
#: Characters that a fragment does not begin with: blanks, list marks, marks of the sentence before.
_BEFORE: Final = " \t\n\r\u00a0\u3000•·●○■□◆◇▪▶►➤※*>|、，。；：！？,;:!?)）】」』”’…—"
#: Characters that a fragment does not end with: blanks and opening marks.
_AFTER: Final = " \t\n\r\u00a0\u3000(（【「『“‘《"

#: How much longer or shorter a fragment may be in order to begin and end with a sentence, as a share of its length.
_SLACK: Final = 0.6
#: Fragments with fewer characters between them are merged.
_GAP: Final = 10
#: Windows that are scored, and the best of them whose surroundings are examined.
_MAX_CANDIDATES: Final = 400
_MAX_EXAMINED: Final = 40
#: Matches of one window that are scored.
_MAX_MATCHES: Final = 12
#: Factor for a matched string that a fragment chosen before shows, and for a window outside of running text.
_SHOWN_FACTOR: Final = 0.3
_NOT_RUNNING_FACTOR: Final = 0.5
#: Weight of each further match of a window, as a share of the lowest weight of a matched string.
_FURTHER_MATCH_SHARE: Final = 0.05
#: Characters of a body in which the beginning of its running text is searched.
_MAX_PREAMBLE: Final = 400


class _Window(NamedTuple):
    """Matches that fit into one fragment: spans[first:last], and the distinct strings in normal form among them."""

    first: int
    last: int
    strings: frozenset[str]


def snippets(body: str, spans: Sequence[Span], count: int, length: int) -> tuple[Marked, ...]:
    """Up to `count` disjoint fragments of a body, of about `length` characters each, in the order of the body.

    They are the fragments with the best matches (`spans`); without any match, the beginning of the running text. A
    fragment is a substring of the body and neither begins nor ends inside a match. Fragments that nearly touch are
    merged, so that there may be fewer.
    """
    if not body or count < 1:
        return ()
    if not spans:
        start = _beginning(body)
        return (marked(body, (), start, _end(body, start, start, length)),)
    return tuple(marked(body, spans, start, end) for start, end in _merged(_best_fragments(body, spans, count, length)))


def _best_fragments(body: str, spans: Sequence[Span], count: int, length: int) -> list[Span]:
    """The fragments with the most different matched strings, rare and long strings first; the earlier one on a tie."""
    texts = [body[start:end] for start, end in spans]
    strings = {text: _normal_form(text) for text in set(texts)}
    counts = Counter(texts)
    weights = _string_weights(strings, counts)
    further = min(weights.values()) * _FURTHER_MATCH_SHARE
    windows = [_window(spans, texts, strings, index, length) for index in _candidates(texts, counts)]
    scores = [_sum(weights, window.strings) + further * (window.last - window.first - 1) for window in windows]
    order = sorted(range(len(windows)), key=lambda index: (-scores[index], index))[:_MAX_EXAMINED]
    if len(order) > 1:
        for index in order:
            if not _is_running(body, spans[windows[index].first], length):
                scores[index] *= _NOT_RUNNING_FACTOR
    chosen: list[Span] = []
    shown: set[str] = set()
    while order and len(chosen) < count:
        best = max(order, key=lambda index: (scores[index], -index))
        order.remove(best)
        window = windows[best]
        matches = spans[window.first][0], spans[window.last - 1][1]
        fragment = _without_cut_matches(spans, *_fragment(body, matches, length))
        if any(fragment[0] < end and start < fragment[1] for start, end in chosen):
            continue
        chosen.append(fragment)
        newly_shown = window.strings - shown
        shown |= newly_shown
        for index in order if newly_shown else ():
            others = windows[index].strings
            share = _sum(weights, others & newly_shown) / _sum(weights, others)
            scores[index] *= 1 - (1 - _SHOWN_FACTOR) * share
    return sorted(chosen)


def _string_weights(strings: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, float]:
    """The weight of each matched string: its length, the less the more often it occurs."""
    numbers: Counter[str] = Counter()
    for text, string in strings.items():
        numbers[string] += counts[text]
    return {string: len(string) / (1.0 + log2(number)) for string, number in numbers.items()}


@lru_cache(maxsize=4096)
def _normal_form(text: str) -> str:
    """The normal form of a matched text; the text itself if that is empty."""
    return normalise(text) or text


def _candidates(texts: Sequence[str], counts: Counter[str]) -> Iterable[int]:
    """Indexes of matches that a fragment may begin with: all, or of many the first of each text and those before."""
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


def _sum(weights: Mapping[str, float], strings: Iterable[str]) -> float:
    return sum(map(weights.__getitem__, strings))


def _window(
    spans: Sequence[Span], texts: Sequence[str], strings: Mapping[str, str], first: int, length: int
) -> _Window:
    """The matches from one on that fit into a fragment of the length."""
    limit = spans[first][0] + length
    last = first + 1
    while last < len(spans) and last - first < _MAX_MATCHES and spans[last][1] <= limit:
        last += 1
    return _Window(first, last, frozenset(map(strings.__getitem__, texts[first:last])))


def _is_running(body: str, span: Span, length: int) -> bool:
    """True if a match is in running text; a heading, a line of a table of contents or of credits has no punctuation."""
    start = body.rfind("\n", max(0, span[0] - length), span[0]) + 1 or max(0, span[0] - length)
    end = body.find("\n", span[1], span[1] + length)
    if end < 0:
        end = min(len(body), span[1] + length)
    if _LEADERS.search(body, start, end):
        return False
    return _RUNNING.search(body, start, end) is not None


def _beginning(body: str) -> int:
    """The start of the running text, after headings, credits and list marks; 0 if there is none."""
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


def _without_cut_matches(spans: Sequence[Span], start: int, end: int) -> Span:
    """The fragment widened so that neither end is inside a match."""
    at_start = bisect_left(spans, (start, 0)) - 1
    if at_start >= 0 and spans[at_start][1] > start:
        start = spans[at_start][0]
    at_end = bisect_left(spans, (end, 0)) - 1
    if at_end >= 0 and spans[at_end][1] > end:
        end = spans[at_end][1]
    return start, end


def _fragment(body: str, matches: Span, length: int) -> Span:
    """A fragment around matches that begins and ends with a sentence if one is near, else between words."""
    slack = int(length * _SLACK)
    first, last = matches
    lowest = max(0, first - slack)
    start = _last_end(_SENTENCE_END, body, lowest, first)
    if start is None and lowest:
        start = _last_end(_PHRASE_END, body, lowest, first)
        if start is None:
            start = _nearest_cut(body, max(lowest, first - length // 4), lowest, first)
    start = first - len(body[start or 0 : first].lstrip(_BEFORE))
    return start, _end(body, start, last, length)


def _end(body: str, start: int, last: int, length: int) -> int:
    """The end of a fragment that begins at `start` and must extend at least to `last`."""
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
        end = phrase.start() if phrase else _nearest_cut(body, best, last, highest)
    return last + len(body[last:end].rstrip(_AFTER)) or end


def _last_end(pattern: re.Pattern[str], body: str, start: int, end: int) -> int | None:
    """The end of the last match of a pattern between two offsets; None if there is none."""
    last = None
    for match in pattern.finditer(body, start, end):
        last = match.end()
    return last


def _cuts_word(body: str, at: int) -> bool:
    """True if a cut at the offset splits a Latin word, a number, or a character from its combining marks."""
    if not 0 < at < len(body):
        return False
    left, right = body[at - 1], body[at]
    if run_class(right):
        return run_class(left) > 0 or (left in ".,:" and right.isdecimal() and body[at - 2 : at - 1].isdecimal())
    return (right in ".,:%" and left.isdecimal()) or category(right) in _JOINING or "\u200d" in (left, right)


def _nearest_cut(body: str, at: int, lowest: int, highest: int) -> int:
    """An offset that cuts no word: the first from `at` on, else the last before it, else `at`."""
    for offset in chain(range(at, highest + 1), range(at - 1, lowest - 1, -1)):
        if not _cuts_word(body, offset):
            return offset
    return at


def _merged(fragments: Iterable[Span]) -> Iterator[Span]:
    """Ascending fragments, those that nearly touch merged."""
    last: Span | None = None
    for start, end in fragments:
        if last and start - last[1] < _GAP:
            last = last[0], end
        else:
            if last:
                yield last
            last = start, end
    if last:
        yield last
