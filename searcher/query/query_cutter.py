"""Cuts queries into words: those of the documents' dictionary, and further ones that the documents were not cut into.

A further word, which the generation has learned or the user's dictionary has, is not in the posting lists of words. It
is matched as an exact string, so that it acts on documents that were indexed before it was known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from itertools import groupby
from math import exp, log

from corpus.chinese import is_han
from indexer.analysis.dictionary import best_paths
from indexer.analysis.tokens import HAN_RUNS, WordDictionary, cuts_run, words_of


def _no_words(_: str) -> list[str]:
    return []


class FurtherWords:
    """The words of the user and the learned words, in normal form; finds them inside a text. Threads may share it."""

    def __init__(
        self,
        own: Iterable[str] = (),
        rejected: Set[str] = frozenset(),
        learned: Callable[[str], Iterable[str]] = _no_words,
    ) -> None:
        """`own` are the words of the user; `learned` gives the learned words by first character, without `rejected`."""
        self.own = tuple(sorted(own))
        self._own: dict[str, list[str]] = {}  # by first character
        for word in self.own:
            self._own.setdefault(word[0], []).append(word)
        self._learned = learned
        self._rejected = rejected
        self._known: dict[str, tuple[frozenset[str], frozenset[int]]] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._beginning_with(word[:1])[0]

    def is_own(self, word: str) -> bool:
        """True if the word is one of the user's."""
        return word in self._own.get(word[:1], ())

    def ends_at(self, text: str, start: int) -> list[int]:
        """The ends of the words that begin at an offset and neither begin nor end inside a run."""
        words, lengths = self._beginning_with(text[start])
        ends = [start + length for length in lengths if start + length <= len(text)]
        found = [end for end in ends if text[start:end] in words and not cuts_run(text, end)]
        return found if found and not cuts_run(text, start) else []

    def _beginning_with(self, character: str) -> tuple[frozenset[str], frozenset[int]]:
        """The words that begin with a character, and their lengths."""
        known = self._known.get(character)
        if known is None:
            learned = [word for word in self._learned(character) if word not in self._rejected] if character else ()
            words = frozenset((*self._own.get(character, ()), *learned))
            known = self._known[character] = words, frozenset(map(len, words))
        return known


