"""The normal form N(text): what two texts must share for one to be found in the other.

N applies, in this order: NFKC, case folding, NFKC again, traditional to simplified by character, one form for
quotes, dashes, middle dots and bars; invisible characters are dropped; blanks and single line breaks between two
Han characters are dropped, an empty line between them stays as two line breaks; every other run of blanks becomes
one blank; blanks at both ends are dropped. N(N(text)) = N(text).

`normalise` is the fast form for indexing; `Normalised` holds the same text and the way back to the author's own
characters, for highlights.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from corpus.chinese import HAN, HAN_RANGES, is_han

#: Bump when N changes for any text: indexes made before must be made again.
NORMAL_FORM_VERSION: Final = 1

#: Variants that authors and exporters mix: the first character stands for all.
_VARIANTS: Final = (
    '"“”„‟«»「」『』〝〞〟＂',
    "'‘’‚‛`´",
    "·•‧∙⋅・･",
    "-‐‑‒–—―−─━﹣",
    "|丨｜︱",
    "~∼～〜",
)
_TRADITIONAL_FILE: Final = Path(__file__).with_name("data") / "traditional.txt"
#: Characters that nobody sees, as a class of a regular expression.
_IGNORED: Final = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
#: All runs of blanks but a single one that stays as it is; to begin with a class makes the search several times faster.
_UNWANTED_BLANKS: Final = re.compile(rf"\s(?:\s+|(?<! )|(?<=[{HAN}] )(?=[{HAN}]))")
#: Scripts and symbols without characters that combine: here a character's folds depend on nothing but itself.
_PLAIN_RANGES: Final = (
    *(("\t", "\n"), (" ", "~"), ("\u00a0", "\u00ac"), ("\u00ae", "\u02ff"), ("\u0370", "\u0482")),
    *(("\u048a", "\u052f"), ("\u2010", "\u2027"), ("\u2030", "\u205f"), ("\u20a0", "\u20cf"), ("\u2100", "\u2bff")),
    *(("\u3000", "\u3029"), ("\u3030", "\u3096"), ("\u309d", "\u30ff"), ("\uff01", "\uff9d")),
    ("\U0001f000", "\U0001faff"),
    *HAN_RANGES,
)
_BREAKS: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@cache
def fold_table() -> dict[int, str]:
    """Code point → folded character: traditional to simplified, and punctuation variants."""
    table = {}
    for line in _TRADITIONAL_FILE.read_text("utf-8").splitlines():
        traditional, simplified = line.split(" ")
        table[ord(traditional)] = simplified
    for same in _VARIANTS:
        table.update(dict.fromkeys(map(ord, same[1:]), same[0]))
    return table


def fold_fingerprint() -> str:
    """Changes with the fold tables."""
    return f"{zlib.crc32(_TRADITIONAL_FILE.read_bytes() + repr(_VARIANTS).encode()):08x}"


def normalise(text: str) -> str:
    """N(text)."""
    return _squeeze(_fold(text))


class Normalised:
    """N(text), and what each stretch of it stands for in the text.

    Two maps lead back, each a list of pieces: over the blanks that were dropped, then over the folds.
    """

    def __init__(self, text: str) -> None:
        self._folds = _Map()
        try:
            whole = text.translate(_plain_folds())
        except _SpecialCharacter:
            whole = ""
        if len(whole) == len(text):  # no fold gives less than one character, so each gave just one
            self._folds.add(len(whole), 0, len(text), True)
        else:
            whole = self._fold_clusters(text)
        self._blanks = _Map()
        first = len(whole) - len(whole.lstrip())
        whole = whole.rstrip()
        kept = []
        at = first
        for match in _UNWANTED_BLANKS.finditer(whole, first):
            start, end = match.span()
            blank = _blank_for(whole, start, end, first)
            kept += [whole[at:start], blank]
            self._blanks.add(start - at, at, start, True)
            self._blanks.add(len(blank), start, end, False)
            at = end
        kept.append(whole[at:])
        self._blanks.add(len(whole) - at, at, len(whole), True)
        self.text = "".join(kept)

    def _fold_clusters(self, text: str) -> str:
        folded = []
        for start, end, is_plain in _clusters(text):
            piece = _fold(text[start:end])
            self._folds.add(len(piece), start, end, is_plain)
            folded.append(piece)
        return "".join(folded)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """First and last-plus-one position in the text of a stretch of N(text) that is not empty."""
        first, last = self._blanks.origin(start)[0], self._blanks.origin(end - 1)[1]
        if self._folds.is_identity:
            return first, last
        return self._folds.origin(first)[0], self._folds.origin(last - 1)[1]

    def origins(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """The same for several stretches."""
        return [self.span(start, end) for start, end in spans]


class _Map:
    """Pieces of a made text, in order: where each begins, and the stretch of the original that it stands for."""

    def __init__(self) -> None:
        self._length = 0
        self._begins: list[int] = []
        self._pieces: list[tuple[int, int, bool]] = []

    def add(self, length: int, start: int, end: int, is_plain: bool) -> None:
        """Append a piece; a plain one has as many characters as its original."""
        if length:
            self._begins.append(self._length)
            self._pieces.append((start, end, is_plain))
            self._length += length

    @property
    def is_identity(self) -> bool:
        """True where every character stands for the one at its own place."""
        return len(self._pieces) == 1 and self._pieces[0][0] == 0 and self._pieces[0][2]

    def origin(self, position: int) -> tuple[int, int]:
        """The stretch of the original that one character stands for."""
        at = bisect_right(self._begins, position) - 1
        start, end, is_plain = self._pieces[at]
        if not is_plain:
            return start, end
        start += position - self._begins[at]
        return start, start + 1


def _fold(text: str) -> str:
    """The text with all folds but those of blanks."""
    try:
        return text.translate(_plain_folds())
    except _SpecialCharacter:
        text = re.sub(_IGNORED, "", unicodedata.normalize("NFKC", _BREAKS.sub("\n", text)).casefold())
        return unicodedata.normalize("NFKC", text).translate(fold_table())


def plain_fold(character: str) -> str | None:
    """What a character folds to whatever stands beside it; None for one that may join with others."""
    try:
        return _plain_folds()[ord(character)]
    except _SpecialCharacter:
        return None


class _SpecialCharacter(Exception):
    """A text has a character that does not fold by itself."""


class _PlainFolds(dict[int, str]):
    """Code point of a plain character → its folds, worked out when it is first met: one pass folds most texts."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if not _in_ranges(character, _PLAIN_RANGES):
            raise _SpecialCharacter
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        self[code] = folded = folded.translate(fold_table())
        return folded


