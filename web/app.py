"""Makes the Flask application of the pages and the JSON API."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

import searcher.preload  # noqa: F401  # now, so that no request waits for it
from corpus.settings import Settings
from searcher.service import Searcher
from web import api, failures, pages, security
from web.context import EXTENSION, release_searcher


def create_app(settings: Settings, searcher: Searcher | None = None) -> Flask:
    """The application for the index of the settings, which the first request opens, unless `searcher` is given."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions[EXTENSION] = (settings, searcher or Searcher(settings.index_dir, settings))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it: Chinese stays readable
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # "//host/path" must not be answered with a redirect.
    app.url_map.merge_slashes = False
    security.secure(app, settings)
    failures.register(app)
    app.teardown_request(release_searcher)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)
    return app
