"""Pinyin input: Latin letters to the Chinese strings that they spell, in full (naojijiekou) or by initials (njjk).

A beam search over the index: from syllable to syllable it extends the candidate strings by the characters that some
document has next to each other, and keeps the most frequent candidates.
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

#: A term has no more syllables than this.
_MAX_SYLLABLES: Final = 12
_MAX_SYLLABLE_CHARS: Final = 6
#: Ways to split letters into syllables that are tried.
_MAX_SPLITS: Final = 8
#: Strings kept from one syllable to the next.
_BEAM_WIDTH: Final = 200
#: Strings whose document frequency is computed, the most promising first.
_MAX_COUNTED: Final = 12
#: Numbers of letters that are taken for initials: fewer are ambiguous, more name nothing.
_INITIALS: Final = range(3, 9)
#: From this number on, initials are seldom those of anything else.
_MIN_SURE_INITIALS: Final = 4
#: Further candidates are shown if their score is at least this share of the best one.
_MIN_SCORE_SHARE: Final = 0.8
_MAX_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PinyinCandidate:
    """A string that typed letters may spell; unless `is_sure`, it is only suggested."""

    text: str
    documents: int
    is_sure: bool


def is_syllable(text: str) -> bool:
    """True if the text is one syllable of pinyin."""
    return _normalised_spelling(text) in syllables()


def candidates(
    lexicon: Lexicon, text: str, names: tuple[str, ...] = (), is_title: bool = False
) -> list[PinyinCandidate]:
    """The strings that letters spell in the indexed texts, the best first; either all or none of them are sure.

    With `names`, letters that are no full pinyin may be the initials of one of these, or of a string of a title.
    """
    found: dict[str, float] = {}
    for split in islice(splits(_normalised_spelling(text)), _MAX_SPLITS):
        if len(split) > 1:
            found.update(_strings([syllables()[syllable] for syllable in split], lexicon.followers))
    if found:
        return _ranked(found, lexicon, is_title, is_full=True)
    if names and len(text) in _INITIALS and text.isalpha():
        characters = [_characters_with_initial(letter) for letter in text]
        if all(characters):
            found = _strings(characters, lexicon.title_followers)
            for name in names:
                if len(name) == len(text) and all(map(contains, characters, name)):
                    found[name] = lexicon.max_frequency(name)
            return _ranked(found, lexicon, is_title, is_full=False)
    return []


def _normalised_spelling(text: str) -> str:
    """The letters with v for ü and ' for ’."""
    return text.replace("ü", "v").replace("’", "'")


def splits(text: str) -> Iterator[list[str]]:
    """The ways to split letters into syllables, those with long first syllables first; ' always separates two."""
    table = syllables()

    @cache
    def fewest(start: int) -> int:
        """The least number of syllables that the rest splits into; more than the limit if it does not."""
        start += text[start : start + 1] == "'"
        if start >= len(text):
            return 0
        ends = range(start + 1, min(start + _MAX_SYLLABLE_CHARS, len(text)) + 1)
        return 1 + min((fewest(end) for end in ends if text[start:end] in table), default=_MAX_SYLLABLES)

    def extend(start: int, split: list[str]) -> Iterator[list[str]]:
        start += text[start : start + 1] == "'"
        if start >= len(text):
            yield split
            return
        for end in range(min(start + _MAX_SYLLABLE_CHARS, len(text)), start, -1):
            # A split that cannot be completed is not begun: a long text would have millions of them.
            if text[start:end] in table and len(split) + 1 + fewest(end) <= _MAX_SYLLABLES:
                yield from extend(end, [*split, text[start:end]])

    return extend(0, []) if len(text) <= _MAX_SYLLABLES * (_MAX_SYLLABLE_CHARS + 1) else iter(())


@cache
def _characters_with_initial(letter: str) -> frozenset[str]:
    """The characters that have a reading which begins with a letter."""
    return frozenset("".join(characters for syllable, characters in syllables().items() if syllable[0] == letter))


def _strings(
    options: list[str] | list[frozenset[str]],
    followers: Callable[[str], Mapping[str, int]],
) -> dict[str, float]:
    """Strings with one of the characters of each option, all of whose pairs are indexed → their rarest pair's count."""
    beam: dict[str, float] = dict.fromkeys(options[0], float("inf"))
    for characters in options[1:]:
        longer: dict[str, float] = {}
        allowed = frozenset(characters)
        for text, least in beam.items():
            known = followers(text[-1])
            for follower in known.keys() & allowed:
                longer[text + follower] = min(least, known[follower])
        beam = dict(nlargest(_BEAM_WIDTH, longer.items(), key=lambda item: (item[1], item[0])))
    return beam


def _ranked(found: dict[str, float], lexicon: Lexicon, is_title: bool, is_full: bool) -> list[PinyinCandidate]:
    """The strings that documents contain, the best first."""
    promising = nlargest(_MAX_COUNTED, found, key=lambda text: (_score(text, found[text], lexicon), text))
    counts = {text: documents for text in promising if (documents := lexicon.document_frequency(text, is_title))}
    scores = {text: _score(text, documents, lexicon) for text, documents in counts.items()}
    best = sorted(scores, key=lambda text: (-scores[text], text))[:_MAX_SHOWN]
    good = [text for text in best if scores[text] >= _MIN_SCORE_SHARE * scores[best[0]]]
    likely = [text for text in good if _is_likely(text, counts[text], lexicon, is_full)]
    if not is_full:
        return [_candidate(text, counts, len(text) >= _MIN_SURE_INITIALS) for text in likely]
    return [_candidate(text, counts, bool(likely)) for text in likely or good]


def _candidate(text: str, counts: Mapping[str, int], is_sure: bool) -> PinyinCandidate:
    return PinyinCandidate(text=text, documents=counts[text], is_sure=is_sure)


def _score(text: str, frequency: float, lexicon: Lexicon) -> float:
    """The score of a string: it rises with its frequency and falls with the number of its words."""
    return log(1 + frequency) + 2 * (len(text) - len(lexicon.words(text)))


def _is_likely(text: str, documents: int, lexicon: Lexicon, is_full: bool) -> bool:
    """True if the string consists of words; any two characters are adjacent where one word ends and another begins."""
    words = len(lexicon.words(text))
    if not is_full:
        return words <= len(text) // 2
    return words == 1 if len(text) == 2 else words < len(text) or documents > 1
