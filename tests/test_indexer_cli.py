"""The command `search-index`: output on stdout and stderr, and exit status."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.commands.cli import main
from indexer.store.publishing import lock

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"

GOOD = '{"aid":"a1","title":"量子","content":"本文讲量子通信的第一次试验，共有二十个以上的汉字在这里。"}'
EMPTY = '{"aid":"a2","title":"只有标题","content":""}'
BROKEN = '{"aid":"a3","title":'
NO_TITLE_NO_TEXT = '{"aid":"a4","views":3}'
BAD_DATE = '{"aid":"a5","title":"日期","content":"本文的日期读不出来，共有二十个以上的汉字在这里吗。","date":"前天"}'


def run(tmp_path: Path, *lines: str, options: tuple[str, ...] = ()) -> Result:
    """Index a JSON Lines file of these lines into tmp_path/index."""
    source = tmp_path / "source.jsonl"
    source.write_text("\n".join(lines), "utf-8")
    return CliRunner().invoke(main, [str(source), "--index", str(tmp_path / "index"), *options])


def without_times(text: str) -> str:
    """The text with seconds and rates replaced, because they differ between runs."""
    text = re.sub(r"\d+ a second", "N a second", re.sub(r"in \d+\.\d s", "in T s", text))
    return re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (.*) \d+\.\d s$", r"T \1 N s", text, flags=re.MULTILINE)


def test_report(tmp_path: Path) -> None:
    """A run without problems prints counts, generation and folder; exit status 0."""
    result = run(tmp_path, GOOD, EMPTY)
    assert result.exit_code == 0
    assert without_times(result.stdout).splitlines() == [
        "1 files, 2 documents read: 2 indexed (1 of them without text), 0 rejected",
        f"34 characters; 2 documents made in T s (N a second) → generation 1 in {tmp_path / 'index'}",
        "Every character is accounted for: 34 read, 34 indexed, 0 set aside",
        "Reasons: no_text 1",
        "T generation 1: 2 documents, 2 added, 0 changed, 0 removed, 0 rejected, N s",
    ]
    assert result.stderr.splitlines() == [
        "indexing: 100 %, 2 documents",
        "note: source.jsonl, record 2: no text; found by its title only",
    ]


def test_unchanged(tmp_path: Path) -> None:
    """A second run says that nothing has changed and repeats the counts."""
    run(tmp_path, GOOD)
    result = run(tmp_path, GOOD)
    assert result.exit_code == 0
    assert without_times(result.stdout).splitlines() == [
        "Nothing has changed since generation 1.",
        "1 files, 1 documents read: 1 indexed (0 of them without text), 0 rejected",
        "Every character is accounted for: 30 read, 30 indexed, 0 set aside",
        "T generation 1 unchanged: 1 documents, 0 rejected, N s",
    ]


@pytest.mark.parametrize("source", [".", "*", "**/*"])
def test_index_in_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The folder of the index is named and not read, so that a second run finds nothing new in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "甲.jsonl").write_text(GOOD, "utf-8")
    for outcome in ("1 added, 0 changed, 0 removed", "generation 1 unchanged"):
        result = CliRunner().invoke(main, [source, "--index", "index"])
        assert result.exit_code == 0
        assert outcome in result.stdout
        assert result.stderr.splitlines()[-1] == f"note: {source}: the folder of the index is not read"


def test_index_as_source(tmp_path: Path) -> None:
    """A source in the folder of the index is rejected, because the user expects it to be read."""
    (tmp_path / "甲.jsonl").write_text(GOOD, "utf-8")
    result = CliRunner().invoke(main, [str(tmp_path), "--index", str(tmp_path)])
    assert result.exit_code == 2
    assert f"rejected: {tmp_path}: the folder of the index is not read" in result.stderr


def test_rebuild(tmp_path: Path) -> None:
    """--rebuild builds the next generation even if nothing has changed."""
    run(tmp_path, GOOD)
    result = run(tmp_path, GOOD, options=("--rebuild",))
    assert result.exit_code == 0
    assert "→ generation 2 in" in result.stdout


def test_rejected(tmp_path: Path) -> None:
    """Bad lines are named on stderr by file and record, the others are indexed; exit status 1, also if unchanged."""
    for _ in range(2):
        result = run(tmp_path, GOOD, BROKEN, NO_TITLE_NO_TEXT, BAD_DATE, GOOD)
        assert result.exit_code == 1
        assert "1 files, 5 documents read: 2 indexed (0 of them without text), 2 rejected" in result.stdout
        assert "Reasons: bad_date 1, bad_json 1, no_title_no_text 1, repeated 1" in result.stdout
        lines = [line for line in result.stderr.splitlines() if not line.startswith("indexing:")]
        assert [line.split(":")[0] for line in lines] == ["rejected", "rejected", "note", "note"]
        assert [re.findall(r"record (\d)", line) for line in lines] == [["2"], ["3"], [], ["4"]]


def test_nothing_usable(tmp_path: Path) -> None:
    """Without any document nothing is published; exit status 2."""
    result = run(tmp_path, BROKEN)
    assert result.exit_code == 2
    assert "1 documents read: 0 indexed (0 of them without text), 1 rejected" in result.stdout
    assert (
        result.stderr.splitlines()[-1]
        == "search-index: no document could be indexed; the published index, if any, is unchanged"
    )
    assert not (tmp_path / "index" / "CURRENT").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nowhere", "no such file or folder", id="missing"),
        pytest.param("empty", "the folder holds no file that can be read", id="empty-folder"),
    ],
)
def test_useless_source(tmp_path: Path, name: str, message: str) -> None:
    """A source without documents is named with the reason; exit status 2 if it is the only one."""
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(main, [str(tmp_path / name), "--index", str(tmp_path / "index")])
    assert result.exit_code == 2
    assert f"rejected: {tmp_path / name}: {message}" in result.stderr


def test_missing_source_beside_a_good_one(tmp_path: Path) -> None:
    """The other sources are indexed if one is missing; exit status 1."""
    result = run(tmp_path, GOOD, options=(str(tmp_path / "nowhere"),))
    assert result.exit_code == 1
    assert "1 indexed" in result.stdout


def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another run holds the lock: exit status 3 and the id of its process."""
    monkeypatch.setenv("KESOU_LOCK_WAIT_SECONDS", "0")
    with lock(tmp_path / "index", 0):
        result = run(tmp_path, GOOD)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.startswith(f"search-index: process {os.getpid()} is writing to {tmp_path / 'index'};")


