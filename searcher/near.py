"""Forms that come near to a term, for whoever must say why it was not found: its longest beginning and end, its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from indexer.analysis import Cutter, words_of
from searcher.ranking import QUESTION_WORDS

#: A single character says nothing about a term that has more.
_MIN_CHARS: Final = 2
#: Forms of one term.
_MOST: Final = 5


def near_forms(text: str, is_there: Callable[[str], bool], cutter: Cutter) -> list[str]:
    """The longest beginning and the longest end of a normal form that are there, then its words; longest first.

    `is_there` is true of every part of a string that it is true of, so that halving finds them.
    """
    found = [text[: _longest(len(text), lambda size: is_there(text[:size]))]]
    found.append(text[len(text) - _longest(len(text), lambda size: is_there(text[len(text) - size :])) :])
    covered = found[:]
    for word in words_of(text, cutter):
        if len(word) >= _MIN_CHARS and word != text and word not in QUESTION_WORDS:
            if not any(word in form for form in covered) and is_there(word):
                found.append(word)
    return [form for form in sorted(dict.fromkeys(found), key=len, reverse=True) if form][:_MOST]


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
