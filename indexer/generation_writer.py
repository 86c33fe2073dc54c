"""Writes and publishes a generation: the protocol of engines, and the writer of the embedded engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from corpus.document import Cluster, Document
from corpus.settings import Settings
from indexer.analysis.segment import Segmenter
from indexer.completion_writer import write_completions
from indexer.completions import CompletionTable
from indexer.errors import IndexDamaged
from indexer.learned_words import LearnedWords
from indexer.learning.write_learned_words import write_learned_words
from indexer.postings.deleted_grams import write_deleted_grams
from indexer.postings.reader import PackedIndex
from indexer.record import IndexRecord
from indexer.segments.kept_segments import KeptSegments
from indexer.segments.part_writer import PartWriter
from indexer.segments.write_segment import Map, Mask, SegmentSource, write_segment
from indexer.store.columns import ColumnReader
from indexer.store.compose_columns import compose_columns
from indexer.store.generations import Generation
from indexer.store.manifest import Manifest
from indexer.store.publishing import next_number, publish
from indexer.store.stored_documents import DocumentReader, PartReader, Presets
from indexer.store.verification import verify_contents


class DocumentPart(Protocol):
    """Consecutive documents of a run, written by one process; can be pickled before the first document."""

    def add(self, record: IndexRecord) -> None:
        """Write the next document."""

    def close(self) -> None:
        """Complete the part."""

    def cancel(self) -> None:
        """Release files and connections after an error."""


class GenerationWriter(Protocol):
    """Writes the documents of one run; readers see all of them or, until they are published, none.

    Every engine gets the same records, whose words and normal forms it must not analyse otherwise. A run that keeps the
    documents of the previous generation deletes those that it removes or writes anew.
    """

    def set_sample(self, documents: Sequence[Document]) -> None:
        """Documents from all over the collection, before any part: what is alike in them is stored once."""

    def part(self, folder: Path) -> DocumentPart:
        """A part to be written, by any process, into a folder that need not exist."""

    def add_part(self, folder: Path) -> None:
        """Add the documents of a complete part after those that were added before."""

    def delete(self, ids: Collection[str]) -> None:
        """Delete documents of the previous generation; those added in this run stay."""

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document that was added or that stays; no document is added afterwards."""

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """The cluster of each document of the new generation that has near-duplicates, by id."""

    def finish(self) -> None:
        """Complete what was written; no document is added afterwards."""

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Verify what was written, and make it what readers open next; raises IndexDamaged, IndexNotWritable.

        `report` is the run report as a dict; it is kept beside the manifest, because it may be large.
        """

    def cancel(self) -> None:
        """Release files and connections after an error."""


class EmbeddedWriter:
    """Writes a generation into a new folder beside the published ones (see `indexer.store.publishing.building`)."""

    def __init__(
        self,
        index: Path,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool = False,
        run: Map = map,
    ) -> None:
        """`keeps_documents` is True if the documents of the previous generation stay unless they are deleted.

        Documents of `digest_genre` are demoted in rankings. `run` merges posting lists, in processes if it can.
        """
        self._index = index
        self._folder = folder
        self._settings = settings
        self._segmenter = segmenter
        self._digest_genre = digest_genre
        self._previous = previous
        self._kept = KeptSegments(previous.path) if previous is not None and keeps_documents else None
        self._run = run
        self._parts: list[Path] = []
        self._presets = Presets.of_segment(self._kept.newest) if self._kept is not None else None
        self._readers: tuple[PartReader | KeptSegments, ...] | None = None
        self._clusters: dict[str, Cluster] = {}
        self._documents = 0

    def set_sample(self, documents: Sequence[Document]) -> None:
        """Documents from all over the collection, before any part; not used if documents are kept."""
        if self._presets is None:
            self._presets = Presets.of_sample(documents)

    def part(self, folder: Path) -> PartWriter:
        """A part to be written, by any process, into a folder that need not exist."""
        if self._presets is None:
            raise ValueError("the sample must be set before the first part")
        return PartWriter(folder, self._presets, self._settings.writer_memory_mb)

    def add_part(self, folder: Path) -> None:
        """Add the documents of a complete part after those that were added before."""
        self._parts.append(folder)

    def delete(self, ids: Collection[str]) -> None:
        """Delete documents of the previous generation; those added in this run stay."""
        if self._kept is not None:
            self._kept.delete(ids)

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document that was added or that stays; no document is added afterwards."""
        if self._readers is None:
            readers = [PartReader(part) for part in self._parts]
            self._readers = (*readers, self._kept) if self._kept is not None else tuple(readers)
        return next(text for reader in self._readers if (text := reader.text(id)) is not None)

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """The cluster of each document of the new generation that has near-duplicates, by id."""
        self._clusters = dict(clusters)

    def finish(self) -> None:
        """Write the new segment, link those that stay, and write what belongs to the whole generation."""
        new = [SegmentSource(folder=part) for part in self._parts if part.is_dir()]
        added = sum(_documents_in(source.folder) for source in new)
        names: list[str] = []
        live: list[Mask] = []
        staying: list[int] = []
        merged: list[int] = []
        if self._kept is not None:
            staying, merged = self._kept.choose(added)
            names, live = self._kept.link(staying, self._folder)
            old = self._kept.sources(merged)
            for source in old:
                verify_contents(source.folder.parent, partial(_is_in, source.folder.name))
            new = [*old, *new]
        if new:
            names.append(f"seg-{next_number(self._index):06d}-00")
            segment = self._folder / names[-1]
            write_segment(segment, new, self._settings.writer_memory_mb, self._run)
            live.append(np.ones(_documents_in(segment), bool))
        self._documents = sum(int(each.sum()) for each in live)
        if not self._documents:
            return
        everything = np.concatenate(live)
        compose_columns(self._folder, names, everything, self._clusters, self._digest_genre)
        if self._kept is not None and not everything.all():
            write_deleted_grams(self._folder, self._kept.deleted_grams(staying, merged))
        self._write_words()
        changed = max(added, self._kept.deleted) if self._kept is not None else 0
        write_completions(self._folder, self._previous.path if changed and self._previous else None, changed)
        self._close_readers()

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Open the files, read a document of each segment, and make the folder the current generation."""
        self._verify()
        settings = self._settings
        publish(
            self._index,
            self._folder,
            manifest,
            report,
            keep=settings.keep_generations,
            mode=settings.index_permissions,
        )

    def cancel(self) -> None:
        """Close all files."""
        self._close_readers()

    def _write_words(self) -> None:
        """Write the words that the documents teach beyond the dictionary."""
        previous = self._previous
        has_same_words = previous is not None and previous.manifest.dictionary == self._segmenter.fingerprint
        folder = previous.path if previous is not None and has_same_words else None
        lowest_changed = 0
        if self._kept is not None:
            added = [_ids_in(part) for part in self._parts if part.is_dir()]
            changed = np.concatenate([self._kept.deleted_ids, *added])
            lowest_changed = int(changed.min()) if len(changed) else 1 << 64
        write_learned_words(self._folder, self._segmenter, folder, lowest_changed)

    def _close_readers(self) -> None:
        for reader in self._readers or ():
            reader.close()
        self._readers = None

    def _verify(self) -> None:
        LearnedWords(self._folder).close()
        CompletionTable(self._folder).close()
        index = PackedIndex(self._folder)
        try:
            with DocumentReader(self._folder, index.columns) as stored:
                if index.documents != self._documents:
                    raise IndexDamaged(f"{self._documents} documents were written, {index.documents} are in the index")
                for segment in index.columns.segments:
                    for number in {segment.first_document, segment.first_document + segment.documents - 1}:
                        if int(stored.read(number).id, 16) != index.columns["ids"][number]:
                            raise IndexDamaged("the stored documents and the index disagree")
        finally:
            index.close()


def _is_in(segment: str, name: str) -> bool:
    """True if a file of a generation belongs to a segment."""
    return name.startswith(f"{segment}/")


def _ids_in(folder: Path) -> npt.NDArray[np.uint64]:
    """The ids of the documents of a part, as numbers."""
    with closing(ColumnReader(folder)) as columns:
        return np.array(columns["ids"], np.uint64)


def _documents_in(folder: Path) -> int:
    """The number of documents of a part or a segment."""
    with closing(ColumnReader(folder)) as columns:
        return columns.max_document
