"""Forms that come near to a term, to be told where it was not found: its longest beginning and end, its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from indexer.analysis.tokens import Cutter, words_of
from searcher.query.stop_words import STOP_WORDS

#: A single character says nothing about a term that has more, nor do two letters.
_MIN_CHARS: Final = 2
_MIN_LETTERS: Final = 3
#: Forms of one term.
_MOST: Final = 5


def near_forms(text: str, is_there: Callable[[str], bool], cutter: Cutter) -> list[str]:
    """The longest beginning and the longest end of a normal form that are there, then its words; longest first.

    `is_there` is true of every part of a string that it is true of, so that halving finds them.
    """
    found = [text[: _longest(len(text), lambda size: is_there(text[:size]))]]
    found.append(text[len(text) - _longest(len(text), lambda size: is_there(text[len(text) - size :])) :])
    ends = tuple(found)
    words = (word for word in words_of(text, cutter) if len(word) >= _MIN_CHARS and word not in STOP_WORDS)
    found += [word for word in words if word != text and not any(word in end for end in ends) and is_there(word)]
    telling = (form for form in dict.fromkeys(found) if len(form) >= (_MIN_LETTERS if form.isascii() else _MIN_CHARS))
    return sorted(telling, key=len, reverse=True)[:_MOST]


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
