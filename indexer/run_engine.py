"""What a run needs of the engine that keeps its index: the protocol, the embedded engine, and the choice of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from corpus.settings import OPENSEARCH, Settings
from indexer.store.manifest import WHOOSH_ENGINE
from indexer.store.publishing import next_number

if TYPE_CHECKING:
    from indexer.analysis.segment import Segmenter
    from indexer.generation_writer import GenerationWriter
    from indexer.store.generations import Generation


class RunEngine(Protocol):
    """An engine during one run, which holds all locks."""

    @property
    def name(self) -> str:
        """What manifests call the engine."""

    def recover(self) -> None:
        """Make local files agree with what readers see, if a run was killed while it published."""

    def reason_to_start_anew(self, previous: Generation) -> str | None:
        """Why no document of the current local generation can stay; None if unchanged ones can."""

    def next_number(self) -> int:
        """The number of the generation that the run makes."""

    def writer(
        self,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool,
    ) -> GenerationWriter:
        """The writer of that generation, whose local files are in a folder.

        Documents of `digest_genre` are demoted in rankings. `keeps_documents` is True if the documents of the previous
        generation stay unless they are deleted.
        """


class EmbeddedRun:
    """A run of the embedded engine."""

    name = WHOOSH_ENGINE

    def __init__(self, index: Path) -> None:
        self._index = index

    def recover(self) -> None:
        """Nothing: local files are all there is."""

    def reason_to_start_anew(self, previous: Generation) -> str | None:
        """Another engine has kept the index."""
        return None if previous.manifest.engine == self.name else "the index was kept by another engine"

    def next_number(self) -> int:
        """The number after the newest local generation."""
        return next_number(self._index)

    def writer(
        self,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool,
    ) -> GenerationWriter:
        """The writer of segments."""
        # Deferred: a run that finds nothing to do writes nothing, and has no workers.
        from corpus.workers import ProcessMap, worker_count
        from indexer.generation_writer import EmbeddedWriter

        return EmbeddedWriter(
            self._index,
            folder,
            settings,
            segmenter,
            digest_genre,
            previous,
            keeps_documents=keeps_documents,
            run=ProcessMap(worker_count(settings.workers)),
        )


@contextmanager
def run_engine(settings: Settings) -> Iterator[RunEngine]:
    """The engine that the settings name; the local folder must be locked."""
    if settings.engine == OPENSEARCH:
        from indexer.opensearch.session import cluster_session  # deferred: opensearch-py is optional

        with cluster_session(settings) as session:
            yield session
    else:
        yield EmbeddedRun(settings.index_dir)
