"""Write indexer/analysis/data/pinyin.txt: `reading characters` a line, readings without tones, ü as v.

A character with several readings stands in several lines, that of its commonest reading first; the characters of a
line are sorted by how often they are read so, the most frequent first. Source: the tables of
pypinyin (MIT); how common a reading is, the words of pypinyin tell that jieba's dictionary (MIT) counts.
Run it with the `dev` extra installed: python tools/make_pinyin_table.py
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import jieba
from pypinyin import phrases_dict, pinyin_dict

from indexer.analysis.normalise import normalise

CHARACTERS = (0x3007, *range(0x4E00, 0xA000))
#: Readings of one character that are kept, and the share of its occurrences that each must have.
MAX_READINGS = 3
LEAST_SHARE = 0.01
TARGET = Path(__file__).parents[1] / "indexer" / "analysis" / "data" / "pinyin.txt"


def plain(reading: str) -> str:
    """A reading without its tone: lǜ → lv, zhòng → zhong; the syllabic nasals give their letters."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(letter for letter in letters if letter.isascii())


def main() -> None:
    """Write the table."""
    words = jieba.Tokenizer()
    frequencies, _ = words.gen_pfdict(words.get_dict_file())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, readings in phrases_dict.phrases_dict.items():
        for character, options in zip(phrase, readings, strict=False):
            counts[character][plain(options[0])] += frequencies.get(phrase, 0)
    ranks: list[dict[str, str]] = [defaultdict(str) for _ in range(MAX_READINGS)]
    for code in CHARACTERS:
        character = chr(code)
        known = dict.fromkeys(plain(reading) for reading in pinyin_dict.pinyin_dict.get(code, "").split(",") if reading)
        if not known or normalise(character) != character:
            continue
        first = next(iter(known))
        counts[character][first] += max(frequencies.get(character, 0), 1)
        least = LEAST_SHARE * counts[character].total()
        common = [reading for reading, count in counts[character].most_common(MAX_READINGS) if count >= least]
        for rank, reading in enumerate(common):
            ranks[rank][reading] += character
    lines = [
        f"{reading} {''.join(sorted(characters, key=lambda one: (-counts[one][reading], one)))}\n"
        for rank in ranks
        for reading, characters in sorted(rank.items())
    ]
    TARGET.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
