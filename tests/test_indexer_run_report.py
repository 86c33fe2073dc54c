"""The run report by file: counts of records, repairs by rule and issues by kind, as data and as a table."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict

from rich.console import Console

from corpus.import_issue import noted, rejected
from corpus.ledger import CharacterCounts
from indexer.commands.file_table import file_table
from indexer.run_report import DocumentChanges, FileReport, RunReport, reports_by_file

COUNTS = CharacterCounts(read=1234, indexed=1200, set_aside=30, unaccounted=4)
UNCHANGED = {"added": 0, "changed": 0, "removed": 0}
NONE = {"read": 0, "indexed": 0, "set_aside": 0, "unaccounted": 0}
ISSUES = (
    rejected("a.json", 3, "bad_json", "not JSON"),
    noted("a.json", 4, "bad_date", "no date"),
    noted("a.json", None, "repeated", "the same article"),
    noted("a.json", None, "repeated", "the same article"),
    rejected("/nowhere", None, "missing", "no such file or folder"),
)


def shown(*reports: FileReport) -> list[str]:
    """The lines of the table with alignment removed."""
    out = io.StringIO()
    table = file_table(reports)
    assert table is not None
    Console(file=out, width=200).print(table)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_by_file() -> None:
    """Reports are in reading order, then other sources that issues name; read = indexed + rejected + repeated."""
    reports = reports_by_file(
        ["a.json", "b.json", "c.json"],
        {"b.json": 2, "a.json": 5},
        ISSUES,
        {"b.json": {"entities": 7, "double_encoded": 1}},
        {"b.json": COUNTS},
        {"b.json": DocumentChanges(added=1, changed=1)},
    )
    assert [json.loads(json.dumps(asdict(report))) for report in reports] == [
        {
            "file": "a.json",
            "read": 8,
            "indexed": 5,
            "rejected": 1,
            "repairs": {},
            "issues": {"bad_date": 1, "bad_json": 1, "repeated": 2},
            "ledger": NONE,
            **UNCHANGED,
        },
        {
            "file": "b.json",
            "read": 2,
            "indexed": 2,
            "rejected": 0,
            "repairs": {"double_encoded": 1, "entities": 7},
            "issues": {},
            "ledger": {"read": 1234, "indexed": 1200, "set_aside": 30, "unaccounted": 4},
            "added": 1,
            "changed": 1,
            "removed": 0,
        },
        {
            "file": "c.json",
            "read": 0,
            "indexed": 0,
            "rejected": 0,
            "repairs": {},
            "issues": {},
            "ledger": NONE,
            **UNCHANGED,
        },
        {
            "file": "/nowhere",
            "read": 1,
            "indexed": 0,
            "rejected": 1,
            "repairs": {},
            "issues": {"missing": 1},
            "ledger": NONE,
            **UNCHANGED,
        },
    ]


def test_a_manifest_keeps_it() -> None:
    """A report survives a round trip through JSON."""
    report = RunReport(
        index="index",
        generation=1,
        is_unchanged=False,
        files=1,
        read=8,
        indexed=5,
        empty=0,
        rejected=1,
        characters=100,
        seconds=0.5,
        issues=ISSUES,
        by_file=reports_by_file(["a.json"], {"a.json": 5}, ISSUES, {"a.json": {"entities": 7}}, {"a.json": COUNTS}),
    )
    assert RunReport.from_dict(json.loads(json.dumps(asdict(report)))) == report


def test_table() -> None:
    """The table lists files with repairs or rejections, each with its rules and kinds; other files are left out."""
    reports = reports_by_file(
        ["a.json", "b.json"], {"a.json": 5000, "b.json": 2}, ISSUES, {"a.json": {"entities": 7}}, {"a.json": COUNTS}
    )
    assert shown(*reports) == [
        "file, rule read indexed rejected repaired problems characters indexed set aside unaccounted",
        "a.json 5,003 5,000 1 7 4 1,234 1,200 30 4",
        "entities 7",
        "bad_date 1",
        "bad_json 1",
        "repeated 2",
        "/nowhere 1 0 1 0 1 0 0 0 0",
        "missing 1",
    ]


def test_no_table() -> None:
    """Without repairs and rejections there is no table."""
    assert file_table(reports_by_file(["a.json"], {"a.json": 1}, (), {}, {})) is None


def test_many_files() -> None:
    """The table has at most 40 files and counts the others."""
    names = [f"{number}.json" for number in range(100)]
    reports = reports_by_file(names, {}, (), {name: {"entities": 1} for name in names}, {})
    lines = shown(*reports)
    assert lines[-1] == "… 60 more files; --json has all"
    assert len(lines) == 1 + 2 * 40 + 1


def test_building_loads_no_terminal_library() -> None:
    """`indexer.build` is a library: importing it loads neither click nor rich."""
    program = "import sys, indexer.build; print(*({'click', 'rich'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
