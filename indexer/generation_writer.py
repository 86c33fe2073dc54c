"""Writes and publishes a generation: the protocol of engines, and the writer of the embedded engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from corpus.document import Cluster
from corpus.settings import Settings
from corpus.spool import Spool
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.segment import Segmenter
from indexer.completions import CompletionTable, CompletionWriter
from indexer.errors import IndexDamaged
from indexer.postings.reader import PackedIndex
from indexer.postings.whoosh_writer import IndexWriter
from indexer.record import IndexRecord
from indexer.store.compose_columns import compose_columns
from indexer.store.generations import Generation
from indexer.store.manifest import Manifest
from indexer.store.publishing import next_number, publish
from indexer.store.stored_documents import DocumentReader, DocumentWriter


class GenerationWriter(Protocol):
    """Writes the documents of one run; readers see all of them or, until they are published, none.

    Every engine gets the same records, whose words and normal forms it must not analyse otherwise.
    """

    #: True if a writer can start with the documents of the generation before.
    is_incremental: bool

    def add(self, record: IndexRecord) -> None:
        """Write the next document."""

    def delete(self, ids: Sequence[str]) -> None:
        """Leave out documents of the generation before; those that changed are added too."""

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document that was added or that stays."""

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """Set the clusters of all documents that have copies, by id."""

    def finish(self) -> None:
        """Complete what was written; no document is added afterwards."""

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Verify what was written, and make it what readers open next; raises IndexDamaged, IndexNotWritable.

        `report` is the run report as a dict; it is kept beside the manifest, because it may be large.
        """

    def cancel(self) -> None:
        """Release files and connections after an error."""


class EmbeddedWriter:
    """Writes a generation into a new folder beside the published ones (see `indexer.store.generations.building`)."""

    is_incremental = False

    def __init__(
        self,
        index: Path,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
    ) -> None:
        self._index = index
        self._folder = folder
        self._generations_kept = settings.keep_generations
        self._mode = settings.index_permissions
        self._segmenter = segmenter
        self._previous = previous
        self._digest_genre = digest_genre
        self._texts: Spool[tuple[str, str]] = Spool(folder)
        self._numbers: dict[str, int] = {}
        self._documents = 0
        self._clusters: Mapping[str, Cluster] = {}
        self._segment = f"seg-{next_number(index):06d}-00"
        segment = folder / self._segment
        segment.mkdir()
        self._writer = IndexWriter(segment, settings.writer_memory_mb)
        self._stored = DocumentWriter(segment)
        self._completions = CompletionWriter()

    def add(self, record: IndexRecord) -> None:
        """Write the next document."""
        self._writer.add(record)
        self._stored.add(record.document)
        self._completions.add(record)
        self._documents += 1
        self._numbers[record.document.id] = self._texts.append((record.document.title, record.document.body))

    def delete(self, ids: Sequence[str]) -> None:
        """Documents of the generation before are not written anyway."""

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document that was added."""
        return self._texts[self._numbers[id]]

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """Set the clusters of all documents that have copies, by id."""
        self._clusters = clusters

    def finish(self) -> None:
        """Complete all files."""
        self._texts.close()
        self._stored.close()
        self._writer.close()
        live = np.ones(self._documents, bool)
        compose_columns(self._folder, [self._segment], live, self._clusters, self._digest_genre)
        if self._documents:
            self._completions.write(self._folder)
        previous = self._previous
        has_same_words = previous is not None and previous.manifest.dictionary == self._segmenter.fingerprint
        self._segmenter.write_dictionary(
            self._folder, previous.path if previous is not None and has_same_words else None
        )

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Open the files, read the first and the last document, and make the folder the current generation."""
        self._verify()
        publish(self._index, self._folder, manifest, report, keep=self._generations_kept, mode=self._mode)

    def cancel(self) -> None:
        """Close all files."""
        self._texts.close()
        self._stored.cancel()
        self._writer.cancel()

    def _verify(self) -> None:
        PackedDictionary(self._folder).close()
        CompletionTable(self._folder).close()
        index = PackedIndex(self._folder)
        try:
            with DocumentReader(self._folder, index.columns) as stored:
                if index.documents != self._documents:
                    raise IndexDamaged(f"{self._documents} documents were written, {index.documents} are in the index")
                for number in {0, self._documents - 1}:
                    if int(stored.read(number).id, 16) != index.columns["ids"][number]:
                        raise IndexDamaged("the stored documents and the index disagree")
        finally:
            index.close()
