"""Incremental runs of a cluster: after any edits it has the documents and answers of a fresh embedded index."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import opensearch_nodes
import pytest
from compared_builds import QUERIES, counts, stored_documents
from edited_sources import KINDS, Edit, Sources, apply_all
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from same_answers import ALL, assert_same, assert_same_page

import corpus.record_reading
import corpus.sources.stamps
from corpus.document import Document
from corpus.settings import Settings
from indexer.build import build_index
from searcher.execution.collectors import TopHits
from searcher.execution.open_index import engine_source
from searcher.execution.plan import make_plan
from searcher.query.parser import parse
from searcher.query.query_cutter import QueryCutter
from searcher.results import Request
from searcher.service import Searcher

pytestmark = pytest.mark.opensearch

SMALL = st.integers(0, 15)
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), SMALL, SMALL, SMALL), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def _exact_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the clock of the file system for exact, and most exports for long ones, whose records are not decoded."""
    monkeypatch.setattr(corpus.sources.stamps, "_CLOCK_NS", 0)
    monkeypatch.setattr(corpus.record_reading, "_SMALL_BYTES", 300)


def documents_of(settings: Settings) -> dict[str, Document]:
    """All documents of the generation that a cluster answers from."""
    with closing(engine_source(settings.index_dir, settings).open()) as engine:
        everything = TopHits(0, None)
        query, _ = parse("", Settings())
        plan = make_plan(query, Request(query=""), QueryCutter(engine.dictionary))
        found = engine.execute(plan, everything)[everything]
        return {document.id: document for document in (engine.read(hit.number) for hit in found)}


def assert_equal(kept: Settings, fresh: Settings) -> None:
    """The cluster has the documents of an embedded index and gives its answers."""
    assert documents_of(kept) == stored_documents(fresh.index_dir)
    theirs, ours = (Searcher(each.index_dir, each) for each in (kept, fresh))
    with closing(theirs), closing(ours):
        assert_same(ours.info(), theirs.info())
        for query in QUERIES:
            assert_same_page(ours, theirs, Request(query=query, limit=ALL))
        for prefix in ("潮", "第1", "jbxg", "江"):
            assert_same(ours.complete(prefix), theirs.complete(prefix))


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=2, max_size=3))
def test_any_edits(steps: Sequence[Sequence[Edit]]) -> None:
    """After each of some random edits the cluster answers as a fresh embedded index does."""
    with tempfile.TemporaryDirectory() as name, opensearch_nodes.unique_index() as options:
        folder = Path(name)
        sources = Sources(folder / "sources")
        kept = Settings(index=str(folder / "index"), **options)
        for number, edits in enumerate(([], *steps)):
            apply_all(sources, edits)
            fresh = Settings(index=str(folder / f"fresh{number}"))
            assert counts(build_index(sources.paths, kept)) == counts(build_index(sources.paths, fresh))
            if (fresh.index_dir / "CURRENT").exists():
                assert_equal(kept, fresh)
