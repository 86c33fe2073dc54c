"""Records that end the process that works on them, or in an internal error: they are named, and all others indexed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from compared_builds import counts, stored_documents

from corpus import record_reading
from corpus.drafts import make_drafts
from corpus.loaders import text
from corpus.settings import Settings
from indexer import part_making
from indexer.build import build_index
from indexer.catalogue.documents import Maker
from indexer.commands.cli import main

GUILTY: Final = ("7", "8", "23")
#: What each fault is called in the import report.
REASONS: Final = {
    "error": "it ends in an internal error: ValueError: nobody foresaw this (test_indexer_lost_records.py line ",
    "kill": "it ends the process that works on it, probably because it needs more memory than there is",
}


def fail(kind: str) -> None:
    """Do what no record should do."""
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise ValueError("nobody foresaw this")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export of thirty articles, which are many parts."""
    monkeypatch.setattr(part_making, "_PART_CHARS", 2000)
    monkeypatch.setattr(record_reading, "_BATCH_BYTES", 2000)
    path = tmp_path / "export.jsonl"
    rows = [
        {"aid": str(number), "title": f"第{number}篇", "content": f"第{number}次测量的波长。" * 40, "account": "江湾"}
        for number in range(30)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def failing_maker(kind: str) -> Callable[..., Any]:
    """A method that makes documents, but for those of guilty records."""
    whole = Maker.make

    def make(self: Maker, number: int, draft: Any, *rest: Any) -> Any:
        if draft.source_id in GUILTY:
            fail(kind)
        return whole(self, number, draft, *rest)

    return make


@pytest.mark.parametrize(("kind", "workers"), [("error", 1), ("kill", 2)])
def test_documents_that_cannot_be_made_are_left_out(
    kind: str, workers: int, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are named, and tried again by every run; as long as they fail, nothing else is made or published."""
    settings = Settings(index=str(tmp_path / "index"), workers=workers)
    with monkeypatch.context() as patch:
        patch.setattr(Maker, "make", failing_maker(kind))
        for is_unchanged in (False, True, True):
            report = build_index([source], settings)
            assert [(issue.record, issue.kind) for issue in report.issues] == [(n, "crashed") for n in (8, 9, 24)]
            assert all(issue.message.startswith(REASONS[kind]) for issue in report.issues)
            assert (report.generation, report.indexed, report.rejected) == (1, 27, 3)
            assert report.is_unchanged == is_unchanged
        with pytest.raises(SystemExit) as ended:
            main([str(source), "--index", settings.index, "--workers", str(workers), "--quiet"])
        assert ended.value.code == 1
        with source.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"aid": "31", "title": "后来的一篇", "content": "新的波长。"}))
        report = build_index([source], settings)
        assert (report.generation, report.indexed, report.added, report.rejected) == (2, 28, 1, 3)
    report = build_index([source], settings)
    assert (report.indexed, report.added, report.rejected) == (31, 3, 0)
    fresh = replace(settings, index=str(tmp_path / "fresh"))
    assert counts(build_index([source], fresh)) == counts(report)
    assert stored_documents(fresh.index_dir) == stored_documents(settings.index_dir)
    assert build_index([source], settings).is_unchanged


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("step", ["reading", "cleaning"])
def test_errors_while_reading_end_no_run(
    step: str, workers: int, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of a loader costs its file, one of cleaning its record; both are tried again."""
    (tmp_path / "x.txt").write_text("第七个文件的波长。" * 40, "utf-8")
    load = text.load

    def load_dangerously(content: Any, stem: str) -> Any:
        if step == "reading":
            fail("error")
        return load(content, stem)

    def make_dangerously(record: Any, *options: Any) -> Any:
        if step == "cleaning" and record.source_id == "7":
            fail("error")
        return make_drafts(record, *options)

    settings = Settings(index=str(tmp_path / "index"), workers=workers)
    sources = [source, tmp_path / "x.txt"]
    with monkeypatch.context() as patch:
        patch.setattr(text, "load", load_dangerously)
        patch.setattr(record_reading, "make_drafts", make_dangerously)
        for _ in range(2):
            report = build_index(sources, settings)
            lost = ("x.txt", None) if step == "reading" else (source.name, 8)
            assert [(issue.file, issue.record) for issue in report.issues] == [lost]
            assert all(issue.message.startswith(REASONS["error"]) for issue in report.issues)
            assert report.indexed == 30
    assert (build_index(sources, settings).indexed, build_index(sources, settings).is_unchanged) == (31, True)


def test_small_run_that_was_killed_is_not_killed_again(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few documents are made in the process of the run; the next run makes them in another one."""
    settings = Settings(index=str(tmp_path / "index"), workers=2)
    monkeypatch.setattr(part_making, "_PART_CHARS", 1 << 20)
    monkeypatch.setattr(Maker, "make", failing_maker("kill"))
    process = os.fork()
    if not process:
        build_index([source], settings)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
    report = build_index([source], settings)
    assert (report.indexed, report.rejected) == (27, 3)
