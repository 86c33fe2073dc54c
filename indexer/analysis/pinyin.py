"""Readings of Chinese characters in pinyin, without tones, and the keys by which a string is typed with them.

The table is made by tools/make_pinyin_table.py; ü is written v, as input methods have it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_TABLE_FILE: Final = Path(__file__).with_name("data") / "pinyin.txt"

#: Ways of reading one string that are keys. Two characters with two readings each have four.
_MOST_WAYS: Final = 4
_VOWELS: Final = frozenset("aeiouv")


def readings(character: str) -> tuple[str, ...]:
    """The readings of a character, the commonest first; none for what is no Han character of the table."""
    return _table().get(character, ())


def keys(normal: str) -> set[str]:
    """What one may type for a string with Han characters: all syllables in full, or the first letter of each.

    Letters and digits stand for themselves, all other characters are passed over. The set is empty for a string
    without Han characters and for one that has a character without a reading.
    """
    ways = [("", "")]
    has_han = False
    for character in normal:
        options = readings(character)
        if options:
            has_han = True
        elif character.isascii():
            options = (character,) if character.isalnum() else ("",)
        elif character.isalnum():
            return set()
        else:
            options = ("",)
        if len(ways) * len(options) > _MOST_WAYS:
            options = options[:1]
        ways = [(full + option, initials + option[:1]) for full, initials in ways for option in options]
    return {key for way in ways for key in way if key} if has_han else set()


@cache
def syllables() -> dict[str, str]:
    """Syllable → the characters that are read so; without the readings of interjections that have no vowel."""
    found: dict[str, str] = {}
    for line in _TABLE_FILE.read_text("utf-8").splitlines():
        reading, characters = line.split(" ")
        if not _VOWELS.isdisjoint(reading):
            found[reading] = found.get(reading, "") + characters
    return found


@cache
def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in _TABLE_FILE.read_text("utf-8").splitlines():
        reading, characters = line.split(" ")
        for character in characters:
            table[character] = (*table.get(character, ()), reading)
    return table
