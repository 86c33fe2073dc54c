"""Bigram statistics, read from the directories of gram lists: which characters follow one, and how often.

What deleted documents have is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from indexer.postings.format import RUN_BOUNDARY_CODE, TEXT_END_CODE, gram_counts, gram_list
from indexer.postings.reader import PackedIndex

#: One object for each character, however many dictionaries contain it.
_shared_character = lru_cache(None)(chr)


def followers(index: PackedIndex, character: str, fields: Iterable[str]) -> dict[str, int]:
    """The characters that follow one in the text fields, each with its number of occurrences."""
    found: dict[int, int] = {}
    for field in fields:
        for postings in index.find(f"{field}_grams", character):
            counts = gram_counts(postings.segment.postings, postings.start)
            if not found:
                found = counts
                continue
            for code, occurrences in counts.items():
                found[code] = found.get(code, 0) + occurrences
        if index.deleted_grams is not None:
            for code, occurrences in index.deleted_grams.following(field, ord(character)):
                found[code] -= occurrences
    for code in (TEXT_END_CODE, RUN_BOUNDARY_CODE):
        found.pop(code, None)
    return {_shared_character(code): occurrences for code, occurrences in found.items() if occurrences}


def bigram_count(index: PackedIndex, first: str, second: str, fields: Iterable[str]) -> int:
    """How often one character follows another in the text fields; cheaper than `followers`."""
    occurrences = 0
    for field in fields:
        for postings in index.find(f"{field}_grams", first):
            found = gram_list(postings.segment.postings, postings.start, ord(second))
            occurrences += found.length if found else 0
        if index.deleted_grams is not None:
            occurrences -= index.deleted_grams.count(field, ord(first), ord(second))
    return occurrences
