"""Why a page is empty, in the order in which a reader asks: what stood in the way, and what would find something.

Every count beside a link is the number of documents that the link leads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from corpus.fields import FACETS, QUERY_NAMES
from searcher.diagnostics.reports import ZeroReport
from searcher.results import Request, SearchPage
from web.forms import SearchForm
from web.i18n import Language
from web.links import Links, unfiltered

#: How the report writes a term without content, which is no reason worth naming.
_NO_CONTENT: Final = '""'
#: Terms that are tried to be left out, each of which costs a search.
_MOST_TRIED: Final = 3
_FIELD: Final = re.compile(rf"(?<!\S)(-?)({'|'.join(QUERY_NAMES)}):")
#: Each field's Chinese name, which stands after its English one.
_CHINESE: Final = {field: name for name, field in QUERY_NAMES.items()}
_QUOTES: Final = '["“”„‟＂「」『』]'


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
class TermLine:
    """A term, how many documents have it, and how many of these pass the filters."""

    text: str
    documents: int
    passing: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """What an empty page tells: the reason (a key of texts) and its terms, a line for each term, and the ways on."""

    reason: str
    culprits: tuple[tuple[str, ...], ...]
    terms: tuple[TermLine, ...]
    is_filtered: bool
    near: tuple[NearForm, ...]
    ways: tuple[Way, ...]


def nothing(answer: SearchPage, form: SearchForm, links: Links, count: Callable[[Request], int]) -> Nothing:
    """The report of an answer without hits, made ready for the page; `count` tells how many hits a request has."""
    zero = answer.zero or ZeroReport(terms=(), missing=(), apart=(), near=(), without=())
    terms = tuple(TermLine(term.text, term.documents, term.passing) for term in zero.terms if term.text != _NO_CONTENT)
    reason, culprits = _reason(zero, terms)
    ways = [_way(without.part, without.hits, form, links, count) for without in zero.without]
    if reason in ("why_missing", "why_apart") and len(terms) > 1:
        ways += _fewer(dict.fromkeys(text for group in culprits for text in group), form, links, count)
    return Nothing(
        reason=reason,
        culprits=tuple(tuple(in_words(text, form.lang) for text in group) for group in culprits),
        terms=tuple(replace(term, text=in_words(term.text, form.lang)) for term in terms),
        is_filtered=any(term.passing != term.documents for term in terms),
        near=tuple(NearForm(near.form, near.documents, links.literally(near.form)) for near in zero.near),
        # A value that no document has is both a term and a part of the query that filters.
        ways=tuple({(way.key, way.part): way for way in ways}.values()),
    )


def in_words(text: str, language: Language) -> str:
    """A term of the report with the name of its field in the reader's language."""
    return text if language == "en" else _FIELD.sub(lambda found: f"{found[1]}{_CHINESE[QUERY_NAMES[found[2]]]}:", text)


def _fewer(terms: Iterable[str], form: SearchForm, links: Links, count: Callable[[Request], int]) -> Iterator[Way]:
    """What the query finds without one of its terms."""
    for text in list(terms)[:_MOST_TRIED]:
        query = _without(form.q, text)
        if query:
            fewer = replace(form, q=query, page=1)
            if hits := count(fewer.request()):
                yield Way("", in_words(text, form.lang), hits, links.to(fewer))


def _reason(zero: ZeroReport, terms: tuple[TermLine, ...]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    missing = tuple(text for text in zero.missing if text != _NO_CONTENT)
    if missing:
        return "why_missing", tuple((text,) for text in missing)
    if zero.apart:
        return "why_apart", zero.apart
    filtered = tuple((term.text,) for term in terms if not term.passing)
    if filtered:
        return "why_filtered", filtered
    return ("why_together", ()) if terms else ("", ())


def _way(part: str, hits: int, form: SearchForm, links: Links, count: Callable[[Request], int]) -> Way:
    """The way without a part of the report: a filter, a part of the query, or all of these together."""
    filters = dict(_filters(form, links))
    if part in filters:
        return replace(filters[part], count=hits)
    rest, bare = part, form
    for label in filters:
        if f"{label} " in f"{rest} ":
            rest, bare = f"{rest} ".replace(f"{label} ", "", 1).strip(), unfiltered(form)
    query = _without(form.q, rest)
    without = replace(bare, q=query or "", page=1)
    is_right = query is not None and count(without.request()) == hits
    key = "" if bare is form else "all_filters"
    return Way(key, in_words(rest, form.lang), hits, links.to(without) if is_right else "")


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
    """The query without a part that can be recognised in it; None where it cannot."""
    if not part:
        return query
    found = re.search(rf"(?<!\S){_as_typed(part)}(?!\S)", query)
    return None if found is None else f"{query[: found.start()].rstrip()} {query[found.end() :].lstrip()}".strip()


def _as_typed(part: str) -> str:
    """A pattern for the ways in which people write what the report writes in one way."""
    pattern = ""
    if part.startswith("-"):
        pattern, part = r"(?:[-－−]|(?:NOT|非)\s)", part[1:]
    if field := _FIELD.match(part):
        names = [name for name, meaning in QUERY_NAMES.items() if meaning == QUERY_NAMES[field[2]]]
        pattern, part = f"{pattern}(?:{'|'.join(names)})[:：]", part[field.end() :]
    return pattern + re.escape(part).replace('"', _QUOTES)
