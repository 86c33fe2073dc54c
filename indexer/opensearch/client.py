"""Connects to an OpenSearch cluster: settings to connections, retries, and one clear error for each way it can fail.

This is the only module that imports opensearch-py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from corpus.errors import SettingsError
from corpus.settings import Settings
from indexer.errors import ClusterRefused, ClusterUnavailable, IndexerError, IndexMissing, IndexNotWritable

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

#: How often the client asks another node at once. 500 is what a search gets that loses its node while it fetches.
_RETRIES: Final = 5
_RETRIED_STATUS: Final = (500, 502, 503, 504)
#: Connections to a node that threads share.
_CONNECTIONS: Final = 10
#: Waiting time before a further attempt, in seconds: that many, then twice as many, and so on, up to the limit.
_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 10.0
#: Too many requests: the cluster is busy.
_BUSY: Final = 429
_UNAVAILABLE: Final = (500, 502, 503, 504)
#: Characters of a reason that a message repeats.
_REASON_CHARACTERS: Final = 300
#: A test artefact of OpenSearch names itself so, too.
_DISTRIBUTION: Final = "opensearch"
_OLDEST_VERSION: Final = 2
#: The number of the block that a node sets when its disk is full; its words differ by version.
_FULL_DISK: Final = "/12/"

Body = Mapping[str, Any] | bytes | None


class OpenSearchClient:
    """A cluster; threads may share it. Requests that fail because it is away or busy are sent again."""

    def __init__(self, settings: Settings, *, patience_seconds: float = 0.0) -> None:
        """No request is sent yet. `patience_seconds` is how long requests wait for a cluster that is away or busy.

        Raises SettingsError, and IndexerError if opensearch-py is not installed.
        """
        self._urls = [url.strip().rstrip("/") for url in settings.opensearch_urls.split(",") if url.strip()]
        self._timeout = settings.opensearch_timeout_seconds
        self.patience_seconds = patience_seconds
        self._client = _connect(self._urls, settings)

    @property
    def nodes(self) -> str:
        """The nodes that are asked, without user names and passwords, for messages."""
        return ", ".join(filter(None, (urlsplit(url).netloc.rpartition("@")[2] for url in self._urls)))

    # Any: what a request answers depends on its path.
    def ask(self, method: str, path: str, body: Body = None, *, ignored: Iterable[int] = (), **params: Any) -> Any:
        """The decoded answer to a request; `path` begins with a slash, its parts are quoted (see `quoted`).

        A status of `ignored` is an answer. `request_timeout` is how long the client waits, in seconds; `timeout` is the
        server's. Raises ClusterUnavailable, IndexMissing, IndexNotWritable, ClusterRefused.
        """
        from opensearchpy.exceptions import OpenSearchException, TransportError  # deferred: see _connect

        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode("utf-8")
        headers = {"content-type": "application/x-ndjson" if isinstance(body, bytes) else "application/json"}
        given_up = time.monotonic() + self.patience_seconds
        wait = _FIRST_WAIT
        attempt = 0
        while True:
            attempt += 1
            try:
                # The client takes `timeout` for its own unless it has another one, and takes what it uses out.
                sent = {"request_timeout": self._timeout, **params}
                return self._client.transport.perform_request(
                    method, path, params=sent, body=content, ignore=tuple(ignored), headers=headers
                )
            except OpenSearchException as error:
                status = error.status_code if isinstance(error, TransportError) else None
                is_passing = status in (_BUSY, *_UNAVAILABLE, "N/A", "TIMEOUT")
                is_in_time = time.monotonic() < given_up or (status == _BUSY and attempt <= _RETRIES)
                if not (is_passing and is_in_time):
                    raise self._explained(error) from None
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def search(self, index: str, body: Mapping[str, Any]) -> Any:
        """The answer to a search in an index, from all shards: an error is better than a part of the hits."""
        return self.ask("POST", f"/{quoted(index)}/_search", body, allow_partial_search_results="false")

    def search_each(self, index: str, bodies: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The answers to searches that are sent together, each from all shards.

        They are sent again where a search has lost its node; a red index keeps failing.
        """
        if not bodies:
            return []
        header = json.dumps({"index": index, "allow_partial_search_results": False})
        content = "".join(f"{header}\n{json.dumps(body)}\n" for body in bodies).encode("utf-8")
        wait = _FIRST_WAIT
        attempt = 0
        while True:
            attempt += 1
            answers: list[Any] = self.ask("POST", "/_msearch", content)["responses"]
            failed = [answer for answer in answers if "error" in answer]
            if not failed:
                return answers
            if attempt == _RETRIES or any(answer["status"] not in (_BUSY, *_UNAVAILABLE) for answer in failed):
                raise self.explained(failed[0]["status"], failed[0])
            time.sleep(wait)
            wait *= 2

    def check_version(self) -> None:
        """Raise ClusterRefused if the cluster is no OpenSearch of a version that the layout was tried with."""
        version = self.ask("GET", "/")["version"]
        number = str(version.get("number", ""))
        if version.get("distribution") != _DISTRIBUTION or int(number.partition(".")[0] or 0) < _OLDEST_VERSION:
            raise ClusterRefused(
                f"the cluster at {self.nodes} is {version.get('distribution', 'no OpenSearch')} {number}; OpenSearch"
                f" {_OLDEST_VERSION} or newer is needed",
                "version",
                None,
            )

    # Any: a part of an answer is JSON.
    def explained(self, status: int, answer: Any) -> IndexerError:
        """The error for a part of an answer that failed: of a search among several, or of a document among several."""
        error = answer["error"]
        kind = error.get("type", "") if isinstance(error, Mapping) else ""
        return _explained_status(f"the OpenSearch cluster at {self.nodes}", status, kind, answer)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _explained(self, error: Exception) -> IndexerError:
        """The error of ours that says what to do; it repeats no header, so that no secret is in it."""
        from opensearchpy import exceptions as theirs  # deferred: see _connect

        at = f"the OpenSearch cluster at {self.nodes}"
        if isinstance(error, theirs.SSLError):
            return ClusterUnavailable(
                f"{at} has a certificate that is not trusted, or speaks no TLS: check opensearch_urls and"
                " opensearch_ca_file"
            )
        if isinstance(error, theirs.ConnectionTimeout):
            return ClusterUnavailable(
                f"{at} did not answer within {self._timeout:g} s (opensearch_timeout_seconds): try again when it has"
                " less to do"
            )
        if isinstance(error, theirs.ConnectionError):
            return ClusterUnavailable(
                # Also where the last node that was tried is down, and those before it lack a part of the index.
                f"no node of {at} can be reached: check opensearch_urls, that all nodes are running, and"
                " /_cluster/health"
            )
        if not isinstance(error, theirs.TransportError):
            return ClusterRefused(f"{at} gave an answer that cannot be read", "", None)
        return _explained_status(at, error.status_code, error.error, error.info)


