"""Security headers of every response, and the check of the Host header.

Through DNS rebinding any web page can reach a server that listens on 127.0.0.1 only; such requests have a foreign Host
header. Werkzeug's TRUSTED_HOSTS cannot express [::1].
"""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from corpus.settings import Settings
from web.errors import BadParameter

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_HOST: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x20\x7f\\]+", re.IGNORECASE)


def secure(app: Flask, settings: Settings) -> None:
    """Check every request of the app and add the headers to every response, static files included."""
    allowed = allowed_hosts(settings.trusted_hosts)

    def check() -> None:
        if not is_allowed_host(request.environ.get("HTTP_HOST", ""), allowed):
            raise BadParameter("bad_host")
        # No page reads a body, so Werkzeug would never check its own limit.
        if (request.content_length or 0) > settings.max_body_bytes:
            raise RequestEntityTooLarge

    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-cache"
        return response

    app.before_request(check)
    app.after_request(add_headers)


def allowed_hosts(trusted_hosts: str) -> frozenset[str]:
    """The loopback names and those of the setting, which are separated by commas and without a port."""
    names = (name.strip().lower() for name in trusted_hosts.split(","))
    return LOOPBACK_NAMES | {name for name in names if name}


def is_allowed_host(header: str, allowed: frozenset[str]) -> bool:
    """True if a Host header is one of the allowed hosts, with any port."""
    match = _HOST.fullmatch(header.lower())
    return match is not None and match[1] in allowed


def is_web_address(url: str) -> bool:
    """True if a link of a document may be followed: http and https, and no character a browser drops."""
    return _WEB_ADDRESS.fullmatch(url) is not None
