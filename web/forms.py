"""Parses and writes the query string of pages and API: `SearchForm` and its parameters.

Pages and API have the parameters of PARAMETERS; the API has one more, explain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, cast
from urllib.parse import parse_qsl

from corpus.fields import FACETS, FacetName
from corpus.settings import Settings
from searcher.completions import MAX_COMPLETIONS
from searcher.results import HELPERS, Request, Sort
from web.errors import BadParameter
from web.i18n import LANGUAGES, Language

SORTS: Final[tuple[Sort, ...]] = ("relevance", "newest", "oldest")
PARAMETERS: Final = ("q", "exact", "off", *FACETS, "from", "to", "sort", "page", "size", "lang")
API_PARAMETERS: Final = (*PARAMETERS, "explain")
SUGGEST_PARAMETERS: Final = ("q", "limit", "lang")
DEFAULT_SIZE: Final = 10
#: As many as fit above the keyboard of a phone.
DEFAULT_SUGGESTIONS: Final = 8
#: Far more than a page can select; it bounds the work of parsing one address.
MAX_PARAMETERS: Final = 200
#: Far above the length of any value.
MAX_VALUE_CHARS: Final = 200
#: Above the pages of any index; it bounds page × size.
MAX_PAGE: Final = 1_000_000

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,6}")

Arguments = dict[str, str | int | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """The parameters of one address. `sort` None is the default: relevance, or newest without a query.

    `off` names helpers that are switched off.
    """

    q: str = ""
    exact: bool = False
    off: tuple[str, ...] = ()
    filters: Mapping[FacetName, tuple[str, ...]] = field(default_factory=dict)
    date_from: str | None = None
    date_to: str | None = None
    sort: Sort | None = None
    page: int = 1
    size: int = DEFAULT_SIZE
    lang: Language = "zh"

    @property
    def has_filters(self) -> bool:
        """True if a facet value or a date is selected."""
        return any(self.filters.values()) or bool(self.date_from or self.date_to)

    @property
    def is_start(self) -> bool:
        """True for the bare address: the start page rather than a list."""
        return not (self.q.strip() or self.has_filters or self.sort) and self.page == 1

    @property
    def effective_sort(self) -> Sort:
        """The order that is used: without a query there is no relevance to order by."""
        if not self.q.strip():
            return "oldest" if self.sort == "oldest" else "newest"
        return self.sort or "relevance"

    def selected(self, facet: FacetName) -> tuple[str, ...]:
        """The selected values of a facet."""
        return self.filters.get(facet, ())

    def with_values(self, facet: FacetName, values: tuple[str, ...]) -> SearchForm:
        """The form with other values of a facet selected, at page 1."""
        return replace(self, filters={**self.filters, facet: values}, page=1)

    def request(self) -> Request:
        """The request to the searcher."""
        return Request(
            query=self.q,
            exact=self.exact,
            filters=self.filters,
            date_from=self.date_from,
            date_to=self.date_to,
            sort=self.effective_sort,
            limit=self.size,
            offset=(self.page - 1) * self.size,
            helpers_off=frozenset(self.off),
        )

    def arguments(self) -> Arguments:
        """The parameters of this form's address, without those that have their default values."""
        arguments: Arguments = {"q": self.q, "exact": "1" if self.exact else "", "off": list(self.off)}
        arguments |= {name: list(self.selected(name)) for name in FACETS}
        arguments |= {"from": self.date_from or "", "to": self.date_to or "", "sort": self.sort or ""}
        arguments |= {
            "page": self.page if self.page > 1 else "",
            "size": self.size if self.size != DEFAULT_SIZE else "",
        }
        arguments["lang"] = "" if self.lang == "zh" else self.lang
        return {name: value for name, value in arguments.items() if value}


