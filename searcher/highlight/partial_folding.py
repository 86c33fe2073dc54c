"""Partial folding: a text folded only as far as the strings of one query need, with its offset map.

This is an optimisation of highlighting. The whole normal form needs a look at every character, but few characters of a
text fold to one that the query contains, and most are known to fold to themselves. So a few replacements in the text
give all occurrences of the strings in its normal form. A text for which that is not certain is normalised as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from operator import add
from typing import Final

from corpus.chinese import BASIC_IDEOGRAPHS, is_han
from indexer.analysis.normalise import (
    Normalised,
    depends_on_numbers,
    drops_blanks,
    fold_table,
    has_number_variants,
    plain_fold,
)
from searcher.highlight.occurrences import Span

#: The characters that texts mostly consist of: each folds, whatever its neighbours, to one that `_origins` knows.
EASY: Final = (
    "\t\n -~\u00a0\u00b7\u2013\u2014\u2018\u2019\u201c\u201d\u3000-\u3002\u3008-\u3011\u3014-\u3017\u3041-\u3096"
    f"\u30a1-\u30fe{BASIC_IDEOGRAPHS}\uff01-\uff5e"
)
#: The one Han character that folds to another kind of character.
_BAR: Final = "丨"


class PartialFolding:
    """Folds texts for the strings of one query, which are in normal form."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._characters = frozenset("".join(strings))
        self._has_blanks = not self._characters.isdisjoint(" \n")
        self._depends_on_numbers = depends_on_numbers(self._characters)
        pairs = {pair for string in strings for pair in map(add, string, string[1:])}
        self._pairs = frozenset(pair for pair in pairs if drops_blanks(*pair))
        self._replaced = [(_BAR, fold_table()[ord(_BAR)])]
        for character in sorted(self._characters):
            self._replaced += [(origin, character) for origin in _origins().get(character, "") if origin != _BAR]

    def fold(self, text: str) -> PartiallyFolded | Normalised:
        """A text with the same occurrences of the strings as the normal form of `text`, next to the same classes."""
        if self._has_blanks or (self._depends_on_numbers and has_number_variants(text)):
            return Normalised(text)
        folded = text
        for character in set(_rare().findall(text)):
            fold = plain_fold(character)
            if fold is None:
                return Normalised(text)
            if not self._characters.isdisjoint(fold):
                if len(fold) > 1:
                    return Normalised(text)
                folded = folded.replace(character, fold)
            elif not is_han(fold[0]) == is_han(fold[-1]) == is_han(character):
                return Normalised(text)
        for origin, character in self._replaced:
            if origin in folded:
                folded = folded.replace(origin, character)
        return PartiallyFolded(folded, self._dropped(folded))

    def _dropped(self, text: str) -> list[Span]:
        """The spans of the blanks that the normal form drops and that an occurrence of a string may contain."""
        if not self._pairs:
            return []
        found = [match.span() for match in self._blanks.finditer(text)]
        return [
            (start + 1, end)
            for start, end in found
            if text[start] + text[end] in self._pairs and text.count("\n", start, end) < 2
        ]

    @cached_property
    def _blanks(self) -> re.Pattern[str]:
        """Matches blanks between two characters that are adjacent in a string, and the character before the blanks."""
        left, right = ("".join(sorted({pair[at] for pair in self._pairs})) for at in (0, 1))
        return re.compile(f"[{re.escape(left)}]\\s+(?=[{re.escape(right)}])")


class PartiallyFolded:
    """A text as long as its original except for dropped blanks, and the offset map back."""

    def __init__(self, text: str, dropped: Sequence[Span]) -> None:
        #: For each piece between dropped blanks: its start in the text, and the distance to its start in the original.
        self._begins, self._shifts = [0], [0]
        kept = []
        at = shift = 0
        for start, end in dropped:
            kept.append(text[at:start])
            self._begins.append(start - shift)
            shift += end - start
            self._shifts.append(shift)
            at = end
        kept.append(text[at:])
        self.text = "".join(kept)

    def origins(self, spans: Iterable[Span]) -> list[Span]:
        """Map ascending spans of the text to spans of the original."""
        if len(self._begins) == 1:
            return list(spans)
        begins = [*self._begins, len(self.text) + 1]
        found = []
        at = shift = limit = 0
        for start, end in spans:
            if start >= limit:
                at = bisect_right(begins, start, at) - 1
                shift, limit = self._shifts[at], begins[at + 1]
            if end <= limit:
                found.append((start + shift, end + shift))
            else:
                found.append((start + shift, end + self._shifts[bisect_right(begins, end - 1) - 1]))
        return found


@cache
def _rare() -> re.Pattern[str]:
    return re.compile(f"[^{EASY}]")


@cache
def _origins() -> dict[str, str]:
    """Character of a normal form → the characters of `EASY`, other than itself, that fold to it."""
    found: defaultdict[str, str] = defaultdict(str)
    table = fold_table()
    for character in _rare().sub("", "".join(map(chr, table))):
        found[table[ord(character)]] += character
    for code in range(0x21, 0x7F):
        character = chr(code).lower()
        character = table.get(ord(character), character)
        if code not in table and character != chr(code):
            found[character] += chr(code)
        if code + 0xFEE0 not in table:  # full width
            found[character] += chr(code + 0xFEE0)
    return dict(found)
