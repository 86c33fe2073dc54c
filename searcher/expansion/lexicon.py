"""What the helpers ask an index: does it have a string, how often does one character follow another.

Nothing here but counts: helpers judge by what the texts say, so no helper needs an index of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeVar

from corpus.chinese import is_han
from indexer.analysis.dictionary import PackedDictionary
from indexer.postings.format import END_CODE, RUN_BOUNDARY_CODE, gram_counts, gram_list
from indexer.store.columns import BLOCK_SIZES
from searcher.execution.evaluator import Evaluator
from searcher.execution.lru_cache import Recent
from searcher.execution.plan import term_plan
from searcher.query.tree import Term

#: Strings whose counts are remembered.
_STRINGS: Final = 4096
#: Characters whose followers are remembered: some thousand numbers each.
_CHARACTERS: Final = 128
#: Corrections and readings that are remembered.
_ANSWERS: Final = 1024

T = TypeVar("T")
#: One object for each character, whatever number of dictionaries it is in.
_shared = lru_cache(None)(chr)


class Lexicon:
    """Counts over one open generation; may be shared by threads."""

    def __init__(self, evaluator: Evaluator, dictionary: PackedDictionary) -> None:
        self._evaluator = evaluator
        self._index = evaluator.index
        self._dictionary = dictionary
        self._counts = Recent(_STRINGS)
        self._followers = Recent(_CHARACTERS)
        self._answers = Recent(_ANSWERS)

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self._index.documents

    def remembered(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """What a function makes of the lexicon and arguments; kept, for each page and facet asks again."""
        key = (make, arguments)
        answer: tuple[T] | None = self._answers.get(key)
        if answer is None:
            answer = (make(self, *arguments),)
            self._answers.put(key, answer, 1)
        return answer[0]

    def count(self, text: str, is_title: bool = False) -> int:
        """Documents that have a string in normal form as an unquoted term has it, in the title alone if wanted."""
        key = (text, is_title)
        count: int | None = self._counts.get(key)
        if count is None:
            count = self._counted(text, is_title)
            self._counts.put(key, count, 1)
        return count

    def _counted(self, text: str, is_title: bool) -> int:
        if not is_title and not self.most_places(text):
            return 0
        return self._evaluator.count(term_plan(Term(text=text, is_title=is_title)))

    def followers(self, character: str) -> dict[str, int]:
        """Characters that follow one somewhere, with the number of places in all fields."""
        return self._known_followers(character, tuple(BLOCK_SIZES))

    def title_followers(self, character: str) -> dict[str, int]:
        """The same in titles alone."""
        return self._known_followers(character, ("title",))

    def _known_followers(self, character: str, fields: tuple[str, ...]) -> dict[str, int]:
        key = (character, fields)
        found: dict[str, int] | None = self._followers.get(key)
        if found is None:
            found = {}
            for field in fields:
                postings = self._index.find(f"{field}_grams", character)
                counts = gram_counts(self._index.postings, postings.start) if postings else {}
                for code, places in counts.items():
                    if code not in (END_CODE, RUN_BOUNDARY_CODE):
                        found[_shared(code)] = found.get(_shared(code), 0) + places
            self._followers.put(key, found, 1)
        return found

    def pair(self, first: str, second: str) -> int:
        """Places where one character follows another; no tables are built for it."""
        places = 0
        for field in BLOCK_SIZES:
            postings = self._index.find(f"{field}_grams", first)
            if postings is not None:
                found = gram_list(self._index.postings, postings.start, ord(second))
                places += found.length if found else 0
        return places

    def most_places(self, text: str) -> int:
        """A bound for the places of a string: those of its rarest pair; of no meaning for less than two characters."""
        return min((self.pair(text[at], text[at + 1]) for at in range(len(text) - 1)), default=1)

    def words(self, text: str) -> list[str]:
        """The words that the text is cut into; joined they are the text."""
        words: list[str] = []
        for is_word, run in groupby(text, is_han):
            joined = ["".join(run)]
            words += self._dictionary.cut(joined) if is_word else joined
        return words

    def borders(self, text: str) -> set[int]:
        """Where words of the text begin or end."""
        borders, at = {0}, 0
        for word in self.words(text):
            at += len(word)
            borders.add(at)
        return borders