@cache
def _plain_folds() -> _PlainFolds:
    return _PlainFolds()


def _squeeze(text: str) -> str:
    """Blanks as N wants them."""
    text = text.strip()
    return _UNWANTED_BLANKS.sub(lambda match: _blank_for(text, *match.span()), text)


def _blank_for(text: str, start: int, end: int, first: int = 0) -> str:
    """What a run of blanks inside a text that begins at `first` becomes."""
    if not (start > first and is_han(text[start - 1]) and is_han(text[end])):
        return " "
    return "\n\n" if text.count("\n", start, end) > 1 else ""


def _in_ranges(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= character <= last for first, last in ranges)


def _clusters(text: str) -> Iterator[tuple[int, int, bool]]:
    """Cut a text where folding cannot reach across: (start, end, does it fold character by character?)."""
    special = "".join(character for character in set(text) if not _is_plain(character))
    at = 0
    if special:
        # A special character may join with the one before it and, where it is invisible, hide behind the one after.
        for match in re.finditer(f"[\\s\\S]?[{re.escape(special)}]+[\\s\\S]?", text):
            if at < match.start():
                yield at, match.start(), True
            yield from _joined(text, match.start(), match.end())
            at = match.end()
    if at < len(text):
        yield at, len(text), True


def _joined(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The same for a short stretch around special characters."""
    first = start
    for position in range(start + 1, end):
        if not _joins(text[position - 1], text[position]):
            yield first, position, False
            first = position
    yield first, end, False


@lru_cache(maxsize=65536)
def _is_plain(character: str) -> bool:
    """True when the character folds to one character whatever stands beside it (but for special ones)."""
    return _in_ranges(character, _PLAIN_RANGES) and len(_fold(character)) == 1


@lru_cache(maxsize=65536)
def _joins(left: str, right: str) -> bool:
    """True when the two may fold to something else together than apart."""
    if re.match(_IGNORED, left) or re.match(_IGNORED, right):
        return True
    if left == "\r" and right == "\n":
        return True
    decomposed = unicodedata.normalize("NFKD", right)
    if unicodedata.combining(decomposed[0]) or unicodedata.combining(decomposed[-1]):
        return True
    both = unicodedata.normalize("NFKC", left + right)
    return both != unicodedata.normalize("NFKC", left) + unicodedata.normalize("NFKC", right)
