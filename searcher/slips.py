"""One-character slips of the keyboard: what a term that the texts lack was probably meant to be.

No dictionary of errors and no index of its own: a correction differs in one place (a character that sounds or looks
like the right one, one missing, one too many, two swapped), and is believed because the texts have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from indexer.normalise import is_han
from searcher.lexicon import Lexicon
from searcher.sounds import alike

#: A term that more documents have is no slip.
MOST_DOCUMENTS: Final = 2
#: How many times more documents a correction must have than the term as typed.
FACTOR: Final = 20
#: Kinds of evidence, the best first: sounds the same, nearly so or looks alike, a slip of the order, any character.
SAME_SOUND, NEAR, SLIP, ANY = range(4)

_LOOKALIKES: Final = Path(__file__).with_name("data") / "lookalikes.txt"
#: Shorter terms have too many neighbours to tell a missing or swapped character.
_MIN_FOR_SLIPS: Final = 4
#: Characters tried at one place when every one is possible, the most frequent first.
_MOST_TRIED: Final = 300
#: Corrections whose documents are counted, the most promising first.
_MOST_COUNTED: Final = 12
#: Characters around a place that show whether a long term is right there.
_WINDOW: Final = 4
#: Longer terms are pasted texts, and not looked into.
_LONGEST: Final = 40
#: A word of two characters that is to replace two strangers must be an ordinary one.
_ORDINARY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a term may have been meant to be; where not `is_sure`, the reader is to choose."""

    text: str
    evidence: int
    documents: int
    is_sure: bool


def correct(text: str, lexicon: Lexicon, is_title: bool = False) -> Correction | None:
    """The best correction of a term in normal form, None where it needs none or has none."""
    if not 2 <= len(text) <= _LONGEST or not any(map(is_han, text)):
        return None
    documents = lexicon.count(text, is_title)
    if documents > MOST_DOCUMENTS:
        return None
    found = _whole(text, documents, lexicon, is_title)
    if found is None and not documents and len(text) >= _WINDOW:
        found = _within(text, lexicon)
    if found is None and not documents and len(text) >= _MIN_FOR_SLIPS:
        found = _best(text, 0, dict.fromkeys(_anything(text, lexicon), ANY), lexicon, is_title)
    return found


def _whole(text: str, documents: int, lexicon: Lexicon, is_title: bool) -> Correction | None:
    """The best correction that the texts have as one string."""
    candidates: dict[str, int] = {}
    for candidate, evidence in _candidates(text, lexicon):
        candidates[candidate] = min(evidence, candidates.get(candidate, ANY))
    return _best(text, documents, candidates, lexicon, is_title)


def _best(
    text: str, documents: int, candidates: dict[str, int], lexicon: Lexicon, is_title: bool
) -> Correction | None:
    bounds = {candidate: lexicon.most_places(candidate) for candidate in candidates}
    possible = [candidate for candidate, places in bounds.items() if places > documents * FACTOR]
    possible.sort(key=lambda candidate: (candidates[candidate], -bounds[candidate], candidate))
    counts = {candidate: lexicon.count(candidate, is_title) for candidate in possible[:_MOST_COUNTED]}
    good = [candidate for candidate, count in counts.items() if count >= max(documents * FACTOR, 1)]
    if not good:
        return None
    best = min(good, key=lambda candidate: (candidates[candidate], -counts[candidate], candidate))
    return Correction(
        text=best,
        evidence=candidates[best],
        documents=counts[best],
        is_sure=candidates[best] < ANY and _is_better(best, text, counts[best], lexicon),
    )


def _is_better(correction: str, text: str, documents: int, lexicon: Lexicon) -> bool:
    """Is the correction made of words where the term is not? A slip breaks words, a right term has whole ones."""
    typed, corrected = lexicon.words(text), lexicon.words(correction)
    if len(typed) == 1:
        return False
    if len(text) == 2:
        return len(corrected) == 1 and documents > MOST_DOCUMENTS
    return len(corrected) <= len(typed)


