"""A folder of sources whose index is in the cluster: the commands over it, what it answers, and what lies there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import faults
import opensearch_nodes

from corpus.settings import Settings
from indexer.build import build_index
from searcher.results import Request
from searcher.service import Searcher

ROOT: Final = Path(__file__).resolve().parents[1]
#: Name of a source file → its articles, before and after the change that runs index.
BEFORE: Final = {
    "one.json": [("a1", "量子通信试验", "京沪干线第一次分发量子密钥。"), ("a2", "脑机接口", "硬币大小的植入物。")],
    "two.json": [("b1", "合成生物学规划", "到二〇三〇年建成六个平台。")],
    "gone.json": [("c1", "旧的通知", "这一条会被删除。")],
}
AFTER: Final = {
    "one.json": [("a1", "量子通信试验", "京沪干线第二次分发量子密钥。"), ("a2", "脑机接口", "硬币大小的植入物。")],
    "two.json": [("b1", "合成生物学规划", "到二〇三〇年建成六个平台。")],
    "new.json": [("d1", "商业航天", "可重复使用火箭首飞成功。")],
}
QUERIES: Final = ("", "第一次", "第二次", "“硬币大小”", "“六个平台”", "这一条", "火箭 首飞", "规划")
OLD: Final = (4, 1, 0, 1, 1, 1, 0, 1)
NEW: Final = (4, 0, 1, 1, 1, 0, 1, 1)

Articles = Mapping[str, Iterable[tuple[str, str, str]]]


class Site:
    """The folder and the settings of its index; `changes` replace settings, such as the URLs by that of a proxy."""

    def __init__(self, folder: Path, options: Mapping[str, Any]) -> None:
        self.folder = folder
        self.sources = folder / "sources"
        self.options = {"index": str(folder / "index"), "workers": 1, "keep_generations": 1, **options}
        self.alias: str = self.options["opensearch_index"]

    def settings(self, **changes: Any) -> Settings:
        """The settings."""
        return Settings(**(self.options | changes))

    def write(self, sources: Articles) -> None:
        """Make these files the sources of the index."""
        shutil.rmtree(self.sources, ignore_errors=True)
        self.sources.mkdir(parents=True)
        for name, articles in sources.items():
            rows = [{"aid": aid, "title": title, "content": content} for aid, title, content in articles]
            (self.sources / name).write_text(json.dumps(rows), "utf-8")

    def build(self, sources: Articles) -> None:
        """Index these sources in this process."""
        self.write(sources)
        build_index([self.sources], self.settings())

    def variables(self, **changes: Any) -> dict[str, str]:
        """The settings as variables of the environment."""
        return {f"KESOU_{name.upper()}": str(value) for name, value in (self.options | changes).items()}

    def index(
        self, *arguments: str, at: int = 0, prepare: Callable[[], None] = lambda: None, **changes: Any
    ) -> faults.Outcome:
        """Run search-index in a forked process, over the sources if nothing else is said.

        It is killed at the n-th operation on its local folder.
        """
        return faults.run(
            arguments or [str(self.sources)],
            Path(self.options["index"]),
            at=at,
            environment=self.variables(**changes),
            prepare=prepare,
        )

    def command(
        self, name: str, *arguments: str, input: str | None = None, **changes: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own: `searcher` or `indexer`."""
        return subprocess.run(
            [sys.executable, "-m", name, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.variables(**changes)},
            cwd=self.folder,
            input=input,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def searcher(self, **changes: Any) -> Searcher:
        """A searcher, to be closed."""
        settings = self.settings(**changes)
        return Searcher(settings.index_dir, settings)

    def answers(self) -> tuple[int, ...]:
        """The exact totals of all queries, from an open searcher that finds the newest generation."""
        with closing(self.searcher()) as searcher:
            return tuple(searcher.search(Request(query=query)).exact_total for query in QUERIES)

    def indices(self) -> list[str]:
        """The names of the index's generations in the cluster, without its lock."""
        found = opensearch_nodes.ask("GET", f"_cat/indices/{self.alias}-0*?format=json&h=index")
        return sorted(row["index"] for row in found)

    def versions(self) -> list[tuple[str, int, int | None]]:
        """All versions of documents in the index that answers: source id, since, until."""
        opensearch_nodes.ask("POST", f"{self.alias}/_refresh")
        body = {"size": 10_000, "query": {"exists": {"field": "since"}}, "_source": ["source_id", "since", "until"]}
        hits = opensearch_nodes.ask("POST", f"{self.alias}/_search", body)["hits"]["hits"]
        rows = (hit["_source"] for hit in hits)
        return sorted((row["source_id"], row["since"], row.get("until")) for row in rows)

    def block(self, setting: str, value: bool | None) -> None:
        """Set or remove a block of the index that answers, such as `read_only`."""
        opensearch_nodes.ask("PUT", f"{self.alias}/_settings", {f"index.blocks.{setting}": value})
