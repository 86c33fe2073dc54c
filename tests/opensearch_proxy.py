"""A proxy before a node that a test lets answer in the node's place, wait, or do something at a chosen request."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import opensearch_nodes
import pytest


class Passing(NamedTuple):
    """A request on its way: its rank, counted from 1, its method, and its path with parameters."""

    number: int
    method: str
    path: str
    body: bytes


#: A status and a body in place of the node's; None lets the request through.
Reply = tuple[int, Any] | None


class Proxy:
    """What passes, and what a test does about it: `before` may answer in the node's place, `after` sees what is done.

    Either may wait, or kill who asked. `url` is what the client is given in place of the node's.
    """

    def __init__(self, url: str, node: str) -> None:
        self.url = url
        self.node = urlsplit(node).netloc
        self.requests: list[Passing] = []
        self.before: Callable[[Passing], Reply] = lambda _: None
        self.after: Callable[[Passing], None] = lambda _: None
        self._lock = threading.Lock()

    def seen(self, method: str, path: str, body: bytes) -> Passing:
        """Count a request."""
        with self._lock:
            passing = Passing(len(self.requests) + 1, method, path, body)
            self.requests.append(passing)
            return passing


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy


class _Handler(BaseHTTPRequestHandler):
    """Passes requests on, one connection to the node for each from the client."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def setup(self) -> None:
        super().setup()
        self.connection_to_node = http.client.HTTPConnection(self.server.proxy.node, timeout=120)

    def finish(self) -> None:
        self.connection_to_node.close()
        with suppress(OSError):
            super().finish()

    def answer(self) -> None:
        """Pass one request on, or answer it as the test says; a node that is down is a closed connection."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        passing = self.server.proxy.seen(self.command, self.path, body)
        headers = {"Content-Type": "application/json"}
        try:
            if reply := self.server.proxy.before(passing):
                status, content = reply[0], json.dumps(reply[1]).encode()
            else:
                asked = {name: text for name, text in self.headers.items() if name.lower() != "host"}
                self.connection_to_node.request(self.command, self.path, body, asked)
                answer = self.connection_to_node.getresponse()
                status, content = answer.status, answer.read()
                headers = {name: text for name, text in answer.getheaders() if name.lower().startswith("content-")}
            self.server.proxy.after(passing)
            self.send_response(status)
            for name, text in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, text)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
        except (OSError, http.client.HTTPException):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer


@contextmanager
def proxy_before(node: int = 1) -> Iterator[Proxy]:
    """A proxy on a free port of the loopback before one of the nodes."""
    if not opensearch_nodes.URLS:
        pytest.skip("needs a cluster: make test-opensearch")
    server = _Server(("127.0.0.1", 0), _Handler)
    proxy = server.proxy = Proxy(f"http://127.0.0.1:{server.server_port}", opensearch_nodes.URLS[node - 1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
