"""The pages: start, results, one document."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from flask import Blueprint, abort

from searcher.page import Hit, Page, Request
from web.article_body import blocks, contents
from web.facets import facet_lists, selected_filters
from web.forms import SearchForm
from web.links import Links, page_numbers, unfiltered
from web.render import app_searcher, page, requested_form

blueprint: Final = Blueprint("pages", __name__)

#: Documents named on the start page.
_NEWEST: Final = 8
_DOCUMENT_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


@blueprint.get("/")
def search() -> str:
    """The start page without a question, else the answer to it."""
    form = requested_form()
    return _start(form) if form.is_start else _results(form)


@blueprint.get("/article/<document_id>")
def article(document_id: str) -> str:
    """One document with the matches of the query it was found by."""
    form = requested_form()
    # An id comes from an address bar: what cannot be one never reaches the index.
    found = app_searcher().article(document_id, form.q, form.exact) if _DOCUMENT_ID.fullmatch(document_id) else None
    if found is None:
        abort(404)
    return page(
        "article.html",
        form,
        article=found,
        blocks=blocks(found.body_marked, found.headings),
        contents=contents(found.headings),
        body_matches=sum(is_match for _, is_match in found.body_marked),
    )


def _start(form: SearchForm) -> str:
    answer = app_searcher().search(Request(query="", sort="newest", limit=_NEWEST))
    return page("start.html", form, answer=answer, facets=facet_lists(answer, Links(form)))


def _results(form: SearchForm) -> str:
    answer = app_searcher().search(form.request())
    last = -(-answer.total // form.size)
    links = Links(form)
    return page(
        "results.html",
        form,
        answer=answer,
        tiers=_tiers(answer, form),
        facets=facet_lists(answer, links),
        chosen=selected_filters(form, links),
        last_page=last,
        page_numbers=page_numbers(form.page, last) if form.page <= last > 1 else (),
        ways_out=_ways_out(form, links) if not answer.total else (),
    )


def _tiers(answer: Page, form: SearchForm) -> list[tuple[str, int, list[tuple[int, Hit]]]]:
    """The hits of this page as (tier, total of the tier, [(rank, hit)]), empty tiers left out."""
    ranked = list(enumerate(answer.hits, start=(form.page - 1) * form.size + 1))
    totals = {"exact": answer.exact_total, "related": answer.related_total}
    found = []
    for tier, total in totals.items():
        hits: list[tuple[int, Hit]] = [(rank, hit) for rank, hit in ranked if hit.tier == tier]
        if hits:
            found.append((tier, total, hits))
    return found


def _ways_out(form: SearchForm, links: Links) -> list[tuple[str, int, str]]:
    """What would find something instead, as (text key, how many documents, address); asked, not guessed."""
    ways = []
    if form.has_filters:
        ways.append(("try_unfiltered", unfiltered(form), links.without_filters()))
    if form.exact:
        ways.append(("try_terms", replace(form, exact=False, page=1), links.exact(False)))
    counted = ((key, app_searcher().search(replace(other.request(), limit=1)).total, url) for key, other, url in ways)
    return [way for way in counted if way[1]]
