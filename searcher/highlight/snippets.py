"""Snippets: the fragments of a body that contain the most, and the rarest, matches of a query."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from math import log2
from typing import Final, NamedTuple

from indexer.analysis.normalise import normalise
from searcher.highlight.cutting import beginning, fragment_around, is_running
from searcher.highlight.marking import marked
from searcher.highlight.occurrences import Span
from searcher.results import Marked

#: Share of a fragment that the matches it is chosen for may take, so that there is room to begin and end at borders.
_CORE_SHARE: Final = 0.6
#: Windows that are weighed, and matches of one of them that count.
_MAX_WINDOWS: Final = 64
_MAX_MATCHES: Final = 12
#: Factor for a matched string that a fragment chosen before shows, and for a window outside of running text.
_SHOWN_FACTOR: Final = 0.3
_NOT_RUNNING_FACTOR: Final = 0.5
#: Weight of each further match of a window, as a share of the lowest weight of a matched string.
_FURTHER_MATCH_SHARE: Final = 0.05


class _Window(NamedTuple):
    """Matches that fit into one fragment: spans[first:last], and the bits of the different strings among them."""

    first: int
    last: int
    bits: int


def snippets(body: str, spans: Sequence[Span], count: int, length: int) -> tuple[Marked, ...]:
    """Up to `count` disjoint fragments of a body, of at most `length` characters each, in the order of the body.

    They are the fragments with the best matches (`spans`); without any match, the beginning of the running text. A
    fragment is a substring of the body and neither begins nor ends inside a match; a match that is longer than
    `length` is a fragment of its own.
    """
    if not body or count < 1:
        return ()
    if not spans:
        return (marked(body, (), *beginning(body, length)),)
    return tuple(marked(body, spans, start, end) for start, end in _best_fragments(body, spans, count, length))


def _best_fragments(body: str, spans: Sequence[Span], count: int, length: int) -> list[Span]:
    """The fragments with the most different matched strings, rare and long strings first; the earlier one on a tie."""
    texts = [body[start:end] for start, end in spans]
    counts = Counter(texts)
    weights = _string_weights(counts)
    bit_of_string = {string: 1 << number for number, string in enumerate(weights)}
    bit_of_text = {text: bit_of_string[_normal_form(text)] for text in counts}
    bits = [bit_of_text[text] for text in texts]
    windows = _windows(spans, bits, _candidates(texts, counts), int(length * _CORE_SHARE))
    queue = _Queue(windows, list(weights.values()), lambda window: is_running(body, spans[window.first], length))
    chosen: list[Span] = []
    for window in queue:
        matches = spans[window.first][0], spans[window.last - 1][1]
        at = bisect_left(chosen, matches)
        bounds = chosen[at - 1][1] if at else 0, chosen[at][0] if at < len(chosen) else len(body)
        if bounds[0] <= matches[0] and matches[1] <= bounds[1]:
            start, end = fragment_around(body, spans, matches, bounds, length)
            chosen.insert(at, (start, end))
            if len(chosen) == count:
                break
            queue.show(bits[bisect_left(spans, (start, 0)) : bisect_left(spans, (end, 0))])
    return chosen


class _Queue:
    """Windows, the one that is worth most first, the earlier one on a tie.

    A window is worth less in a table of contents and after its strings are shown. So its worth only falls, and is
    computed again for those windows only that were worth most.
    """

    def __init__(
        self, windows: Sequence[_Window], weights: Sequence[float], is_running: Callable[[_Window], bool]
    ) -> None:
        """`weights` are those of the strings, by the numbers of their bits."""
        self._weights = weights
        self._further = min(weights) * _FURTHER_MATCH_SHARE
        self._is_running = is_running
        self._shown = 0
        self._sums: dict[int, float] = {}
        #: Of the windows that were looked at.
        self._place_factors: dict[_Window, float] = {}
        self._queue = [(-self._worth(window), window) for window in windows]
        heapify(self._queue)

    def __iter__(self) -> Iterator[_Window]:
        queue = self._queue
        while queue:
            window = heappop(queue)[1]
            entry = -self._worth(window), window
            if queue and queue[0] < entry:
                heappush(queue, entry)
            elif window in self._place_factors:
                yield window
            else:
                self._place_factors[window] = 1.0 if self._is_running(window) else _NOT_RUNNING_FACTOR
                heappush(queue, (-self._worth(window), window))

    def show(self, bits: Iterable[int]) -> None:
        """Lower the worth of windows with these strings."""
        self._sums.clear()
        for bit in bits:
            self._shown |= bit

    def _worth(self, window: _Window) -> float:
        first, last, bits = window
        weight = self._sums.get(bits)
        if weight is None:
            weight = self._sums[bits] = sum(
                weight * _SHOWN_FACTOR if self._shown >> number & 1 else weight
                for number, weight in enumerate(self._weights)
                if bits >> number & 1
            )
        return self._place_factors.get(window, 1.0) * (weight + self._further * (last - first - 1))


def _string_weights(counts: Mapping[str, int]) -> dict[str, float]:
    """The weight of each matched string in normal form: its length, the less the more often it occurs."""
    numbers: Counter[str] = Counter()
    for text, number in counts.items():
        numbers[_normal_form(text)] += number
    return {string: len(string) / (1.0 + log2(number)) for string, number in numbers.items()}


@lru_cache(maxsize=4096)
def _normal_form(text: str) -> str:
    """The normal form of a matched text; the text itself if that is empty."""
    return normalise(text) or text


def _candidates(texts: Sequence[str], counts: Counter[str]) -> Iterable[int]:
    """Indexes of matches that a window may begin with: all, or of many some of each text and the matches before them.

    The rarest texts come first; of the others those from all over the body, because the first may be its contents.
    """
    if len(texts) <= _MAX_WINDOWS:
        return range(len(texts))
    rarest = sorted(counts, key=counts.__getitem__)[: _MAX_WINDOWS // 2]
    share = _MAX_WINDOWS // 2 // len(rarest)
    steps = {text: -(-counts[text] // share) for text in rarest}
    seen = dict.fromkeys(rarest, 0)
    found: set[int] = set()
    for index, text in enumerate(texts):
        if text in seen:
            if seen[text] % steps[text] == 0:
                found.update((max(index - 1, 0), index))
            seen[text] += 1
    return sorted(found)


def _windows(spans: Sequence[Span], bits: Sequence[int], candidates: Iterable[int], reach: int) -> list[_Window]:
    """For each candidate the matches from it on that fit into `reach` characters, but for parts of windows before."""
    windows = []
    before = 0
    for first in candidates:
        limit = spans[first][0] + reach
        found, last = bits[first], first + 1
        while last < len(spans) and last - first < _MAX_MATCHES and spans[last][1] <= limit:
            found |= bits[last]
            last += 1
        if last > before:
            windows.append(_Window(first, last, found))
            before = last
    return windows
