"""Sends documents in bulk: bounded requests, a few at a time; what the cluster is too busy for is sent again.

Every action has an `_id`, so that sending one twice does not double it.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from indexer.errors import ClusterUnavailable, DocumentsRejected
from indexer.opensearch.client import OpenSearchClient, is_block, quoted

#: Bytes of a request, uncompressed: larger ones did not load faster, and nodes keep each in memory.
_REQUEST_BYTES: Final = 4 << 20
#: Requests under way at once.
_REQUESTS: Final = 3
#: How long an action waits for its shard, before it fails and is sent again.
_SHARD_SECONDS: Final = 15
#: What is sent again: too many requests, and shards that are moved or lost meanwhile.
_PASSING_STATUS: Final = (429, 500, 502, 503, 504)
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 10.0
#: Rejected documents that a message names.
_NAMED: Final = 5


class Action(NamedTuple):
    """What to do with the document of an `_id`: the line of the action, and its body, None for a deletion."""

    id: str
    head: bytes
    body: bytes | None

    @property
    def size(self) -> int:
        """Bytes in a request."""
        return len(self.head) + len(self.body or b"") + 2


def index(id: str, body: bytes) -> Action:
    """Write a document, in place of one with this `_id`."""
    return Action(id, json.dumps({"index": {"_id": id}}).encode("ascii"), body)


def update(id: str, body: Mapping[str, Any]) -> Action:
    """Change some fields of a document that is there, or run a script on it."""
    return Action(id, json.dumps({"update": {"_id": id, "retry_on_conflict": 5}}).encode("ascii"), _json(body))


def delete(id: str) -> Action:
    """Delete a document if it is there."""
    return Action(id, json.dumps({"delete": {"_id": id}}).encode("ascii"), None)


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8")


def table(id: str, content: Mapping[str, Any]) -> Action:
    """Write a table; its field `part` makes it searchable."""
    return index(id, _json({"part": id, "table": content}))


class BulkLoad:
    """Sends actions to one index; a `with` block ends when the last one was answered.

    Raises DocumentsRejected, and what the client raises.
    """

    def __init__(self, client: OpenSearchClient, index: str) -> None:
        self._client = client
        self._path = f"/{quoted(index)}/_bulk"
        self._executor = ThreadPoolExecutor(_REQUESTS)
        self._running: deque[Future[None]] = deque()

    def send(self, actions: Iterable[Action]) -> None:
        """Send actions; returns before the last requests were answered, see `wait`."""
        for request in _requests(actions):
            while len(self._running) >= _REQUESTS:
                self._running.popleft().result()
            self._running.append(self._executor.submit(self._send, request))

    def wait(self) -> None:
        """Wait until all that was sent was answered."""
        while self._running:
            self._running.popleft().result()

    def __enter__(self) -> BulkLoad:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._executor.shutdown(cancel_futures=True)

    def _send(self, actions: list[Action]) -> None:
        given_up = time.monotonic() + self._client.patience_seconds
        wait = _FIRST_WAIT
        while True:
            lines = [line for action in actions for line in (action.head, action.body) if line is not None]
            answer = self._client.ask("POST", self._path, b"\n".join(lines) + b"\n", timeout=f"{_SHARD_SECONDS}s")
            actions = self._to_send_again(actions, answer) if answer["errors"] else []
            if not actions:
                return
            if time.monotonic() > given_up:
                raise ClusterUnavailable(
                    f"the OpenSearch cluster at {self._client.nodes} was too busy, or a part of the index was away, for"
                    f" {self._client.patience_seconds:g} s; run search-index again: it goes on where this run ended"
                )
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _to_send_again(self, actions: list[Action], answer: Mapping[str, Any]) -> list[Action]:
        """The actions that failed in passing; raises IndexNotWritable, and DocumentsRejected for others."""
        again, rejected = [], []
        for action, item in zip(actions, answer["items"], strict=True):
            ((kind, outcome),) = item.items()
            status = outcome["status"]
            if status >= 400 and is_block(status, outcome.get("error", {}).get("type", "")):
                raise self._client.explained(status, outcome)
            if status in _PASSING_STATUS:
                again.append(action)
            elif status >= 400 and not (kind == "delete" and status == 404):
                rejected.append(f"{action.id}: {_reason(outcome['error'])}")
        if rejected:
            raise DocumentsRejected(len(rejected), rejected[:_NAMED])
        return again


def _requests(actions: Iterable[Action]) -> Iterator[list[Action]]:
    """Actions in groups of bounded size."""
    group: list[Action] = []
    size = 0
    for action in actions:
        if group and size + action.size > _REQUEST_BYTES:
            yield group
            group, size = [], 0
        group.append(action)
        size += action.size
    if group:
        yield group


def _reason(error: Mapping[str, Any]) -> str:
    """Why a document was rejected, with the deepest cause."""
    reasons = [str(error.get("reason", error.get("type", "no reason given")))]
    while cause := error.get("caused_by"):
        error = cause
        reasons.append(str(error.get("reason", "")))
    return " ".join(f"{reasons[0]} {reasons[-1] if len(reasons) > 1 else ''}".split())[:300]