def test_not_writable(tmp_path: Path) -> None:
    """An index folder that cannot be created: exit status 4 and one line that names it."""
    (tmp_path / "index").write_text("", "utf-8")
    result = CliRunner().invoke(main, [str(SAMPLE), "--index", str(tmp_path / "index" / "below")])
    assert result.exit_code == 4
    assert result.stdout == ""
    assert result.stderr.startswith(f"search-index: cannot write to {tmp_path / 'index' / 'below'}: ")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no-source"),
        pytest.param(["--nonsense", "x"], id="unknown-option"),
        pytest.param(["x", "--index"], id="option-without-value"),
    ],
)
def test_usage(arguments: list[str]) -> None:
    """Wrong arguments end with exit status 64 and a message on stderr."""
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (64, "")
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("KESOU_KEEP_GENERATIONS", "many", id="no-number"),
        pytest.param("KESOU_MAX_FILE_BYTES", "-1", id="below-zero"),
        pytest.param("KESOU_TAXONOMY", "/nowhere/types.toml", id="taxonomy-missing"),
    ],
)
def test_bad_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """An invalid setting ends with one line that names it, not with a traceback."""
    monkeypatch.setenv(variable, value)
    result = run(tmp_path, GOOD)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 64
    assert len(result.stderr.strip().splitlines()) == 1


