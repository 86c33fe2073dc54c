"""Phrases that recur in titles: neighbouring words that a dictionary does not know as one, such as 脑机 and 接口."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

#: Longer names are rarely typed as one, and each word more costs every title a few counts.
_MOST_WORDS: Final = 4
_MOST_CHARACTERS: Final = 10
#: No title is longer; a text that stands in for one may be.
_MOST_TITLE_CHARACTERS: Final = 200

#: Titles that must have a phrase (one more for each so many titles), and the share it must have of those with its rarer
#: word. Guesses; with them 700 titles of notices and 100,000 of all kinds gave names rather than pieces of sentences.
_LEAST_TITLES: Final = 3
_TITLES_FOR_ONE_MORE: Final = 20_000
_LEAST_SHARE: Final = 0.1

#: A part whose longer phrase has nearly all of its titles says nothing of its own: 机接口 beside 脑机接口.
_ABSORBED: Final = 0.8

#: Phrases counted at a time, about 130 bytes each; beyond, those met once are forgotten.
_MOST_COUNTED: Final = 400_000

#: Words that belong to no name: particles, conjunctions, pronouns, units of counting and dates.
_FUNCTION_WORDS_FILE: Final = Path(__file__).with_name("data") / "function_words.txt"


@cache
def function_words() -> frozenset[str]:
    """Words that nobody searches for."""
    return frozenset(_FUNCTION_WORDS_FILE.read_text("utf-8").split())


class PhraseCounter:
    """Counts, over titles, what two to four neighbouring words make together."""

    def __init__(self) -> None:
        self._titles = 0
        self._counts: dict[str, int] = {}
        self._words: dict[str, tuple[str, ...]] = {}

    def add(self, title: str, words: list[str]) -> None:
        """Count the phrases of one title, given as its normal form and the words of that in order.

        A phrase is made of neighbours that stand together in the title, with no function word among them.
        """
        self._titles += 1
        counts, excluded = self._counts, function_words()
        title, words = title[:_MOST_TITLE_CHARACTERS], words[:_MOST_TITLE_CHARACTERS]
        seen = set()
        for start in range(len(words) - 1):
            phrase = words[start]
            if phrase in excluded:
                continue
            for end in range(start + 1, min(start + _MOST_WORDS, len(words))):
                phrase += words[end]
                if words[end] in excluded or len(phrase) > _MOST_CHARACTERS or phrase not in title:
                    break
                if phrase not in seen:
                    seen.add(phrase)
                    counts[phrase] = count = counts.get(phrase, 0) + 1
                    if count == _LEAST_TITLES:
                        self._words[phrase] = tuple(words[start : end + 1])
        if len(counts) > _MOST_COUNTED:
            self._counts = {phrase: count for phrase, count in counts.items() if count > 1}

    def recurring(self, titles_with: dict[str, int]) -> dict[str, int]:
        """The phrases that recur and hold together, each with its number of titles, given that of every word."""
        least = _LEAST_TITLES + self._titles // _TITLES_FOR_ONE_MORE
        held = {
            phrase: self._counts[phrase]
            for phrase, parts in self._words.items()
            if self._counts[phrase] >= max(least, _LEAST_SHARE * min(titles_with.get(part, 0) for part in parts))
        }
        absorbed = set()
        for phrase, count in held.items():
            parts = self._words[phrase]
            for part in ("".join(parts[1:]), "".join(parts[:-1])):
                if count >= _ABSORBED * self._counts.get(part, count):
                    absorbed.add(part)
        return {phrase: count for phrase, count in held.items() if phrase not in absorbed}
