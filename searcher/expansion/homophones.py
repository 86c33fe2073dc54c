"""Homophones: characters with the same pinyin reading as a given one, and characters with a similar reading.

Readings have no tones. The tables are constant, so results are cached per process.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from indexer.analysis.pinyin import readings, syllables

#: Many speakers, and so many typists, do not distinguish zh ch sh from z c s, l from n, and final ng from n.
_RETROFLEX: Final = ("zh", "ch", "sh")


@lru_cache(maxsize=256)
def homophones(character: str) -> tuple[str, str]:
    """Characters that share a reading with this one, and further characters whose readings are only similar.

    The character itself is in neither string. Both are empty for a character without a reading; a reading without a
    vowel (嗯 n), which the table of syllables leaves out, adds nothing.
    """
    own = readings(character)
    merged = {_merge_confusable(reading) for reading in own}
    same = dict.fromkeys(other for reading in own for other in syllables().get(reading, ""))
    same.pop(character, None)
    similar = dict.fromkeys(
        other
        for syllable, characters in syllables().items()
        if _merge_confusable(syllable) in merged
        for other in characters
        if other not in same and other != character
    )
    return "".join(same), "".join(similar)


@cache
def _merge_confusable(syllable: str) -> str:
    """The syllable with each group of easily confused sounds replaced by one of them."""
    if syllable.startswith(_RETROFLEX):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "l":
        syllable = "n" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable
