"""Why a page is empty, in the order in which a reader asks: what stood in the way, and what would find something.

Every count beside a link is the number of documents that the link leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from searcher.page import Page
from searcher.reports import TermCount, ZeroReport
from web.forms import FACETS, SearchForm
from web.links import Links, unfiltered

#: How the report writes a term without content, which is no reason worth naming.
_NO_CONTENT: Final = '""'


@dataclass(frozen=True, slots=True)
class Way:
    """A link to `count` documents, which leaves out a `part`: a filter (a key of texts and its values) or query text.

    `url` is empty where the part as typed cannot be told.
    """

    key: str
    part: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class NearForm:
    """A form that some documents do have."""

    form: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """What an empty page tells: the reason (a key of texts) and its terms, a line for each term, and the ways on."""

    reason: str
    culprits: tuple[tuple[str, ...], ...]
    terms: tuple[TermCount, ...]
    is_filtered: bool
    near: tuple[NearForm, ...]
    ways: tuple[Way, ...]


def nothing(answer: Page, form: SearchForm, links: Links) -> Nothing:
    """The report of an answer without hits, made ready for the page."""
    zero = answer.zero or ZeroReport(terms=(), missing=(), apart=(), near=(), without=())
    terms = tuple(term for term in zero.terms if term.text != _NO_CONTENT)
    reason, culprits = _reason(zero, terms)
    return Nothing(
        reason=reason,
        culprits=culprits,
        terms=terms,
        is_filtered=any(term.passing != term.documents for term in terms),
        near=tuple(NearForm(near.form, near.documents, links.literally(near.form)) for near in zero.near),
        ways=tuple(_way(without.part, without.hits, form, links) for without in zero.without),
    )


def _reason(zero: ZeroReport, terms: tuple[TermCount, ...]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    missing = tuple(text for text in zero.missing if text != _NO_CONTENT)
    if missing:
        return "why_missing", tuple((text,) for text in missing)
    if zero.apart:
        return "why_apart", zero.apart
    filtered = tuple((term.text,) for term in terms if not term.passing)
    if filtered:
        return "why_filtered", filtered
    return ("why_together", ()) if terms else ("", ())


def _way(part: str, count: int, form: SearchForm, links: Links) -> Way:
    """The way without a part of the report: a filter, a part of the query, or all of these together."""
    filters = dict(_filters(form, links))
    if part in filters:
        return replace(filters[part], count=count)
    rest, bare = part, form
    for label in filters:
        if f"{label} " in f"{rest} ":
            rest, bare = f"{rest} ".replace(f"{label} ", "", 1).strip(), unfiltered(form)
    query = _without(form.q, rest)
    url = "" if query is None else links.to(replace(bare, q=query, page=1))
    return Way("", part, count, url)


def _filters(form: SearchForm, links: Links) -> Iterator[tuple[str, Way]]:
    """The filters of the form by what the report calls them."""
    for name in FACETS:
        if values := form.selected(name):
            label = f"{name}={', '.join(values)}"
            yield label, Way(f"facet_{name}", "、".join(values), 0, links.to(form.with_values(name, ())))
    if form.date_from or form.date_to:
        label = f"date={form.date_from or ''}..{form.date_to or ''}"
        yield label, Way("dates", label.removeprefix("date="), 0, links.without_dates())


def _without(query: str, part: str) -> str | None:
    """The query without a part that stands in it as the report writes it; None if it does not."""
    if not part:
        return query
    found = re.search(rf"(?<!\S){re.escape(part)}(?!\S)", query)
    return None if found is None else f"{query[: found.start()].rstrip()} {query[found.end() :].lstrip()}".strip()
