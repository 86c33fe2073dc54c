"""Chinese typed in Latin letters: full pinyin (naojijiekou), or the initials of something that titles name (njjk).

The strings come from the index itself: characters of one syllable, followed by characters of the next one as they
follow each other somewhere, the most promising kept from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import islice
from math import log
from operator import contains
from typing import Final

from indexer.analysis.pinyin import syllables
from searcher.expansion.lexicon import Lexicon

#: More syllables than this are no term.
_MOST_SYLLABLES: Final = 12
_LONGEST_SYLLABLE: Final = 6
#: Ways to cut letters into syllables that are tried.
_MOST_WAYS: Final = 8
#: Strings kept from one syllable to the next.
_KEPT: Final = 200
#: Strings whose documents are counted, the most promising first.
_MOST_COUNTED: Final = 12
#: Initials: fewer letters stand for anything, more for nothing.
_INITIALS: Final = range(3, 9)
#: So many are seldom the initials of anything else.
_SURE_INITIALS: Final = 4
#: Others that are shown beside the best must be nearly as good.
_COMPARABLE: Final = 0.8
_MOST_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A string that the letters may stand for; where not `is_sure`, the reader is to choose."""

    text: str
    documents: int
    is_sure: bool


def is_syllable(text: str) -> bool:
    """Is it one syllable?"""
    return _spelled(text) in syllables()


def read(lexicon: Lexicon, text: str, names: tuple[str, ...] = (), is_title: bool = False) -> list[Reading]:
    """What letters stand for in these texts, the best first; sure ones stand for the letters by themselves.

    Where `names` are given, letters that are no pinyin may be the initials of one, or of what stands in a title.
    """
    found: dict[str, float] = {}
    for way in islice(_ways(_spelled(text)), _MOST_WAYS):
        if len(way) > 1:
            table = syllables()
            found.update(_strings([table[syllable] for syllable in way], lexicon.followers))
    if found:
        return _readings(found, lexicon, is_title, is_full=True)
    if names and len(text) in _INITIALS and text.isalpha():
        characters = [_with_initial(letter) for letter in text]
        if all(characters):
            found = _strings(characters, lexicon.title_followers)
            for name in names:
                if len(name) == len(text) and all(map(contains, characters, name)):
                    found[name] = lexicon.most_places(name)
            return _readings(found, lexicon, is_title, is_full=False)
    return []


def _spelled(text: str) -> str:
    """ü as it is typed; ’ as '."""
    return text.replace("ü", "v").replace("’", "'")


def _ways(text: str) -> Iterator[list[str]]:
    """Ways to cut letters into syllables, those with long ones first; an apostrophe is a border."""
    table = syllables()

    @cache
    def fewest(start: int) -> int:
        """Syllables that the rest needs at least; too many where it cannot be cut."""
        start += text[start : start + 1] == "'"
        if start >= len(text):
            return 0
        ends = range(start + 1, min(start + _LONGEST_SYLLABLE, len(text)) + 1)
        return 1 + min((fewest(end) for end in ends if text[start:end] in table), default=_MOST_SYLLABLES)

    def cut(start: int, way: list[str]) -> Iterator[list[str]]:
        start += text[start : start + 1] == "'"
        if start >= len(text):
            yield way
            return
        for end in range(min(start + _LONGEST_SYLLABLE, len(text)), start, -1):
            # What cannot be finished is not begun: else the dead ends of a long text would be millions.
            if text[start:end] in table and len(way) + 1 + fewest(end) <= _MOST_SYLLABLES:
                yield from cut(end, [*way, text[start:end]])

    return cut(0, []) if len(text) <= _MOST_SYLLABLES * (_LONGEST_SYLLABLE + 1) else iter(())


@cache
def _with_initial(letter: str) -> frozenset[str]:
    """Characters whose readings begin with a letter."""
    return frozenset("".join(characters for syllable, characters in syllables().items() if syllable[0] == letter))


def _strings(
    places: list[str] | list[frozenset[str]],
    followers: Callable[[str], Mapping[str, int]],
) -> dict[str, float]:
    """Strings with a character of each place, whose pairs the texts have all, with the frequency of the rarest pair."""
    kept: dict[str, float] = dict.fromkeys(places[0], float("inf"))
    for characters in places[1:]:
        longer: dict[str, float] = {}
        allowed = frozenset(characters)
        for text, least in kept.items():
            known = followers(text[-1])
            for follower in known.keys() & allowed:
                longer[text + follower] = min(least, known[follower])
        kept = dict(nlargest(_KEPT, longer.items(), key=lambda item: (item[1], item[0])))
    return kept


def _readings(found: dict[str, float], lexicon: Lexicon, is_title: bool, is_full: bool) -> list[Reading]:
    """The strings that documents have, the best first."""
    promising = nlargest(_MOST_COUNTED, found, key=lambda text: (_promise(text, found[text], lexicon), text))
    counts = {text: documents for text in promising if (documents := lexicon.count(text, is_title))}
    scores = {text: _promise(text, documents, lexicon) for text, documents in counts.items()}
    best = sorted(scores, key=lambda text: (-scores[text], text))[:_MOST_SHOWN]
    good = [text for text in best if scores[text] >= _COMPARABLE * scores[best[0]]]
    likely = [text for text in good if _is_likely(text, counts[text], lexicon, is_full)]
    if not is_full:
        return [Reading(text=text, documents=counts[text], is_sure=len(text) >= _SURE_INITIALS) for text in likely]
    return [Reading(text=text, documents=counts[text], is_sure=bool(likely)) for text in likely or good]


def _promise(text: str, number: float, lexicon: Lexicon) -> float:
    """How likely a string is what somebody means: frequent, and of few words."""
    words = lexicon.words(text)
    return log(1 + number) + 2 * (len(text) - len(words))


def _is_likely(text: str, documents: int, lexicon: Lexicon, is_full: bool) -> bool:
    """Is it made of words? Any two characters stand side by side somewhere, the end of one word and the next."""
    words = len(lexicon.words(text))
    if not is_full:
        return words <= len(text) // 2
    return words == 1 if len(text) == 2 else words < len(text) or documents > 1
