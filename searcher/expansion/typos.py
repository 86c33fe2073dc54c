"""Typo correction of Chinese terms: what characters that belong to no word of the texts were most probably meant to be.

A noisy channel over the words of the dictionary and the texts. Where a term is cut into a single character, or a word
that no text has, and a pair of characters there is in no text either, the words are compared with every longer word
that one slip makes of them: a character that sounds or looks alike (sure if that is many times as probable), or two
swapped, one missing or one too many (sure if documents have the word between the same neighbours). No word that the
texts have is changed, and none is replaced by a single other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from heapq import nlargest
from itertools import islice
from math import inf, log
from pathlib import Path
from typing import Final, NamedTuple

from corpus.chinese import is_han
from searcher.expansion.homophones import homophones
from searcher.expansion.lexicon import Lexicon
from searcher.query.stop_words import is_stop_word

_LOOKALIKES: Final = Path(__file__).with_name("data") / "lookalikes.txt"
#: Longer terms are pasted texts: the words around a typo find what was meant.
_MAX_CHARS: Final = 40
#: Characters of a term that are looked at, of those that may be wrong.
_MAX_SUSPECTS: Final = 6
#: Characters of a word before the one that is wrong, at most.
_BACK: Final = 5
#: Documents among which any two characters may be adjacent once by chance.
_DOCUMENTS_PER_CHANCE: Final = 20_000
#: Among so many documents one more must have the word: in a large collection nearly every word is somewhere.
_DOCUMENTS_PER_WITNESS: Final = 4_000

# Scores are logarithms of ratios of probabilities. The limits are measured: on 5,800 questions of public sets no slip
# reached the first one, and of 1,400 with a typo four in ten did; below the second most slips are wrong.
_SURE: Final = 4.9
_POSSIBLE: Final = 3.5
#: A sure slip is so much more probable than any other word there.
_MARGIN: Final = 0.5
#: How much rarer it is to type a character that sounds similar, or looks alike, than a homophone.
_SIMILAR_COST: Final = 3.0
#: What a rare single character beside the slip costs: both may be parts of a name that the texts lack.
_NAME_COST: Final = 3.0
#: What it costs that the texts have the typed character beside its other neighbour.
_FITTING_COST: Final = 1.5
#: Single characters that are less probable are seldom words.
_RARE: Final = -8.5
#: Slips whose neighbours are looked up, the best first; neighbours add at most so much.
_MAX_LOOKED_UP: Final = 3
_MAX_ASSOCIATION: Final = 4.0

#: Longer terms are not searched for characters swapped, missing or too many.
_MAX_CHARS_TO_REORDER: Final = 12
#: Characters tried at an offset where one may be missing, the most frequent first.
_MAX_INSERTED: Final = 30
#: Documents that must have a word between the neighbours of what it corrects, and the characters of all three.
_MIN_DOCUMENTS: Final = 2
_MIN_PHRASE: Final = 4


class Correction(NamedTuple):
    """What a term may have been meant to be; unless `is_sure`, it is only suggested."""

    text: str
    is_sure: bool


class _Slip(NamedTuple):
    """A part of a term, and the word that it may have been meant to be."""

    start: int
    end: int
    word: str
    score: float


def correct(lexicon: Lexicon, text: str, is_title: bool = False) -> Correction | None:
    """The best correction of a term in normal form; None if it needs none or has none."""
    if not 2 <= len(text) <= _MAX_CHARS:
        return None
    corrector = _Corrector(text, lexicon, is_title)
    slips = corrector.replaced()
    sure = corrector.sure(slips) or corrector.reordered()
    if sure:
        return Correction(_mended(text, sure), is_sure=True)
    if slips and slips[0].score >= _POSSIBLE:
        return Correction(_mended(text, slips[:1]), is_sure=False)
    return None


def _mended(text: str, slips: list[_Slip]) -> str:
    for slip in sorted(slips, reverse=True):
        text = text[: slip.start] + slip.word + text[slip.end :]
    return text


class _Corrector:
    """Slips of one term. Characters are named by their offset in it, a pair by that of its first character."""

    def __init__(self, text: str, lexicon: Lexicon, is_title: bool) -> None:
        self._text = text
        self._lexicon = lexicon
        self._is_title = is_title
        self._chance = lexicon.documents // _DOCUMENTS_PER_CHANCE
        #: The words of the term by their first offset, and the offsets at which one begins or ends.
        self._words = _by_offset(lexicon.words(text))
        self._bounds = {*self._words, len(text)}
        self._suspects = self._find_suspects()

    def _find_suspects(self) -> list[tuple[int, bool, bool]]:
        """Characters that may be wrong, and whether the pair of each before and after is unknown.

        They are words of one character that are no function words, and those of longer words that no text has.
        """
        words = [(at, word) for at, word in self._words.items() if is_han(word[0]) and not is_stop_word(word)]
        singles = [at for at, word in words if len(word) == 1]
        longer = [(at, word) for at, word in words if len(word) > 1 and not self._lexicon.words_with(word)]
        offsets = (*singles, *(at for start, word in longer for at in range(start, start + len(word))))
        pairs = ((at, self._is_unknown(at - 1), self._is_unknown(at)) for at in offsets)
        return list(islice((suspect for suspect in pairs if suspect[1] or suspect[2]), _MAX_SUSPECTS))

    def _is_unknown(self, pair: int) -> bool:
        """True if the texts have two characters of the term side by side only as often as by chance."""
        if not 0 <= pair < len(self._text) - 1:
            return False
        first, second = self._text[pair], self._text[pair + 1]
        return is_han(first) and is_han(second) and self._lexicon.pair_frequency(first, second) <= self._chance

    def replaced(self) -> list[_Slip]:
        """Slips of one character that sounds or looks like the one that was meant, the most probable first."""
        slips = {slip for suspect in self._suspects for slip in self._replaced_at(*suspect)}
        best = sorted(slips, key=lambda slip: (-slip.score, slip))
        looked_up = [self._with_neighbours(slip) for slip in best[:_MAX_LOOKED_UP]]
        return sorted([*looked_up, *best[_MAX_LOOKED_UP:]], key=lambda slip: (-slip.score, slip))

    def sure(self, slips: list[_Slip]) -> list[_Slip]:
        """Those that are sure and leave each other alone."""
        found: list[_Slip] = []
        for slip in slips:
            mended = _mended(self._text, [slip])
            rivals = [other for other in slips if _overlap(slip, other) and _mended(self._text, [other]) != mended]
            is_best = all(slip.score - other.score >= _MARGIN for other in rivals)
            if slip.score >= _SURE and is_best and not any(_overlap(slip, other) for other in found):
                found.append(slip)
        return found

    def _replaced_at(self, at: int, before: bool, after: bool) -> Iterator[_Slip]:
        """Slips at one offset, without regard to their neighbours."""
        text, lexicon = self._text, self._lexicon
        is_inside = at > 0 and is_han(text[at - 1])
        followers = lexicon.followers(text[at - 1]) if is_inside else {}
        cost: float | None = None
        for other, similarity_cost in _similar_characters(text[at]).items():
            changed = text[:at] + other + text[at + 1 :]
            first = at - _BACK if other in followers else at
            for start, end in self._words_over(changed, first, at, at):
                # One word for one word is no evidence: the texts may just lack it.
                is_joined = end - start > len(self._words[start])
                if is_joined and ((before and start < at) or (after and end > at + 1)):
                    word = changed[start:end]
                    cost = self._cost_of_typing(at, before, after) if cost is None else cost
                    score = lexicon.log_probability(word) - self._as_typed(start, end) - similarity_cost - cost
                    if score >= _SURE - _MAX_ASSOCIATION and self._is_in_texts(word):
                        yield _Slip(start, end, word, score)

    def _as_typed(self, start: int, end: int) -> float:
        """The logarithm of the probability that a part of the term was meant as it was typed."""
        words = [word for at, word in self._words.items() if start <= at < end]
        seen = self._lexicon.max_frequency(self._text[start:end])
        probability = sum(map(self._lexicon.log_probability, words))
        return max(probability, self._lexicon.log_share(seen)) if seen else probability

    def _cost_of_typing(self, at: int, before: bool, after: bool) -> float:
        """How improbable a slip to this character is: it is rarer than its homophones, or suits its other neighbour."""
        text, lexicon = self._text, self._lexicon
        same, _ = homophones(text[at])
        rarity = max(map(lexicon.log_probability, same[:5]), default=-inf) - lexicon.log_probability(text[at])
        is_inside = 0 < at < len(text) - 1 and is_han(text[at - 1]) and is_han(text[at + 1])
        return max(rarity, 0.0) + (_FITTING_COST if is_inside and not (before and after) else 0.0)

    def _words_over(
        self, changed: str, start_from: int, first: int, last: int, longer: int = 0
    ) -> Iterator[tuple[int, int]]:
        """Start and end of the words of a changed term over two offsets that begin and end where typed words do.

        `longer` is the number of characters that the change added.
        """
        for start in range(max(start_from, 0), first + 1):
            if start in self._words and is_han(changed[start]):
                for _, end in self._lexicon.words_at(changed, start):
                    if end > last and end - start > 1 and end - longer in self._bounds:
                        yield start, end

    def _is_in_texts(self, word: str) -> bool:
        """True if enough documents have the word, or in titles any."""
        if self._is_title:
            return self._lexicon.document_frequency(word, True) > 0
        least = 1 + self._lexicon.documents // _DOCUMENTS_PER_WITNESS
        return self._lexicon.words_with(word) >= least or self._lexicon.document_frequency(word) >= least

    def _with_neighbours(self, slip: _Slip) -> _Slip:
        """The slip with a score that regards the words beside it."""
        before, after = self._neighbours(slip)
        association = self._association(before, slip.word) + self._association(slip.word, after)
        if association:
            return slip._replace(score=slip.score + min(association, _MAX_ASSOCIATION))
        words = (word for word in (before, after) if len(word) == 1 and is_han(word) and not is_stop_word(word))
        is_name = any(map(self._is_rare, words))
        return slip._replace(score=slip.score - _NAME_COST) if is_name else slip

    def _association(self, first: str, second: str) -> float:
        """The pointwise mutual information of two words that documents have side by side, if it is above zero."""
        lexicon = self._lexicon
        if not first or not second or is_stop_word(first) or is_stop_word(second):
            return 0.0
        both = lexicon.document_frequency(first + second)
        if not both:
            return 0.0
        expected = lexicon.words_with(first) * lexicon.words_with(second) / lexicon.documents
        return max(log(both / expected), 0.0) if expected else 0.0

    def _is_rare(self, character: str) -> bool:
        return self._lexicon.log_probability(character) < _RARE

    def _neighbours(self, slip: _Slip) -> tuple[str, str]:
        """The words before and after a slip, empty at an end of the term."""
        before = next((word for at, word in self._words.items() if at + len(word) == slip.start), "")
        return before, self._words.get(slip.end, "")

    def reordered(self) -> list[_Slip]:
        """The best slip of characters swapped, missing or too many beside a rare one, if documents prove it."""
        if len(self._text) > _MAX_CHARS_TO_REORDER:
            return []
        singles = [suspect for suspect in self._suspects if len(self._words.get(suspect[0], "")) == 1]
        rare = [suspect for suspect in singles if self._is_rare(self._text[suspect[0]])]
        proved = {}
        for slip in {slip for suspect in rare for slip in self._reordered_at(*suspect)}:
            before, after = self._neighbours(slip)
            phrase = before + slip.word + after
            if len(phrase) >= max(_MIN_PHRASE, len(slip.word) + 1):
                documents = self._lexicon.document_frequency(phrase, self._is_title)
                if documents >= _MIN_DOCUMENTS:
                    proved[slip] = documents
        return sorted(proved, key=lambda slip: (-proved[slip], slip))[:1]

    def _reordered_at(self, at: int, before: bool, after: bool) -> Iterator[_Slip]:
        text = self._text
        for left in [at - 1] * before + [at] * after:
            swapped = text[:left] + text[left + 1] + text[left] + text[left + 2 :]
            for start, end in self._words_over(swapped, left - _BACK, left, left + 1):
                yield _Slip(start, end, swapped[start:end], 0.0)
            for other in self._characters_between(text[left], text[left + 1]):
                filled = text[: left + 1] + other + text[left + 1 :]
                first, last = (left, left + 1) if left == at else (left + 1, left + 2)
                for start, end in self._words_over(filled, first - _BACK, first, last, 1):
                    yield _Slip(start, end - 1, filled[start:end], 0.0)
        if 0 < at < len(text) - 1:
            without = text[:at] + text[at + 1 :]
            # Either it doubles a character of a word, or the word is on both sides of it.
            first = at if text[at] == text[at + 1] else at - 1
            last = at - 1 if text[at] == text[at - 1] else at
            for start, end in self._words_over(without, first - _BACK, first, last, -1):
                yield _Slip(start, end + 1, without[start:end], 0.0)

    def _characters_between(self, left: str, right: str) -> Iterator[str]:
        """Characters that form indexed pairs with both, the most frequent after `left` first."""
        followers = self._lexicon.followers(left)
        for other in nlargest(_MAX_INSERTED, followers, key=followers.__getitem__):
            if is_han(other) and self._lexicon.pair_frequency(other, right):
                yield other


def _overlap(slip: _Slip, other: _Slip) -> bool:
    return slip.start < other.end and other.start < slip.end


def _by_offset(words: list[str]) -> dict[int, str]:
    """Words by their first offset."""
    found, at = {}, 0
    for word in words:
        found[at] = word
        at += len(word)
    return found


@lru_cache(maxsize=1024)
def _similar_characters(character: str) -> dict[str, float]:
    """The characters that sound or look like this one, with what it costs to take them for it."""
    same, similar = homophones(character)
    return {**dict.fromkeys(similar + _lookalikes(character), _SIMILAR_COST), **dict.fromkeys(same, 0.0)}


def _lookalikes(character: str) -> str:
    """The characters that look like this one."""
    return "".join(group.replace(character, "") for group in _lookalike_groups() if character in group)


@cache
def _lookalike_groups() -> list[str]:
    return _LOOKALIKES.read_text("utf-8").split()
