"""Extracts recurring phrases from titles: adjacent words that are one term, such as 脑机 and 接口."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

#: Longer names are rarely typed in full, and each further word costs every title several counts.
_MAX_WORDS: Final = 4
_MAX_CHARACTERS: Final = 10
#: Titles are shorter; the first line of a text that serves as a title may be longer.
_MAX_TITLE_CHARACTERS: Final = 200

#: The fewest titles with a phrase (one more for every 20,000 titles), and the least share of the titles with its rarest
#: word that have the phrase. Chosen by looking at the phrases of 700 titles of notices and of 100,000 titles of all
#: kinds: with these values they are names, not fragments of sentences.
_MIN_TITLES: Final = 3
_TITLES_PER_STEP: Final = 20_000
_MIN_SHARE: Final = 0.1

#: A part that occurs almost only inside a longer phrase is dropped: 机接口 of 脑机接口.
_ABSORBED: Final = 0.8

#: Phrases counted at a time, about 130 bytes each; if there are more, those counted once are dropped.
_MAX_COUNTED: Final = 400_000

#: Words that no name contains: particles, conjunctions, pronouns, measure words and units of dates.
_FUNCTION_WORDS_FILE: Final = Path(__file__).with_name("data") / "function_words.txt"


@cache
def function_words() -> frozenset[str]:
    """Words that are neither offered nor part of a phrase. Cached for the process."""
    return frozenset(_FUNCTION_WORDS_FILE.read_text("utf-8").split())


class PhraseCounter:
    """Counts the sequences of two to four adjacent words in titles."""

    def __init__(self) -> None:
        self._titles = 0
        self._counts: dict[str, int] = {}
        self._words: dict[str, tuple[str, ...]] = {}

    def add(self, title: str, words: list[str]) -> None:
        """Count the phrases of one title, given as its normal form and the words of that in order.

        The words of a phrase are adjacent in the title, and none is a function word.
        """
        self._titles += 1
        counts, excluded = self._counts, function_words()
        title, words = title[:_MAX_TITLE_CHARACTERS], words[:_MAX_TITLE_CHARACTERS]
        seen = set()
        for start in range(len(words) - 1):
            phrase = words[start]
            if phrase in excluded:
                continue
            for end in range(start + 1, min(start + _MAX_WORDS, len(words))):
                phrase += words[end]
                if words[end] in excluded or len(phrase) > _MAX_CHARACTERS or phrase not in title:
                    break
                if phrase not in seen:
                    seen.add(phrase)
                    counts[phrase] = count = counts.get(phrase, 0) + 1
                    if count == _MIN_TITLES:
                        self._words[phrase] = tuple(words[start : end + 1])
        if len(counts) > _MAX_COUNTED:
            self._counts = {phrase: count for phrase, count in counts.items() if count > 1}

    @property
    def words(self) -> set[str]:
        """The words of all phrases that may recur."""
        return {word for words in self._words.values() for word in words}

    def recurring(self, titles_with: dict[str, int]) -> dict[str, int]:
        """The recurring phrases with their numbers of titles; `titles_with` has the titles of each of `words`."""
        least = _MIN_TITLES + self._titles // _TITLES_PER_STEP
        held = {
            phrase: self._counts[phrase]
            for phrase, parts in self._words.items()
            if self._counts[phrase] >= max(least, _MIN_SHARE * min(titles_with.get(part, 0) for part in parts))
        }
        absorbed = set()
        for phrase, count in held.items():
            parts = self._words[phrase]
            for part in ("".join(parts[1:]), "".join(parts[:-1])):
                if count >= _ABSORBED * self._counts.get(part, count):
                    absorbed.add(part)
        return {phrase: count for phrase, count in held.items() if phrase not in absorbed}
