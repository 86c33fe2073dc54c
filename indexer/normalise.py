"""The normal form N(text): what two texts must share for one to be found in the other.

N applies, in this order: NFKC, case folding, NFKC again, traditional to simplified by character, one form for
quotes, dashes, middle dots and bars; invisible characters are dropped; blanks and single line breaks between two
Han characters are dropped, an empty line between them becomes one line break; every other run of blanks becomes
one blank; blanks at both ends are dropped. N(N(text)) = N(text).

`normalise` is the fast form for indexing; `normalise_with_offsets` gives the same text and where each of its
characters comes from, so that highlights mark the author's own characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

#: Bump when N changes for any text: indexes made before must be made again.
NORMAL_FORM_VERSION: Final = 1

#: Unified ideographs with extensions A to H, compatibility ideographs, 〇 and 々.
HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

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
_IGNORED: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_BLANKS: Final = re.compile(r"\s+")
#: Scripts and symbols without characters that combine: here a character's folds depend on nothing but itself.
_PLAIN: Final = re.compile(
    f"[\t\n\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205f\u20a0-\u20cf"
    f"\u2100-\u2bff\u3000-\u3029\u3030-\u3096\u309d-\u30ff\uff01-\uff9d\U0001f000-\U0001faff{HAN}]"
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


def normalise(text: str) -> str:
    """N(text)."""
    return _squeeze(_fold(_BREAKS.sub("\n", text)))


@dataclass(frozen=True, slots=True)
class Normalised:
    """N(text), and for each of its characters the first and the last-plus-one position in the text it stands for."""

    text: str
    starts: list[int]
    ends: list[int]


def normalise_with_offsets(text: str) -> Normalised:
    """N(text) with the map back to the text; about six times slower than `normalise`."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, is_plain in _clusters(text):
        piece = _fold(text[start:end]) if is_plain else _fold_cluster(text[start:end])
        folded.append(piece)
        if is_plain:
            starts += range(start, end)
            ends += range(start + 1, end + 1)
        else:
            starts += [start] * len(piece)
            ends += [end] * len(piece)
    whole = "".join(folded)
    kept: list[str] = []
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    position = 0
    for match in _BLANKS.finditer(whole):
        first, last = match.span()
        kept.append(whole[position:first])
        kept_starts += starts[position:first]
        kept_ends += ends[position:first]
        blank = _blank_for(whole, first, last)
        if blank:
            kept.append(blank)
            kept_starts.append(starts[first])
            kept_ends.append(ends[last - 1])
        position = last
    kept.append(whole[position:])
    kept_starts += starts[position:]
    kept_ends += ends[position:]
    return Normalised("".join(kept), kept_starts, kept_ends)


def _fold(text: str) -> str:
    if text.isascii():
        return _IGNORED.sub("", text).lower().translate(_ascii_variants())
    text = _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", text).translate(fold_table())


@cache
def _ascii_variants() -> dict[int, str]:
    return {code: folded for code, folded in fold_table().items() if code < 128}


def _squeeze(text: str) -> str:
    """Blanks as N wants them."""
    pieces = []
    position = 0
    for match in _BLANKS.finditer(text):
        first, last = match.span()
        if (
            last - first == 1
            and text[first] == " "
            and not _between_han(text, first, last)
            and first > 0
            and last < len(text)
        ):
            continue
        pieces.append(text[position:first])
        pieces.append(_blank_for(text, first, last))
        position = last
    pieces.append(text[position:])
    return "".join(pieces)


def _between_han(text: str, first: int, last: int) -> bool:
    return first > 0 and last < len(text) and is_han(text[first - 1]) and is_han(text[last])


def _blank_for(text: str, first: int, last: int) -> str:
    """What a run of blanks becomes."""
    if first == 0 or last == len(text):
        return ""
    if not _between_han(text, first, last):
        return " "
    return "\n" if text.count("\n", first, last) > 1 else ""


_IS_HAN: Final = re.compile(f"[{HAN}]")


@lru_cache(maxsize=65536)
def is_han(character: str) -> bool:
    """True for a Han character (not for kana, hangul or punctuation)."""
    return _IS_HAN.match(character) is not None


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
    return _PLAIN.match(character) is not None and len(_fold(character)) == 1


@lru_cache(maxsize=65536)
def _joins(left: str, right: str) -> bool:
    """True when the two may fold to something else together than apart."""
    if _IGNORED.match(left) or _IGNORED.match(right):
        return True
    if left == "\r" and right == "\n":
        return True
    decomposed = unicodedata.normalize("NFKD", right)
    if unicodedata.combining(decomposed[0]) or unicodedata.combining(decomposed[-1]):
        return True
    both = unicodedata.normalize("NFKC", left + right)
    return both != unicodedata.normalize("NFKC", left) + unicodedata.normalize("NFKC", right)


@lru_cache(maxsize=65536)
def _fold_cluster(cluster: str) -> str:
    return _fold(_BREAKS.sub("\n", cluster))
