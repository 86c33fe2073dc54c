"""The command `search-web`: serve one index to browsers."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from typing import Any, Final

import click
import waitress  # type: ignore[import-untyped, unused-ignore]  # it has no type hints
from flask import Flask

from corpus.command_outcome import interruptible
from corpus.errors import KesouError
from corpus.settings import Settings, load_settings
from searcher.results import IndexInfo
from searcher.service import Searcher
from web.app import create_app
from web.errors import CannotServe
from web.i18n import number
from web.security import LOOPBACK_NAMES

#: Waitress reads a body before the app can refuse it; bodies up to this much above the limit get an error page.
_BODY_MARGIN_BYTES: Final = 1024 * 1024
_START_UP_ERROR: Final = 2

_Command = Callable[..., None]


def _option(name: str, metavar: str, kind: Any) -> Callable[[_Command], _Command]:
    row = next(row for row in fields(Settings) if row.name == name)
    default = f" [default: {row.default}]" if row.default else ""
    return click.option(f"--{name}", metavar=metavar, type=kind, help=f"{row.metadata['help']}{default}")


@click.command(name="search-web")
@_option("index", "DIR", str)
@_option("host", "ADDRESS", str)
@_option("port", "PORT", int)
def main(index: str | None, host: str | None, port: int | None) -> None:
    """Serve the search pages and the JSON API until interrupted.

    Exit status 2: the index is missing or damaged, or the address is taken.
    """
    try:
        settings = load_settings({"index": index, "host": host, "port": port})
        with closing(Searcher(settings.index_dir, settings)) as searcher:
            info = searcher.info()
            server = _serve_at(settings, create_app(settings, searcher))
            click.echo(banner(settings.host, server.socket.getsockname()[1], info))
            if _is_open_to_others(settings):
                click.echo(
                    "Requests from other machines are refused until KESOU_TRUSTED_HOSTS names this one.",
                    err=True,
                )
            with interruptible("search-web"):
                server.run()
    except KesouError as error:
        click.echo(f"search-web: {error}", err=True)
        sys.exit(_START_UP_ERROR)


def banner(host: str, port: int, info: IndexInfo) -> str:
    """The line printed at start-up: address, documents and characters."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"科搜 http://{shown}:{port}/ · {number(info.documents)} 篇文档 · {number(info.characters)} 字"


def _serve_at(settings: Settings, app: Flask) -> Any:
    """A server whose socket is bound already, so that a taken address is reported before the banner."""
    return waitress.create_server(
        app,
        sockets=[_listening_socket(settings.host, settings.port)],
        threads=max(1, settings.web_threads),
        ident=None,  # no Server header
        max_request_body_size=settings.max_body_bytes + _BODY_MARGIN_BYTES,
    )


def _listening_socket(host: str, port: int) -> socket.socket:
    """A socket at the first usable address of the host; an address in use is an error, not a reason to try the next."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotServe(f"the host {host} has no address: {error.strerror}") from error
    reason = ""
    for family, _, _, _, address in found:
        try:
            return socket.create_server(address[:2], family=family)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            if error.errno == errno.EADDRINUSE:
                break
    raise CannotServe(f"cannot listen on {host} port {port}: {reason}; try another --port")


def _is_open_to_others(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return host not in LOOPBACK_NAMES and not settings.trusted_hosts
