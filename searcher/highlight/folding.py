"""A text as a query's strings see it: folded where that can matter to them, and the way back to the author's text.

The whole normal form costs a look at every character. Yet few characters of a text fold to any that a query consists
of, and most are known to stay as they are; so the strings are sought in the text itself, made equal to its normal form
in what concerns them. Texts for which that cannot be promised take the way over `Normalised`.
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
from indexer.analysis.normalise import Normalised, fold_table, plain_fold

#: (start, end) in the original text.
Span = tuple[int, int]

#: What texts mostly consist of. These fold by themselves, to one character, and `_origins` knows to which.
EASY: Final = (
    "\t\n -~\u00a0\u00b7\u2013\u2014\u2018\u2019\u201c\u201d\u3000-\u3002\u3008-\u3011\u3014-\u3017\u3041-\u3096"
    f"\u30a1-\u30fe{BASIC_IDEOGRAPHS}\uff01-\uff5e"
)
#: The one Han character that folds to another kind of character.
_BAR: Final = "丨"


class Folding:
    """What some strings in normal form make of texts; made once for a query."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._characters = frozenset("".join(strings))
        self._has_blanks = not self._characters.isdisjoint(" \n")
        #: Only between two Han characters blanks are dropped.
        pairs = {pair for string in strings for pair in map(add, string, string[1:])}
        self._pairs = frozenset(pair for pair in pairs if is_han(pair[0]) and is_han(pair[1]))
        self._replaced = [(_BAR, fold_table()[ord(_BAR)])]
        for character in sorted(self._characters):
            self._replaced += [(origin, character) for origin in _origins().get(character, "") if origin != _BAR]

    def of(self, text: str) -> Folded | Normalised:
        """A text in which the strings stand where they stand in N(text), as often and beside the same kinds."""
        if self._has_blanks:
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
        return Folded(folded, self._dropped(folded))

    def _dropped(self, text: str) -> list[Span]:
        """The dropped blanks across which one of the strings may stand."""
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
        """Blanks between characters that stand side by side in a string, and the character before them."""
        left, right = ("".join(sorted({pair[at] for pair in self._pairs})) for at in (0, 1))
        return re.compile(f"[{left}]\\s+(?=[{right}])")


class Folded:
    """A text of the same length as its original but for dropped blanks, and the way back."""

    def __init__(self, text: str, dropped: Sequence[Span]) -> None:
        #: Where each piece between dropped blanks begins in the text, and how far it lies from its origin.
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
        """Where ascending spans of the text come from."""
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
    """Character of a normal form → the easy characters, other than itself, that fold to it."""
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
