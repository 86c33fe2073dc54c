"""Autocomplete: terms, names of accounts and program types, and titles for the beginning of a query.

The work is bounded for any input: some binary searches, one pass over the entries with the prefix, and the reading of a
few titles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from functools import cached_property
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Final

from corpus.chinese import is_han
from indexer.analysis.normalise import normalise
from indexer.analysis.pinyin import pinyin_keys
from searcher.query.lexer import split_lexemes
from searcher.query.tree import Term
from searcher.results import Completion, CompletionKind

if TYPE_CHECKING:
    from searcher.execution.engine import Engine

#: Longer queries are pasted, not typed, and are not completed.
MAX_PREFIX_CHARS: Final = 100
MAX_COMPLETIONS: Final = 20
#: Of so many completions one is reserved for names and one for titles, if there are any; terms fill the rest.
_LIMIT_PER_RESERVED: Final = 4
#: Words of the user whose documents are counted, the shortest first.
_MAX_COUNTED: Final = 40
#: Titles read for each one wanted, because several documents may have the same.
_READ_PER_TITLE: Final = 4


class Completer:
    """Completes queries from one generation and the words of the user; safe to share by threads."""

    def __init__(self, engine: Engine, words: Collection[str] = (), rejected: Set[str] = frozenset()) -> None:
        """`rejected` are learned words that are not offered."""
        self._engine = engine
        self._words = words
        self._rejected = rejected
        self._table = engine.completions

    def complete(self, typed: str, limit: int) -> tuple[Completion, ...]:
        """At most `limit` distinct completions, in a stable order.

        Terms come first: the query with its last word completed, by words of the user (at most half of all), then by
        terms, those of many titles first. Then names that begin with this word, those of many documents first, and
        titles that begin with the whole query, the newest first. Quoted words, and words with an operator, are not
        completed.
        """
        limit = min(limit, MAX_COMPLETIONS)
        if limit <= 0 or len(typed) > MAX_PREFIX_CHARS:
            return ()
        whole = normalise(typed)
        kept, word = _last_word(typed)
        normal = normalise(word)
        own = self._own_words(normal, (limit + 1) // 2)
        limit -= len(own)
        known = {normal, *own, *self._rejected}
        numbers = self._beginning(normal)
        of_terms = (number for number in numbers if number < self._table.terms)
        others = (number for number in of_terms if self._table.text(number) not in known)
        terms = list(islice(others, limit))
        names = list(islice((number for number in numbers if number >= self._table.terms), limit))
        titles = list(islice(self._titles(whole), limit)) if whole else []
        reserve = -(-limit // _LIMIT_PER_RESERVED) if limit > 2 else 0
        for_titles = min(len(titles), max(reserve, limit - len(terms) - len(names)))
        for_names = min(len(names), max(reserve, limit - len(terms) - for_titles))
        terms = terms[: limit - for_titles - for_names]
        if len(terms) + for_names + for_titles < limit:
            missing = limit - len(terms) - for_names - for_titles
            terms += self._containing(normal, {*terms}, missing)
        found = [Completion(text=kept + text, kind="term", count=count) for text, count in own.items()]
        found += [self._suggestion(number, kept) for number in (*terms, *names[:for_names])]
        return (*found, *titles[:for_titles])

    def _own_words(self, normal: str, limit: int) -> dict[str, int]:
        """Words of the user with the prefix, as written or in pinyin, and how many documents have them, most first."""
        letters = _letters(normal)
        prefixes = tuple(filter(None, (normal, letters)))
        found = {word for key, word in self._own_keys if prefixes and key.startswith(prefixes) and word != normal}
        counted = nsmallest(_MAX_COUNTED, found, key=lambda word: (len(word), word))
        counts = {word: self._engine.document_frequency(Term(text=word)) for word in counted}
        best = sorted(filter(counts.__getitem__, counts), key=lambda word: (-counts[word], word))[:limit]
        return {word: counts[word] for word in best}

    @cached_property
    def _own_keys(self) -> list[tuple[str, str]]:
        """What is typed for each word of the user, and the word."""
        return [(key, word) for word in self._words for key in (word, *pinyin_keys(word))]

    def _beginning(self, normal: str) -> list[int]:
        """Numbers of the terms and names with the prefix, as written or in pinyin, the best first."""
        if not normal:
            return []
        numbers = set(self._table.with_prefix(normal))
        if letters := _letters(normal):
            numbers.update(self._table.with_pinyin_prefix(letters))
        return sorted(numbers)

    def _containing(self, normal: str, known: set[int], limit: int) -> list[int]:
        """Numbers of the terms that contain Chinese text after their beginning, the best first."""
        if not any(map(is_han, normal)):
            return []
        found = (number for number in self._table.containing(normal) if number not in known)
        texts = ((number, self._table.text(number)) for number in found)
        others = (number for number, text in texts if not text.startswith(normal) and text not in self._rejected)
        return list(islice(others, limit))

    def _titles(self, whole: str) -> Iterator[Completion]:
        """Titles with the prefix, or with a part that has it, the newest first, each once."""
        seen = set()
        for number in self._engine.titles(whole, MAX_COMPLETIONS * _READ_PER_TITLE):
            head = self._engine.head(number)
            title = normalise(head.title)
            if title not in seen and whole in title:
                seen.add(title)
                yield Completion(text=head.title, kind="title", count=1, id=head.id)

    def _suggestion(self, number: int, kept: str) -> Completion:
        table = self._table
        kind: CompletionKind = "term" if number < table.terms else "account" if number < table.accounts else "type"
        text = table.text(number)
        return Completion(text=kept + text if kind == "term" else text, kind=kind, count=table.count(number))


def _letters(normal: str) -> str:
    """Typed pinyin as the keys are written; empty if it is something else."""
    letters = normal.replace("'", "").replace("ü", "v")
    return letters if letters.isascii() and letters.isalnum() else ""


def _last_word(typed: str) -> tuple[str, str]:
    """The query up to its last word, and this word; two empty strings if it does not end with a plain word."""
    lexemes, _ = split_lexemes(typed)
    if not lexemes:
        return "", ""
    last = lexemes[-1]
    is_plain = last.kind == "word" and last.end == len(typed) and (not last.start or typed[last.start - 1].isspace())
    return (typed[: last.start], last.text) if is_plain else ("", "")
