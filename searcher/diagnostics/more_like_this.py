"""More like this: ranks the documents that share the most characteristic words with one document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from corpus.document import Document
from indexer.analysis.normalise import normalise
from searcher.execution.collectors import RankedHit
from searcher.execution.engine import Engine
from searcher.execution.plan import Plan, make_plan
from searcher.execution.ranking import inverse_frequency
from searcher.query.build_tree import any_of
from searcher.query.query_cutter import QueryCutter
from searcher.query.stop_words import is_stop_word
from searcher.query.tree import Query, Term
from searcher.results import Request

#: Words that are compared; more of them would let common words decide.
MOST_WORDS: Final = 30
#: The beginning of a book says what it is about, and cutting it into words takes 1 s for each million characters.
_MAX_CHARS: Final = 50_000
#: Single Han characters and digits are not characteristic.
_MIN_CHARS: Final = 2
#: What a document must score, as a share of what the compared one scores itself. A guess: below are chance matches.
_LEAST_SCORE: Final = 0.15


def characteristic_words(document: Document, engine: Engine, cutter: QueryCutter) -> list[str]:
    """The words of highest weight (log frequency times inverse document frequency) that other documents have, too."""
    counts: Counter[str] = Counter()
    for text, factor in ((document.title, engine.parameters.title), (document.body[:_MAX_CHARS], 1.0)):
        for word in cutter.words(normalise(text)):
            counts[word] += factor  # type: ignore[assignment]  # Counter adds floats as well
    weights = {}
    for word, count in counts.items():
        if len(word) < _MIN_CHARS or word.isdecimal() or is_stop_word(word):
            continue
        is_further = cutter.is_further(word)
        frequency = engine.document_frequency(Term(text=word)) if is_further else engine.word_frequency(word)
        if frequency > 1:
            weights[word] = math.log1p(count) * inverse_frequency(frequency, engine.info.documents)
    return sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]


def like_plan(words: Sequence[str], cutter: QueryCutter) -> Plan:
    """The plan for documents with any of the words, best first."""
    terms = [Term(text=word) for word in words] or [Term(text="", is_literal=True)]
    return make_plan(Query(any_of(terms)), Request(query=""), cutter)


def split_copies(
    document: Document, number: int, ranked: Sequence[RankedHit], head: Callable[[int], Document], limit: int
) -> tuple[list[RankedHit], list[RankedHit]]:
    """The first documents that are alike enough and neither this one nor copies of it; and the copies among them."""
    least = _LEAST_SCORE * next((hit.score for hit in ranked if hit.number == number), 0.0)
    found: list[RankedHit] = []
    copies: list[RankedHit] = []
    for hit in ranked:
        if len(found) >= limit or hit.score < least:
            break
        if hit.number != number:
            cluster = head(hit.number).cluster
            is_copy = document.cluster is not None and cluster is not None and cluster.id == document.cluster.id
            (copies if is_copy else found).append(hit)
    return found, copies
