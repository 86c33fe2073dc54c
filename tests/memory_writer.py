"""An engine that keeps the documents of a generation in a pickle: what a run hands to any engine."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.document import Cluster, Document
from corpus.settings import Settings
from indexer.record import IndexRecord
from indexer.store.generations import Generation, current
from indexer.store.manifest import Manifest
from indexer.store.publishing import publish

FILE = "documents.pickle"


class MemoryPart:
    """Writes the documents of a part as a pickle."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: list[Document] = []

    def add(self, record: IndexRecord) -> None:
        """Write the next document."""
        self._documents.append(record.document)

    def close(self) -> None:
        """Complete the part."""
        (self._folder / FILE).write_bytes(pickle.dumps(self._documents))

    def cancel(self) -> None:
        """Nothing is open."""


class MemoryWriter:
    """Starts with the documents of the previous generation if they are kept."""

    def __init__(
        self,
        index: Path,
        folder: Path,
        settings: Settings,
        segmenter: object,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool = False,
        **options: object,
    ) -> None:
        self._index = index
        self._folder = folder
        self._settings = settings
        self._old = pickle.loads((previous.path / FILE).read_bytes()) if previous and keeps_documents else {}  # noqa: S301
        self._added: dict[str, Document] = {}
        self._clusters: Mapping[str, Cluster] = {}

    def set_sample(self, documents: Sequence[Document]) -> None:
        """Nothing is compressed."""

    def part(self, folder: Path) -> MemoryPart:
        """A part to be written."""
        return MemoryPart(folder)

    def add_part(self, folder: Path) -> None:
        """Add the documents of a part, which must not have been added before."""
        for document in pickle.loads((folder / FILE).read_bytes()):  # noqa: S301
            assert document.id not in self._added
            self._added[document.id] = document

    def delete(self, ids: Collection[str]) -> None:
        """Delete documents of the previous generation, each of which it must have."""
        for id in ids:
            del self._old[id]

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document."""
        document = self._added.get(id) or self._old[id]
        return document.title, document.body

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """Set all clusters."""
        self._clusters = clusters

    def finish(self) -> None:
        """Write all documents; none may be both kept and added."""
        assert not self._old.keys() & self._added.keys()
        documents = {**self._old, **self._added}
        assert self._clusters.keys() <= documents.keys()
        whole = {id: replace(found, cluster=self._clusters.get(id)) for id, found in documents.items()}
        (self._folder / FILE).write_bytes(pickle.dumps(whole))

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Publish the generation."""
        publish(self._index, self._folder, manifest, report, keep=2, mode=self._settings.index_permissions)

    def cancel(self) -> None:
        """Nothing is open."""


def documents_of(index: Path) -> dict[str, Document]:
    """The documents of the current generation, with their clusters."""
    found: dict[str, Document] = pickle.loads((current(index).path / FILE).read_bytes())  # noqa: S301
    return found
