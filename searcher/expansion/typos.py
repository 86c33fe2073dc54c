"""Typo correction of Chinese terms by one edit: replace, insert, delete or swap one character.

There is no dictionary of errors and no index of its own. A replacement sounds or looks like the typed character, and a
correction is accepted only if the indexed documents contain it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

from corpus.chinese import is_han
from searcher.expansion.homophones import homophones
from searcher.expansion.lexicon import MAX_MISSPELT_DOCUMENTS, Lexicon

#: How many times more documents a correction must match than the term as typed.
_FACTOR: Final = 20

_LOOKALIKES: Final = Path(__file__).with_name("data") / "lookalikes.txt"
#: Shorter terms have too many neighbours to tell an inserted, deleted or swapped character.
_MIN_CHARS_TO_REORDER: Final = 4
#: Characters tried at one offset when any is possible, the most frequent first.
_MAX_TRIED: Final = 300
#: Corrections whose document frequency is computed, the most promising first.
_MAX_COUNTED: Final = 12
#: Characters around an offset that show whether a long term is right there.
_WINDOW: Final = 4
#: Longer terms are sentences: the words around a typo find what was meant, and correcting them takes 0.1 s.
_MAX_CHARS: Final = 15
#: In longer terms only pairs are looked up, not trigrams.
_MAX_CHARS_FOR_TRIGRAMS: Final = 10
#: Documents among which any two characters may be adjacent once by chance.
_DOCUMENTS_PER_CHANCE: Final = 20_000
#: Documents with a two-character word that may replace single characters on no other evidence.
_MIN_WORD_DOCUMENTS: Final = 5


class Edit(IntEnum):
    """The kinds of edits, the most likely to mend a typo first."""

    #: A character replaced by a homophone.
    SAME_SOUND = 0
    #: A character replaced by one that sounds or looks similar.
    SIMILAR_CHARACTER = 1
    #: A character inserted, deleted, or swapped with the one before it.
    REORDERED = 2
    #: A character replaced by any other one.
    ANY_CHARACTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a term may have been meant to be; unless `is_sure`, it is only suggested."""

    text: str
    edit: Edit
    documents: int
    is_sure: bool


def correct(lexicon: Lexicon, text: str, is_title: bool = False) -> Correction | None:
    """The best correction of a term in normal form; None if it needs none or has none."""
    if not 2 <= len(text) <= _MAX_CHARS or not any(map(is_han, text)):
        return None
    corrector = _Corrector(text, lexicon, is_title)
    if corrector.documents > MAX_MISSPELT_DOCUMENTS:
        return None
    correction = corrector.correct_whole()
    if correction is None and not corrector.documents:
        correction = corrector.correct_part() or corrector.correct_by_any_character()
    return correction


