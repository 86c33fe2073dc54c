"""Renders the templates; gives every page the app's settings and searcher, the form, texts and links."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from flask import current_app, g, render_template, request

from corpus.chinese import ASCII_SENTENCE_ENDS, CLOSING_MARKS, SENTENCE_ENDS
from corpus.settings import Settings
from searcher.results import HELPERS, Marked
from searcher.service import Searcher
from web.errors import BadParameter
from web.facts import deadlines, main_deadline
from web.forms import SORTS, SearchForm, read_form
from web.i18n import Words, number
from web.links import Links
from web.security import is_web_address

EXTENSION: Final = "kesou"

_SENTENCE_ENDS: Final = tuple(SENTENCE_ENDS + ASCII_SENTENCE_ENDS + CLOSING_MARKS + "….")


def app_settings() -> Settings:
    """The settings of this app."""
    return cast("tuple[Settings, Searcher]", current_app.extensions[EXTENSION])[0]


def app_searcher() -> Searcher:
    """The searcher of this app, which answers all of one request from one generation."""
    if "searcher" not in g:
        g.searcher = cast("tuple[Settings, Searcher]", current_app.extensions[EXTENSION])[1].pinned()
    return cast("Searcher", g.searcher)


def release_searcher(error: BaseException | None = None) -> None:
    """Forget the searcher of a request at its end: templates keep `g` in cycles, and so an old generation open."""
    g.pop("searcher", None)


def requested_form(*, is_strict: bool = False) -> SearchForm:
    """The form of the current address; raises BadParameter."""
    return read_form(request.query_string, app_settings(), is_strict=is_strict)


def form_for_errors() -> SearchForm:
    """The form of the current address; if it cannot be parsed, an empty form in its language, for error pages."""
    try:
        return requested_form()
    except BadParameter:
        return SearchForm(lang="en" if request.args.get("lang") == "en" else "zh")


def ends_sentence(pieces: Marked) -> bool:
    """True if a snippet ends with a sentence, so that it needs no ellipsis."""
    return bool(pieces) and pieces[-1][0].rstrip().endswith(_SENTENCE_ENDS)


def local_time(moment: str) -> str:
    """A moment (ISO 8601) in the time zone of the server, to the minute."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def page(template: str, form: SearchForm, **values: Any) -> str:
    """Render a template to HTML; it escapes all text, since no value is markup."""
    return render_template(
        template,
        form=form,
        words=Words(form.lang),
        links=Links(form),
        sorts=SORTS,
        number=number,
        settings=app_settings(),
        helpers=HELPERS,
        no_type=lambda: app_searcher().no_type(),  # not before a page asks: without an index there is an error page
        local_time=local_time,
        ends_sentence=ends_sentence,
        deadlines=deadlines,
        main_deadline=main_deadline,
        is_web_address=is_web_address,
        **values,
    )
