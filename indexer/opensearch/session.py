"""One run over an index in an OpenSearch cluster: its lock, what is published, and the repair of what a kill left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.settings import Settings
from indexer.analysis.segment import Segmenter
from indexer.errors import IndexDamaged, IndexerError, ReindexNeeded
from indexer.opensearch.bulk import BulkLoad, table
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.cluster_lock import ClusterLock
from indexer.opensearch.gram_counts import GramCounts, PendingTables, tables
from indexer.opensearch.indices import Published, last_published, read_published
from indexer.opensearch.layout import grams_id
from indexer.opensearch.writer import OpenSearchWriter
from indexer.store.generations import Generation, current_name, generation_folders
from indexer.store.manifest import OPENSEARCH_ENGINE, read_manifest
from indexer.store.publishing import next_number, point_to

#: How long a run waits for a cluster that is away or busy, before it ends with a message; the next run goes on.
PATIENCE_SECONDS = 120.0


class ClusterSession:
    """A run's access to the cluster; the lock is held. See `RunEngine`."""

    name = OPENSEARCH_ENGINE

    def __init__(self, client: OpenSearchClient, lock: ClusterLock, settings: Settings) -> None:
        """Raises what reading the published state raises, unless another index can be built beside it."""
        self._client = client
        self._lock = lock
        self._settings = settings
        self._index = settings.index_dir
        self._published: Published | None = None
        self._fault: str | None = None
        try:
            self._published = read_published(client, settings.opensearch_index)
        except (ReindexNeeded, IndexDamaged) as error:
            self._fault = error.damage if isinstance(error, IndexDamaged) else str(error)
        # Also what an index says that does not answer any more, because a sound one before it was taken back.
        self._last_published = last_published(client, settings.opensearch_index)

    def recover(self) -> None:
        """Let `CURRENT` name the local generation that is published in the cluster: a run was killed in between."""
        if self._published is None:
            return
        for folder in generation_folders(self._index):
            with suppress(IndexerError):
                manifest, _ = read_manifest(folder)
                if manifest == self._published.state.manifest:
                    if folder.name != current_name(self._index):
                        point_to(self._index, folder)
                    self._send_pending_tables(folder, self._published.index)

    def _send_pending_tables(self, generation: Path, index: str) -> None:
        """Send the tables anew that a run has changed which was not published."""
        pending = PendingTables(self._index, index)
        if codes := pending.codes():
            counts = GramCounts()
            counts.add_file(generation)
            with BulkLoad(self._client, index) as load:
                load.send(table(grams_id(character), content) for character, content in tables(counts, codes))
            pending.clear()

    def reason_to_start_anew(self, previous: Generation) -> str | None:
        """Why the documents of the local generation cannot stay; None if the cluster has just this generation."""
        if self._fault is not None:
            return self._fault
        alias = self._settings.opensearch_index
        if previous.manifest.engine != OPENSEARCH_ENGINE:
            return "the index was kept by another engine"
        if self._published is None:
            return f"the cluster has no index {alias}"
        if self._published.state.manifest != previous.manifest:
            return f"the index {alias} in the cluster was written with another local folder than {self._index}"
        return None

    def next_number(self) -> int:
        """The number of the next generation, greater than those that are published here and in the cluster."""
        return max(next_number(self._index), self._last_published + 1)

    def writer(
        self,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool,
    ) -> OpenSearchWriter:
        """The writer of the next generation, into a folder for its local files."""
        return OpenSearchWriter(
            self._client,
            self._lock,
            self._published if previous is not None else None,
            self.next_number(),
            folder,
            settings,
            segmenter,
            digest_genre,
            previous,
            keeps_documents=keeps_documents,
        )


@contextmanager
def cluster_session(settings: Settings) -> Iterator[ClusterSession]:
    """The session of a run that has locked the local folder; raises IndexLocked and what the client raises."""
    client = OpenSearchClient(settings, patience_seconds=PATIENCE_SECONDS)
    try:
        client.check_version()
        lock = ClusterLock(client, settings.opensearch_index, settings.index_dir)
        try:
            lock.acquire(settings.lock_wait_seconds)
            yield ClusterSession(client, lock, settings)
        finally:
            lock.release()
    finally:
        client.close()