class _Corrector:
    """Corrections of one term. Characters are named by their offset in it, a pair by that of its first character."""

    def __init__(self, text: str, lexicon: Lexicon, is_title: bool) -> None:
        self._text = text
        self._lexicon = lexicon
        self._is_title = is_title
        self._words = lexicon.words(text)
        self.documents = lexicon.document_frequency(text, is_title)
        chance = lexicon.documents // _DOCUMENTS_PER_CHANCE
        #: Pairs that the index does not contain, or only as often as by chance.
        self._unknown_pairs = [
            at for at in range(len(text) - 1) if lexicon.pair_frequency(text[at], text[at + 1]) <= chance
        ]

    def correct_whole(self) -> Correction | None:
        """The best correction that documents contain as one string."""
        candidates: dict[str, tuple[Edit, int]] = {}
        for at in range(len(self._text)):
            if is_han(self._text[at]) and self._covers_unknown_pairs(at - 1, at):
                for other, edit in self._similar_characters(at):
                    if self._fits(at, other):
                        candidates.setdefault(self._replaced(at, other), (edit, at))
        if len(self._text) >= _MIN_CHARS_TO_REORDER:
            for at, candidate in self._reordered():
                candidates.setdefault(candidate, (Edit.REORDERED, at))
        return self._best(candidates)

    def correct_by_any_character(self) -> Correction | None:
        """The best correction with any other character at one offset, neither the first nor the last; never sure."""
        candidates = {}
        if self._unknown_pairs and len(self._text) >= _MIN_CHARS_TO_REORDER:
            for at in range(1, len(self._text) - 1):
                if is_han(self._text[at]) and self._covers_unknown_pairs(at - 1, at):
                    for other in self._characters_between(self._text[at - 1], self._text[at + 1]):
                        candidates[self._replaced(at, other)] = (Edit.ANY_CHARACTER, at)
        return self._best(candidates)

    def correct_part(self) -> Correction | None:
        """The best correction whose characters around the typo documents contain, though not the whole string."""
        best: tuple[Edit, int, str] | None = None
        for at in self._suspects() if len(self._text) >= _WINDOW else ():
            for other, edit in self._similar_characters(at):
                corrected = self._replaced(at, other)
                documents = self._documents_around(at, corrected, edit)
                if documents and (best is None or (edit, -documents, corrected) < best):
                    best = (edit, -documents, corrected)
        if best is None:
            return None
        return Correction(text=best[2], edit=best[0], documents=-best[1], is_sure=True)

    def _documents_around(self, at: int, corrected: str, edit: Edit) -> int:
        """How many documents support a correction at one offset; 0 if it makes no word of single characters."""
        word = self._word_at(corrected, at)
        if len(word) < 2 or not self._lexicon.max_frequency(word):
            return 0
        if len(self._lexicon.words(corrected)) > len(self._words):
            return 0
        documents = max(map(self._lexicon.document_frequency, _windows(corrected, at)))
        if self._is_known_word(at, documents):
            return 0
        if documents > 1 or (documents and edit == Edit.SAME_SOUND):
            return documents
        joins_words = len(self._lexicon.words(corrected)) < len(self._words)
        if edit != Edit.SAME_SOUND or not joins_words or self._is_in_known_pair(at):
            return 0
        return self._lexicon.document_frequency(word) // (_MIN_WORD_DOCUMENTS if len(word) == 2 else 1)

    def _is_known_word(self, at: int, documents: int) -> bool:
        """True if the character is part of a longer word of the index, and too few documents support another one."""
        word = self._word_at(self._text, at)
        return len(word) > 1 and documents < _FACTOR and self._lexicon.document_frequency(word) > 0

    def _is_in_known_pair(self, at: int) -> bool:
        """True if the index contains the character next to one of its neighbours."""
        return any(0 <= pair < len(self._text) - 1 and pair not in self._unknown_pairs for pair in (at - 1, at))

    def _suspects(self) -> Iterator[int]:
        """The characters of unknown pairs whose surroundings the index does not contain either."""
        text = self._text
        for at in dict.fromkeys(offset for pair in self._unknown_pairs for offset in (pair, pair + 1)):
            unknown = [pair for pair in (at - 1, at) if pair in self._unknown_pairs]
            is_chinese = any(is_han(text[pair]) and is_han(text[pair + 1]) for pair in unknown)
            if is_chinese and not any(map(self._lexicon.document_frequency, _windows(text, at))):
                yield at

    def _best(self, candidates: dict[str, tuple[Edit, int]]) -> Correction | None:
        """The best of some candidates, each with its edit and its offset."""
        bounds = {candidate: self._lexicon.max_frequency(candidate) for candidate in candidates}
        least = max(self.documents * _FACTOR, 1)
        possible = [candidate for candidate, bound in bounds.items() if bound >= least]
        possible.sort(key=lambda candidate: (candidates[candidate][0], -bounds[candidate], candidate))
        counts = {
            candidate: self._lexicon.document_frequency(candidate, self._is_title)
            for candidate in possible[:_MAX_COUNTED]
        }
        good = [candidate for candidate, documents in counts.items() if documents >= least]
        if not good:
            return None
        # On a tie the longer one: a correction that deletes one of two swapped characters is in the same documents.
        best = min(good, key=lambda text: (candidates[text][0], -counts[text], -len(text), text))
        edit, at = candidates[best]
        weakest = Edit.REORDERED if counts[best] < 2 else Edit.ANY_CHARACTER
        is_sure = edit < weakest and self._is_better(best, edit, at, counts[best])
        return Correction(text=best, edit=edit, documents=counts[best], is_sure=is_sure)

    def _is_better(self, correction: str, edit: Edit, at: int, documents: int) -> bool:
        """True if the correction consists of words where the term does not: a correct term may just not be indexed."""
        corrected_words = self._lexicon.words(correction)
        if len(self._words) == 1:
            return False
        if len(self._text) == 2:
            return len(corrected_words) == 1 and documents > MAX_MISSPELT_DOCUMENTS
        if edit < Edit.REORDERED and self._is_known_word(at, documents):
            return False
        return len(corrected_words) <= len(self._words)

    def _similar_characters(self, at: int) -> Iterator[tuple[str, Edit]]:
        """The characters that sound or look like the one at an offset, the likelier edit first."""
        same, similar = homophones(self._text[at])
        yield from ((other, Edit.SAME_SOUND) for other in same)
        yield from ((other, Edit.SIMILAR_CHARACTER) for other in similar + _lookalikes(self._text[at]))

    def _reordered(self) -> Iterator[tuple[int, str]]:
        """Strings made by one swap, deletion or insertion that leaves none of the unknown n-grams, with its offset."""
        text, unknown = self._text, self._unknown_ngrams()
        for at in range(len(text)) if unknown else ():
            if at and all(at - 2 <= start + size - 2 and start <= at for start, size in unknown):
                yield at, text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
            if 0 < at < len(text) - 1 and all(start <= at < start + size for start, size in unknown):
                yield at, text[:at] + text[at + 1 :]
            if all(start <= at < start + size - 1 for start, size in unknown):
                for other in self._characters_between(text[at], text[at + 1]):
                    yield at, text[: at + 1] + other + text[at + 1 :]

    def _unknown_ngrams(self) -> list[tuple[int, int]]:
        """(start, length) of the unknown pairs; if there are none, of the trigrams that no document contains."""
        if self._unknown_pairs or len(self._text) > _MAX_CHARS_FOR_TRIGRAMS:
            return [(at, 2) for at in self._unknown_pairs]
        trigrams = range(len(self._text) - 2)
        return [(at, 3) for at in trigrams if not self._lexicon.document_frequency(self._text[at : at + 3])]

    def _covers_unknown_pairs(self, *changed: int) -> bool:
        """True if all unknown pairs are among these."""
        return all(pair in changed for pair in self._unknown_pairs)

    def _fits(self, at: int, other: str) -> bool:
        """True if the index contains the pairs that a character would form with the neighbours of an offset."""
        text, lexicon = self._text, self._lexicon
        if at and other not in lexicon.followers(text[at - 1]):
            return False
        return at == len(text) - 1 or lexicon.pair_frequency(other, text[at + 1]) > 0

    def _characters_between(self, left: str, right: str) -> Iterator[str]:
        """Characters that form indexed pairs with both, the most frequent after `left` first."""
        followers = self._lexicon.followers(left)
        for other in sorted(followers, key=lambda other: (-followers[other], other))[:_MAX_TRIED]:
            if is_han(other) and self._lexicon.pair_frequency(other, right):
                yield other

    def _replaced(self, at: int, other: str) -> str:
        return self._text[:at] + other + self._text[at + 1 :]

    def _word_at(self, text: str, at: int) -> str:
        """The word that the character at an offset is part of."""
        end = 0
        for word in self._lexicon.words(text):
            end += len(word)
            if end > at:
                return word
        return ""


def _windows(text: str, at: int) -> list[str]:
    """The substrings of `_WINDOW` characters that contain the character at an offset."""
    first, last = max(at - _WINDOW + 1, 0), min(at, len(text) - _WINDOW)
    return [text[start : start + _WINDOW] for start in range(first, last + 1)]


def _lookalikes(character: str) -> str:
    """The characters that look like this one."""
    return "".join(group.replace(character, "") for group in _lookalike_groups() if character in group)


@cache
def _lookalike_groups() -> list[str]:
    return _LOOKALIKES.read_text("utf-8").split()
