"""Bigram statistics, read from the directories of gram lists: which characters follow one, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from indexer.postings.format import RUN_BOUNDARY_CODE, TEXT_END_CODE, gram_counts, gram_list
from indexer.postings.reader import PackedIndex

#: One object for each character, however many dictionaries contain it.
_shared_character = lru_cache(None)(chr)


def followers(index: PackedIndex, character: str, fields: Iterable[str]) -> dict[str, int]:
    """The characters that follow one in the text fields, each with its number of occurrences."""
    found: dict[str, int] = {}
    for field in fields:
        postings = index.find(f"{field}_grams", character)
        counts = gram_counts(index.postings, postings.start) if postings else {}
        for code, occurrences in counts.items():
            if code not in (TEXT_END_CODE, RUN_BOUNDARY_CODE):
                following = _shared_character(code)
                found[following] = found.get(following, 0) + occurrences
    return found


def bigram_count(index: PackedIndex, first: str, second: str, fields: Iterable[str]) -> int:
    """How often one character follows another in the text fields; cheaper than `followers`."""
    occurrences = 0
    for field in fields:
        postings = index.find(f"{field}_grams", first)
        if postings is not None:
            found = gram_list(index.postings, postings.start, ord(second))
            occurrences += found.length if found else 0
    return occurrences
