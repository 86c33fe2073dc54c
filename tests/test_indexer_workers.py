"""Runs with several workers: the same index, whatever their number, and after any kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from corpus import record_reading
from corpus.drafts import make_drafts
from corpus.loaders import text
from corpus.settings import Settings
from indexer import part_making
from indexer.build import build_index
from indexer.store.publishing import UNFINISHED

ROOT = Path(__file__).resolve().parents[1]
#: Files that tell times, or how long the run took.
TIMED = ("generation.json", "report.json")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Files and an export with repeated articles, boilerplate, near-duplicates and records that are rejected."""
    folder = tmp_path / "source"
    folder.mkdir()
    rows = [
        {
            "aid": str(number % 110),
            "title": f"关于第{number % 110}项脑机接口计划的通知",
            "content": f"第{number % 110}项计划支持柔性电极与神经调控。" * (3 + number % 7) + "\n欢迎转发分享本公众号",
            "account": f"号{number % 3}",
            "date": f"2024-0{1 + number % 9}-11",
        }
        for number in range(120)
    ]
    rows += [{**rows[5], "aid": "copy", "title": "另一个标题", "account": "别号"}, {"aid": "x", "content": ""}]
    (folder / "export.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    for number in range(20):
        (folder / f"{number}.md").write_text(f"# 报告{number}\n\n第{number}段的波长与频率。\n" * 9, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few documents are many parts."""
    monkeypatch.setattr(part_making, "_PART_CHARS", 900)
    monkeypatch.setattr(record_reading, "_BATCH_BYTES", 1500)


def contents(index: Path) -> dict[str, bytes]:
    """All files of an index by their paths, but for those that tell times."""
    return {
        path.relative_to(index).as_posix(): path.read_bytes()
        for path in sorted(index.rglob("*"))
        if path.is_file() and path.name not in TIMED
    }


def test_index_does_not_depend_on_the_number_of_workers(source: Path, tmp_path: Path) -> None:
    """Every byte is the same with one, two and five workers, also after a change."""
    indexes = {workers: tmp_path / f"index{workers}" for workers in (1, 2, 5)}
    for attempt in range(2):
        for workers, index in indexes.items():
            report = build_index([source], Settings(index=str(index), workers=workers))
            assert not report.is_unchanged
            assert not (index / UNFINISHED).exists()
        found = {workers: contents(index) for workers, index in indexes.items()}
        assert found[1].keys() == found[2].keys() == found[5].keys()
        assert [name for name in found[1] if not found[1][name] == found[2][name] == found[5][name]] == []
        if attempt == 0:
            (source / "3.md").write_text("# 新报告\n\n新的文字。", "utf-8")
            (source / "4.md").unlink()


def test_file_that_crashed_its_reader_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory may be short once: the next run reads the file again, though it has not changed."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(9):
        (source / f"{number}.txt").write_text(f"第{number}个文件的波长。" * 40, "utf-8")
    settings = Settings(index=str(tmp_path / "index"), workers=2)
    load = text.load

    def load_dangerously(content: Any, stem: str) -> Any:
        if stem == "4":
            os.kill(os.getpid(), signal.SIGKILL)
        return load(content, stem)

    with monkeypatch.context() as patch:
        patch.setattr(text, "load", load_dangerously)
        report = build_index([source], settings)
    assert [(issue.file, issue.kind) for issue in report.issues if issue.is_rejection] == [("4.txt", "crashed")]
    assert report.indexed == 8
    report = build_index([source], settings)
    assert (report.indexed, report.rejected) == (9, 0)
    assert build_index([source], settings).indexed == 9


def test_record_that_crashed_its_worker_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a record of an export; as long as it fails, nothing has changed, and nothing is published."""
    source = tmp_path / "source.jsonl"
    rows = ({"aid": str(number), "title": f"第{number}篇", "content": "脑机接口的波长。" * 40} for number in range(9))
    source.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    settings = Settings(index=str(tmp_path / "index"), workers=2)
    monkeypatch.setattr(record_reading, "_SMALL_BYTES", 0)
    monkeypatch.setattr(record_reading, "_BATCH_BYTES", 2000)

    def make_dangerously(record: Any, *options: Any) -> Any:
        if record.source_id == "4":
            os.kill(os.getpid(), signal.SIGKILL)
        return make_drafts(record, *options)

    with monkeypatch.context() as patch:
        patch.setattr(record_reading, "make_drafts", make_dangerously)
        for is_unchanged in (False, True):
            report = build_index([source], settings)
            assert [(issue.record, issue.kind) for issue in report.issues if issue.is_rejection] == [(5, "crashed")]
            assert (report.indexed, report.is_unchanged) == (8, is_unchanged)
    report = build_index([source], settings)
    assert (report.indexed, report.added, report.rejected) == (9, 1, 0)
    assert build_index([source], settings).is_unchanged


CODE = """
import os, signal, sys
from pathlib import Path
from corpus.settings import Settings
from corpus import record_reading
from corpus.drafts import make_drafts
from indexer import part_making
from indexer.build import build_index
from indexer.generation_writer import EmbeddedWriter

part_making._PART_CHARS = 900
record_reading._BATCH_BYTES = 1500
source, index, parts, workers = sys.argv[1:]
add_part, added = EmbeddedWriter.add_part, 0


def add_and_die(self, folder):
    global added
    add_part(self, folder)
    added += 1
    if added == int(parts):
        os.kill(os.getpid(), signal.SIGKILL)


EmbeddedWriter.add_part = add_and_die
build_index([Path(source)], Settings(index=index, workers=int(workers)))
"""


def run_and_kill(source: Path, index: Path, parts: int, workers: int) -> None:
    """A run that is killed when so many parts are finished."""
    command = [sys.executable, "-c", CODE, str(source), str(index), str(parts), str(workers)]
    process = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=120)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("workers", [1, 2])
def test_run_after_a_kill_goes_on_with_finished_parts(workers: int, source: Path, tmp_path: Path) -> None:
    """A killed run leaves its finished parts; the next one uses them, says so, and makes the same index."""
    undisturbed, index = tmp_path / "undisturbed", tmp_path / "index"
    build_index([source], Settings(index=str(undisturbed), workers=1))
    run_and_kill(source, index, 3, workers)
    run_and_kill(source, index, 5, workers)
    damaged = sorted((index / UNFINISHED).glob("*/body.words*"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    notices: list[str] = []
    build_index([source], Settings(index=str(index), workers=workers), notice=notices.append)
    assert len(notices) == 1
    count, rest = notices[0].split(" ", 1)
    assert int(count) > 10
    assert rest == "documents of a run that did not end are used again"
    assert contents(index) == contents(undisturbed)


def test_parts_of_other_sources_or_rules_are_not_used(source: Path, tmp_path: Path) -> None:
    """Parts fit only what they were made of: changed texts and rules make new ones, and the old ones go."""
    undisturbed, index = tmp_path / "undisturbed", tmp_path / "index"
    run_and_kill(source, index, 4, 2)
    text = (source / "export.json").read_text("utf-8")
    (source / "export.json").write_text(text.replace("支持", "扶持"), "utf-8")
    notices: list[str] = []
    for folder in (undisturbed, index):
        build_index([source], Settings(index=str(folder), max_run_chars=150), notice=notices.append)
    assert notices == []
    assert contents(index) == contents(undisturbed)


@pytest.mark.parametrize("milliseconds", [500, 900, 1400])
def test_kill_at_any_moment(milliseconds: int, source: Path, tmp_path: Path) -> None:
    """Whenever a run and its workers are killed, no process stays, and the next run makes the same index."""
    undisturbed, index = tmp_path / "undisturbed", tmp_path / "index"
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", str(source), "--index", str(index), "--workers", "2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    time.sleep(milliseconds / 1000)
    process.kill()
    process.communicate(timeout=60)  # ends when the last process that holds its output has ended
    for folder in (undisturbed, index):
        build_index([source], Settings(index=str(folder)))
    ends = ("index.lock", "runs.jsonl", "runs.lock")  # only a run that ended before it was killed has told of it
    assert {name: content for name, content in contents(index).items() if name not in ends} == {
        name: content for name, content in contents(undisturbed).items() if name not in ends
    }


def test_interrupted_run_keeps_its_parts(source: Path, tmp_path: Path) -> None:
    """An interrupted run keeps its finished parts for the next one."""
    index = tmp_path / "index"

    def interrupt(done: int, total: int, documents: int) -> None:
        if documents:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index([source], Settings(index=str(index), workers=2), progress=interrupt)
    assert any((index / UNFINISHED).iterdir())
    notices: list[str] = []
    build_index([source], Settings(index=str(index), workers=2), notice=notices.append)
    assert len(notices) == 1


FULL_DISK = """
import resource, signal, sys
from corpus import record_reading
from corpus.drafts import make_drafts
from indexer import part_making
from indexer.commands.cli import main

part_making._PART_CHARS = 900
record_reading._BATCH_BYTES = 1500
limit, workers, source, index = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
main([source, "--index", index, "--workers", workers, "--quiet"])
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("limit", [500, 3000, 9000, 40_000])
def test_full_disk_in_any_process_is_one_line(limit: int, workers: int, source: Path, tmp_path: Path) -> None:
    """Where no more can be written, the run says so, and nothing of it stays."""
    index = tmp_path / "index"
    command = [sys.executable, "-c", FULL_DISK, str(limit), str(workers), str(source), str(index)]
    # Measuring coverage would write files, and complain that it cannot.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment["PYTHONPATH"] = str(ROOT)
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert process.returncode == 4
    # The line of a long path in the history of runs may be longer than 500 bytes: that is told, too.
    (line,) = (line for line in process.stderr.splitlines() if "cannot be added to the history" not in line)
    assert line.startswith(f"search-index: cannot write to {index}: ")
    assert not (index / UNFINISHED).exists()
    assert not list(index.glob("*-*"))
