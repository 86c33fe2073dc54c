"""A run that reads only what changed publishes what a fresh build would: documents, clusters, answers, its report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
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
from indexer.store.columns import ColumnReader
from indexer.store.generations import current
from indexer.store.stored_documents import DocumentReader
from searcher.results import Request
from searcher.service import Searcher

SMALL = st.integers(0, 15)
QUERIES = (
    *(
        "潮汐普查",
        "概念验证中心",
        "雨量站 改造",
        "“据按日”",
        "观测站 OR 中试平台",
        "-潮汐 简报",
        "的",
        "“区”",
        "关注公众号",
    ),
    *("in:all 关注公众号", "in:all 点赞", "title:更新", "account:江湾经信", "-account:东岸科创", "date:2025-02", ""),
    *("简报 date:>2025-03", "type:report 文件", "第4号简报", "甲4字", "各单位 通知 设备", "“长按关注”", "短讯"),
    *("常在的文件", "chaoxi", "潮夕普查", "潮汐 仪器 复核 保存", "附件", "转发简报", "预警广播 村民", "概念验证中新"),
)
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


def stored_documents(index: Path) -> dict[str, Document]:
    """The live documents of the current generation."""
    folder = current(index).path
    columns = ColumnReader(folder)
    live = columns["live"] if "live" in columns else [1] * columns.max_document
    with closing(columns), DocumentReader(folder, columns) as reader:
        documents = [reader.read(number) for number in range(columns.max_document) if live[number]]
    return {document.id: document for document in documents}


def answers(index: Path) -> list[dict[str, Any]]:
    """What a user sees of the answers to all queries, with each score to its last bit."""
    searcher = Searcher(index, Settings(index=str(index)))
    pages = [asdict(searcher.search(Request(query=query, limit=100))) for query in QUERIES]
    similar = [asdict(searcher.similar(hit["id"])) for hit in pages[0]["hits"][:1]]
    searcher.close()
    for page in pages:
        del page["index"]["generation"], page["index"]["updated"]
    return [*pages, *similar]


class Pair:
    """An index that is kept up to date, and fresh ones beside it."""

    def __init__(self, folder: Path, sources: Sources, documents_of: Callable[[Path], dict[str, Document]]) -> None:
        self.settings = Settings(index=str(folder / "index"))
        self._folder = folder
        self._sources = sources
        self._documents_of = documents_of
        self._fresh = 0
        self._documents: dict[str, Document] = {}

    def compare(self, **options: Any) -> RunReport:
        """Update the index, and compare it with a fresh one."""
        report = build_index(self._sources.paths, self.settings, **options)
        self._fresh += 1
        fresh = Settings(index=str(self._folder / f"fresh{self._fresh}"))
        fresh_report = build_index(self._sources.paths, fresh)
        assert counts(report) == counts(fresh_report)
        if fresh_report.generation is None:
            return report
        documents = self._documents_of(fresh.index_dir)
        assert self._documents_of(self.settings.index_dir) == documents
        if self._documents_of is stored_documents:
            assert answers(self.settings.index_dir) == answers(fresh.index_dir)
        old, self._documents = self._documents, {id: replace(found, cluster=None) for id, found in documents.items()}
        assert report.added == len(documents.keys() - old.keys())
        assert report.removed == len(old.keys() - documents.keys())
        assert report.changed == sum(old[id] != self._documents[id] for id in documents.keys() & old.keys())
        assert report.added == sum(file.added for file in report.by_file)
        return report


def follow(steps: Sequence[Sequence[Edit]], folder: Path, documents_of: Callable[[Path], dict[str, Document]]) -> None:
    """Apply the edits of each step, and compare."""
    sources = Sources(folder / "sources")
    pair = Pair(folder, sources, documents_of)
    pair.compare()
    for edits in steps:
        apply_all(sources, edits)
        pair.compare()


@pytest.fixture(autouse=True)
def _exact_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the clock of the file system for exact, so that files count as unchanged at once."""
    for module in (indexer.build, indexer.catalogue.reading):
        monkeypatch.setattr(module, "CLOCK_NS", 0)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=5, max_size=8))
def test_any_edits(steps: list[list[Edit]], monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of some random edits any engine is given the documents of a fresh build."""
    monkeypatch.setattr(indexer.build, "EmbeddedWriter", MemoryWriter)
    with tempfile.TemporaryDirectory() as folder:
        follow(steps, Path(folder), documents_of)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EDITS, min_size=5, max_size=8))
def test_any_edits_of_an_index(steps: list[list[Edit]]) -> None:
    """After each of some random edits the index answers as a fresh one does."""
    with tempfile.TemporaryDirectory() as folder:
        follow(steps, Path(folder), stored_documents)
