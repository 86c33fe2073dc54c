"""Page numbers that an extraction from PDF left inside the running text: `奠定了坚2实基础`, `累计达到10560家`.

A number is taken for a page's only as a link of a chain: one number for each page, ascending by one, about a page's
length apart, in agreement with the pages that the contents list names. The cheapest chain is found by dynamic
programming; where no chain is good, no number is touched.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

#: A number longer than this is no page with a number of the text beside it.
_RUN: Final = re.compile(r"\d{1,12}")
#: What a number that belongs to the sentence is often followed or preceded by, a page's only by chance.
_UNITS: Final = frozenset("年月日个家项人件万亿千百余多类种条大级篇座所次台套倍米字届位名只款区片%、.．-—～至到（(")
_BEFORE: Final = frozenset("第约超达近到至过前后为增年月—-～~.．（(")
#: Costs of a link. The gap to the page before weighs most: pages of running text vary by some 15 %, and a page with
#: a table is a good deal shorter. The others are signs that the number belongs to the text, or a part of it does.
_GAP_WEIGHT: Final = 6.0
_MAX_GAP_COST: Final = 6.0
_UNIT_COST: Final = 0.8
_PART_COST: Final = 0.8
_INSIDE_COST: Final = 2.0
_SKIP_COST: Final = 6.0
#: How far a page may begin from where the contents let us expect it: pages, and a share of the way to a known place.
_SLACK_PAGES: Final = 1.5
_SLACK_SHARE: Final = 0.15
#: A chain is believed if nearly all pages have a number and their lengths are alike.
_MIN_SHARE_NUMBERED: Final = 0.97
_MAX_MEAN_DEVIATION: Final = 0.3
_MIN_PAGES: Final = 4
#: A shorter or longer page than this is no page of running text.
_MIN_PAGE_CHARS: Final = 120
_MAX_PAGE_CHARS: Final = 5_000


class PageNumber(NamedTuple):
    """The number of a page, and the stretch of text that it takes up at that page's beginning."""

    page: int
    start: int
    end: int


class Anchor(NamedTuple):
    """A place that is known to be on a page."""

    page: int
    at: int


class _Link(NamedTuple):
    number: PageNumber
    cost: float


class _Step(NamedTuple):
    """A link with the cheapest way to it."""

    cost: float
    link: _Link
    before: _Step | None


def find_page_numbers(text: str, start: int, anchors: Sequence[Anchor]) -> tuple[PageNumber, ...]:
    """The numbers of the pages from `start` on; nothing if they cannot be proven. Anchors ascend by page and place."""
    if len(anchors) < 2 or anchors[-1].page - anchors[0].page < _MIN_PAGES:
        return ()
    mean = (anchors[-1].at - anchors[0].at) / (anchors[-1].page - anchors[0].page)
    if not _MIN_PAGE_CHARS <= mean <= _MAX_PAGE_CHARS:
        return ()
    known, last = anchors[0].page, anchors[-1].page
    first = max(1, known - round((anchors[0].at - start) / mean))
    numbers = _Numbers(text, start)
    windows = ((page, _window(page, start, len(text), anchors, mean)) for page in range(first, last + 1))
    chain = _cheapest([numbers.links(page, *window) for page, window in windows], mean)
    if sum(link.page >= known for link in chain) < _MIN_SHARE_NUMBERED * (last - known + 1):
        return ()
    lengths = [(right.start - left.start) / (right.page - left.page) / mean for left, right in pairwise(chain)]
    if sum(abs(length - 1) for length in lengths) > _MAX_MEAN_DEVIATION * len(lengths):
        return ()
    while tail := _cheapest([[_Link(chain[-1], 0)], numbers.links_after(chain[-1], mean)], mean)[1:]:
        chain += tail
    return tuple(chain)


def _window(page: int, start: int, end: int, anchors: Sequence[Anchor], mean: float) -> tuple[int, int]:
    """Where the page's number may stand: before all that is on it, after all that is on earlier pages."""
    following = bisect_left(anchors, page, key=lambda anchor: anchor.page)
    after = anchors[following] if following < len(anchors) else None
    before = anchors[following - 1] if following else None
    low, high = before.at if before else start, after.at if after else end
    if before and after:
        way = (page - before.page) / (after.page - before.page)
        expected = before.at + way * (after.at - before.at)
        far = min(page - before.page, after.page - page) * mean
    else:
        known = before or after or anchors[0]
        expected = known.at + (page - known.page) * mean
        far = abs(page - known.page) * mean
    slack = _SLACK_PAGES * mean + _SLACK_SHARE * far
    return max(low, int(expected - slack)), min(high, int(expected + slack))


class _Numbers:
    """All runs of digits of a text, and the links that they offer."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._runs = [(match.start(), match[0]) for match in _RUN.finditer(text, start)]
        self._starts = [at for at, _ in self._runs]

    def links(self, page: int, low: int, high: int) -> list[_Link]:
        """Places for the number of a page that begin in the window."""
        near = self._runs[bisect_left(self._starts, low) : bisect_right(self._starts, high)]
        return [link for at, run in near for link in self._in_run(page, at, run)]

    def links_after(self, number: PageNumber, mean: float) -> list[_Link]:
        """Places for a page that no contents list names: only numbers that stand alone, at the usual length."""
        low, high = number.start + int(0.6 * mean), number.start + int(1.4 * mean)
        return [link for link in self.links(number.page + 1, low, high) if not link.cost]

    def _in_run(self, page: int, at: int, run: str) -> Iterator[_Link]:
        digits = str(page)
        position = run.find(digits)
        while position >= 0:
            start = at + position
            end = start + len(digits)
            cost = 0.0
            if position and end < at + len(run):
                cost += _INSIDE_COST
            elif position or (end < at + len(run) and self._text[at + len(run) : at + len(run) + 1] != "、"):
                cost += _PART_COST
            if end == at + len(run) and self._text[end : end + 1] in _UNITS:
                cost += _UNIT_COST
            if not position and start and self._text[start - 1] in _BEFORE:
                cost += _UNIT_COST
            yield _Link(PageNumber(page, start, end), cost)
            position = run.find(digits, position + 1)


def _cheapest(pages: Sequence[Sequence[_Link]], mean: float) -> list[PageNumber]:
    """One link of each page, so that gaps and links cost least; a page may be left out at a price."""
    steps: list[list[_Step]] = []
    for links in pages:
        here = []
        for link in links:
            options = [_Step(link.cost + _SKIP_COST * len(steps), link, None)]
            for skipped, earlier in enumerate(reversed(steps[-2:])):
                for step in earlier:
                    gap = link.number.start - step.link.number.start
                    if gap > 0:
                        usual = (skipped + 1) * mean
                        deviation = min(_MAX_GAP_COST, _GAP_WEIGHT * abs(gap / usual - 1))
                        cost = step.cost + link.cost + deviation + _SKIP_COST * skipped
                        options.append(_Step(cost, link, step))
            here.append(min(options, key=lambda step: step.cost))
        steps.append(here)
    ends = [
        (step.cost + _SKIP_COST * (len(steps) - 1 - number), step) for number, here in enumerate(steps) for step in here
    ]
    best = min(ends, key=lambda end: end[0])[1] if ends else None
    chain = []
    while best is not None:
        chain.append(best.link.number)
        best = best.before
    return chain[::-1]
