"""Error responses: a page, or under /api/ the JSON object ``{"error": {"kind", "message"}}``."""

from __future__ import annotations

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from corpus.errors import KesouError
from web.context import app_settings, form_for_errors, page
from web.errors import Failure, failure_of
from web.forms import SearchForm
from web.i18n import Words


def register(app: Flask) -> None:
    """Handle every exception of the app; server errors are logged."""

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and (error.code or 0) < 400:
            return make_response(error.get_response())
        failure = failure_of(error, app_settings().max_body_bytes)
        if failure.status >= 500:
            # The address is not logged, because it could contain a forged line of the log.
            app.logger.error("request failed: %s", failure.kind, exc_info=error)
        response = as_json(failure) if request.path.startswith("/api/") else as_page(failure)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(KesouError, answer)
    app.register_error_handler(Exception, answer)


def as_json(failure: Failure) -> Response:
    """The error as JSON, its message in the language of the request."""
    message = Words(form_for_errors().lang)(failure.kind, **failure.values)
    response = jsonify({"error": {"kind": failure.kind, "message": message}})
    response.status_code = failure.status
    return response


def as_page(failure: Failure) -> Response:
    """The error as a page; after a bad request its search box is empty."""
    form = form_for_errors()
    if failure.status == 400:
        form = SearchForm(lang=form.lang)
    words = Words(form.lang)
    title_key = f"error_{failure.status}"
    title = words(title_key if words.has(title_key) else "error_http")
    sentence = words(failure.kind, **failure.values)
    response = make_response(page("error.html", form, status=failure.status, title=title, sentence=sentence))
    response.status_code = failure.status
    return response
