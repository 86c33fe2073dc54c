"""The JSON API: the same questions as the pages, answered as `searcher.commands.json_form` writes them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, jsonify, request

from searcher.commands.json_form import completion_json, page_json
from searcher.commands.report_json import explanation_json
from web.context import app_searcher, requested_form
from web.forms import read_beginning, wants_explanation

blueprint: Final = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/search")
def search() -> Response:
    """One page of results, with explain=1 also why they are where they are; unknown parameters are refused."""
    form = requested_form(is_strict=True)
    if wants_explanation(request.query_string):
        return jsonify(explanation_json(app_searcher().explain(form.request())))
    return jsonify(page_json(app_searcher().search(form.request())))


@blueprint.get("/suggest")
def suggest() -> Response:
    """What a query that begins so may become; unknown parameters are refused."""
    query, limit = read_beginning(request.query_string)
    found = app_searcher().complete(query, limit)
    return jsonify({"query": query, "suggestions": [completion_json(suggestion) for suggestion in found]})


@blueprint.get("/health")
def health() -> Response:
    """What the server would answer from now; an index that cannot be read is a 503 error like any other."""
    return jsonify({"status": "ok", "index": asdict(app_searcher().info())})
