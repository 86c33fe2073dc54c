"""The server at a socket: idle, slow and wrong clients, answers it makes without the app, addresses it cannot use."""

from __future__ import annotations

import logging
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

import web.server
from corpus.settings import Settings
from searcher.service import Searcher
from web.cli import main
from web.errors import CannotServe
from web.security import HEADERS
from web.server import Server, listening_socket

#: A client that waits longer than this for an answer fails the test.
PATIENCE = 30.0

Serve = Callable[..., int]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve an app in a thread until the end of this file; gives the port."""
    with ExitStack() as stack:

        def serve(app: Flask, settings: Settings | None = None) -> int:
            server = Server(app, settings or Settings(), listening_socket("127.0.0.1", 0))
            thread = threading.Thread(target=server.run)
            thread.start()

            def stop() -> None:
                server.close()
                # Waitress looks at its sockets again at the latest after a second, then finds none and ends.
                thread.join()
                server.task_dispatcher.shutdown()

            stack.callback(stop)
            return server.port

        yield serve


@pytest.fixture(scope="module")
def port(serve: Serve, app: Flask, settings: Settings) -> int:
    """The port of a server over the sample corpus."""
    return serve(app, settings)


def connect(port: int) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def answer_to(port: int, request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of the answer to a raw request."""
    with connect(port) as client:
        client.sendall(request)
        raw = b"".join(iter(lambda: client.recv(1 << 16), b""))
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return status.partition(" ")[2], dict(line.split(": ", 1) for line in lines), body


