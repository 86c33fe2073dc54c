"""Compares an index that is kept up to date with fresh builds of the same sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from corpus.document import Document
from corpus.settings import Settings
from indexer.build import build_index
from indexer.run_report import RunReport
from indexer.store.columns import ColumnReader
from indexer.store.generations import current
from indexer.store.stored_documents import DocumentReader
from searcher.results import Request
from searcher.service import Searcher

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

    def __init__(
        self,
        folder: Path,
        sources: Callable[[], Sequence[Path]],
        documents_of: Callable[[Path], dict[str, Document]] = stored_documents,
        *,
        has_answers: bool = False,
    ) -> None:
        """If it has answers, these are compared too."""
        self.settings = Settings(index=str(folder / "index"))
        self._folder = folder
        self._sources = sources
        self._documents_of = documents_of
        self._has_answers = has_answers
        self._fresh = 0
        self._documents: dict[str, Document] = {}

    def compare(self, **options: Any) -> RunReport:
        """Update the index, and compare it with a fresh one."""
        report = build_index(self._sources(), self.settings, **options)
        self._fresh += 1
        fresh = replace(self.settings, index=str(self._folder / f"fresh{self._fresh}"))
        fresh_report = build_index(self._sources(), fresh)
        assert counts(report) == counts(fresh_report)
        if fresh_report.generation is None:
            return report
        documents = self._documents_of(fresh.index_dir)
        assert self._documents_of(self.settings.index_dir) == documents
        if self._has_answers:
            assert answers(self.settings.index_dir) == answers(fresh.index_dir)
        old, self._documents = self._documents, {id: replace(found, cluster=None) for id, found in documents.items()}
        assert report.added == len(documents.keys() - old.keys())
        assert report.removed == len(old.keys() - documents.keys())
        assert report.changed == sum(old[id] != self._documents[id] for id in documents.keys() & old.keys())
        assert report.added == sum(file.added for file in report.by_file)
        return report
