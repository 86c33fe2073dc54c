"""The import report by file: what was read, repaired and rejected, and by which rule."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

from rich.console import Console

from corpus.import_issue import noted, rejected
from indexer.commands.import_report import FileReport, file_table, report_from_json, reports_by_file

PROBLEMS = (
    rejected("a.json", 3, "bad_json", "not JSON"),
    noted("a.json", 4, "bad_date", "no date"),
    noted("a.json", None, "repeated", "the same article"),
    noted("a.json", None, "repeated", "the same article"),
    rejected("/nowhere", None, "missing", "no such file or folder"),
)


def shown(*reports: FileReport) -> list[str]:
    """The lines of the table, without the blanks that align them."""
    out = io.StringIO()
    table = file_table(reports)
    assert table is not None
    Console(file=out, width=200).print(table)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_by_file() -> None:
    """Files in reading order, then other sources that problems name; read = indexed + rejected + repeated."""
    reports = reports_by_file(
        ["a.json", "b.json", "c.json"],
        {"b.json": 2, "a.json": 5},
        PROBLEMS,
        {"b.json": {"entities": 7, "double_encoded": 1}},
    )
    assert [json.loads(json.dumps(asdict(report))) for report in reports] == [
        {
            "file": "a.json",
            "read": 8,
            "indexed": 5,
            "rejected": 1,
            "repairs": {},
            "problems": {"bad_date": 1, "bad_json": 1, "repeated": 2},
        },
        {
            "file": "b.json",
            "read": 2,
            "indexed": 2,
            "rejected": 0,
            "repairs": {"double_encoded": 1, "entities": 7},
            "problems": {},
        },
        {"file": "c.json", "read": 0, "indexed": 0, "rejected": 0, "repairs": {}, "problems": {}},
        {"file": "/nowhere", "read": 1, "indexed": 0, "rejected": 1, "repairs": {}, "problems": {"missing": 1}},
    ]


def test_a_manifest_keeps_it() -> None:
    """A report that was written as JSON is the same when it is read again."""
    for report in reports_by_file(["a.json"], {"a.json": 5}, PROBLEMS, {"a.json": {"entities": 7}}):
        assert report_from_json(json.loads(json.dumps(asdict(report)))) == report


def test_table() -> None:
    """Below each file of which something was repaired or rejected stand the rules; uneventful files are left out."""
    reports = reports_by_file(
        ["a.json", "b.json"], {"a.json": 5000, "b.json": 2}, PROBLEMS, {"a.json": {"entities": 7}}
    )
    assert shown(*reports) == [
        "file, rule read indexed rejected repaired problems",
        "a.json 5,003 5,000 1 7 4",
        "entities 7",
        "bad_date 1",
        "bad_json 1",
        "repeated 2",
        "/nowhere 1 0 1 0 1",
        "missing 1",
    ]


def test_no_table() -> None:
    """Where nothing was repaired or rejected there is nothing to show."""
    assert file_table(reports_by_file(["a.json"], {"a.json": 1}, (), {})) is None


def test_many_files() -> None:
    """The table stays short: further files are counted."""
    names = [f"{number}.json" for number in range(100)]
    reports = reports_by_file(names, {}, (), {name: {"entities": 1} for name in names})
    lines = shown(*reports)
    assert lines[-1] == "… 60 more files; --json has all"
    assert len(lines) == 1 + 2 * 40 + 1
