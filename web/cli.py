"""The command `search-web`: serve one index to browsers."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import click

from corpus.command_outcome import interruptible
from corpus.errors import KesouError
from corpus.settings import Settings, load_settings
from corpus.value import fields
from searcher.results import IndexInfo
from searcher.service import Searcher
from web.app import create_app
from web.i18n import number
from web.security import LOOPBACK_NAMES
from web.server import Server, listening_socket

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

    Exit status 2: the index is missing or damaged, or the address cannot be used.
    """
    try:
        settings = load_settings({"index": index, "host": host, "port": port})
        with closing(Searcher(settings.index_dir, settings)) as searcher:
            info = searcher.info()
            # The socket is bound first, so that a taken address is reported before the banner.
            server = Server(create_app(settings, searcher), settings, listening_socket(settings.host, settings.port))
            click.echo(banner(settings.host, server.port, info))
            if _is_open_to_others(settings):
                click.echo(
                    "Requests from other machines are refused until KESOU_TRUSTED_HOSTS names this one.",
                    err=True,
                )
            # A mapped file that is truncated in place ends the process by SIGBUS; then it says where.
            faulthandler.enable()
            with interruptible("search-web"):
                server.run()
    except KesouError as error:
        click.echo(f"search-web: {error}", err=True)
        sys.exit(_START_UP_ERROR)


def banner(host: str, port: int, info: IndexInfo) -> str:
    """The line printed at start-up: address, documents and characters."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"科搜 http://{shown}:{port}/ · {number(info.documents)} 篇文档 · {number(info.characters)} 字"


def _is_open_to_others(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return host not in LOOPBACK_NAMES and not settings.trusted_hosts
