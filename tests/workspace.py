"""An index folder with a source file, the steps that tests take with it, and ways to damage a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from corpus.settings import Settings
from indexer.build import build_index
from indexer.run_report import RunReport
from searcher.results import Request
from searcher.service import Searcher

OLD = [{"aid": "a1", "title": "旧闻", "content": "本文是旧的一篇，讲量子通信的第一次试验。"}]
NEW = [{"aid": "a2", "title": "新闻", "content": "本文是新的一篇，讲脑机接口的第一例植入。"}]


class Workspace:
    """An index folder and a source file, with the steps that the tests take."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.source = folder / "source.json"
        self.index = folder / "index"
        self.settings = Settings(index=str(self.index), lock_wait_seconds=0.0, **options)

    def write(self, articles: list[dict[str, str]]) -> None:
        """Make these articles the source."""
        self.source.write_text(json.dumps(articles), "utf-8")

    def build(self, articles: list[dict[str, str]] | None = None, *, is_rebuild: bool = False) -> RunReport:
        """Index these articles, or the source as it is."""
        if articles is not None:
            self.write(articles)
        return build_index([self.source], self.settings, is_rebuild=is_rebuild)

    def titles(self) -> list[str]:
        """What a new reader finds when asking for everything."""
        searcher = Searcher(self.index, self.settings)
        try:
            return [hit.title for hit in searcher.search(Request(query="")).hits]
        finally:
            searcher.close()

    def names(self) -> list[str]:
        """What lies in the index folder, sorted, without locks, history, and what remembers verified files."""
        beside = ("index.lock", "index.holder", "verified.json", "runs.jsonl", "runs.lock")
        return sorted(path.name for path in self.index.iterdir() if path.name not in beside)

    @property
    def generation(self) -> Path:
        """The folder that CURRENT names."""
        return self.index / (self.index / "CURRENT").read_text("utf-8")


def copy_of(whole: Workspace, folder: Path) -> Workspace:
    """A copy of an index and its source that a test may damage."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(whole.index, folder / "index")
    shutil.copy(whole.source, folder)
    return Workspace(folder)


def delete(path: Path) -> None:
    """Remove the file."""
    path.unlink()


def empty(path: Path) -> None:
    """Empty the file."""
    path.chmod(0o600)
    path.write_bytes(b"")


def halve(path: Path) -> None:
    """Remove the second half of the file."""
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip(path: Path) -> None:
    """Flip one bit in the middle of the file."""
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthen(path: Path) -> None:
    """Append a byte."""
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\0")