def test_help() -> None:
    """--help shows every option with a line of help."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for option in ("--index", "--rebuild", "--json", "--version"):
        assert option in result.stdout
    for command in ("inspect", "classify"):
        assert f"\n  {command}  " in result.stdout


@pytest.mark.parametrize("name", [pytest.param("inspect", id="inspect"), pytest.param("classify", id="classify")])
def test_other_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A first argument with the name of a subcommand selects it; a folder of that name is given as a path."""
    result = CliRunner().invoke(main, [name, "--help"], prog_name="search-index")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: search-index {name} [OPTIONS] SOURCE")
    assert CliRunner().invoke(main, [name]).exit_code == 64
    (tmp_path / name).mkdir()
    (tmp_path / name / "source.json").write_text(f"[{GOOD}]", "utf-8")
    monkeypatch.chdir(tmp_path)
    for arguments in ([f"./{name}", "--index", "index"], ["--index", "index", name]):
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert (tmp_path / "index" / "CURRENT").exists()


def test_json(tmp_path: Path) -> None:
    """--json prints one object with these keys and values, and nothing else."""
    result = run(tmp_path, GOOD, BROKEN, options=("--json",))
    assert result.exit_code == 1
    assert result.stderr == ""
    report = json.loads(result.stdout)
    assert report.pop("seconds") >= 0
    problem = report["problems"][0]
    assert problem.pop("message")
    changes = {"added": 1, "changed": 0, "removed": 0}
    assert report == {
        "index": str(tmp_path / "index"),
        "generation": 1,
        "unchanged": False,
        "files": 1,
        "read": 2,
        "indexed": 1,
        "empty": 0,
        "rejected": 1,
        "characters": 30,
        **changes,
        "problems": [{"file": "source.jsonl", "record": 2, "kind": "bad_json", "rejected": True}],
        "by_file": [
            {
                "file": "source.jsonl",
                "read": 2,
                "indexed": 1,
                "rejected": 1,
                "repairs": {},
                "problems": {"bad_json": 1},
                "ledger": {"read": 30, "indexed": 30, "set_aside": 0, "unaccounted": 0},
                **changes,
            }
        ],
    }


def test_json_of_an_unchanged_run(tmp_path: Path) -> None:
    """The report of an unchanged run equals the first one, marked as unchanged and without changes."""
    first = json.loads(run(tmp_path, GOOD, EMPTY, options=("--json",)).stdout)
    for counts in (first, *first["by_file"]):
        assert (counts["added"], counts["changed"], counts["removed"]) == (2, 0, 0)
        counts["added"] = 0
    second = json.loads(run(tmp_path, GOOD, EMPTY, options=("--json",)).stdout)
    assert (first.pop("unchanged"), second.pop("unchanged")) == (False, True)
    assert first.pop("seconds") >= 0
    assert second.pop("seconds") >= 0
    assert first == second


def test_json_when_nothing_is_usable(tmp_path: Path) -> None:
    """If nothing was published, the JSON report has no generation; exit status 2."""
    result = run(tmp_path, BROKEN, options=("--json",))
    assert result.exit_code == 2
    assert json.loads(result.stdout)["generation"] is None


def test_progress_without_a_terminal(tmp_path: Path) -> None:
    """Without a terminal, progress is a few plain lines on stderr that end at 100 %."""
    result = CliRunner().invoke(main, [str(SAMPLE), "--index", str(tmp_path / "index")])
    lines = [line for line in result.stderr.splitlines() if line.startswith("indexing:")]
    shares = [int(line.split()[1]) for line in lines]
    assert 1 <= len(lines) <= 10
    assert shares == sorted(shares)
    assert lines[-1].startswith("indexing: 100 %, ")


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal, progress is a bar that counts documents and is gone before the notes."""
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "indexer", str(SAMPLE), "--index", str(tmp_path / "index")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that nobody writes to the terminal any more
            while chunk := os.read(terminal, 65536):
                shown += chunk
    os.close(terminal)
    assert process.returncode == 0
    assert b"indexing" in shown
    assert b"37 documents" in shown
    assert b"\x1b[2Knote: accounts_a.txt" in shown  # the line of the bar is erased


def test_as_a_program(tmp_path: Path) -> None:
    """`python -m indexer` is the same command and prints Chinese in any locale."""
    command = [sys.executable, "-m", "indexer", str(SAMPLE), "--index", str(tmp_path / "索引"), "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    report = json.loads(result.stdout.decode())
    assert report["index"] == str(tmp_path / "索引")
    assert report["indexed"] == report["read"] == 37