class QueryCutter:
    """Cuts normal forms by a dictionary and further words; may be shared by threads.

    The segmentation is the most probable one. A further word is as frequent as jieba makes a word of its user
    dictionary: just more probable than the words that it consists of. So alone it is one word, and the words around it
    may still prevail (业大 does not cut 工业大学). One that documents were cut into anyway changes nothing.
    """

    def __init__(
        self,
        dictionary: WordDictionary,
        further: FurtherWords | None = None,
        has_word: Callable[[str], bool] | None = None,
    ) -> None:
        """`has_word` tells whether any document has a word; without it all words are taken for known."""
        self._dictionary = dictionary
        self._has_word = has_word
        self.further = further or FurtherWords()
        self._weights: dict[str, float | None] = {}  # logarithm of the probability; None for the dictionary's words

    def words(self, text: str) -> list[str]:
        """The words of a text as `words_of` gives them, with the further words that it contains."""
        words = []
        for piece in self._pieces(text):
            words += [piece] if self.is_further(piece) else self.dictionary_words(piece)
        return words

    def further_words(self, text: str) -> list[str]:
        """The further words among the words of a text."""
        return [piece for piece in self._pieces(text) if self.is_further(piece)]

    def dictionary_words(self, text: str) -> list[str]:
        """The words of a text by the dictionary alone."""
        return words_of(text, self._dictionary)

    def known_parts(self, word: str) -> list[str]:
        """The word, if documents have it; else its shorter words of at least two characters that they have."""
        if self._has_word is None or self._has_word(word):
            return [word]
        return [known for part in self._parts(word) if len(part) > 1 for known in self.known_parts(part)]

    def _parts(self, word: str) -> list[str]:
        """The most probable shorter words that a word of the dictionary consists of."""
        if not HAN_RUNS.fullmatch(word):
            return []

        def words_at(start: int) -> list[tuple[float, int]]:
            found = self._dictionary.words_at(word, start)
            return [each for each in found if each[1] - start < len(word)] or [
                (-log(self._dictionary.total), start + 1)
            ]

        best = best_paths(len(word), words_at)
        parts = []
        at = 0
        while at < len(word):
            at, start = best[at][1], at
            parts.append(word[start:at])
        return parts

    def split(self, text: str) -> list[str]:
        """The further words, the words of Han characters, and what is between them; joined they are the text."""
        found = []
        for piece in self._pieces(text):
            found += [piece] if self.is_further(piece) else self.split_by_dictionary(piece)
        return found

    def split_by_dictionary(self, text: str) -> list[str]:
        """The words of Han characters by the dictionary alone, and what is between them; joined they are the text."""
        found = []
        for is_chinese, characters in groupby(text, is_han):
            run = "".join(characters)
            found += self._dictionary.cut([run]) if is_chinese else [run]
        return found

    def words_at(self, text: str, start: int) -> list[tuple[float, int]]:
        """The logarithm of the probability, and the end, of every word that begins at an offset: also further words.

        A character that begins no word counts as one of the least probability.
        """
        words = self._dictionary.words_at(text, start)
        further = [(self._weight(text[start:end]), end) for end in self.further.ends_at(text, start)]
        return words + [(weight, end) for weight, end in further if weight is not None] if further else words

    def is_further(self, word: str) -> bool:
        """True if the word is a further one, and none that documents were cut into."""
        return word in self.further and self._weight(word) is not None

    def _pieces(self, text: str) -> list[str]:
        """The further words of a text and the pieces between them; joined they are the text."""
        ends = {}
        for start in range(len(text)):
            found = [end for end in self.further.ends_at(text, start) if self.is_further(text[start:end])]
            if found:
                ends[start] = found
        if not ends:
            return [text]
        # Where no further word is, the dictionary alone decides, later.
        covered = {at for start, its in ends.items() for at in range(start, max(its))}
        best = self._best_paths(text, ends, [run for run in _han_runs(text) if not covered.isdisjoint(run)])
        pieces = []
        begin = at = 0
        while at < len(text):
            start, at = at, best[at][1]
            if at in ends.get(start, ()):
                pieces += [text[begin:start], text[start:at]]
                begin = at
        return [piece for piece in (*pieces, text[begin:]) if piece]

    def _weight(self, word: str) -> float | None:
        """The logarithm of the probability of a further word; None if documents were cut into it."""
        if word not in self._weights:
            self._weights[word] = None if word in self.dictionary_words(word) else self._new_weight(word)
        return self._weights[word]

    def _new_weight(self, word: str) -> float:
        """The formula of jieba's `suggest_freq`, with the shorter further words among the parts."""
        ends = {start: self.further.ends_at(word, start) for start in range(len(word))}
        ends[0] = [end for end in ends[0] if end < len(word)]
        total = self._dictionary.total
        return log(int(exp(self._best_paths(word, ends, _han_runs(word))[0][0]) * total) + 1) - log(total)

    def _best_paths(
        self, text: str, ends: Mapping[int, Collection[int]], runs: Iterable[range]
    ) -> list[tuple[float, int]]:
        """The best segmentations from each offset on, by further words with these ends, and in Han runs by all words.

        All else, such as letters and digits, is as probable with as without a further word.
        """
        in_runs = {at for run in runs for at in run}

        def words_at(start: int) -> list[tuple[float, int]]:
            words = self._dictionary.words_at(text, start) if start in in_runs else [(0.0, start + 1)]
            further = ((self._weight(text[start:end]), end) for end in ends.get(start, ()))
            return [*words, *((weight, end) for weight, end in further if weight is not None)]

        return best_paths(len(text), words_at)


def _han_runs(text: str) -> list[range]:
    """The offsets of each string of Han characters."""
    return [range(*run.span()) for run in HAN_RUNS.finditer(text)]
