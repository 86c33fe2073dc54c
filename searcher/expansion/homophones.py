"""Characters that sound alike, without tones."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from indexer.analysis.pinyin import readings, syllables

#: What much of the country says, and types, alike: zh ch sh as z c s, l as n, and finals in ng as those in n.
_RETROFLEX: Final = ("zh", "ch", "sh")


@lru_cache(maxsize=256)
def alike(character: str) -> tuple[str, str]:
    """Characters with a reading in common with this one, and those of merely near sound; the one itself in neither."""
    own = readings(character)
    near = {_dull(syllable) for syllable in own}
    same = dict.fromkeys(other for syllable in own for other in syllables()[syllable])
    same.pop(character, None)
    further = dict.fromkeys(
        other for syllable, characters in syllables().items() if _dull(syllable) in near for other in characters
    )
    return "".join(same), "".join(other for other in further if other not in same and other != character)


@cache
def _dull(syllable: str) -> str:
    """The syllable with sounds that are often confused made one."""
    if syllable.startswith(_RETROFLEX):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "l":
        syllable = "n" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable
