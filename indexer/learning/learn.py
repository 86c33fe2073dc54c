"""Learns words from texts: recurring strings that cohere, stand freely, and that the dictionary cuts into pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate, compress, groupby
from math import inf
from typing import Final, NamedTuple, Protocol

import numpy as np

from corpus.chinese import NUMERAL_CHARS
from indexer.analysis.title_phrases import function_words
from indexer.analysis.tokens import Cutter
from indexer.learning.recurring_strings import Candidate, Texts, candidates
from indexer.postings.varints import Numbers

_LONGEST: Final = 8
#: A word occurs at least four times, and once more for each four million characters; in three texts.
_LEAST_COUNT: Final = 4
_CHARACTERS_PER_COUNT: Final = 4_000_000
_LEAST_TEXTS: Final = 3
#: The limits were chosen by reading some thousand words of notices and of texts of all kinds. Words that the dictionary
#: knows in part are easily told from free phrases. More is asked of what begins with a verb, of compounds of two known
#: words, such as 量子计算, and most of a verb with what may be its object (取得突破), which must be short, too.
_LEAST_COHESION: Final = 0.42
_LEAST_COHESION_OF_VERBS: Final = 0.5
_LEAST_COHESION_OF_COMPOUNDS: Final = 0.6
_LEAST_COHESION_WITH_OBJECT: Final = 0.7
_LONGEST_WITH_OBJECT: Final = 4
_LEAST_FREEDOM: Final = 1.75

#: The share of occurrences that the dictionary does not cut otherwise at either end: 海舰队 of 东海舰队 is no word.
_LEAST_AGREEMENT: Final = 0.7
#: Occurrences looked at, and the characters before and after each.
_LOOKED_AT: Final = 10
_CONTEXT: Final = 8

#: Parts of speech, as jieba abbreviates them, of which no word is composed: conjunctions, prepositions, pronouns,
#: particles, adverbs, interjections, directions, numerals, measure words, times. "ad" are adjectives used as adverbs.
_CLOSED_CLASSES: Final = frozenset("cpruydeofmqt")
_CLOSED_TAGS: Final = frozenset({"ad"})
#: Verbs and adverbs that begin or end free phrases, whatever their part of speech in the dictionary.
_LINKING: Final = frozenset(
    {"请", "较", "约", "达", "超", "占", "称", "叫", "曰", "说", "仍", "且", "应", "应当", "显示"}
)
_NUMERALS: Final = frozenset(f"{NUMERAL_CHARS}〇零百千万亿两几")


class TaggedCutter(Cutter, Protocol):
    """Cuts as documents are cut, and knows parts of speech."""

    def parts_of_speech(self, words: Collection[str]) -> dict[str, str]:
        """The part of speech of each of the words that the dictionary has, as jieba abbreviates it."""


def learn_words(texts: Sequence[str], cutter: TaggedCutter) -> list[str]:
    """The words of texts that the dictionary lacks, in normal form, sorted."""
    arrays = Texts.of(texts)
    found = candidates(
        arrays,
        longest=_LONGEST,
        least_count=_LEAST_COUNT + len(arrays.characters) // _CHARACTERS_PER_COUNT,
        least_texts=_LEAST_TEXTS,
        least_cohesion=_LEAST_COHESION,
        least_freedom=_LEAST_FREEDOM,
    )
    return sorted(_chosen(_agreeing(_composed(list(found), cutter), arrays, cutter)))


class _Composed(NamedTuple):
    """A candidate, the pieces that the dictionary cuts it into, and True if it begins with a verb."""

    candidate: Candidate
    pieces: Sequence[str]
    begins_with_verb: bool


def _composed(found: Sequence[Candidate], cutter: TaggedCutter) -> Iterator[_Composed]:
    """The candidates that the dictionary cuts into pieces of which a word may be composed."""
    cut = list(zip(found, _cut_each([candidate.text for candidate in found], cutter), strict=True))
    unknown = [(candidate, pieces) for candidate, pieces in cut if len(pieces) > 1]
    tags = cutter.parts_of_speech({piece for _, pieces in unknown for piece in pieces}) if unknown else {}
    for candidate, pieces in unknown:
        if not any(_is_closed(piece, tags) for piece in pieces):
            yield _Composed(candidate, pieces, tags.get(pieces[0]) == "v")


def _is_closed(piece: str, tags: Mapping[str, str]) -> bool:
    """True if a piece is no part of words."""
    tag = tags.get(piece, " ")
    if tag == "m" and len(piece) == 1 and piece not in _NUMERALS:
        tag = "n"  # 元 of 元宇宙
    return tag[0] in _CLOSED_CLASSES or tag in _CLOSED_TAGS or piece in _LINKING or piece in function_words()


def _chosen(found: Iterable[_Composed]) -> Iterator[str]:
    """The candidates, shorter ones before longer ones, that cohere enough for what they are composed of."""
    words: set[str] = set()
    for (text, _, cohesion, _), pieces, begins_with_verb in found:
        is_compound = _is_compound(pieces, words)
        if begins_with_verb and max(map(len, pieces[1:] if len(pieces[0]) > 1 else pieces[1:2])) > 1:
            least = _LEAST_COHESION_WITH_OBJECT if len(text) <= _LONGEST_WITH_OBJECT else inf
        elif is_compound:
            least = _LEAST_COHESION_OF_COMPOUNDS
        else:
            least = _LEAST_COHESION_OF_VERBS if begins_with_verb else _LEAST_COHESION
        if cohesion >= least:
            words.add(text)
            yield text


def _is_compound(pieces: Sequence[str], words: Set[str]) -> bool:
    """True if the pieces, of which some may be one of the words together, all have two characters or more."""
    ends = {0}
    for start in range(len(pieces)):
        for end in range(start + 1, len(pieces) + 1):
            text = "".join(pieces[start:end])
            if start in ends and (text in words or (end == start + 1 and len(text) > 1)):
                ends.add(end)
    return len(pieces) in ends


def _agreeing(found: Iterable[_Composed], texts: Texts, cutter: Cutter) -> Iterator[_Composed]:
    """The candidates, which come by length, at whose ends the dictionary mostly cuts, too."""
    for length, group in groupby(found, lambda composed: len(composed.candidate.text)):
        same = list(group)
        looked_at = [_some(composed.candidate.positions) for composed in same]
        contexts, before = texts.around(np.concatenate(looked_at), length, _CONTEXT)
        lengths = [len(context) for context in contexts]
        is_cut = np.zeros(sum(lengths) + 1, bool)
        is_cut[[0, *accumulate(map(len, cutter.cut(contexts)))]] = True
        starts = np.cumsum([0, *lengths[:-1]]) + before
        agreeing = is_cut[starts] & is_cut[starts + length]
        owners = np.repeat(np.arange(len(same)), [len(positions) for positions in looked_at])
        shares = np.bincount(owners, agreeing) / np.bincount(owners)
        yield from compress(same, shares >= _LEAST_AGREEMENT)


def _some(positions: Numbers) -> Numbers:
    """Some positions from all over these."""
    looked_at = min(len(positions), _LOOKED_AT)
    return positions[[at * len(positions) // looked_at for at in range(looked_at)]]


def _cut_each(runs: Sequence[str], cutter: Cutter) -> Iterator[list[str]]:
    """The pieces of each string of Han characters; the cutter is called once, because each call costs."""
    pieces = iter(cutter.cut(runs))
    for run in runs:
        own: list[str] = []
        missing = len(run)
        while missing:
            own.append(next(pieces))
            missing -= len(own[-1])
        yield own
