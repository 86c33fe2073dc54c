"""The routes of the pages: start, results, article, and help."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from flask import Blueprint, abort

from searcher.results import Article, Hit, Request, SearchPage
from web.article_body import build_outline, note_pieces, split_blocks
from web.context import app_searcher, page, requested_form
from web.examples import EXAMPLES
from web.facets import facet_lists, selected_filters
from web.forms import SearchForm
from web.links import Links, page_numbers
from web.no_hits import explain_no_hits

blueprint: Final = Blueprint("pages", __name__)

#: Documents listed on the start page.
_NEWEST: Final = 8
#: Related documents listed below an article.
_RELATED: Final = 5
#: Measured: up to here they are found in less than 50 ms (40 ms among 100,000 documents; 1 ms for 1,000 characters).
_INLINE_CHARS: Final = 15_000
_INLINE_DOCUMENTS: Final = 100_000
#: Longer outlines are shown folded.
_LONG_OUTLINE: Final = 30
_DOCUMENT_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


@blueprint.get("/")
def search() -> str:
    """The start page for an empty form, else a result page."""
    form = requested_form()
    return _start(form) if form.is_start else _results(form)


@blueprint.get("/article/<document_id>")
def article(document_id: str) -> str:
    """An article with the matches of the query marked."""
    return _article(document_id, is_related_wanted=False)


@blueprint.get("/article/<document_id>/related")
def related(document_id: str) -> str:
    """The same with its related documents, even if it takes long to find them."""
    return _article(document_id, is_related_wanted=True)


@blueprint.get("/help")
def help_page() -> str:
    """The help page: examples of the query language."""
    return page("help.html", requested_form(), examples=EXAMPLES)


def _article(document_id: str, *, is_related_wanted: bool) -> str:
    form = requested_form()
    # Only well-formed ids are looked up.
    is_id = _DOCUMENT_ID.fullmatch(document_id)
    found = app_searcher().article(document_id, form.q, form.exact, frozenset(form.off)) if is_id else None
    if found is None:
        abort(404)
    in_body = sum(is_match for _, is_match in found.body_marked)
    in_notes = sum(is_match for note in found.notes_marked for _, is_match in note)
    beside = [text for _, text in found.set_aside_marked]
    in_set_aside = sum(is_match for text in beside for _, is_match in text)
    return page(
        "article.html",
        form,
        article=found,
        blocks=split_blocks(found.body_marked, found.headings),
        notes=note_pieces(found.notes_marked, in_body),
        contents=build_outline(found.headings),
        is_long=len(found.headings) > _LONG_OUTLINE,
        set_aside=list(zip(found.set_aside_marked, note_pieces(beside, in_body + in_notes), strict=True)),
        is_set_aside_open=bool(in_set_aside) and not in_body + in_notes,
        # Matches with an anchor: those in the body, the notes and what is set aside, not those in the title.
        anchors=in_body + in_notes + in_set_aside,
        similar=app_searcher().similar(found.id, _RELATED) if is_related_wanted or _is_quick(found) else None,
    )


def _is_quick(article: Article) -> bool:
    """True if the related documents of an article are found so fast that its page shows them at once."""
    length = sum(len(piece) for piece, _ in article.body_marked)
    return length <= _INLINE_CHARS and app_searcher().info().documents <= _INLINE_DOCUMENTS


def _start(form: SearchForm) -> str:
    answer = app_searcher().search(Request(query="", sort="newest", limit=_NEWEST))
    return page(
        "start.html",
        form,
        answer=answer,
        facets=facet_lists(answer, Links(form), app_searcher().no_type()),
        examples=EXAMPLES,
    )


def _results(form: SearchForm) -> str:
    answer = app_searcher().search(form.request())
    last = -(-answer.total // form.size)
    links = Links(form)
    return page(
        "results.html",
        form,
        answer=answer,
        tiers=_tiers(answer, form),
        facets=facet_lists(answer, links, app_searcher().no_type()),
        chosen=selected_filters(form, links),
        last_page=last,
        page_numbers=page_numbers(form.page, last) if form.page <= last > 1 else (),
        nothing=None if answer.total else explain_no_hits(answer, form, links, _count),
        by_terms=_count(replace(form, exact=False).request()) if form.exact and not answer.total else 0,
    )


def _tiers(answer: SearchPage, form: SearchForm) -> list[tuple[str, int, list[tuple[int, Hit]]]]:
    """The hits of this page as (tier, total of the tier, [(rank, hit)]), without empty tiers."""
    ranked = list(enumerate(answer.hits, start=(form.page - 1) * form.size + 1))
    totals = {"exact": answer.exact_total, "related": answer.related_total}
    found = []
    for tier, total in totals.items():
        hits: list[tuple[int, Hit]] = [(rank, hit) for rank, hit in ranked if hit.tier == tier]
        if hits:
            found.append((tier, total, hits))
    return found


def _count(request: Request) -> int:
    """How many documents a request finds."""
    return app_searcher().count(request).both