def is_block(status: Any, kind: str) -> bool:
    """True if somebody, or a full disk, forbids writing to an index; a cluster without a manager is no such case."""
    return kind == "cluster_block_exception" and status not in _UNAVAILABLE


# Any: what came with a status is as the node wrote it.
def _explained_status(at: str, status: Any, kind: str, info: Any) -> IndexerError:
    """The error for an HTTP status and what a node said with it."""
    reason = _reason(info)
    if status == 401:
        return ClusterRefused(
            f"{at} refuses user and password or the token: check opensearch_user and opensearch_password(_file), or"
            " opensearch_token(_file)",
            kind,
            status,
        )
    if is_block(status, kind):
        remedy = "make room on the disks of its nodes" if _FULL_DISK in reason else "remove the block"
        return IndexNotWritable(f"{at} lets nobody write to the index: {remedy} and run search-index again ({reason})")
    if status == _BUSY:
        return ClusterUnavailable(f"{at} has too much to do and refuses requests: try again later")
    if status in _UNAVAILABLE:
        return ClusterUnavailable(
            f"{at} cannot answer now, because a node or a part of the index is missing: check the nodes, and"
            f" /_cluster/health ({reason})"
        )
    if status == 403:
        return ClusterRefused(f"{at} does not permit this to the user: grant the rights ({reason})", kind, status)
    if kind == "index_closed_exception":
        return ClusterUnavailable(f"{at} has closed the index: open it with POST /INDEX/_open ({reason})")
    if kind == "index_not_found_exception":
        return IndexMissing(f"{at} has no such index; build it with: search-index SOURCE… ({reason})")
    return ClusterRefused(f"{at} refused a request: {reason}", kind, status)


def quoted(part: str) -> str:
    """A part of a path, such as the `_id` of a document."""
    return quote(part, safe="")


def _reason(info: Any) -> str:
    """What a node said, in a line."""
    error = info.get("error", info) if isinstance(info, Mapping) else info
    if isinstance(error, Mapping):
        causes = [error, *error.get("root_cause", ()), error.get("caused_by")]
        reasons = dict.fromkeys(cause["reason"] for cause in causes if isinstance(cause, Mapping) and "reason" in cause)
        error = "; ".join(map(str, reasons)) or error.get("type", "no reason given")
    return " ".join(str(error).split())[:_REASON_CHARACTERS]


def _connect(urls: list[str], settings: Settings) -> OpenSearch:
    """A client with all settings; raises SettingsError."""
    try:
        from opensearchpy import OpenSearch  # deferred: 0.3 s, and optional
    except ImportError:
        raise IndexerError(
            "the engine opensearch needs the package opensearch-py; install it with: pip install 'kesou[opensearch]'"
        ) from None
    if not urls or not all(urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname for url in urls):
        raise SettingsError("opensearch_urls must be URLs such as https://node-1:9200, separated by commas")
    options: dict[str, Any] = {}
    if settings.opensearch_user:
        password = _secret(settings, "opensearch_password")
        options["http_auth"] = (settings.opensearch_user, password)
    elif token := _secret(settings, "opensearch_token"):
        options["headers"] = {"authorization": f"Bearer {token}"}
    for name, option in (
        ("opensearch_ca_file", "ca_certs"),
        ("opensearch_client_certificate", "client_cert"),
        ("opensearch_client_key", "client_key"),
    ):
        if path := getattr(settings, name):
            _content(name, path)
            options[option] = str(Path(path).expanduser())
    return OpenSearch(
        urls,
        timeout=settings.opensearch_timeout_seconds,
        max_retries=_RETRIES,
        retry_on_timeout=True,
        retry_on_status=_RETRIED_STATUS,
        http_compress=True,
        pool_maxsize=_CONNECTIONS,
        **options,
    )


def _secret(settings: Settings, name: str) -> str:
    """A secret from its setting or from the file of the setting beside it."""
    if value := getattr(settings, name):
        return str(value)
    path = getattr(settings, f"{name}_file")
    return _content(f"{name}_file", path).strip() if path else ""


def _content(name: str, path: str) -> str:
    """The text of the file that a setting names; raises SettingsError."""
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: cannot read {path}: {getattr(error, 'strerror', None) or 'no text'}") from None
