"""Finds page numbers that PDF extraction left inside running text: `奠定了坚2实基础`, `累计达到10560家`.

A number is a page number only as part of a chain: one number for each page, ascending by one, about the length of a
page apart, in agreement with the pages of the table of contents. The chain of least cost is found by dynamic
programming; if no chain is good enough, no number is removed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

#: A longer run of digits is not a page number beside a number of the text.
_RUN: Final = re.compile(r"\d{1,12}")
#: Characters that often follow or precede a number of the sentence, and a page number only by chance.
_UNITS: Final = frozenset("年月日个家项人件万亿千百余多类种条大级篇座所次台套倍米字届位名只款区片%、.．-—～至到（(")
_BEFORE_NUMBERS: Final = frozenset("第约超达近到至过前后为增年月—-～~.．（(")
#: Costs of a candidate. The distance to the page before weighs most: the length of pages varies by some 15 %, and pages
#: with a table are much shorter. The other costs are for signs that the number, or a part of it, belongs to the text.
_GAP_WEIGHT: Final = 6.0
_MAX_GAP_COST: Final = 6.0
_UNIT_COST: Final = 0.8
_PART_COST: Final = 0.8
_INSIDE_COST: Final = 2.0
_SKIP_COST: Final = 6.0
#: How far from its expected position a page may begin: in pages, and as a share of the distance to an anchor.
_SLACK_PAGES: Final = 1.5
_SLACK_SHARE: Final = 0.15
#: A chain is accepted if nearly all pages have a number and their lengths are similar.
_MIN_SHARE_NUMBERED: Final = 0.97
_MAX_MEAN_DEVIATION: Final = 0.3
_MIN_PAGES: Final = 4
#: Shorter or longer pages are not pages of running text.
_MIN_PAGE_CHARS: Final = 120
_MAX_PAGE_CHARS: Final = 5_000


class PageNumber(NamedTuple):
    """The page number at text[start:end], where the page begins."""

    page: int
    start: int
    end: int


class Anchor(NamedTuple):
    """A position of the text that is known to be on a page."""

    page: int
    at: int


class _Candidate(NamedTuple):
    """A run of digits, or a part of one, that may be the number of a page, and the cost of taking it for that."""

    number: PageNumber
    cost: float


class _Path(NamedTuple):
    """The cheapest chain that ends with a candidate: its cost, its last candidate, and the chain before that."""

    cost: float
    candidate: _Candidate
    before: _Path | None


def find_page_numbers(text: str, start: int, anchors: Sequence[Anchor]) -> tuple[PageNumber, ...]:
    """The numbers of the pages from `start` on; empty if no chain is accepted. Anchors ascend by page and position."""
    if len(anchors) < 2 or anchors[-1].page - anchors[0].page < _MIN_PAGES:
        return ()
    mean = (anchors[-1].at - anchors[0].at) / (anchors[-1].page - anchors[0].page)
    if not _MIN_PAGE_CHARS <= mean <= _MAX_PAGE_CHARS:
        return ()
    known, last = anchors[0].page, anchors[-1].page
    first = max(1, known - round((anchors[0].at - start) / mean))
    numbers = _Candidates(text, start)
    windows = ((page, _window(page, start, len(text), anchors, mean)) for page in range(first, last + 1))
    chain = _cheapest_chain([numbers.candidates(page, *window) for page, window in windows], mean)
    if sum(number.page >= known for number in chain) < _MIN_SHARE_NUMBERED * (last - known + 1):
        return ()
    lengths = [(right.start - left.start) / (right.page - left.page) / mean for left, right in pairwise(chain)]
    if sum(abs(length - 1) for length in lengths) > _MAX_MEAN_DEVIATION * len(lengths):
        return ()
    while tail := _cheapest_chain([[_Candidate(chain[-1], 0)], numbers.candidates_after(chain[-1], mean)], mean)[1:]:
        chain += tail
    return tuple(chain)


def _window(page: int, start: int, end: int, anchors: Sequence[Anchor], mean: float) -> tuple[int, int]:
    """The range of positions where a page may begin: between the anchors of earlier pages and those of later ones."""
    following = bisect_left(anchors, page, key=lambda anchor: anchor.page)
    after = anchors[following] if following < len(anchors) else None
    before = anchors[following - 1] if following else None
    low, high = before.at if before else start, after.at if after else end
    if before and after:
        fraction = (page - before.page) / (after.page - before.page)
        expected = before.at + fraction * (after.at - before.at)
        distance = min(page - before.page, after.page - page) * mean
    else:
        known = before or after or anchors[0]
        expected = known.at + (page - known.page) * mean
        distance = abs(page - known.page) * mean
    slack = _SLACK_PAGES * mean + _SLACK_SHARE * distance
    return max(low, int(expected - slack)), min(high, int(expected + slack))


class _Candidates:
    """All runs of digits of a text, and the candidates in them."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._runs = [(match.start(), match[0]) for match in _RUN.finditer(text, start)]
        self._starts = [at for at, _ in self._runs]

    def candidates(self, page: int, low: int, high: int) -> list[_Candidate]:
        """The candidates for a page that begin between two positions."""
        near = self._runs[bisect_left(self._starts, low) : bisect_right(self._starts, high)]
        return [candidate for at, run in near for candidate in self._in_run(page, at, run)]

    def candidates_after(self, number: PageNumber, mean: float) -> list[_Candidate]:
        """The candidates without cost for the page after a number, at the usual distance from it."""
        low, high = number.start + int(0.6 * mean), number.start + int(1.4 * mean)
        return [candidate for candidate in self.candidates(number.page + 1, low, high) if not candidate.cost]

    def _in_run(self, page: int, at: int, run: str) -> Iterator[_Candidate]:
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
            if not position and start and self._text[start - 1] in _BEFORE_NUMBERS:
                cost += _UNIT_COST
            yield _Candidate(PageNumber(page, start, end), cost)
            position = run.find(digits, position + 1)


def _cheapest_chain(pages: Sequence[Sequence[_Candidate]], mean: float) -> list[PageNumber]:
    """The chain of least total cost, with one candidate of each page; leaving out a page has a cost, too."""
    paths: list[list[_Path]] = []
    for candidates in pages:
        here = []
        for candidate in candidates:
            options = [_Path(candidate.cost + _SKIP_COST * len(paths), candidate, None)]
            for skipped, earlier in enumerate(reversed(paths[-2:])):
                for path in earlier:
                    gap = candidate.number.start - path.candidate.number.start
                    if gap > 0:
                        usual = (skipped + 1) * mean
                        deviation = min(_MAX_GAP_COST, _GAP_WEIGHT * abs(gap / usual - 1))
                        cost = path.cost + candidate.cost + deviation + _SKIP_COST * skipped
                        options.append(_Path(cost, candidate, path))
            here.append(min(options, key=lambda path: path.cost))
        paths.append(here)
    ends = [
        (path.cost + _SKIP_COST * (len(paths) - 1 - number), path) for number, here in enumerate(paths) for path in here
    ]
    best = min(ends, key=lambda end: end[0])[1] if ends else None
    chain = []
    while best is not None:
        chain.append(best.candidate.number)
        best = best.before
    return chain[::-1]
