"""What a run knows before it opens a source file: rules, stamps, the current generation; enough if nothing changed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from corpus.settings import Settings
from corpus.sources.stamps import is_before, list_stamps
from indexer.analysis.segment import Segmenter
from indexer.catalogue.facts import facts_of
from indexer.errors import IndexDamaged, IndexerError
from indexer.run_engine import RunEngine
from indexer.run_report import RunReport
from indexer.store.generations import Generation, current


class RunStart:
    """The state of sources and index at the start of a run.

    `facts` are what documents depend on beside the files, `stamps` those of the source files, listed at `listed_ns`
    (ns since 1970), `previous` is the current generation, None if there is none that can be opened; `damage` tells what
    is damaged of one that cannot, or why its documents cannot stay.
    """

    def __init__(
        self, sources: Sequence[Path], settings: Settings, engine: RunEngine, *, is_rebuild: bool, is_verified: bool
    ) -> None:
        self.engine = engine
        self.sources = sources
        self.settings = settings
        self.is_rebuild = is_rebuild
        self.is_verified = is_verified
        self.segmenter = Segmenter(settings.max_run_chars)
        self.facts = facts_of(settings, self.segmenter.fingerprint)
        self.previous, self.damage = _readable_generation(settings.index_dir)
        if self.previous is not None and (reason := engine.reason_to_start_anew(self.previous)):
            self.previous, self.damage = None, reason
        self._list()

    def _list(self) -> None:
        self.listed_ns = time.time_ns()
        self.stamps = list_stamps(self.sources, self.settings)

    def list_again(self) -> None:
        """List the sources anew, and compare contents: the stamp of a file may be that of its former content."""
        self._list()
        self.is_verified = True

    @property
    def digest(self) -> str:
        """SHA-256 of everything that determines the documents, as far as it is known without opening a file."""
        return hashlib.sha256(repr((self.stamps.digest, sorted(self.facts.items()))).encode()).hexdigest()

    def report_if_nothing_changed(self) -> RunReport | None:
        """The report of the current generation if no file has to be opened to know that another would equal it."""
        if self.previous is None or self.is_rebuild or self.is_verified:
            return None
        manifest = self.previous.manifest
        if manifest.sources == self.digest and is_before(self.stamps.newest_ns, manifest.listed_ns):
            return RunReport.from_dict({**self.previous.report(), "is_unchanged": True})
        return None


def _readable_generation(index: Path) -> tuple[Generation | None, str | None]:
    """The current generation, or None and what is damaged of it, if that is why it cannot be opened."""
    try:
        return current(index), None
    except IndexDamaged as error:
        return None, error.damage
    except IndexerError:
        return None, None
