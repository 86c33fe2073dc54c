"""Bigram statistics, read from the directories of gram lists: which characters follow one, and how often.

What deleted documents have is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from indexer.postings.format import RUN_BOUNDARY_CODE, TEXT_END_CODE
from searcher.execution.posting_lists import PostingLists

#: One object for each character, however many dictionaries contain it.
_shared_character = lru_cache(None)(chr)


def followers(lists: PostingLists, character: str, fields: Iterable[str]) -> dict[str, int]:
    """The characters that follow one in the text fields, each with its number of occurrences."""
    found: dict[int, int] = {}
    for field in fields:
        for _, block in lists.blocks(field, character):
            counts = block.counts_by_code()
            if not found:
                found = counts
                continue
            for code, occurrences in counts.items():
                found[code] = found.get(code, 0) + occurrences
        if lists.deleted_grams is not None:
            for code, occurrences in lists.deleted_grams.following(field, ord(character)):
                found[code] -= occurrences
    for code in (TEXT_END_CODE, RUN_BOUNDARY_CODE):
        found.pop(code, None)
    return {_shared_character(code): occurrences for code, occurrences in found.items() if occurrences}


def bigram_count(lists: PostingLists, first: str, second: str, fields: Iterable[str]) -> int:
    """How often one character follows another in the text fields; cheaper than `followers`."""
    occurrences = 0
    for field in fields:
        for _, block in lists.blocks(field, first):
            occurrences += block.occurrences(ord(second))
        if lists.deleted_grams is not None:
            occurrences -= lists.deleted_grams.count(field, ord(first), ord(second))
    return occurrences