def read_form(query_string: bytes, settings: Settings, *, is_strict: bool) -> SearchForm:
    """Parse a query string; raises BadParameter.

    If `is_strict` (the API), unknown names are an error, because a mistyped filter must not give an unfiltered answer;
    pages ignore them, because messengers append their own to shared links.
    """
    values = _values(query_string, API_PARAMETERS if is_strict else PARAMETERS, is_strict)
    form = SearchForm(
        q=_one(values, "q"),
        exact=_choice(values, "exact", ("", "0", "1"), "bad_flag") == "1",
        off=_helpers(values),
        filters={name: _facet_values(values, name) for name in FACETS},
        date_from=_day(values, "from"),
        date_to=_day(values, "to"),
        sort=cast("Sort | None", _choice(values, "sort", ("", *SORTS)) or None),
        page=_whole(values, "page", 1, MAX_PAGE),
        size=_whole(values, "size", min(DEFAULT_SIZE, settings.max_page_hits), settings.max_page_hits),
        lang=cast("Language", _choice(values, "lang", ("", *LANGUAGES)) or "zh"),
    )
    if form.date_from and form.date_to and form.date_from > form.date_to:
        raise BadParameter("bad_range")
    return form


def wants_explanation(query_string: bytes) -> bool:
    """True if a query string of the API asks for an explanation; raises BadParameter."""
    return _choice(_values(query_string, API_PARAMETERS, is_strict=True), "explain", ("", "0", "1"), "bad_flag") == "1"


def read_beginning(query_string: bytes) -> tuple[str, int]:
    """The text typed so far and the number of completions wanted; raises BadParameter."""
    values = _values(query_string, SUGGEST_PARAMETERS, is_strict=True)
    _choice(values, "lang", ("", *LANGUAGES))
    return _one(values, "q"), _whole(values, "limit", DEFAULT_SUGGESTIONS, MAX_COMPLETIONS)


def _values(query_string: bytes, names: tuple[str, ...], is_strict: bool) -> dict[str, list[str]]:
    """Parameter → its values."""
    if query_string.count(b"&") >= MAX_PARAMETERS:
        raise BadParameter("too_many_parameters", limit=MAX_PARAMETERS)
    try:
        pairs = parse_qsl(query_string.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise BadParameter("bad_encoding") from None
    found: dict[str, list[str]] = {name: [] for name in names}
    for name, value in pairs:
        if name in found:
            found[name].append(value)
        elif is_strict:
            raise BadParameter("unknown_parameter", names=", ".join(names))
    return found


def _one(values: dict[str, list[str]], name: str) -> str:
    if len(values[name]) > 1:
        raise BadParameter("repeated_parameter", name=name)
    return values[name][0] if values[name] else ""


def _many(values: dict[str, list[str]], name: str) -> tuple[str, ...]:
    """The values in their order, without empty ones and repetitions."""
    if any(len(value) > MAX_VALUE_CHARS for value in values[name]):
        raise BadParameter("too_long", name=name, limit=MAX_VALUE_CHARS)
    return tuple(dict.fromkeys(value for value in values[name] if value))


def _helpers(values: dict[str, list[str]]) -> tuple[str, ...]:
    helpers = _many(values, "off")
    if not set(helpers) <= set(HELPERS):
        raise BadParameter("bad_choice", name="off", choices=", ".join(HELPERS))
    return helpers


def _facet_values(values: dict[str, list[str]], name: FacetName) -> tuple[str, ...]:
    found, spec = _many(values, name), FACETS[name]
    if spec.pattern and not all(re.fullmatch(spec.pattern, value) for value in found):
        raise BadParameter(f"bad_{name}", name=name)
    return found


def _choice(values: dict[str, list[str]], name: str, choices: tuple[str, ...], kind: str = "bad_choice") -> str:
    value = _one(values, name)
    if value not in choices:
        raise BadParameter(kind, name=name, choices=", ".join(filter(None, choices)))
    return value


def _whole(values: dict[str, list[str]], name: str, default: int, limit: int) -> int:
    value = _one(values, name)
    if not value:
        return default
    if not _WHOLE.fullmatch(value) or int(value) > limit:
        raise BadParameter("bad_number", name=name, limit=limit)
    return int(value)


def _day(values: dict[str, list[str]], name: str) -> str | None:
    value = _one(values, name)
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise BadParameter("bad_date", name=name)