def is_healthy(port: int) -> bool:
    """True if a client that comes now is answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=PATIENCE) as answer:
        return bool(answer.status == 200)


# Clients that are idle or slow


def test_idle_connections_keep_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more idle connections than the limit, new clients are answered, and the newest connections stay open."""
    monkeypatch.setattr(web.server, "MAX_CONNECTIONS", 100)
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(connect(port))) for _ in range(120)]
        assert is_healthy(port)
        for is_open, client in ((False, clients[0]), (True, clients[-1])):
            client.settimeout(PATIENCE)
            client.sendall(b"GET /api/health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert closes(client) is not is_open


def closes(client: socket.socket) -> bool:
    """True if the server closes a connection without an answer."""
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that closes overdue connections after a moment."""
    for name in ("IDLE_SECONDS", "REQUEST_SECONDS"):
        monkeypatch.setattr(web.server, name, 0.1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([b""], id="nothing"),
        pytest.param([b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"], id="request-and-nothing-more"),
        pytest.param([b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 10_000], id="request-without-end"),
    ],
)
def test_overdue_connections_are_closed(port: int, sent: Sequence[bytes]) -> None:
    """A client that sends nothing, nothing more, or a request that does not end, loses its connection."""
    with connect(port) as client:
        try:
            for part in sent:
                client.sendall(part)
                time.sleep(0.001)
            while client.recv(1 << 16):
                pass
        except ConnectionError:
            pass
    assert is_healthy(port)


def test_client_that_does_not_read_holds_no_thread(serve: Serve) -> None:
    """A client that asks for large answers and reads none of them keeps no other one from being answered."""
    app = Flask("large")
    app.add_url_rule("/large", "large", lambda: b"x" * (20 << 20))
    app.add_url_rule("/api/health", "health", lambda: b"well")
    port = serve(app, Settings(web_threads=1))
    with connect(port) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5)
        time.sleep(0.5)
        assert is_healthy(port)


def test_waiting_requests_do_not_fill_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Requests that wait for a thread are nothing that the log must tell, one line for each."""
    app = Flask("slow")

    def answer() -> bytes:
        time.sleep(0.02)
        return b"well"

    app.add_url_rule("/", "slow", answer)
    port = serve(app, Settings(web_threads=1))
    with caplog.at_level(logging.WARNING), ExitStack() as stack:
        clients = [stack.enter_context(closing(connect(port))) for _ in range(10)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        for client in clients:
            assert b"200 OK" in client.recv(1 << 16)
    assert caplog.records == []


# Answers that the app never sees


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"userword\r\n\r\n", "400 Bad Request", id="no-request"),
        pytest.param(b"GET / HTTP/1.1\r\nuserword: a\nb\r\n\r\n", "400 Bad Request", id="bare-line-feed"),
        pytest.param(b"GET / HTTP/1.1\r\n userword\r\n\r\n", "400 Bad Request", id="malformed-header"),
        pytest.param(b"GET / HTTP/1.1\r\nContent-Length: userword\r\n\r\n", "400 Bad Request", id="length"),
        pytest.param(b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "400 Bad Request", id="digits"),
        pytest.param(b"GET http://[userword HTTP/1.1\r\n\r\n", "400 Bad Request", id="bad-address"),
        pytest.param(
            b"GET / HTTP/1.1\r\nX: ".ljust(1 << 18, b"x"), "431 Request Header Fields Too Large", id="large-header"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
            "413 Request Entity Too Large",
            id="large-body",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: userword\r\n\r\n",
            "501 Not Implemented",
            id="coding",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nuserword\r\n",
            "400 Bad Request",
            id="chunk",
        ),
    ],
)
def test_answers_without_the_app_have_the_headers(
    port: int, request_: bytes, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no request is answered with the security headers, with nothing of what was sent, and not logged."""
    told, headers, body = answer_to(port, request_)
    assert told == status
    assert all(headers[name] == value for name, value in HEADERS.items())
    assert headers["Cache-Control"] == "no-cache"
    assert "Server" not in headers
    assert b"userword" not in body
    assert caplog.records == []
    assert "waitress" not in str(headers) + str(body)


def test_failing_app_is_answered_with_the_headers(serve: Serve) -> None:
    """If the app itself fails outside of its own handlers, the answer is a bare 500 with the same headers."""

    def fail(environ: Any, start_response: Any) -> None:
        raise RuntimeError("userword")

    told, headers, body = answer_to(serve(fail), b"GET / HTTP/1.0\r\n\r\n")
    assert (told, body) == ("500 Internal Server Error", b"Internal Server Error\n")
    assert all(headers[name] == value for name, value in HEADERS.items())


# Addresses


@pytest.mark.parametrize(
    ("host", "said"),
    [
        pytest.param("192.0.2.1", "cannot listen on 192.0.2.1 port 0: Cannot assign requested address", id="foreign"),
        pytest.param("no-such-host.invalid", "the host no-such-host.invalid has no address", id="unknown"),
        pytest.param("a..b", "the host a..b has no address: it is no name of a host", id="no-name"),
        pytest.param("a" * 300, "has no address", id="long"),
    ],
)
def test_address_that_does_not_exist(sample_index: Any, host: str, said: str) -> None:
    """A host that is not of this machine is one line and exit status 2."""
    result = CliRunner().invoke(main, ["--index", str(sample_index), "--host", host, "--port", "0"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.endswith("try another --host\n")
    assert result.stderr.count("\n") == 1


def test_port_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that only the superuser may use is one line with the reason."""

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(
        CannotServe, match=r"cannot listen on 127\.0\.0\.1 port 80: Permission denied; try another --port"
    ):
        listening_socket("127.0.0.1", 80)


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_port_out_of_bounds(sample_index: Any, port: str) -> None:
    """A port that does not exist is one line and exit status 2."""
    result = CliRunner().invoke(main, ["--index", str(sample_index), "--port", port])
    assert (result.exit_code, result.stderr) == (2, "search-web: port must be 0 to 65535 (--port)\n")


def test_searcher_is_served(port: int, searcher: Searcher) -> None:
    """A page over the socket is the page of the app."""
    assert searcher.info().documents
    told, headers, body = answer_to(port, b"GET /?q=x HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert (told, headers["Content-Type"]) == ("200 OK", "text/html; charset=utf-8")
    assert body.rstrip().endswith(b"</html>")
