"""The normal form N(text) of documents and queries, with an offset map to the original text.

N applies, in this order:

1. Characters: NFKC, case folding, NFKC again; then traditional to simplified, radicals to the characters that they are
   printed for, ○ to 〇, and one form for variants of quotes, dashes, middle dots and bars. Invisible characters are
   removed.
2. Whitespace: blanks and single line breaks are removed beside a Han character, and between a sign and a letter, digit
   or sign (AI + 制造), but not between a digit and a comma or full stop, for 3, 200 are two numbers; an empty line in
   such a position stays as two line breaks. Any other whitespace becomes one blank. Whitespace at both ends is removed.
3. Numbers: the commas of grouped digits are removed (3,200); brackets around a number, as in 〔2025〕, become ( and );
   letters and digits typed for 〇 between Chinese numerals become 〇 (二O二五年).

N is idempotent: N(N(text)) = N(text). Step 3 depends on neighbouring characters, so that a substring of a text may have
another normal form than it has inside the text; `context_forms` returns all that it can have.

`normalise` returns the normal form only, for indexing. `Normalised` also keeps the offset map, for highlighting.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from corpus.chinese import HAN, HAN_RANGES, RADICALS, is_han

#: Bump this if N changes for any text; older indexes then need a reindex.
NORMAL_FORM_VERSION: Final = 3

# Patterns are compiled where they are first used, and kept by `re`: all of them take 5 ms, and a query needs few.

#: Variants that authors and exporters use interchangeably; all fold to the first character of their line.
_VARIANTS: Final = (
    '"“”„‟«»「」『』〝〞〟＂',
    "'‘’‚‛`´",
    "·•‧∙⋅・･",
    "-‐‑‒–—―−─━﹣",
    "|丨｜︱",
    "~∼～〜",
    "〇○◯",
)
_TRADITIONAL_FILE: Final = Path(__file__).with_name("data") / "traditional.txt"
#: Invisible characters, as a character class of a regular expression.
_IGNORED: Final = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
#: Signs beside which whitespace is removed, as a part of a character class: those of Latin and Chinese texts. Marks
#: that combine with the character before them are none.
_SIGNS: Final = (
    r"!-+\-/:-@\[-^{-~\u00a1-\u00a9\u00ab-\u00b1\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e"
    r"\u20a0-\u20c0\u2190-\u2bff\u3001-\u3003\u3008-\u3011\u3014-\u301f"
)
#: Signs that are a part of a number, or stand between two numbers.
_POINTS: Final = ",."
_LETTER: Final = r"[^\W\d]"
#: Whitespace that N changes: all but single blanks that stay. A pattern that begins with a class is searched several
#: times faster.
_UNWANTED_BLANKS: Final = (
    rf"\s(?:\s+|(?<! )|(?<=[{HAN}] )|(?=[{HAN}])|(?<=[{_SIGNS}] )(?=[\w{_SIGNS}{_POINTS}])"
    rf"|(?<=[{_POINTS}] )(?={_LETTER}|[{_SIGNS}{_POINTS}])|(?<=\w )(?=[{_SIGNS}])|(?<={_LETTER} )(?=[{_POINTS}]))"
)
#: Single whitespace before a Han character, which most lines begin with; it is removed several times faster.
_BLANK_BEFORE_HAN: Final = rf"\s(?=[{HAN}])(?<=\S\s)"
_SIGN: Final = f"[{_SIGNS}]"
_GROUPED_DIGITS: Final = r"(?<!\d)(?<!\d[,.])\d{1,3}(?:,\d{3})+(?!,?\d)"
_COMMA_OF_GROUP: Final = r",\d{3}"
#: A number whose last group is cut off by the end of the string.
_CUT_NUMBER: Final = r"(?<!\d)(?<!\d[,.])\d{1,3}(?:,\d{3})*,\d{1,2}$"
_ENDS_AND_MIDDLE: Final = r"([\d,]*)((?s:.*?))([\d,]*)"
#: Characters typed for 〇: the letter o in three scripts and the digit 0.
_ZEROS: Final = "o\u043e\u03bf0"
_CHINESE_DIGITS: Final = "〇一二三四五六七八九"
_TYPED_ZEROS: Final = f"[{_CHINESE_DIGITS}十百][{_ZEROS}]+(?=[{_CHINESE_DIGITS}年月日号])"
_SQUARE_BRACKETS: Final = "[〔【〖]〕】〗"
_IN_NUMBERS: Final = str.maketrans(_SQUARE_BRACKETS + _ZEROS, "(((())))" + "〇" * len(_ZEROS))
_NUMBER_IN_BRACKETS: Final = r"[\[〔【〖](?=\d)|(?<=\d)[\]〕】〗]"
#: What may have another normal form inside a longer text, at the beginning and at the end of a string.
_BEGINNING: Final = f"^(?:[{_ZEROS}]+(?=[{_CHINESE_DIGITS}年月日号])|[\\]〕】〗])"
_END: Final = f"(?:(?<=[{_CHINESE_DIGITS}十百])[{_ZEROS}]+|[\\[〔【〖])$"
#: What step 3 may change, in a text that is not folded yet.
_NUMBER_VARIANTS: Final = (
    r"\d\s*[,，﹐]\s*\d{3}"
    rf"|[{_CHINESE_DIGITS}○◯十百]\s*[{_ZEROS}O\u041e\u039fＯｏ０]"
    r"|[\[〔【〖［]\s*\d|\d\s*[\]〕】〗］]"
)
#: Ranges without combining characters: here each character folds independently of its neighbours.
_PLAIN_RANGES: Final = (
    *(("\t", "\n"), (" ", "~"), ("\u00a0", "\u00ac"), ("\u00ae", "\u02ff"), ("\u0370", "\u0482")),
    *(("\u048a", "\u052f"), ("\u2010", "\u2027"), ("\u2030", "\u205f"), ("\u20a0", "\u20cf"), ("\u2100", "\u2bff")),
    *(("\u2e80", "\u2fd5"), ("\u3000", "\u3029"), ("\u3030", "\u3096"), ("\u309d", "\u30ff"), ("\uff01", "\uff9d")),
    ("\U0001f000", "\U0001faff"),
    *HAN_RANGES,
)
_BREAKS: Final = "\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"


@cache
def fold_table() -> dict[int, str]:
    """Code point → folded character: traditional to simplified, and punctuation variants. Cached for the process."""
    lines = _TRADITIONAL_FILE.read_text("utf-8")  # each is two characters with a blank between
    table = dict(zip(map(ord, lines[::4]), lines[2::4], strict=True))
    for same in _VARIANTS:
        table.update(dict.fromkeys(map(ord, same[1:]), same[0]))
    for radical, character in zip(RADICALS[::2], RADICALS[1::2], strict=True):
        table[ord(radical)] = table.get(ord(character), character)
    return table


def fold_fingerprint() -> str:
    """Changes with the fold tables."""
    return f"{zlib.crc32(_TRADITIONAL_FILE.read_bytes() + repr((_VARIANTS, RADICALS)).encode()):08x}"


def normalise(text: str) -> str:
    """The normal form of a text."""
    return _unify_numbers(_fold_whitespace(_fold(text)))


class Normalised:
    """The normal form of a text, with the offset map to the original text.

    The offset map has a stage for each step of N: `_folds` for characters, `_blanks` for whitespace, `_commas` for
    numbers.
    """

    def __init__(self, text: str) -> None:
        self._folds = _OffsetMap()
        try:
            whole = text.translate(_plain_folds())
        except _SpecialCharacter:
            whole = ""
        if len(whole) == len(text):  # each character folds to one or more, so each folded to exactly one
            self._folds.add(len(whole), 0, len(text), True)
        else:
            whole = self._fold_clusters(text)
        first = len(whole) - len(whole.lstrip())
        end = len(whole.rstrip())
        self._blanks = _OffsetMap()
        spaced = self._blanks.replace(
            whole,
            (
                (*match.span(), _blank_between(whole[match.start() - 1 : match.end() + 1]))
                for match in re.compile(_UNWANTED_BLANKS).finditer(whole, first, end)
            ),
            first,
            end,
        )
        self._commas = _OffsetMap()
        commas = (
            at for match in re.finditer(_GROUPED_DIGITS, spaced) for at in range(*match.span()) if spaced[at] == ","
        )
        self.text = _unify_signs(self._commas.replace(spaced, ((at, at + 1, "") for at in commas), 0, len(spaced)))

    def _fold_clusters(self, text: str) -> str:
        folded = []
        for start, end, is_plain in _clusters(text):
            piece = _fold(text[start:end])
            self._folds.add(len(piece), start, end, is_plain)
            folded.append(piece)
        return "".join(folded)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original text of a span of the normal form, which must not be empty."""
        for stage in (self._commas, self._blanks, self._folds):
            if not stage.is_identity:
                start, end = stage.origin(start)[0], stage.origin(end - 1)[1]
        return start, end

    def origins(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """The spans in the original text of several spans of the normal form."""
        return [self.span(start, end) for start, end in spans]


class _OffsetMap:
    """Maps positions of a derived text to spans of its original, as a list of pieces with their starts."""

    def __init__(self) -> None:
        self._length = 0
        self._begins: list[int] = []
        self._pieces: list[tuple[int, int, bool]] = []

    def add(self, length: int, start: int, end: int, is_plain: bool) -> None:
        """Append a piece of `length` characters for the original span; `is_plain` if they correspond one to one."""
        if length:
            self._begins.append(self._length)
            self._pieces.append((start, end, is_plain))
            self._length += length

    def replace(self, text: str, changes: Iterable[tuple[int, int, str]], start: int, end: int) -> str:
        """The text from `start` to `end` with changes (start, end, replacement), which ascend; appends their pieces."""
        kept = []
        for first, last, replacement in changes:
            kept += [text[start:first], replacement]
            self.add(first - start, start, first, True)
            self.add(len(replacement), first, last, False)
            start = last
        kept.append(text[start:end])
        self.add(end - start, start, end, True)
        return "".join(kept)

    @property
    def is_identity(self) -> bool:
        """True if every position maps to itself."""
        return len(self._pieces) == 1 and self._pieces[0][0] == 0 and self._pieces[0][2]

    def origin(self, position: int) -> tuple[int, int]:
        """The span of the original for one character of the derived text."""
        at = bisect_right(self._begins, position) - 1
        start, end, is_plain = self._pieces[at]
        if not is_plain:
            return start, end
        start += position - self._begins[at]
        return start, start + 1


def _fold(text: str) -> str:
    """Step 1 of N: characters."""
    try:
        return text.translate(_plain_folds())
    except _SpecialCharacter:
        text = re.sub(_IGNORED, "", unicodedata.normalize("NFKC", re.sub(_BREAKS, "\n", text)).casefold())
        return unicodedata.normalize("NFKC", text).translate(fold_table())


def plain_fold(character: str) -> str | None:
    """The fold of a character that does not depend on its neighbours; None for a character whose fold does."""
    try:
        return _plain_folds()[ord(character)]
    except _SpecialCharacter:
        return None


class _SpecialCharacter(Exception):
    """The text has a character whose fold depends on its neighbours."""


class _PlainFolds(dict[int, str]):
    """Code point of a plain character → its fold, computed on first use, so that one `translate` folds most texts."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if not _in_ranges(character, _PLAIN_RANGES):
            raise _SpecialCharacter
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        self[code] = folded = folded.translate(fold_table())
        return folded


@cache
def _plain_folds() -> _PlainFolds:
    """The table of plain folds. Cached for the process, because folds depend on this module only."""
    return _PlainFolds()


def _fold_whitespace(text: str) -> str:
    """Step 2 of N: whitespace."""
    text = text.strip()
    if len(text.split(maxsplit=1)) < 2:
        return text
    text = re.sub(_BLANK_BEFORE_HAN, "", text)
    return re.sub(_UNWANTED_BLANKS, lambda match: _blank_between(text[match.start() - 1 : match.end() + 1]), text)


@lru_cache(maxsize=16384)
def _blank_between(around: str) -> str:
    """The replacement for whitespace, given with the character on each side. Cached for the process."""
    if not drops_blanks(around[0], around[-1]):
        return " "
    return "\n\n" if around.count("\n") > 1 else ""


def drops_blanks(left: str, right: str) -> bool:
    """True if step 2 removes whitespace between these two characters."""
    if is_han(left) or is_han(right):
        return True
    kinds = _kind(left), _kind(right)
    return "" not in kinds and ("sign" in kinds or ("point" in kinds and "digit" not in kinds))


def _kind(character: str) -> str:
    """What a character is for step 2; empty for one that may combine with its neighbours."""
    if character.isdecimal():
        return "digit"
    if character.isalnum() or character == "_":
        return "letter"
    if character in _POINTS:
        return "point"
    return "sign" if re.match(_SIGN, character) else ""


def _unify_numbers(text: str) -> str:
    """Step 3 of N: grouped digits, zeros and brackets of numbers."""
    if "," in text and re.search(_COMMA_OF_GROUP, text):  # found many times as fast as the number around it
        text = re.sub(_GROUPED_DIGITS, lambda match: match[0].replace(",", ""), text)
    return _unify_signs(text)


def _unify_signs(text: str) -> str:
    """The part of step 3 that keeps the length: zeros between numerals and brackets around numbers."""
    if any(zero in text for zero in _ZEROS):
        text = re.sub(_TYPED_ZEROS, lambda match: match[0].translate(_IN_NUMBERS), text)
    if not any(bracket in text for bracket in _SQUARE_BRACKETS):
        return text
    return re.sub(_NUMBER_IN_BRACKETS, lambda match: match[0].translate(_IN_NUMBERS), text)


def depends_on_numbers(characters: Set[str]) -> bool:
    """True if strings of these characters of normal forms may match where step 3 changes a text."""
    return not characters.isdisjoint("0123456789,()[]〔〕【】〖〗〇")


def has_number_variants(text: str) -> bool:
    """True if step 3 may change the normal form of a text."""
    return re.search(_NUMBER_VARIANTS, text) is not None


def context_forms(text: str) -> tuple[str, ...]:
    """All normal forms that a string can have as a substring of a text, N(string) first; usually there is no other.

    There are others if an end of the string is inside a number: 3,2 may be part of 3,200, O五 of 二O五, and 发〔 of
    发〔2025〕.
    """
    spaced = _fold_whitespace(_fold(text))
    forms = [_unify_numbers(spaced)]
    if "," in spaced:
        cut = re.sub(_CUT_NUMBER, lambda match: match[0].replace(",", ""), spaced)
        forms.append(_unify_numbers(cut))
        # The number may continue beyond an end of the string, so that its digits are not groups: 1,234 in 1,2345.
        start, middle, end = re.fullmatch(_ENDS_AND_MIDDLE, spaced).groups()  # type: ignore[union-attr]  # it always matches
        forms.append(_unify_signs(start + _unify_numbers(middle) + end))
    for pattern in (_BEGINNING, _END):
        forms += [re.sub(pattern, lambda match: match[0].translate(_IN_NUMBERS), form) for form in forms]
    return tuple(dict.fromkeys(forms))


def _in_ranges(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= character <= last for first, last in ranges)


def _clusters(text: str) -> Iterator[tuple[int, int, bool]]:
    """Divide a text at positions across which folding has no effect: (start, end, folds one to one)."""
    special = "".join(character for character in set(text) if not _is_plain(character))
    at = 0
    if special:
        # A special character may combine with the one before it; an invisible one is folded with the one after it. A
        # single character between two special ones is folded with both.
        some = f"[{re.escape(special)}]+"
        for match in re.finditer(rf"[\s\S]?{some}(?:[\s\S]{some})*[\s\S]?", text):
            if at < match.start():
                yield at, match.start(), True
            yield from _clusters_around(text, match.start(), match.end())
            at = match.end()
    if at < len(text):
        yield at, len(text), True


def _clusters_around(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The clusters of a short span around special characters."""
    first = start
    for position in range(start + 1, end):
        if not _joins(text[position - 1], text[position]):
            yield first, position, False
            first = position
    yield first, end, False


@lru_cache(maxsize=65536)
def _is_plain(character: str) -> bool:
    """True if the character folds to one character, whatever plain characters are beside it. Cached for the process."""
    return _in_ranges(character, _PLAIN_RANGES) and len(_fold(character)) == 1


@lru_cache(maxsize=65536)
def _joins(left: str, right: str) -> bool:
    """True if the two characters may fold differently together than apart. Cached for the process."""
    if re.match(_IGNORED, left) or re.match(_IGNORED, right):
        return True
    if left == "\r" and right == "\n":
        return True
    decomposed = unicodedata.normalize("NFKD", right)
    if unicodedata.combining(decomposed[0]) or unicodedata.combining(decomposed[-1]):
        return True
    both = unicodedata.normalize("NFKC", left + right)
    return both != unicodedata.normalize("NFKC", left) + unicodedata.normalize("NFKC", right)
