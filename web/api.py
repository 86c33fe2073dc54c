"""The routes of the JSON API; its answers are those of `searcher.commands.json_form`."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify, request

from searcher.commands.json_form import completion_json, index_json, page_json
from searcher.commands.report_json import explanation_json
from web.context import app_searcher, requested_form
from web.forms import read_beginning, wants_explanation

blueprint: Final = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/search")
def search() -> Response:
    """A result page, with explain=1 also an explanation; unknown parameters are an error."""
    form = requested_form(is_strict=True)
    if wants_explanation(request.query_string):
        return jsonify(explanation_json(app_searcher().explain(form.request())))
    return jsonify(page_json(app_searcher().search(form.request())))


@blueprint.get("/suggest")
def suggest() -> Response:
    """Completions of a query; unknown parameters are an error."""
    query, limit = read_beginning(request.query_string)
    found = app_searcher().complete(query, limit)
    return jsonify({"query": query, "suggestions": [completion_json(suggestion) for suggestion in found]})


@blueprint.get("/health")
def health() -> Response:
    """The current index; 503 if it cannot be read."""
    info = app_searcher().info()
    index = {**index_json(info), "updated": info.updated, "date_from": info.date_from, "date_to": info.date_to}
    return jsonify({"status": "ok", "index": index})
