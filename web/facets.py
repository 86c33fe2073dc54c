"""Facets and selected filters of a page: values, counts, and the links that select or remove them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.fields import FACETS, FacetName
from searcher.results import FacetValue, SearchPage
from web.forms import SearchForm
from web.links import Links

#: Values shown; the others are folded, except selected ones.
SHOWN_VALUES: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet; `share` is its count in percent of the facet's largest count, for the bar."""

    value: str
    count: int
    is_selected: bool
    share: int
    url: str


@dataclass(frozen=True, slots=True)
class FacetList:
    """One facet: the values that are shown, and those that are folded."""

    name: FacetName
    is_chronological: bool
    shown: tuple[Choice, ...]
    folded: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected filter: facet and value, or "dates" for the date range; and the link that removes it."""

    name: str
    value: str
    url: str


def facet_lists(answer: SearchPage, links: Links, no_type: str) -> tuple[FacetList, ...]:
    """The facets that have values, in the order of the page; the type of documents without one comes last."""
    return tuple(_facet_list(name, answer.facets[name], links, no_type) for name in FACETS if answer.facets.get(name))


def _facet_list(name: FacetName, values: tuple[FacetValue, ...], links: Links, no_type: str) -> FacetList:
    if FACETS[name].is_chronological:
        values = tuple(sorted(values, key=lambda value: value.value, reverse=True))
    if name == "type":
        # Most documents may have no type, yet nobody looks for documents by that.
        values = tuple(sorted(values, key=lambda value: value.value == no_type))
    largest = max(value.count for value in values) or 1
    choices = [
        # Rounded up, so that the bar of one document is visible.
        Choice(v.value, v.count, v.selected, -(-100 * v.count // largest), links.toggle(name, v.value))
        for v in values
    ]
    shown = [choice for at, choice in enumerate(choices) if at < SHOWN_VALUES or choice.is_selected]
    folded = [choice for at, choice in enumerate(choices) if at >= SHOWN_VALUES and not choice.is_selected]
    if len(folded) == 1:  # folding one line saves no space
        shown, folded = choices, []
    return FacetList(name, FACETS[name].is_chronological, tuple(shown), tuple(folded))


def selected_filters(form: SearchForm, links: Links) -> tuple[Chosen, ...]:
    """The selected values, each with the link that removes it; a date range is one filter."""
    filters = [Chosen(name, value, links.toggle(name, value)) for name in FACETS for value in form.selected(name)]
    if form.date_from or form.date_to:
        filters.append(Chosen("dates", "", links.without_dates()))
    return tuple(filters)
