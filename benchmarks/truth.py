"""Computes the right totals by brute force: sets of words, and a scan of every text for strings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchmarks.documents import BenchmarkDocument
from benchmarks.queries import Question
from benchmarks.tokens import words


def with_expected(queries: Sequence[Question], documents: Iterable[BenchmarkDocument]) -> list[Question]:
    """The queries with their totals; words are those of tokens.py, strings are compared without regard to case."""
    by_words = [query for query in queries if query.match != "string"]
    strings = [(query.id, query.text.lower()) for query in queries if query.match == "string"]
    totals: Counter[str] = Counter()
    for document in documents:
        title, text = document.title.lower(), document.text.lower()
        totals.update(id for id, string in strings if string in text or string in title)
        fields = [words(title), words(text)]
        present = {word for field in fields for word in field}
        totals.update(query.id for query in by_words if _matches(query, document, present, fields))
    return [replace(query, expected=totals[query.id]) for query in queries]


def _matches(query: Question, document: BenchmarkDocument, present: set[str], fields: Sequence[Sequence[str]]) -> bool:
    if query.account is not None and document.account != query.account:
        return False
    if query.date_from is not None and document.date < query.date_from:
        return False
    if query.date_to is not None and document.date > query.date_to:
        return False
    if query.match == "any":
        return not present.isdisjoint(query.terms)
    if not present.issuperset(query.terms):
        return False
    return query.match == "all" or any(_has_phrase(field, query.terms) for field in fields)


def _has_phrase(field: Sequence[str], terms: tuple[str, ...]) -> bool:
    size = len(terms)
    return any(tuple(field[at : at + size]) == terms for at, word in enumerate(field) if word == terms[0])
