"""Reports on results: why a document is a hit or none, and which documents are like one."""

from __future__ import annotations

from dataclasses import dataclass

from searcher.execution.score_explanation import ScorePart, Share, TermWeight
from searcher.results import Hit, SearchPage, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class HitReport:
    """Why a hit is where it is: its score is the sum of the parts and of `other`, which no term accounts for.

    `missing` names what an exact hit would have, in canonical form; it is empty for exact hits.
    """

    id: str
    rank: int
    tier: Tier
    score: float
    parts: tuple[ScorePart, ...]
    other: float
    missing: tuple[str, ...]
    share: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A page, the query as it was understood (canonical form), its terms, and a report for each of the hits."""

    page: SearchPage
    canonical: str
    terms: tuple[TermWeight, ...]
    hits: tuple[HitReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A part of the query that a document does not meet, why, and what it has that comes nearest."""

    part: str
    message: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A filter that leaves a document out: the values asked for, and the document's own."""

    name: str
    asked: tuple[str, ...]
    has: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Is this document a hit? Then rank, tier and score are set; otherwise what stands in its way.

    An exact hit lacks nothing; a related one lacks what keeps it from being an exact one.
    """

    query: str
    id: str
    source_id: str
    title: str
    rank: int | None
    tier: Tier | None
    score: float | None
    lacks: tuple[Lack, ...]
    excluded: tuple[Excluded, ...]
    share: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Documents like one: best first, without its copies, which come apart; `words` are what was compared."""

    of: Hit
    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    copies: tuple[Hit, ...]
