"""Documents like one: those that share its most telling words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from corpus.document import Document
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import Cutter, words_of
from searcher.execution.evaluator import Ranked
from searcher.execution.plan import Plan, make_plan
from searcher.execution.ranking import PARAMETERS, inverse_frequency
from searcher.query.build_tree import any_of
from searcher.query.stop_words import STOP_WORDS
from searcher.query.tree import Query, Term
from searcher.results import Request

#: Words that are compared: more of them, and common ones decide.
MOST_WORDS: Final = 30
#: Of a book the beginning tells what it is about, and cutting it into words takes 1 s for each million characters.
_MAX_CHARS: Final = 50_000
#: Single Han characters and digits tell nothing.
_MIN_CHARS: Final = 2
#: What a document must score, in parts of what the one compared scores itself. A guess: under it lie chance meetings.
_LEAST_SCORE: Final = 0.15


def telling_words(document: Document, frequency: Callable[[str], int], documents: int, cutter: Cutter) -> list[str]:
    """The words with most weight (logarithm of how often, times inverse frequency) that other documents have too."""
    counts: Counter[str] = Counter()
    for text, factor in ((document.title, PARAMETERS.title), (document.body[:_MAX_CHARS], 1.0)):
        for word in words_of(normalise(text), cutter):
            counts[word] += factor  # type: ignore[assignment]  # Counter adds floats as well
    weights = {}
    for word, count in counts.items():
        if len(word) < _MIN_CHARS or word.isdecimal() or word in STOP_WORDS:
            continue
        having = frequency(word)
        if having > 1:
            weights[word] = math.log1p(count) * inverse_frequency(having, documents)
    return sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]


def like(words: Sequence[str], cutter: Cutter) -> Plan:
    """The plan for documents with any of the words, best first."""
    terms = [Term(text=word) for word in words] or [Term(text="", is_literal=True)]
    return make_plan(Query(any_of(terms)), Request(query=""), cutter)


def split_copies(
    document: Document, number: int, ranked: Ranked, head: Callable[[int], Document], limit: int
) -> tuple[list[int], list[int]]:
    """The first documents that are alike enough and neither this one nor copies of it; and the copies among them."""
    least = _LEAST_SCORE * ranked.scores.get(number, 0.0)
    found: list[int] = []
    copies: list[int] = []
    for other in ranked.numbers:
        if len(found) >= limit or ranked.scores[other] < least:
            break
        if other != number:
            cluster = head(other).cluster
            is_copy = document.cluster is not None and cluster is not None and cluster.id == document.cluster.id
            (copies if is_copy else found).append(other)
    return found, copies
