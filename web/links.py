"""Builds the links of a page from its form: every link is the form with one change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flask import url_for

from corpus.fields import FacetName
from searcher.query.lexer import EVERYWHERE
from searcher.results import Sort
from web.forms import SearchForm
from web.i18n import Language

#: Pages shown on either side of the current one.
_NEIGHBOURS: Final = 2
#: Any of these would end a quoted term; their replacement has the same normal form and does not.
_DOUBLE_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„‟＂', "〞"))


class Links:
    """The links of the page of one form; any change leads to page 1."""

    def __init__(self, form: SearchForm) -> None:
        self.form: Final = form

    def search(self) -> str:
        """The result page of this form."""
        return self.to(self.form)

    def start(self) -> str:
        """The start page."""
        return self.to(SearchForm(lang=self.form.lang))

    def everything(self) -> str:
        """All documents, newest first."""
        return self.to(SearchForm(lang=self.form.lang, sort="newest"))

    def page(self, number: int) -> str:
        """Another page of the same list."""
        return self.to(replace(self.form, page=number))

    def sort(self, order: Sort) -> str:
        """The same list in another order."""
        natural = "relevance" if self.form.q.strip() else "newest"
        # Without a query the parameter also distinguishes a list from the start page.
        is_default = order == natural and bool(self.form.q.strip() or self.form.has_filters)
        return self.to(replace(self.form, sort=None if is_default else order, page=1))

    def exact(self, is_exact: bool) -> str:
        """The same form with the query as one exact string, or as terms."""
        return self.to(replace(self.form, exact=is_exact, page=1))

    def toggle(self, facet: FacetName, value: str) -> str:
        """The same form with a value of a facet selected, or no longer selected."""
        values = self.form.selected(facet)
        changed = tuple(v for v in values if v != value) if value in values else (*values, value)
        return self.to(self.form.with_values(facet, changed))

    def without_dates(self) -> str:
        """The same form without its date range."""
        return self.to(replace(self.form, date_from=None, date_to=None, page=1))

    def without_filters(self) -> str:
        """The same form without filters."""
        return self.to(unfiltered(self.form))

    def only(self, facet: FacetName, value: str) -> str:
        """The same form with only this value of the facet selected."""
        return self.to(self.form.with_values(facet, (value,)))

    def without_helper(self, kind: str) -> str:
        """The same form with one helper switched off."""
        return self.to(replace(self.form, off=tuple(dict.fromkeys((*self.form.off, kind))), page=1))

    def with_helper(self, kind: str) -> str:
        """The same form with one helper switched on again."""
        return self.to(replace(self.form, off=tuple(one for one in self.form.off if one != kind), page=1))

    def instead(self, before: str, after: str) -> str:
        """The same form with a part of the query replaced."""
        q = self.form.q.replace(before, after, 1) if before in self.form.q else after
        return self.to(replace(self.form, q=q, page=1))

    def asking(self, query: str) -> str:
        """A new query without filters; only the language is kept."""
        return self.to(SearchForm(q=query, lang=self.form.lang))

    def literally(self, text: str) -> str:
        """The documents that contain exactly this string."""
        return self.asking(quoted(text))

    def everywhere(self) -> str:
        """The same query, also looked for in what is set aside."""
        return self.to(replace(self.form, q=f"{self.form.q.strip()} {EVERYWHERE}", page=1))

    def article(self, document_id: str, anchor: str | None = None) -> str:
        """The page of a document, with the matches of this form and the link back to it."""
        return url_for("pages.article", document_id=document_id, _anchor=anchor, **_values(self.form))

    def related(self, document_id: str) -> str:
        """The page of a document with its related documents."""
        return url_for("pages.related", document_id=document_id, _anchor="related", **_values(self.form))

    def help(self, language: Language | None = None) -> str:
        """The help page, in this language or another."""
        return url_for("pages.help_page", **_values(SearchForm(lang=language or self.form.lang)))

    def bare_article(self, document_id: str) -> str:
        """The page of a document without a query."""
        return url_for("pages.article", document_id=document_id, **_values(SearchForm(lang=self.form.lang)))

    def language(self, language: Language, document_id: str | None = None) -> str:
        """The same page in another language."""
        form = replace(self.form, lang=language)
        return Links(form).article(document_id) if document_id else self.to(form)

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """Hidden inputs (name, value) for all parameters except the given ones and the page."""
        return [
            (name, str(one))
            for name, value in self.form.arguments().items()
            if name not in without and name != "page"
            for one in (value if isinstance(value, list) else [value])
        ]

    @staticmethod
    def to(form: SearchForm) -> str:
        """The address of a form."""
        return url_for("pages.search", **_values(form))


def _values(form: SearchForm) -> dict[str, Any]:
    # Any, for url_for's own keywords have types of their own.
    return dict(form.arguments())


def quoted(text: str) -> str:
    """The text as a quoted term of the query language; quotation marks inside it do not end it."""
    return '"' + text.translate(_DOUBLE_QUOTES) + '"'


def unfiltered(form: SearchForm) -> SearchForm:
    """The form without facet values and dates, at page 1; without a query, still a list."""
    return replace(
        form,
        filters={},
        date_from=None,
        date_to=None,
        page=1,
        sort=form.sort or (None if form.q.strip() else "newest"),
    )


def page_numbers(current: int, last: int) -> tuple[int | None, ...]:
    """The page numbers to offer: the ends and the neighbourhood of the current one; None stands for a gap.

    A gap of one page is that page.
    """
    near = {n for n in range(current - _NEIGHBOURS, current + _NEIGHBOURS + 1) if 1 <= n <= last}
    shown = sorted(near | {1, last})
    found: list[int | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before == 2:
            found.append(number - 1)
        elif number - before > 2:
            found.append(None)
        found.append(number)
    return tuple(found)
