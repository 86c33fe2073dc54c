"""Checks, repairs and shows an index in an OpenSearch cluster: the `Upkeep` of the engine opensearch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from corpus.settings import Settings
from indexer.errors import IndexDamaged, IndexerError, IndexMissing, ReindexNeeded
from indexer.opensearch import versions
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.cluster_lock import ClusterLock, lock_holder
from indexer.opensearch.indices import Published, indices_of, point_alias, published_in, read_published
from indexer.opensearch.layout import visible_at
from indexer.opensearch.word_counts import list_words
from indexer.runs import published_sources, read_runs
from indexer.store.publishing import lock, unfinished_bytes, writer_of
from indexer.upkeep.check_index import check_index
from indexer.upkeep.reports import (
    CheckReport,
    ClusterIndex,
    ClusterStatus,
    GenerationStatus,
    IndexStatus,
    RepairOutcome,
    RepairReport,
    WordsReport,
)


class OpenSearchUpkeep:
    """The upkeep of the index that an alias of a cluster names; see `Upkeep`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._alias = settings.opensearch_index

    def check(self) -> CheckReport:
        """Compare the counts of the current generation, and read and look up samples.

        Raises IndexMissing, ReindexNeeded, and what the client raises.
        """
        with self._client() as client:
            return check_index(client, self._published(client))

    def repair(self) -> RepairReport:
        """Let the alias name the newest sound index if the current one is damaged; none is deleted.

        Raises IndexMissing, IndexLocked, and what the client raises.
        """
        wait = self._settings.lock_wait_seconds
        with lock(self._settings.index_dir, wait), self._client() as client:
            held = ClusterLock(client, self._alias, self._settings.index_dir)
            try:
                held.acquire(wait)
                return self._repair(client)
            finally:
                held.release()

    def status(self, runs: int) -> IndexStatus:
        """The cluster with the indices of the alias, and the last runs of this machine."""
        with self._client() as client:
            problem, published = None, None
            try:
                published = self._published(client)
            except (IndexMissing, IndexDamaged, ReindexNeeded) as error:
                problem = str(error)
            cluster = self._cluster(client, published)
            writer = lock_holder(client, self._alias)
        generations = []
        if published is not None:
            manifest = published.state.manifest
            size = next((index.bytes for index in cluster.indices if index.is_current), 0)
            generations = [
                GenerationStatus(
                    generation=manifest.generation,
                    is_current=True,
                    documents=manifest.documents,
                    characters=manifest.characters,
                    created=manifest.created,
                    bytes=size,
                    own_bytes=size,
                )
            ]
        folder = self._settings.index_dir
        return IndexStatus(
            index=f"{self._alias} at {cluster.nodes}",
            generations=tuple(generations),
            writer=writer or (writer_of(folder) if folder.is_dir() else None),
            problem=problem,
            unfinished_bytes=unfinished_bytes(folder),
            free_bytes=shutil.disk_usage(folder).free if folder.is_dir() else 0,
            runs=tuple(reversed(read_runs(folder, runs))),
            cluster=cluster,
        )

    def words(self, limit: int | None, *, is_rising: bool) -> WordsReport:
        """Learned words of the current generation, or those that rise; raises IndexMissing, IndexDamaged."""
        with self._client() as client:
            words, learned = list_words(client, self._published(client), limit, is_rising=is_rising)
            return WordsReport(learned=learned, words=words)

    @contextmanager
    def _client(self) -> Iterator[OpenSearchClient]:
        with closing(OpenSearchClient(self._settings)) as client:
            client.check_version()
            yield client

    def _published(self, client: OpenSearchClient) -> Published:
        published = read_published(client, self._alias)
        if published is None:
            raise IndexMissing(
                f"the cluster at {client.nodes} has no index {self._alias}; build one with: search-index SOURCE…"
            )
        return published

    def _repair(self, client: OpenSearchClient) -> RepairReport:
        damages: list[str] = []
        current = None
        try:
            current = self._published(client)
        except (IndexMissing, IndexDamaged, ReindexNeeded) as error:
            damages.append(str(error))
        numbers = indices_of(client, self._alias)
        if not numbers:
            raise IndexMissing(f"the cluster at {client.nodes} has no index of {self._alias}")
        names = sorted(numbers, key=numbers.__getitem__, reverse=True)
        if current is not None:
            names = [current.index, *(name for name in names if name != current.index)]
        for name in names:
            try:
                found = published_in(client, name)
                report = check_index(client, found) if found is not None else None
            except IndexerError as error:
                report = CheckReport(generation=None, damages=(f"{name}: {error}",))
            if report is None:
                continue  # of a run that did not end
            if report.is_sound:
                is_current = current is not None and name == current.index
                if not is_current:
                    point_alias(client, self._alias, name)
                return self._report("sound" if is_current else "went_back", report.generation, damages)
            damages += report.damages
        return self._report("lost", None, damages)

    def _report(self, outcome: RepairOutcome, number: int | None, damages: list[str]) -> RepairReport:
        return RepairReport(
            outcome=outcome,
            generation=number,
            damages=tuple(damages),
            removed=(),
            sources=published_sources(self._settings.index_dir),
        )

    def _cluster(self, client: OpenSearchClient, published: Published | None) -> ClusterStatus:
        health = client.ask("GET", "/_cluster/health")
        names = sorted(indices_of(client, self._alias))
        path = f"/_cat/indices/{quoted(f'{self._alias}-*')}"
        rows = {row["index"]: row for row in client.ask("GET", path, format="json", bytes="b")}
        return ClusterStatus(
            nodes=client.nodes,
            health=health["status"],
            nodes_with_data=health["number_of_data_nodes"],
            missing_shards=health["unassigned_shards"],
            indices=tuple(_index(client, name, rows.get(name, {}), published) for name in names),
        )


def _index(client: OpenSearchClient, name: str, row: Mapping[str, Any], published: Published | None) -> ClusterIndex:
    """An index of the alias; the counts of one that cannot be searched are 0."""
    documents = waiting = 0
    try:
        state = published.state if published is not None and published.index == name else None
        if state is not None:
            documents = versions.count(client, name, visible_at(state.generation))
            waiting = versions.count(client, name, {"range": {"until": {"lte": state.generation}}})
        else:
            documents = versions.count(client, name, {"exists": {"field": "since"}})
    except IndexerError:
        pass
    return ClusterIndex(
        name=name,
        is_current=published is not None and published.index == name,
        health=row.get("health") or "unknown",
        shards=int(row.get("pri") or 0),
        replicas=int(row.get("rep") or 0),
        documents=documents,
        waiting=waiting,
        bytes=int(row.get("store.size") or 0),
    )
