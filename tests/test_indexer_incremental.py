"""A run that reads only what changed publishes what a fresh build would: documents, clusters, answers, its report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from compared_builds import Pair, stored_documents
from edited_sources import KINDS, Edit, Sources, apply_all
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_writer import MemoryWriter, documents_of

import corpus.record_reading
import corpus.sources.stamps
import indexer.catalogue.reading
import indexer.generation_writer
import indexer.run_start
from corpus.document import Document

SMALL = st.integers(0, 15)
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), SMALL, SMALL, SMALL), max_size=4)


def follow(steps: Sequence[Sequence[Edit]], folder: Path, documents_of: Callable[[Path], dict[str, Document]]) -> None:
    """Apply the edits of each step, and compare."""
    sources = Sources(folder / "sources")
    pair = Pair(folder, lambda: sources.paths, documents_of, has_answers=documents_of is stored_documents)
    pair.compare()
    for edits in steps:
        apply_all(sources, edits)
        pair.compare()


@pytest.fixture(autouse=True)
def _exact_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the clock of the file system for exact, so that files count as unchanged at once."""
    monkeypatch.setattr(corpus.sources.stamps, "_CLOCK_NS", 0)


@pytest.fixture(autouse=True)
def _long_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take most exports for long ones, of which unchanged records are not decoded."""
    monkeypatch.setattr(corpus.record_reading, "_SMALL_BYTES", 300)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=5, max_size=8))
def test_any_edits(steps: list[list[Edit]], monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of some random edits any engine is given the documents of a fresh build."""
    monkeypatch.setattr(indexer.generation_writer, "EmbeddedWriter", MemoryWriter)
    with tempfile.TemporaryDirectory() as folder:
        follow(steps, Path(folder), documents_of)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=5, max_size=8))
def test_any_edits_of_an_index(steps: list[list[Edit]]) -> None:
    """After each of some random edits the index answers as a fresh one does."""
    with tempfile.TemporaryDirectory() as folder:
        follow(steps, Path(folder), stored_documents)
