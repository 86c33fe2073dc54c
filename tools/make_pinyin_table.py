"""Write searcher/data/pinyin.txt: one line for each syllable without tone, a blank, the characters read so.

Source: pypinyin (MIT). Only simplified characters that GB 2312 has, and some that names have: rarer ones are not typed
by sound. Of its readings the first one, and those that some of its phrases have: the others are of old books.
Run it with the `dev` extra installed: python tools/make_pinyin_table.py
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT

from indexer.normalise import normalise

TARGET = Path(__file__).parents[1] / "searcher" / "data" / "pinyin.txt"
#: Sounds that are no syllables one types (interjections without a vowel).
NO_SYLLABLES = {"m", "n", "ng", "hm", "hng", "ê"}
#: Phrases that a reading must have.
LEAST_PHRASES = 2
NAMES = frozenset(
    "镕喆堃犇玥珺祎翀焜炆昇晞暘栢梽楠橦沄浠湉溦滢潆煊熠燊珅珵琤瑄璟璠璿甯皞祺稑筱茜菀萱蕲蘅赟邨钇钍钚钰铖铠锆锘镓镧镱闫韫頔颉飏骐骞"
)


def main() -> None:
    """Write the table."""
    table = defaultdict(list)
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase in PHRASES_DICT:
        for character, (reading, *_) in zip(phrase, pinyin(phrase, style=Style.NORMAL), strict=False):
            used[character][reading] += 1
    for code in range(0x4E00, 0x9FA6):
        character = chr(code)
        if normalise(character) != character or not is_common(character):
            continue
        first = pinyin(character, style=Style.NORMAL)[0][0]
        for reading in {first} | {other for other, count in used[character].items() if count >= LEAST_PHRASES}:
            if reading.isascii() and reading.isalpha() and reading not in NO_SYLLABLES:
                table[reading].append(character)
    lines = [f"{reading} {''.join(characters)}\n" for reading, characters in sorted(table.items())]
    TARGET.write_text("".join(lines), "utf-8")


def is_common(character: str) -> bool:
    """Is it in GB 2312, or in names?"""
    if character in NAMES:
        return True
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    main()
