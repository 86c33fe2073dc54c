"""Recognises what a PDF yields instead of a text if its fonts do not say which characters their glyphs show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

#: The character that stands for a glyph of which the font says nothing.
UNKNOWN: Final = "\ufffd"
#: No text has these: private use, controls, surrogates, code points without a character.
_NEVER: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\U000e0000-\U0010ffff]"
)
#: Scripts that Chinese, Japanese, Korean and European texts are not written in.
_FOREIGN: Final = re.compile(
    "[\u0250-\u036f\u0500-\u1dff\u2c00-\u2e7f\u2fe0-\u2fef\ua000-\uabff\ud7a4-\ud7ff\ufb00-\ufe2f\ufe70-\ufeff\U00010000-\U0001cfff]"
)
_MIN_FOREIGN_BLOCKS: Final = 4
_EXTENDED_LATIN: Final = re.compile("[\u0100-\u024f]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
#: The lead bytes of the common characters in GB 2312 and Big5; a third of all ideographs is in one of them.
_COMMON: Final = (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6))
_MIN_CHARS: Final = 50
_MIN_COMMON: Final = 0.6
_MAX_NEVER: Final = 0.2
_MAX_IN_LINE: Final = 0.3
_MIN_DIFFERENT: Final = 3
_MAX_EXTENDED: Final = 0.25
_MIN_WORDS: Final = 0.35
_EXPECTED: Final = re.compile("[\\s!-~\u2010-\u2026\u2e80-\u2fd5\u3000-\u301f\u4e00-\u9fff\uff01-\uff5e]")
_MIN_EXPECTED: Final = 0.9
_REPEATED: Final = re.compile(r"(.)\1+")
_WORD: Final = re.compile(r"[^\W_]")


def is_plausible(characters: str) -> bool:
    """True if these characters, which PDFium guessed, are those of Chinese or English texts."""
    return len(_EXPECTED.findall(characters)) > _MIN_EXPECTED * len(characters)


def without_noise(page: str) -> tuple[str, bool]:
    """The text of a page without what is no text, and True if there was any."""
    lines = page.splitlines()
    kept = [line for line in lines if not _is_noisy_line(line)]
    text = page if len(kept) == len(lines) else "\n".join(kept)
    if _is_noise("".join(text.split())):
        return "", True
    return text, len(kept) < len(lines)


def pages_without_noise(pages: Sequence[str]) -> tuple[list[str], list[int]]:
    """The texts of pages, and the numbers, from 1, of those that held noise."""
    cleaned = [without_noise(page) for page in pages]
    return [text for text, _ in cleaned], [number for number, (_, is_noisy) in enumerate(cleaned, 1) if is_noisy]


def _is_noisy_line(line: str) -> bool:
    return _count_of_never(line) > _MAX_IN_LINE * len("".join(line.split()))


def _count_of_never(text: str) -> int:
    """How many characters no text has; 0 for a few that repeat, such as the bullets of symbol fonts."""
    found = _NEVER.findall(text)
    return len(found) if len({*found}) >= _MIN_DIFFERENT or found.count(UNKNOWN) >= _MIN_DIFFERENT else 0


def _is_noise(text: str) -> bool:
    """True for a page of characters that no text has together; the text is without blanks."""
    foreign = _FOREIGN.findall(text)
    # One foreign script is a text in it; glyph numbers taken for code points are spread over many.
    spread = len(foreign) if len({ord(character) >> 8 for character in foreign}) >= _MIN_FOREIGN_BLOCKS else 0
    if _count_of_never(text) + spread > _MAX_NEVER * len(text):
        return True
    if len(text) < _MIN_CHARS:
        return False
    if len(_EXTENDED_LATIN.findall(text)) > _MAX_EXTENDED * len(text):
        return True
    han = _HAN.findall(text)
    if len(han) >= _MIN_CHARS and sum(map(_is_common, han)) < _MIN_COMMON * len(han):
        return True
    single = _REPEATED.sub(r"\1", text)  # leaders and rules repeat one sign
    return len(single) >= _MIN_CHARS and len(_WORD.findall(single)) < _MIN_WORDS * len(single)


@cache
def _is_common(character: str) -> bool:
    return any(first <= (character.encode(codec, "ignore") or b"\0")[0] <= last for codec, first, last in _COMMON)
