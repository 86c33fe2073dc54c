"""Explains scores: records what an execution sums and asks of minimum should match, then looks at single documents.

No formula is repeated here: the parts of a score are the matches and factors that the score was summed from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, Literal, Protocol

from searcher.execution.arrays.protocol import Match
from searcher.execution.plan import Plan
from searcher.execution.plan_matching import TermKey, WeightedTerm
from searcher.execution.ranking import inverse_frequency
from searcher.results import Tier

#: A string as typed (or an alternative to it), a word of it, one of the user's dictionary, a pair of neighbouring
#: characters, a single character.
PartKind = Literal["string", "word", "user_word", "learned_word", "pair", "character"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermWeight:
    """A term that scores: how many documents have it, and its weight (inverse document frequency)."""

    kind: PartKind
    text: str
    documents: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """What one term adds to a document's score, and its frequency in title, headings and body."""

    kind: PartKind
    text: str
    title: int
    heading: int
    body: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share of the query's weight that a document holds, and the share a related hit must hold, from 0 to 1."""

    held: float
    asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreExplanation:
    """The terms of a plan; for each hit the parts of its score, the largest first; for each document its share.

    A share is None where words cannot make a document a hit.
    """

    terms: tuple[TermWeight, ...]
    parts: Mapping[int, tuple[ScorePart, ...]]
    shares: Mapping[int, Share | None]


class ScoredExecution(Protocol):
    """An execution of a plan that can be asked about single documents; terms are those that it reported."""

    @property
    def documents(self) -> int:
        """The number of all documents."""

    def tier_of(self, number: int) -> Tier | None:
        """The tier that a document is a hit in, None if it is no hit."""

    def scoring_terms(self, tier: Tier) -> Sequence[WeightedTerm[Any]]:
        """The terms that the scores of a tier are summed from."""

    def score_in(self, term: WeightedTerm[Any], number: int) -> float:
        """What a term adds to the score of a document, demoted as its score is; 0 if the document lacks it."""

    def frequency_in(self, term: WeightedTerm[Any], field: str, number: int) -> int:
        """How often a document has a term in a field."""


class ScoreRecorder(Generic[Match]):
    """Keeps what an execution reports (see `plan_matching.Recorder`)."""

    def __init__(self) -> None:
        self.matched: list[WeightedTerm[Match]] = []
        self.words: Sequence[WeightedTerm[Match]] = ()
        self.least = 0.0
        self.scoring: dict[Tier, Sequence[WeightedTerm[Match]]] = {}

    def on_match(self, term: WeightedTerm[Match]) -> None:
        """A term of the query tree was matched."""
        self.matched.append(term)

    def on_threshold(self, words: Sequence[WeightedTerm[Match]], least: float) -> None:
        """Related hits were matched by words."""
        self.words, self.least = words, least

    def on_scores(self, tier: Tier, terms: Sequence[WeightedTerm[Match]]) -> None:
        """The scores of a tier were summed."""
        self.scoring[tier] = terms


def explain_scores(
    execution: ScoredExecution, recorder: ScoreRecorder[Any], plan: Plan, numbers: Sequence[int]
) -> ScoreExplanation:
    """Explain documents by an execution of the plan that reports to the recorder."""
    tiers = {number: tier for number in numbers if (tier := execution.tier_of(number)) is not None}
    for tier in sorted(set(tiers.values())):
        execution.scoring_terms(tier)
    terms = [*recorder.matched, *recorder.words, *chain.from_iterable(recorder.scoring.values())]
    explainer = _Explainer(execution, recorder, plan)
    return ScoreExplanation(
        terms=tuple({term.key: explainer.term_weight(term) for term in terms}.values()),
        parts={number: explainer.parts(number, tier) for number, tier in tiers.items()},
        shares={number: explainer.share(number) for number in numbers},
    )


@dataclass(frozen=True, slots=True)
class _Explainer:
    execution: ScoredExecution
    recorder: ScoreRecorder[Any]
    plan: Plan

    def term_weight(self, term: WeightedTerm[Any]) -> TermWeight:
        weight = inverse_frequency(term.documents, self.execution.documents)
        return TermWeight(kind=self._kind(term.key), text=_text(term.key), documents=term.documents, weight=weight)

    def parts(self, number: int, tier: Tier) -> tuple[ScorePart, ...]:
        parts = []
        for term in self.recorder.scoring[tier]:
            score = self.execution.score_in(term, number)
            if score:
                frequencies = {
                    field: self.execution.frequency_in(term, field, number) for field in ("title", "heading", "body")
                }
                parts.append(ScorePart(kind=self._kind(term.key), text=_text(term.key), score=score, **frequencies))
        return tuple(sorted(parts, key=lambda part: -part.score))

    def share(self, number: int) -> Share | None:
        words = self.recorder.words
        whole = sum(word.factor for word in words)
        if not whole:
            return None
        held = sum(word.factor for word in words if self.execution.score_in(word, number))
        return Share(held=held / whole, asked=self.recorder.least / whole)

    def _kind(self, key: TermKey) -> PartKind:
        if isinstance(key, str):
            return "word"
        if key[0] in self.plan.strings.values():
            return "string"
        if key[0] in self.plan.further.values():
            return "learned_word" if key[0].text in self.plan.learned else "user_word"
        return "pair" if key[0] in self.plan.pairs else "character"


def _text(key: TermKey) -> str:
    """The strings that match as one term, the one typed first."""
    if isinstance(key, str):
        return key
    return " = ".join(f"title:{string.text}" if string.is_title else string.text for string in key)
