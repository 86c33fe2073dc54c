"""Where in a long document its matches lie."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final

from corpus.document import Section
from searcher.highlight.folding import Span
from searcher.results import SectionPlace

#: Headings of lists that repeat all other headings, without blanks and in lower case.
_CONTENTS: Final = frozenset({"目录", "目錄", "目次", "contents", "tableofcontents"})


def section_of(sections: Sequence[Section], spans: Sequence[Span]) -> SectionPlace | None:
    """The innermost section with the most matches; on a tie the deeper, then the first; contents only at need.

    A match lies in the last section that begins before it, if that reaches so far; None where none lies in any.
    """
    ordered = sorted(sections, key=attrgetter("start"))
    ends = [min(here.start + here.length, following.start) for here, following in pairwise(ordered)]
    ends += [section.start + section.length for section in ordered[-1:]]
    best, most = None, (False, 0, 0)
    for section, end in zip(ordered, ends, strict=True):
        count = bisect_left(spans, (end, 0)) - bisect_left(spans, (section.start, 0))
        rank = (_is_content(section.title), count, section.level)
        if count and rank > most:
            best, most = section, rank
    return SectionPlace(path=best.path, page=best.page) if best else None


def _is_content(title: str) -> bool:
    return "".join(title.split()).lower() not in _CONTENTS