def _candidates(text: str, lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """Strings one slip away whose pairs the texts have all, with their evidence."""
    pairs = [lexicon.pair(text[at], text[at + 1]) for at in range(len(text) - 1)]
    broken = [at for at, places in enumerate(pairs) if not places]
    for at, character in enumerate(text):
        if is_han(character) and all(place in (at - 1, at) for place in broken):
            for others, evidence in zip((*alike(character), _lookalikes(character)), (SAME_SOUND, NEAR, NEAR), strict=True):
                for other in others:
                    if _fits(other, text[at - 1 : at], text[at + 1 : at + 2], lexicon):
                        yield text[:at] + other + text[at + 1 :], evidence
    if len(text) < _MIN_FOR_SLIPS:
        return
    for at in range(len(text)):
        if at and text[at - 1] != text[at]:
            yield text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :], SLIP
        if len(text) > _MIN_FOR_SLIPS:
            yield text[:at] + text[at + 1 :], SLIP
    for at in broken:
        if len(broken) == 1:
            for other in _between(text[at], text[at + 1], lexicon):
                yield text[: at + 1] + other + text[at + 1 :], SLIP


def _anything(text: str, lexicon: Lexicon) -> Iterator[str]:
    """Strings with any other character in one place whose pairs the texts have all."""
    pairs = [lexicon.pair(text[at], text[at + 1]) for at in range(len(text) - 1)]
    broken = [at for at, places in enumerate(pairs) if not places]
    for at in range(1, len(text) - 1):
        if is_han(text[at]) and all(place in (at - 1, at) for place in broken):
            for other in _between(text[at - 1], text[at + 1], lexicon):
                yield text[:at] + other + text[at + 1 :]


def _between(left: str, right: str, lexicon: Lexicon) -> Iterator[str]:
    """Characters that stand between the two somewhere, for all that pairs can tell."""
    followers = lexicon.followers(left)
    for other in sorted(followers, key=lambda other: (-followers[other], other))[:_MOST_TRIED]:
        if is_han(other) and lexicon.pair(other, right):
            yield other


def _fits(other: str, left: str, right: str, lexicon: Lexicon) -> bool:
    """Does a character follow and precede its neighbours somewhere?"""
    return bool((not left or lexicon.pair(left, other)) and (not right or lexicon.pair(other, right)))


def _within(text: str, lexicon: Lexicon) -> Correction | None:
    """The best correction of a term that the texts do not have as one string even so: right again around the slip."""
    words = len(lexicon.words(text))
    best: tuple[int, int, str] | None = None
    for at in _strangers(text, lexicon):
        same, near = alike(text[at])
        for others, evidence in ((same, SAME_SOUND), (near + _lookalikes(text[at]), NEAR)):
            for other in others:
                corrected = text[:at] + other + text[at + 1 :]
                if not _fits(other, text[at - 1 : at], text[at + 1 : at + 2], lexicon):
                    continue
                word = _word_at(corrected, at, lexicon)
                if len(word) < 2 or len(lexicon.words(corrected)) > words:
                    continue
                documents = max(map(lexicon.count, _windows(corrected, at)))
                if not documents and evidence == SAME_SOUND and len(_word_at(text, at, lexicon)) == 1:
                    documents = lexicon.count(word) // _ORDINARY
                if documents and (best is None or (evidence, -documents, corrected) < best):
                    best = (evidence, -documents, corrected)
    if best is None:
        return None
    return Correction(text=best[2], evidence=best[0], documents=-best[1], is_sure=True)


def _strangers(text: str, lexicon: Lexicon) -> Iterator[int]:
    """Places of characters that the texts do not have in such company."""
    for at, character in enumerate(text):
        if not is_han(character):
            continue
        beside = [text[start : start + 2] for start in (at - 1, at) if 0 <= start < len(text) - 1]
        if any(is_han(pair[0]) and is_han(pair[1]) and not lexicon.pair(*pair) for pair in beside) and not any(
            map(lexicon.count, _windows(text, at))
        ):
            yield at


def _windows(text: str, at: int) -> list[str]:
    """The stretches of a term around a place, of one length."""
    first, last = max(at - _WINDOW + 1, 0), min(at, len(text) - _WINDOW)
    return [text[start : start + _WINDOW] for start in range(first, last + 1)]


def _word_at(text: str, at: int, lexicon: Lexicon) -> str:
    """The word that a character belongs to."""
    end = 0
    for word in lexicon.words(text):
        end += len(word)
        if end > at:
            return word
    return ""


def _lookalikes(character: str) -> str:
    """Characters that look much like this one."""
    return "".join(group.replace(character, "") for group in _groups() if character in group)


@cache
def _groups() -> list[str]:
    return _LOOKALIKES.read_text("utf-8").split()
