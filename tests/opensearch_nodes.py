"""The nodes of the cluster that tests with the marker `opensearch` run on, asked without a client library.

`make test-opensearch` starts them and names them in the environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

TOOL: Final = Path(__file__).resolve().parents[1] / "tools" / "opensearch_cluster.py"
#: Read when tests are collected: no test sees a variable of ours.
URLS: Final = tuple(url for url in os.environ.get("KESOU_TEST_OPENSEARCH", "").split(",") if url)
HOME: Final = os.environ.get("KESOU_TEST_OPENSEARCH_HOME", "")
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(method: str, path: str, body: Any = None, *, node: int = 1) -> Any:
    """What a node answers to a request with a JSON body; raises HTTPError for a status of 400 or more."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{URLS[node - 1]}/{path}", data, headers, method=method)  # noqa: S310
    with _OPENER.open(request, timeout=60) as answer:
        return json.load(answer)


def kill(*nodes: int) -> None:
    """Kill nodes as a power cut would."""
    _tool("kill", nodes, 60)


def restart(*nodes: int) -> None:
    """Start killed nodes and wait until they have joined; if none is down then, until the cluster is green.

    After the loss of two of three, OpenSearch 3.6.0 sometimes (1 of 8 trials) leaves shards on the node that survived
    which refuse writes, and are not green before that node is restarted too (its issue 19150).
    """
    try:
        _tool("restart", nodes, 60 if len(nodes) > 1 else 240)
    except subprocess.TimeoutExpired:
        others = set(range(1, len(URLS) + 1)) - set(nodes)
        _tool("restart", sorted(others), 240)


def manager() -> int:
    """The number of the node that manages the cluster."""
    (row,) = ask("GET", "_cat/cluster_manager?format=json")
    return int(row["node"].rpartition("-")[2])


def pid(node: int) -> int:
    """The id of a node's process."""
    return int((Path(HOME) / _port() / f"node-{node}" / "pid").read_text())


def _port() -> str:
    return URLS[0].rpartition(":")[2]


def _tool(action: str, nodes: Iterable[int], seconds: float) -> None:
    if not HOME:
        pytest.skip("needs nodes that it can kill: make test-opensearch")
    command = [sys.executable, str(TOOL), "--home", HOME, "--port", _port(), action, *map(str, nodes)]
    subprocess.run(command, check=True, timeout=seconds)


@contextmanager
def unique_index() -> Iterator[dict[str, Any]]:
    """The settings of an index in the cluster that no other test has; its indices are deleted afterwards."""
    if not URLS:
        pytest.skip("needs a cluster: make test-opensearch")
    name = f"test-{uuid.uuid4().hex[:12]}"
    try:
        yield {"engine": "opensearch", "opensearch_urls": ",".join(URLS), "opensearch_index": name}
    finally:
        ask("DELETE", f"{name}*")
