"""From a query and its filters to what an engine evaluates: grams that prove strings, words that rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indexer.analysis import Cutter, is_run, string_grams, words_of
from searcher.errors import BadRequest
from searcher.page import FacetName, Request, Sort
from searcher.query import Query, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class String:
    """A string to be found: by its grams with their offsets, for a document has it where all of them meet.

    A string that must be a whole run of letters or digits is a word, and found as one.
    """

    text: str
    is_word: bool
    grams: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Selected values (alternatives within one facet), and days as proleptic ordinals, both ends included."""

    accounts: frozenset[str]
    types: frozenset[str]
    genres: frozenset[str]
    months: frozenset[str]
    first_day: int | None
    last_day: int | None

    def chosen(self, facet: FacetName) -> frozenset[str]:
        """The selected values of a facet."""
        chosen = {"account": self.accounts, "type": self.types, "genre": self.genres, "month": self.months}
        return chosen[facet]

    @property
    def is_empty(self) -> bool:
        """True when every document passes."""
        return not (self.accounts or self.types or self.genres or self.months or self.first_day or self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is evaluated. `words` rank, and decide the related tier; none are given when only exact hits are wanted."""

    wanted: tuple[String, ...]
    unwanted: tuple[String, ...]
    words: tuple[str, ...]
    filters: Filters
    sort: Sort


def make_plan(query: Query, request: Request, cutter: Cutter) -> Plan:
    """The plan of a query; raises BadRequest for a date that does not exist."""
    has_related = not any(term.is_literal for term in query.wanted)
    words = [word for term in query.wanted for word in words_of(term.text, cutter)] if has_related else []
    return Plan(
        wanted=tuple(map(_string, query.wanted)),
        unwanted=tuple(map(_string, query.unwanted)),
        words=tuple(dict.fromkeys(words)),
        filters=_filters(request),
        sort=request.sort,
    )


def _string(term: Term) -> String:
    is_word = not term.is_literal and is_run(term.text)
    grams = () if is_word else tuple(string_grams(term.text, is_bounded=not term.is_literal))
    return String(text=term.text, is_word=is_word, grams=grams)


def _filters(request: Request) -> Filters:
    first, last = _day(request.date_from, "from"), _day(request.date_to, "to")
    if first is not None and last is not None and first > last:
        raise BadRequest("the first day lies after the last one")
    return Filters(
        accounts=frozenset(request.accounts),
        types=frozenset(request.types),
        genres=frozenset(request.genres),
        months=frozenset(request.months),
        first_day=first,
        last_day=last,
    )


def _day(written: str | None, name: str) -> int | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
        if day.isoformat() == written:  # fromisoformat takes weeks and days without hyphens too
            return day.toordinal()
        raise ValueError
    except ValueError:
        raise BadRequest(f"the {name} date is no day of the calendar; write it as YYYY-MM-DD") from None
