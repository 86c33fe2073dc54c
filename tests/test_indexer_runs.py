"""The history of runs: what is written is read back, it stays bounded, and damage costs one line."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from corpus.import_issue import noted, rejected
from indexer.run_report import FileReport, RunReport
from indexer.runs import RUNS, Changes, Run, append_run, counts_of, read_runs


def a_run(number: int, **others: object) -> Run:
    """A run whose generation is this number."""
    content = {"started": "2026-01-02T03:00:00+08:00", "seconds": 1.5, "outcome": "published", "exit_status": 0}
    content |= {"version": "1", "sources": ["/a"], "generation": number, **others}
    return Run.from_dict(content)


def append_many(index: Path, first: int) -> None:
    """Append ten runs."""
    for number in range(first, first + 10):
        append_run(index, a_run(number), 1000)


def test_a_run_is_read_back(tmp_path: Path) -> None:
    """Every value survives, also a name that is not valid Unicode, and the file has one readable line a run."""
    run = a_run(
        7,
        sources=["/科技/a\udcff", "/b\n"],
        changes={"added": 3, "changed": 2, "removed": 1, "unchanged": 9},
        files={"索引.json": {"added": 3}},
        issues={"no_text": 2},
        error="disk “full”",
    )
    append_run(tmp_path, run, 10)
    append_run(tmp_path, a_run(8), 10)
    assert read_runs(tmp_path) == [run, a_run(8)]
    lines = (tmp_path / RUNS).read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert "索引.json" in lines[0]
    assert json.loads(lines[0])["changes"]["unchanged"] == 9


def test_without_a_history(tmp_path: Path) -> None:
    """An index without a history has no runs, and reading does not create one."""
    assert read_runs(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_the_newest_runs(tmp_path: Path) -> None:
    """As many as asked for are given, the newest last."""
    append_many(tmp_path, 1)
    assert [run.generation for run in read_runs(tmp_path, 3)] == [8, 9, 10]
    assert read_runs(tmp_path, 0) == []
    assert len(read_runs(tmp_path, 99)) == 10


@pytest.mark.parametrize("kept", [1, 5, 20])
def test_the_history_is_bounded(tmp_path: Path, kept: int) -> None:
    """The newest runs are kept, and never more than a tenth above the number."""
    for number in range(1, 60):
        append_run(tmp_path, a_run(number), kept)
        held = [run.generation for run in read_runs(tmp_path)]
        assert held == list(range(number - len(held) + 1, number + 1))
        assert min(number, kept) <= len(held) <= kept + kept // 10


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b'{"started": "2026-01-', id="cut"),
        pytest.param(b"\0" * 300, id="zeros"),
        pytest.param(b'"\xff\xfe"\n', id="no-utf-8"),
        pytest.param(b"[" * 100_000 + b"\n", id="deep"),
        pytest.param(b'{"started": 1}\n[]\n7\n{}\n\n', id="other-values"),
        pytest.param(b'{"outcome": "odd", "sources": []}\n', id="unknown-outcome"),
    ],
)
def test_a_damaged_line_is_skipped(tmp_path: Path, damage: bytes) -> None:
    """The runs before and after it are read, and the next run begins on a line of its own."""
    append_run(tmp_path, a_run(1), 10)
    with (tmp_path / RUNS).open("ab") as file:
        file.write(damage)
    assert read_runs(tmp_path) == [a_run(1)]
    append_run(tmp_path, a_run(2), 10)
    assert read_runs(tmp_path) == [a_run(1), a_run(2)]


def test_a_line_of_another_version_is_read(tmp_path: Path) -> None:
    """Keys that this version does not know are left out, and those that are missing have their defaults."""
    append_run(tmp_path, a_run(1), 10)
    content = json.loads((tmp_path / RUNS).read_text("utf-8"))
    del content["issues"]
    content["changes"]["renamed"] = content["new"] = 1
    (tmp_path / RUNS).write_text(json.dumps(content), "utf-8")
    assert read_runs(tmp_path) == [a_run(1)]


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Runs that end at the same moment all have their lines."""
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(append_many, [tmp_path] * 4, [0, 10, 20, 30]))
    assert sorted(run.generation or 0 for run in read_runs(tmp_path)) == list(range(40))


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """The caller hears of a history that cannot be written; it decides what that means."""
    (tmp_path / RUNS).mkdir()
    with pytest.raises(OSError, match=RUNS):
        append_run(tmp_path, a_run(1), 10)


def test_counts_of_a_report() -> None:
    """The counts of a run report, and its issues by kind."""
    issues = (rejected("a", 1, "bad_json", "x"), noted("a", 2, "no_text", "x"), noted("b", 2, "no_text", "x"))
    file = FileReport(file="a", read=3, indexed=2, rejected=1)
    report = RunReport(
        index="/i",
        generation=4,
        is_unchanged=False,
        files=1,
        read=3,
        indexed=2,
        empty=0,
        rejected=1,
        characters=9,
        seconds=1,
        issues=issues,
        by_file=(file,),
    )
    counts = counts_of(report)
    assert counts["issues"] == {"bad_json": 1, "no_text": 2}
    assert (counts["generation"], counts["documents"], counts["rejected"]) == (4, 2, 1)
    assert isinstance(counts["changes"], Changes)
