"""Homophones: characters with the same pinyin reading as a given one, and characters with a similar reading.

Readings have no tones. The tables are constant, so results are cached per process.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from indexer.analysis.pinyin import readings, syllables

#: Many speakers, and so many typists, do not distinguish zh ch sh from z c s, l from n, and final ng from n.
_RETROFLEX: Final = ("zh", "ch", "sh")
#: Characters of one syllable, the most frequent first; the others are hardly ever what somebody meant to type.
_MAX_CHARACTERS: Final = 40
_MAX_SIMILAR: Final = 12


@lru_cache(maxsize=1024)
def homophones(character: str) -> tuple[str, str]:
    """Characters that share a reading with this one, and further characters whose readings are only similar.

    Those of each syllable are sorted by frequency. The character itself is in neither string. Both are empty for a
    character without a reading; a reading without a vowel (嗯 n), which the table of syllables leaves out, adds
    nothing.
    """
    own = [reading for reading in readings(character) if reading in syllables()]
    same = dict.fromkeys("".join(syllables()[reading][:_MAX_CHARACTERS] for reading in own))
    confusable = dict.fromkeys(other for reading in own for other in _groups()[_merge(reading)] if other not in own)
    similar = dict.fromkeys("".join(syllables()[syllable][:_MAX_SIMILAR] for syllable in confusable))
    return (
        "".join(other for other in same if other != character),
        "".join(other for other in similar if other not in same and other != character),
    )


@cache
def _groups() -> dict[str, list[str]]:
    """The syllables that are confused with one another, by what `_merge` makes of them."""
    groups: dict[str, list[str]] = {}
    for syllable in syllables():
        groups.setdefault(_merge(syllable), []).append(syllable)
    return groups


def _merge(syllable: str) -> str:
    """The syllable with each group of easily confused sounds replaced by one of them."""
    if syllable.startswith(_RETROFLEX):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "l":
        syllable = "n" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable
