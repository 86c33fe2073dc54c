"""The section of a hit: the heading path and page of the section with the most matches."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from corpus.document import Section
from searcher.highlight.occurrences import Span
from searcher.results import SectionPlace

#: Headings of tables of contents, which repeat all other headings; without blanks, in lower case.
_CONTENTS: Final = frozenset({"目录", "目錄", "目次", "contents", "tableofcontents"})


def section_of(sections: Sequence[Section], spans: Sequence[Span]) -> SectionPlace | None:
    """The section with the most matches (`spans`, ascending); None if no match is in a section.

    A match belongs to the last section that begins at or before it, if that reaches to it. On a tie the deeper section
    wins, then the first. A table of contents is taken only if no other section has a match.
    """
    ordered = sorted(sections, key=attrgetter("start"))
    starts = [section.start for section in ordered]
    inside: Counter[int] = Counter()
    for start, _ in spans:
        number = bisect_right(starts, start) - 1
        if number >= 0 and start < starts[number] + ordered[number].length:
            inside[number] += 1
    best, best_rank = None, (False, 0, 0)
    for number, count in sorted(inside.items()):
        section = ordered[number]
        rank = (not _is_table_of_contents(section.title), count, section.level)
        if rank > best_rank:
            best, best_rank = section, rank
    return SectionPlace(path=best.path, page=best.page) if best else None


def _is_table_of_contents(title: str) -> bool:
    return "".join(title.split()).lower() in _CONTENTS
