"""What the page of an answer without hits says: the reason, a line for each term, and links that find something.

Every count beside a link is the number of documents that the link leads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from corpus.fields import QUERY_NAMES
from searcher.results import FilterName, NoHitsReport, QueryPart, Request, SearchPage, TermCount, Without
from web.forms import SearchForm
from web.i18n import Language
from web.links import Links, unfiltered

#: Terms that are tried to be left out, each of which costs a count.
_MOST_TRIED: Final = 3
_FIELD: Final = re.compile(rf"(?<!\S)(-?)({'|'.join(QUERY_NAMES)}):")
#: Each field's Chinese name, which stands after its English one.
_CHINESE: Final = {field: name for name, field in QUERY_NAMES.items()}

Count = Callable[[Request], int]


@dataclass(frozen=True, slots=True)
class Way:
    """A link to `count` documents that leaves out a filter (a key of texts) with its values, or a part of the query.

    `url` is empty if the count would not be kept.
    """

    key: str
    part: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class NearFormLink:
    """A form that `count` documents have, and the search for it."""

    form: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term, how many documents have it, and how many of these pass the filters."""

    text: str
    documents: int
    passing: int


@dataclass(frozen=True, slots=True)
class NoHitsView:
    """The reason (a key of texts) and the terms it names, a line for each term, and the links."""

    reason: str
    culprits: tuple[tuple[str, ...], ...]
    terms: tuple[TermLine, ...]
    is_filtered: bool
    near: tuple[NearFormLink, ...]
    ways: tuple[Way, ...]


def explain_no_hits(answer: SearchPage, form: SearchForm, links: Links, count: Count) -> NoHitsView:
    """The report of an answer without hits, made ready for the page; `count` counts the hits of a request."""
    report = answer.zero or NoHitsReport()
    terms = [term for term in report.terms if not term.is_empty]
    reason, culprits = _reason(report, terms)
    ways = [_way(without, form, links, count) for without in report.without]
    if reason in ("why_missing", "why_apart") and len(terms) > 1:
        ways += _fewer((part for group in culprits for part in group), form, links, count)
    return NoHitsView(
        reason=reason,
        culprits=tuple(tuple(in_words(part.text, form.lang) for part in group) for group in culprits),
        terms=tuple(TermLine(in_words(term.text, form.lang), term.documents, term.passing) for term in terms),
        is_filtered=any(term.passing != term.documents for term in terms),
        near=tuple(NearFormLink(near.form, near.documents, links.literally(near.form)) for near in report.near),
        # A value that no document has is both a term and a part of the query that filters.
        ways=tuple({(way.key, way.part): way for way in ways}.values()),
    )


def in_words(text: str, language: Language) -> str:
    """A term of the report with the name of its field in the reader's language."""
    return text if language == "en" else _FIELD.sub(lambda found: f"{found[1]}{_CHINESE[QUERY_NAMES[found[2]]]}:", text)


def _reason(report: NoHitsReport, terms: list[TermCount]) -> tuple[str, tuple[tuple[QueryPart, ...], ...]]:
    missing = tuple((term,) for term in terms if not term.documents)
    if missing:
        return "why_missing", missing
    if report.apart:
        return "why_apart", report.apart
    filtered = tuple((term,) for term in terms if not term.passing)
    if filtered:
        return "why_filtered", filtered
    return ("why_together", ()) if terms else ("", ())


def _fewer(parts: Iterable[QueryPart], form: SearchForm, links: Links, count: Count) -> Iterator[Way]:
    """What the query finds without one of its terms."""
    for part in list({part.text: part for part in parts}.values())[:_MOST_TRIED]:
        query = _cut(form.q, [(part.start, part.end)])
        if query:
            fewer = replace(form, q=query, page=1)
            if hits := count(fewer.request()):
                yield Way("", in_words(part.text, form.lang), hits, links.to(fewer))


def _way(without: Without, form: SearchForm, links: Links, count: Count) -> Way:
    """The way without a filter, without a part of the query, or without all of them together."""
    filters = [one for one in without.left_out if one.filter is not None]
    parts = [one for one in without.left_out if one.filter is None]
    if len(filters) == 1 and not parts:
        return _filter_way(filters[0].filter, without.hits, form, links)
    query = _cut(form.q, [(part.start or 0, part.end or 0) for part in parts])
    fewer = replace(unfiltered(form) if filters else form, q=query, page=1)
    key = "all_filters" if filters else ""
    text = in_words(" ".join(part.text for part in parts), form.lang)
    # What a query with something cut out means may differ, where a part was written twice, for example.
    return Way(key, text, without.hits, links.to(fewer) if count(fewer.request()) == without.hits else "")


def _filter_way(name: FilterName | None, hits: int, form: SearchForm, links: Links) -> Way:
    if name is None or name == "date":
        return Way("dates", f"{form.date_from or ''}..{form.date_to or ''}", hits, links.without_dates())
    return Way(f"facet_{name}", "、".join(form.selected(name)), hits, links.to(form.with_values(name, ())))


def _cut(query: str, spans: Iterable[tuple[int, int]]) -> str:
    """The query without some of its characters."""
    for start, end in sorted(spans, reverse=True):
        query = f"{query[:start].rstrip()} {query[end:].lstrip()}".strip()
    return query
