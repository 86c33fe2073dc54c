"""Errors of the web server, and the HTTP status and message of every exception.

WebError (a KesouError)
├── BadParameter      a parameter of the address is invalid (HTTP 400)
└── CannotServe       the server cannot start: address taken, name unknown (exit status 2)

`failure_of` maps every exception to a status, and to a text of web/texts with the values that it contains. No message
contains user text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from werkzeug.exceptions import HTTPException

from corpus.errors import KesouError, SettingsError
from indexer.errors import IndexDamaged, IndexerError, IndexMissing, IndexUnreadable, ReindexNeeded
from searcher.errors import BadRequest


class WebError(KesouError):
    """Root of this package's errors."""


class BadParameter(WebError):
    """A parameter of the address is invalid; `kind` is the key of the message in web/texts."""

    def __init__(self, kind: str, **values: int | str) -> None:
        super().__init__(f"a parameter of the address is invalid ({kind})")
        self.kind = kind
        self.values = values


class CannotServe(WebError):
    """The server cannot listen on the given host and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error response: HTTP status, kind (the key of its message), and the values of the message."""

    status: int
    kind: str
    values: Mapping[str, int | str] = field(default_factory=dict)


#: The first match counts, so subclasses come before their base classes.
_KINDS: Final[tuple[tuple[type[KesouError], int, str], ...]] = (
    (BadRequest, 400, "bad_request"),
    (IndexMissing, 503, "index_missing"),
    (IndexUnreadable, 503, "index_unreadable"),
    (IndexDamaged, 503, "index_damaged"),
    (ReindexNeeded, 503, "reindex_needed"),
    (IndexerError, 503, "index_unavailable"),
    (SettingsError, 503, "misconfigured"),
)
_HTTP_KINDS: Final = {400: "bad_request", 404: "not_found", 405: "method", 413: "too_large", 500: "internal"}


def failure_of(error: Exception, max_body_bytes: int) -> Failure:
    """The error response for an exception."""
    if isinstance(error, BadParameter):
        return Failure(status=400, kind=error.kind, values=error.values)
    for root, status, kind in _KINDS:
        if isinstance(error, root):
            return Failure(status=status, kind=kind)
    if isinstance(error, HTTPException) and error.code is not None:
        kind = _HTTP_KINDS.get(error.code, "http")
        return Failure(status=error.code, kind=kind, values={"limit": max_body_bytes})
    return Failure(status=500, kind="internal")
