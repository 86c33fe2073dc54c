"""A run that reads only what changed publishes what a fresh build would: documents, clusters, and its report."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from edited_sources import KINDS, Edit, Sources, apply_all
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_writer import MemoryWriter, documents_of

import indexer.build
import indexer.catalogue.reading
from corpus.document import Document
from corpus.settings import Settings
from indexer.build import build_index
from indexer.run_report import RunReport

SMALL = st.integers(0, 15)
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), SMALL, SMALL, SMALL), max_size=4)


def counts(report: RunReport) -> dict[str, Any]:
    """What a report says about the whole collection."""
    content = asdict(report)
    changes = ("added", "changed", "removed")
    for name in ("index", "generation", "seconds", "is_unchanged", *changes):
        del content[name]
    content["by_file"] = [
        {name: value for name, value in file.items() if name not in changes}
        for file in content["by_file"]
        if file["read"] or not file["removed"]
    ]
    return content


class Pair:
    """An index that is kept up to date, and fresh ones beside it."""

    def __init__(self, folder: Path, sources: Sources) -> None:
        self._folder = folder
        self._sources = sources
        self._fresh = 0
        self._settings = Settings(index=str(folder / "index"))
        self._documents: dict[str, Document] = {}

    def compare(self, **options: Any) -> None:
        """Update the index, and compare it with a fresh one."""
        report = build_index(self._sources.paths, self._settings, **options)
        self._fresh += 1
        fresh = Settings(index=str(self._folder / f"fresh{self._fresh}"))
        fresh_report = build_index(self._sources.paths, fresh)
        assert counts(report) == counts(fresh_report)
        if fresh_report.generation is None:
            return
        documents = documents_of(fresh.index_dir)
        assert documents_of(self._settings.index_dir) == documents
        old, self._documents = self._documents, documents
        plain = {id: asdict(document) | {"cluster": None} for id, document in documents.items()}
        was = {id: asdict(document) | {"cluster": None} for id, document in old.items()}
        assert report.added == len(plain.keys() - was.keys())
        assert report.removed == len(was.keys() - plain.keys())
        assert report.changed == sum(plain[id] != was[id] for id in plain.keys() & was.keys())
        assert report.added == sum(file.added for file in report.by_file)


def follow(steps: Sequence[Sequence[Edit]], folder: Path) -> None:
    """Apply the edits of each step, and compare."""
    sources = Sources(folder / "sources")
    pair = Pair(folder, sources)
    pair.compare()
    for edits in steps:
        apply_all(sources, edits)
        pair.compare()


@pytest.fixture(autouse=True)
def _memory_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write documents to memory, and take the clock of the file system for exact."""
    monkeypatch.setattr(indexer.build, "EmbeddedWriter", MemoryWriter)
    for module in (indexer.build, indexer.catalogue.reading):
        monkeypatch.setattr(module, "CLOCK_NS", 0)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EDITS, min_size=5, max_size=8))
def test_any_edits(steps: list[list[Edit]]) -> None:
    """After each of some random edits the index is that of a fresh build."""
    with tempfile.TemporaryDirectory() as folder:
        follow(steps, Path(folder))
