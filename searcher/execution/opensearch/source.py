"""Finds the published generation of an index in a cluster, and opens it."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Final

from corpus.settings import Settings
from indexer.analysis.tokens import fingerprint
from indexer.errors import IndexDamaged, IndexMissing, ReindexNeeded
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.published_state import PublishedState, state_of
from searcher.execution.opensearch.engine import OpenSearchEngine
from searcher.execution.ranking import Parameters

#: The cluster is asked at most so often what is published.
_LOOK_SECONDS: Final = 1.0
#: An open generation is deleted 15 minutes after a newer one was published, at the earliest.
_KEPT_SECONDS: Final = 60.0


class OpenSearchSource:
    """The index that an alias of a cluster names; threads may share it."""

    def __init__(self, settings: Settings, parameters: Parameters | None = None) -> None:
        """No request is sent yet. Raises SettingsError, and IndexerError if opensearch-py is not installed."""
        self._client = OpenSearchClient(settings)
        self._alias = settings.opensearch_index
        self._parameters = parameters or Parameters()
        self._lock = threading.Lock()
        self._published: tuple[str, PublishedState] | None = None
        self._next_look = 0.0

    def version(self) -> Hashable:
        """The index and its generation; raises what `open` raises."""
        with self._lock:
            index, state = self._look()
            return index, state.generation

    def open(self) -> OpenSearchEngine:
        """Open the published generation.

        Raises IndexMissing, ReindexNeeded, IndexDamaged, ClusterUnavailable or ClusterRefused.
        """
        with self._lock:
            index, state = self._look()
        if state.manifest.fingerprint != fingerprint():
            raise ReindexNeeded(f"the index {index} was built with another normal form, fold table or Unicode version")
        check = _KeptCheck(self._client, index, state.generation)
        return OpenSearchEngine(self._client, index, state, self._parameters, check)

    def _look(self) -> tuple[str, PublishedState]:
        if self._published is None or time.monotonic() >= self._next_look:
            self._published = self._read()
            self._next_look = time.monotonic() + _LOOK_SECONDS
        return self._published

    def _read(self) -> tuple[str, PublishedState]:
        published = [(index, state) for index, state in read_state(self._client, self._alias).items() if state]
        if len(published) > 1:
            names = ", ".join(sorted(index for index, _ in published))
            raise IndexDamaged(f"the alias {self._alias} names several indices ({names})")
        if not published:
            raise IndexMissing(
                f"there is no index {self._alias} in the OpenSearch cluster at {self._client.nodes}; build one with:"
                " search-index SOURCE…"
            )
        return published[0]


class _KeptCheck:
    """Raises IndexMissing when the documents of a generation may have been deleted; asks once in a while."""

    def __init__(self, client: OpenSearchClient, index: str, generation: int) -> None:
        self._client = client
        self._index = index
        self._generation = generation
        self._next_look = time.monotonic() + _KEPT_SECONDS

    def __call__(self) -> None:
        """Raises IndexMissing; threads may call it at the same time."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _KEPT_SECONDS
        state = read_state(self._client, self._index).get(self._index)
        if state is None or self._generation not in {kept.number for kept in state.generations}:
            raise IndexMissing(
                f"generation {self._generation} of the index {self._index} was deleted while it answered, because newer"
                " ones were published: ask again"
            )


def read_state(client: OpenSearchClient, name: str) -> dict[str, PublishedState | None]:
    """What is published in the index, or the indices of the alias, of a name; raises ReindexNeeded, IndexDamaged."""
    try:
        # With a further field, so that an index without _meta is in the answer too.
        wanted = "*.mappings._meta,*.mappings.dynamic"
        found = client.ask("GET", f"/{quoted(name)}/_mapping", filter_path=wanted)
    except IndexMissing:
        return {}
    return {index: state_of(each["mappings"].get("_meta", {}), index) for index, each in found.items()}
