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

from corpus.chinese import is_han
from searcher.expansion.homophones import alike
from searcher.expansion.lexicon import Lexicon

#: A term that more documents have is no slip.
MOST_DOCUMENTS: Final = 2
#: How many times more documents a correction must have than what was typed.
FACTOR: Final = 20
#: Kinds of evidence, the best first: sounds the same; sounds or looks nearly so; a slip of the order; any character.
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
#: Longer terms are sentences: the words beside a slip find what was meant, and looking into them takes 0.1 s.
_LONGEST: Final = 15
#: In longer terms threes are not counted, only pairs.
_LONGEST_OF_THREES: Final = 10
#: Documents among which any two characters may meet once by chance.
_DOCUMENTS_PER_CHANCE: Final = 20_000
#: Documents of a word that is to replace single characters on no other evidence.
_ORDINARY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a term may have been meant to be; where not `is_sure`, the reader is to choose."""

    text: str
    evidence: int
    documents: int
    is_sure: bool


def correct(lexicon: Lexicon, text: str, is_title: bool = False) -> Correction | None:
    """The best correction of a term in normal form, None where it needs none or has none."""
    if not 2 <= len(text) <= _LONGEST or not any(map(is_han, text)):
        return None
    typed = _Typed(text, lexicon, is_title)
    if typed.documents > MOST_DOCUMENTS:
        return None
    found = typed.as_a_whole()
    if found is None and not typed.documents:
        found = typed.in_a_part() or typed.with_any_character()
    return found


class _Typed:
    """A term as typed, and what its neighbours in the texts are."""

    def __init__(self, text: str, lexicon: Lexicon, is_title: bool) -> None:
        self._text = text
        self._lexicon = lexicon
        self._is_title = is_title
        self._words = lexicon.words(text)
        self.documents = lexicon.count(text, is_title)
        chance = lexicon.documents // _DOCUMENTS_PER_CHANCE
        #: Places of characters that stand before the one after them never, or by chance.
        self._broken = [at for at in range(len(text) - 1) if lexicon.pair(text[at], text[at + 1]) <= chance]

    def as_a_whole(self) -> Correction | None:
        """The best correction that the texts have as one string."""
        candidates: dict[str, tuple[int, int]] = {}
        for at in range(len(self._text)):
            if is_han(self._text[at]) and self._repairs(at - 1, at):
                for other, evidence in self._similar(at):
                    if self._fits(at, other):
                        candidates.setdefault(self._with(at, other), (evidence, at))
        if len(self._text) >= _MIN_FOR_SLIPS:
            for at, candidate in self._reordered():
                candidates.setdefault(candidate, (SLIP, at))
        return self._best(candidates)

    def with_any_character(self) -> Correction | None:
        """The same with any other character in one place, the first and the last one left alone: never sure."""
        candidates = {}
        if self._broken and len(self._text) >= _MIN_FOR_SLIPS:
            for at in range(1, len(self._text) - 1):
                if is_han(self._text[at]) and self._repairs(at - 1, at):
                    for other in self._between(self._text[at - 1], self._text[at + 1]):
                        candidates[self._with(at, other)] = (ANY, at)
        return self._best(candidates)

    def in_a_part(self) -> Correction | None:
        """The best correction that the texts do not have as one string either: right again around the slip."""
        best: tuple[int, int, str] | None = None
        for at in self._strangers() if len(self._text) >= _WINDOW else ():
            for other, evidence in self._similar(at):
                corrected = self._with(at, other)
                documents = self._documents_around(at, corrected, evidence)
                if documents and (best is None or (evidence, -documents, corrected) < best):
                    best = (evidence, -documents, corrected)
        if best is None:
            return None
        return Correction(text=best[2], evidence=best[0], documents=-best[1], is_sure=True)

    def _documents_around(self, at: int, corrected: str, evidence: int) -> int:
        """How many documents speak for a correction in one place; none where it makes no word of single characters."""
        word = self._word_at(corrected, at)
        if len(word) < 2 or not self._lexicon.most_places(word):
            return 0
        if len(self._lexicon.words(corrected)) > len(self._words):
            return 0
        documents = max(map(self._lexicon.count, _windows(corrected, at)))
        if self._is_right(at, documents):
            return 0
        if documents > 1 or (documents and evidence == SAME_SOUND):
            return documents
        if evidence != SAME_SOUND or len(self._lexicon.words(corrected)) == len(self._words) or self._is_at_home(at):
            return 0
        return self._lexicon.count(word) // (_ORDINARY if len(word) == 2 else 1)

    def _is_right(self, at: int, documents: int) -> bool:
        """Does a place belong to a word of several characters that the texts have, and too few speak for another?"""
        word = self._word_at(self._text, at)
        return len(word) > 1 and documents < FACTOR and self._lexicon.count(word) > 0

    def _is_at_home(self, at: int) -> bool:
        """Do the texts have a character beside one of its neighbours?"""
        return any(0 <= start < len(self._text) - 1 and start not in self._broken for start in (at - 1, at))

    def _strangers(self) -> Iterator[int]:
        """Places of characters that the texts do not have in such company."""
        text = self._text
        for at in dict.fromkeys(place for start in self._broken for place in (start, start + 1)):
            beside = [start for start in (at - 1, at) if start in self._broken]
            if any(is_han(text[start]) and is_han(text[start + 1]) for start in beside) and not any(
                map(self._lexicon.count, _windows(text, at))
            ):
                yield at

    def _best(self, candidates: dict[str, tuple[int, int]]) -> Correction | None:
        bounds = {candidate: self._lexicon.most_places(candidate) for candidate in candidates}
        least = max(self.documents * FACTOR, 1)
        possible = [candidate for candidate, places in bounds.items() if places >= least]
        possible.sort(key=lambda candidate: (candidates[candidate][0], -bounds[candidate], candidate))
        counts = {candidate: self._lexicon.count(candidate, self._is_title) for candidate in possible[:_MOST_COUNTED]}
        good = [candidate for candidate, documents in counts.items() if documents >= least]
        if not good:
            return None
        # On a tie the longer one: what is left of two swapped characters without one of them is in the same texts.
        best = min(good, key=lambda text: (candidates[text][0], -counts[text], -len(text), text))
        evidence, at = candidates[best]
        return Correction(
            text=best,
            evidence=evidence,
            documents=counts[best],
            is_sure=evidence < (SLIP if counts[best] < 2 else ANY)
            and self._is_better(best, evidence, at, counts[best]),
        )

    def _is_better(self, correction: str, evidence: int, at: int, documents: int) -> bool:
        """Is it made of words where the term is not? A slip breaks words; a right term is merely not in the texts."""
        corrected = self._lexicon.words(correction)
        if len(self._words) == 1:
            return False
        if len(self._text) == 2:
            return len(corrected) == 1 and documents > MOST_DOCUMENTS
        if evidence < SLIP and self._is_right(at, documents):
            return False
        return len(corrected) <= len(self._words)

    def _similar(self, at: int) -> Iterator[tuple[str, int]]:
        """Characters that sound or look like the one at a place, with their evidence, the better first."""
        same, near = alike(self._text[at])
        yield from ((other, SAME_SOUND) for other in same)
        yield from ((other, NEAR) for other in near + _lookalikes(self._text[at]))

    def _reordered(self) -> Iterator[tuple[int, str]]:
        """Strings with two characters swapped, one left out, or one put in, where the texts never join them so."""
        text, torn = self._text, self._torn()
        for at in range(len(text)) if torn else ():
            if at and all(at - 2 <= start + size - 2 and start <= at for start, size in torn):
                yield at, text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
            if 0 < at < len(text) - 1 and all(start <= at < start + size for start, size in torn):
                yield at, text[:at] + text[at + 1 :]
            if all(start <= at < start + size - 1 for start, size in torn):
                for other in self._between(text[at], text[at + 1]):
                    yield at, text[: at + 1] + other + text[at + 1 :]

    def _torn(self) -> list[tuple[int, int]]:
        """Where strings begin that the texts lack, with their lengths: pairs, or else threes of pairs they have."""
        if self._broken or len(self._text) > _LONGEST_OF_THREES:
            return [(at, 2) for at in self._broken]
        threes = range(len(self._text) - 2)
        return [(at, 3) for at in threes if not self._lexicon.count(self._text[at : at + 3])]

    def _repairs(self, *changed: int) -> bool:
        """Are all broken pairs among these?"""
        return all(at in changed for at in self._broken)

    def _fits(self, at: int, other: str) -> bool:
        """Does a character follow and precede the neighbours of a place somewhere?"""
        text, lexicon = self._text, self._lexicon
        if at and other not in lexicon.followers(text[at - 1]):
            return False
        return at == len(text) - 1 or lexicon.pair(other, text[at + 1]) > 0

    def _between(self, left: str, right: str) -> Iterator[str]:
        """Characters that stand between the two somewhere, for all that pairs can tell."""
        followers = self._lexicon.followers(left)
        for other in sorted(followers, key=lambda other: (-followers[other], other))[:_MOST_TRIED]:
            if is_han(other) and self._lexicon.pair(other, right):
                yield other

    def _with(self, at: int, other: str) -> str:
        return self._text[:at] + other + self._text[at + 1 :]

    def _word_at(self, text: str, at: int) -> str:
        """The word that a character belongs to."""
        end = 0
        for word in self._lexicon.words(text):
            end += len(word)
            if end > at:
                return word
        return ""


def _windows(text: str, at: int) -> list[str]:
    """The stretches of a term around a place, of one length."""
    first, last = max(at - _WINDOW + 1, 0), min(at, len(text) - _WINDOW)
    return [text[start : start + _WINDOW] for start in range(first, last + 1)]


def _lookalikes(character: str) -> str:
    """Characters that look much like this one."""
    return "".join(group.replace(character, "") for group in _groups() if character in group)


@cache
def _groups() -> list[str]:
    return _LOOKALIKES.read_text("utf-8").split()
