"""The ledger of a run: compares what was read with what documents hold, and counts the characters of both.

Characters are counted without blanks, and without the marks that no reader sees: those of Markdown headings, comments
that name pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, SENTENCE_ENDS

#: A string that is found nowhere costs a pass over the document. After so many characters compared in vain, a line
#: counts as missing, so that it is kept rather than lost.
_MAX_SCANNED_CHARS: Final = 50_000_000
_UNSEEN: Final = re.compile(r"^[ \t]{0,3}#{1,6}(?=[ \t])|^<!--[^\n]{0,40}-->$", re.MULTILINE)
_CLAUSES: Final = re.compile(f"[{SENTENCE_ENDS}{ASCII_SENTENCE_ENDS}，,、：:…\\s]+")
_NO_WORD: Final = re.compile(r"[\W_]+")
#: Separates texts; no text of a document contains it.
_BORDER: Final = "\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterCounts:
    """What became of the characters that were read: they are indexed, set aside, or unaccounted for."""

    read: int = 0
    indexed: int = 0
    set_aside: int = 0
    unaccounted: int = 0

    def __add__(self, other: CharacterCounts) -> CharacterCounts:
        return CharacterCounts(
            read=self.read + other.read,
            indexed=self.indexed + other.indexed,
            set_aside=self.set_aside + other.set_aside,
            unaccounted=self.unaccounted + other.unaccounted,
        )


NOTHING_READ: Final = CharacterCounts()


def character_count(*texts: str) -> int:
    """The number of characters that a reader of the texts sees, without blanks."""
    return sum(len(_compact(text)) for text in texts)


def is_same_text(text: str, other: str) -> bool:
    """True if a reader sees the same characters in both texts, blanks apart."""
    return text == other or _compact(text) == _compact(other)


def missing_lines(read: str, held: Iterable[str]) -> list[str]:
    """The lines of a text that none of the `held` texts contains, neither whole nor clause by clause.

    Blanks, marks, and the width and case of characters make no difference.
    """
    held = [_compact(text) for text in held]
    if _compact(read) in held:
        return []
    return list(_Comparison(_BORDER.join(held)).missing(read))


class _Comparison:
    """Looks for the lines of a text in another one, which mostly has them in the same order."""

    def __init__(self, whole: str) -> None:
        self._whole = whole
        self._folded: str | None = None
        self._scanned = 0
        self._at = 0

    def missing(self, read: str) -> Iterator[str]:
        """The lines that are not there."""
        for line in read.split("\n"):
            compact = _compact(line)
            if compact and not self._holds(compact) and not self._holds_clauses(line):
                yield line

    def _holds(self, compact: str) -> bool:
        """True if the whole contains the string; looks behind the last one found first."""
        if self._whole.startswith(compact, self._at):
            self._at += len(compact)
            return True
        found = self._whole.find(compact, self._at) if self._is_affordable() else -1
        if found < 0 and self._is_affordable():
            found = self._whole.find(compact, 0, self._at)
        if found >= 0:
            self._at = found + len(compact)
        return found >= 0

    def _holds_clauses(self, line: str) -> bool:
        words = (_fold(clause) for clause in _CLAUSES.split(line))
        return all(self._holds_words(clause) for clause in words if clause)

    def _holds_words(self, clause: str) -> bool:
        if self._folded is None:
            self._folded = _BORDER.join(map(_fold, self._whole.split(_BORDER)))
        return self._is_affordable() and clause in self._folded

    def _is_affordable(self) -> bool:
        self._scanned += len(self._whole)
        return self._scanned <= max(_MAX_SCANNED_CHARS, 20 * len(self._whole))


def _compact(text: str) -> str:
    if "#" in text or "<!--" in text:
        text = _UNSEEN.sub("", text)
    return "".join(text.split())


def _fold(text: str) -> str:
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())
