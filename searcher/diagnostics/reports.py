"""What is told about an answer: why a document is a hit or none, why nothing was found, what is like a document.

Apart from page.py, for few answers need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from searcher.results import Hit, SearchPage, Tier

#: A string as typed (or what stands for it), a word of it, a pair of neighbouring characters, a single one.
PartKind = Literal["string", "word", "pair", "character"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermReport:
    """Something that ranks: how many documents have it, and its weight (inverse document frequency)."""

    kind: PartKind
    text: str
    documents: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one term adds to a document's score, and how often it stands in title, headings and body."""

    kind: PartKind
    text: str
    title: int
    heading: int
    body: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of the query's weight a document holds, and how much is asked of a related one, both from 0 to 1."""

    held: float
    asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HitReport:
    """Why a hit is where it is: its score is the sum of the parts and of `other`, which no term accounts for.

    `missing` names what an exact hit would have, in canonical form; it is empty for exact hits.
    """

    id: str
    rank: int
    tier: Tier
    score: float
    parts: tuple[Part, ...]
    other: float
    missing: tuple[str, ...]
    share: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A page, the query as it was understood (canonical form), its terms, and a report for each of the hits."""

    page: SearchPage
    canonical: str
    terms: tuple[TermReport, ...]
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
class TermCount:
    """A term in canonical form: documents that have it, and how many of these pass the filters."""

    text: str
    documents: int
    passing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A form of a term that no document has, which some do have."""

    term: str
    form: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """How many hits there would be without a filter or a part of the query."""

    part: str
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroReport:
    """Why nothing was found. The proof, what was searched, is the page's own IndexInfo.

    `missing` are the terms that no document has, `apart` groups of terms each of which occurs, but never all in one
    document.
    """

    terms: tuple[TermCount, ...]
    missing: tuple[str, ...]
    apart: tuple[tuple[str, ...], ...]
    near: tuple[Near, ...]
    without: tuple[Without, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Documents like one: best first, without its copies, which come apart; `words` are what was compared."""

    of: Hit
    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    copies: tuple[Hit, ...]
