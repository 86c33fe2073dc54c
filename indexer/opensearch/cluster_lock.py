"""The lock in the cluster: a document that keeps two machines from writing to the same index.

It is renewed while a run lasts. One that was not renewed for two minutes is that of a run that died; one of a run that
had the same local folder is, too, because that folder has a lock of its own.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from indexer.errors import IndexerError, IndexLocked
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.layout import lock_index

#: In the local folder of an index: what tells it from those of other machines.
_OWNER: Final = "opensearch.owner"
_RENEWAL_SECONDS: Final = 20.0
#: Clocks of two machines may differ by a minute.
_STALE_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.5
_CONFLICT: Final = 409


class ClusterLock:
    """The lock of an alias, held from `acquire` to `release`."""

    def __init__(self, client: OpenSearchClient, alias: str, folder: Path) -> None:
        """`folder` is the local folder of the index, whose own lock is held."""
        self._client = client
        self._alias = alias
        self._path = f"/{quoted(lock_index(alias))}"
        self._owner = _owner(folder)
        self._version: dict[str, Any] = {}
        self._is_lost = False
        self._mutex = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew_always, daemon=True)

    def acquire(self, wait_seconds: float) -> None:
        """Take the lock; raises IndexLocked, which names the holder."""
        self._create_index()
        given_up = time.monotonic() + wait_seconds
        while not self._take():
            if time.monotonic() >= given_up:
                holder = self._client.ask("GET", f"{self._path}/_doc/lock", ignored=(404,)).get("_source", {})
                raise IndexLocked(
                    f"{holder.get('holder', 'another run')} is writing to the index {self._alias} in the cluster; this"
                    f" run waited {wait_seconds:g} s (lock_wait_seconds): try again later"
                )
            time.sleep(_POLL_SECONDS)
        self._thread.start()

    def confirm(self) -> None:
        """Raise IndexLocked if another run has taken the lock, because this one could not renew it in time."""
        self._renew()
        if self._is_lost:
            raise IndexLocked(f"another run has begun to write to the index {self._alias} in the cluster meanwhile")

    def release(self) -> None:
        """Give the lock back; it goes stale where the cluster does not answer."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._mutex, suppress(IndexerError):
            if self._version and not self._is_lost:
                self._client.ask("DELETE", f"{self._path}/_doc/lock", ignored=(404, _CONFLICT), **self._version)

    def _create_index(self) -> None:
        text = {"type": "keyword"}
        body = {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
            "mappings": {"dynamic": "strict", "properties": {"holder": text, "owner": text, "renewed": text}},
        }
        # 400 is what a node says of an index that is there.
        if self._client.ask("HEAD", self._path, ignored=(404,)) is not True:
            self._client.ask("PUT", self._path, body, ignored=(400,))

    def _take(self) -> bool:
        """True if the lock is taken now."""
        answer = self._client.ask("PUT", f"{self._path}/_create/lock", self._content(), ignored=(_CONFLICT,))
        if answer.get("status") != _CONFLICT:
            self._version = _version_of(answer)
            return True
        found = self._client.ask("GET", f"{self._path}/_doc/lock", ignored=(404,))
        if not found.get("found"):
            return False
        holder = found["_source"]
        age = (datetime.now(UTC) - datetime.fromisoformat(holder["renewed"])).total_seconds()
        if holder["owner"] != self._owner and age < _STALE_SECONDS:
            return False
        return self._write(_version_of(found))

    def _renew_always(self) -> None:
        while not self._ended.wait(_RENEWAL_SECONDS):
            with suppress(IndexerError):
                self._renew()

    def _renew(self) -> None:
        with self._mutex:
            if not self._is_lost and not self._write(self._version):
                self._is_lost = True

    def _write(self, version: dict[str, Any]) -> bool:
        """True if the lock had this version and is ours now."""
        answer = self._client.ask("PUT", f"{self._path}/_doc/lock", self._content(), ignored=(_CONFLICT,), **version)
        if answer.get("status") == _CONFLICT:
            # A request that was sent again finds its own first attempt.
            found = self._client.ask("GET", f"{self._path}/_doc/lock", ignored=(404,))
            if found.get("_source", {}).get("owner") != self._owner:
                return False
            answer = found
        self._version = _version_of(answer)
        return True

    def _content(self) -> dict[str, Any]:
        return {
            "holder": f"process {os.getpid()} on {socket.gethostname()}",
            "owner": self._owner,
            "renewed": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def lock_holder(client: OpenSearchClient, alias: str) -> str | None:
    """Who is writing to the index of an alias now, None if nobody is."""
    found = client.ask("GET", f"/{quoted(lock_index(alias))}/_doc/lock", ignored=(404,)).get("_source")
    if found is None:
        return None
    age = (datetime.now(UTC) - datetime.fromisoformat(found["renewed"])).total_seconds()
    return str(found["holder"]) if age < _STALE_SECONDS else None


def _version_of(answer: Any) -> dict[str, Any]:
    """The parameters with which a request succeeds only if nobody has written to the lock since."""
    return {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}


def _owner(folder: Path) -> str:
    """What tells a local folder from others; made when it is first asked for."""
    path = folder / _OWNER
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        path.write_text(uuid.uuid4().hex, "ascii")
        return path.read_text("ascii")
