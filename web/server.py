"""The HTTP server: waitress with limits for idle and slow clients, and our headers on the answers that it makes itself.

Waitress reads requests and sends answers in one thread; other threads run the application. By default a hundred idle
connections keep everybody else out, and a client that does not read its answers keeps a thread for ever.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import time
from typing import Any, Final

from flask import Flask
from waitress.adjustments import Adjustments  # type: ignore[import-untyped, unused-ignore]  # it has no type hints
from waitress.channel import HTTPChannel  # type: ignore[import-untyped, unused-ignore]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped, unused-ignore]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped, unused-ignore]
from waitress.task import ErrorTask, ThreadedTaskDispatcher  # type: ignore[import-untyped, unused-ignore]

from corpus.settings import Settings
from web.errors import CannotServe
from web.security import HEADERS

#: Further connections take the place of the one that has been idle longest. Half of the usual limit of 1,024 files.
MAX_CONNECTIONS: Final = 500
#: A connection is closed if the client neither sends nor takes a byte for so many seconds, unless we are to blame.
IDLE_SECONDS: Final = 30
#: A request must have arrived completely after so many seconds.
REQUEST_SECONDS: Final = 30
#: Bytes of unread answers at which a thread waits for the client: so many that none ever does (disk holds them).
_UNREAD_BYTES: Final = 1 << 30
#: Waitress reads a body before the app can refuse it; bodies up to this much above the limit get an error page.
_BODY_MARGIN_BYTES: Final = 1024 * 1024


class _Parser(HTTPRequestParser):  # type: ignore[misc, unused-ignore]
    """Reads a request; an address or a length that waitress itself fails on is a bad request like others."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError(str(error)) from error


class _ErrorTask(ErrorTask):  # type: ignore[misc, unused-ignore]
    """The answer to what is no request: status and reason alone, since waitress would repeat what the client sent."""

    def execute(self) -> None:
        error = self.request.error
        body = f"{error.reason}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-cache")]
        self.response_headers += HEADERS.items()
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc, unused-ignore]
    """One connection, which knows when the request that it is reading began."""

    error_task_class = _ErrorTask
    parser_class = _Parser
    request_began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.request_began = time.time()
        return bool(super().received(data))

    def is_overdue(self, now: float) -> bool:
        """True if the client has been silent, or has been sending one request, for too long."""
        if self.request is not None and now - self.request_began > REQUEST_SECONDS:
            return True
        is_waiting_for_us = self.requests and not self.total_outbufs_len
        return not is_waiting_for_us and now - self.last_activity > IDLE_SECONDS


class Server(TcpWSGIServer):  # type: ignore[misc, unused-ignore]
    """Serves an application at a socket that is bound already, until interrupted."""

    channel_class = _Channel

    def __init__(self, app: Flask, settings: Settings, listening: socket.socket) -> None:
        # It warns of every request that must wait for a thread.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        limits = Adjustments(
            sockets=[listening],
            threads=settings.web_threads,
            ident=None,  # no Server header
            max_request_body_size=settings.max_body_bytes + _BODY_MARGIN_BYTES,
            # Above our own limit, at which waitress would stop accepting.
            connection_limit=2 * MAX_CONNECTIONS,
            cleanup_interval=1,  # seconds between looking for overdue connections
            outbuf_high_watermark=_UNREAD_BYTES,
            asyncore_use_poll=True,  # select takes no descriptor above 1,023
            log_socket_errors=False,  # clients that go away
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(limits.threads)
        where = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(app, _sock=listening, dispatcher=dispatcher, adj=limits, sockinfo=where, bind_socket=False)

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self.effective_port)

    def handle_accept(self) -> None:
        """Accept a connection; above the limit the one that has been idle longest is closed."""
        super().handle_accept()
        if len(self.active_channels) > MAX_CONNECTIONS:
            idle = (channel for channel in self.active_channels.values() if not channel.requests)
            longest: Any = min(idle, key=lambda channel: channel.last_activity, default=None)
            if longest is not None:
                longest.handle_close()

    def maintenance(self, now: float) -> None:
        """Close the connections of clients that are overdue."""
        for channel in self.active_channels.values():
            if channel.is_overdue(now):
                channel.will_close = True


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket at the first usable address of the host; an address in use is an error, not a reason to try the next.

    Raises CannotServe.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no name of a host"
        raise CannotServe(f"the host {host} has no address: {reason}; try another --host") from error
    number = 0
    for family, _, _, _, address in found:
        try:
            return socket.create_server(address[:2], family=family)
        except OSError as error:
            number = error.errno or 0
            if number == errno.EADDRINUSE:
                break
    option = "--host" if number == errno.EADDRNOTAVAIL else "--port"
    raise CannotServe(f"cannot listen on {host} port {port}: {os.strerror(number)}; try another {option}")
