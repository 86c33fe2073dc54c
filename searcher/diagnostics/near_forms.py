"""Finds near forms of a missing term: its longest prefix and suffix that documents contain, and words of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from searcher.query.query_cutter import QueryCutter
from searcher.query.stop_words import is_stop_word

#: Shorter forms say nothing about a longer term.
_MIN_CHARS: Final = 2
_MIN_LETTERS: Final = 3
#: Near forms that are named for one term.
_MOST: Final = 5


def near_forms(text: str, is_contained: Callable[[str], bool], cutter: QueryCutter) -> list[str]:
    """The longest prefix and suffix of a normal form that documents contain, and its words; the longest first.

    `is_contained` is asked whether documents contain a string. If so they contain every part of it, which is why a
    binary search finds the longest ones.
    """
    found = [text[: _longest(len(text), lambda size: is_contained(text[:size]))]]
    found.append(text[len(text) - _longest(len(text), lambda size: is_contained(text[len(text) - size :])) :])
    ends = tuple(found)
    words = (word for word in cutter.words(text) if len(word) >= _MIN_CHARS and not is_stop_word(word))
    found += [word for word in words if word != text and not any(word in end for end in ends) and is_contained(word)]
    long_enough = (
        form for form in dict.fromkeys(found) if len(form) >= (_MIN_LETTERS if form.isascii() else _MIN_CHARS)
    )
    return sorted(long_enough, key=len, reverse=True)[:_MOST]


def _longest(length: int, fits: Callable[[int], bool]) -> int:
    """The largest size below the length that fits, 0 where none of at least two characters does."""
    low, high = _MIN_CHARS - 1, length - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low if low >= _MIN_CHARS else 0
