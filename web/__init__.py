"""The web pages and the JSON API, a Flask application: `create_app`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import lazy_exports

if TYPE_CHECKING:
    from web.app import create_app

__all__ = ["create_app"]

if not TYPE_CHECKING:  # a type checker takes the import above
    __getattr__ = lazy_exports(__name__, __all__, ("web.app",))
