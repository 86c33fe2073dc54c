"""A run of `search-index` as an operator sees it: exit statuses, logs, history, priorities, the command after it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import indexer.commands.run
from indexer.commands.cli import main
from indexer.runs import RUNS, read_runs
from indexer.store.publishing import lock

ROOT = Path(__file__).resolve().parents[1]

GOOD = {"aid": "a1", "title": "量子", "content": "本文讲量子通信的第一次试验，共有二十个以上的汉字在这里。"}
OTHER = {"aid": "a2", "title": "卫星", "content": "本文讲卫星导航的第二次试验，共有二十个以上的汉字在这里。"}
NEITHER = {"aid": "a3", "views": 3}


def write(tmp_path: Path, *records: dict[str, Any]) -> Path:
    """A source of these records."""
    source = tmp_path / "source.jsonl"
    source.write_text("\n".join(map(json.dumps, records)), "utf-8")
    return source


def run(tmp_path: Path, *records: dict[str, Any], options: tuple[str, ...] = ()) -> Result:
    """Index a source of these records into tmp_path/index."""
    arguments = [str(write(tmp_path, *records)), "--index", str(tmp_path / "index"), *options]
    return CliRunner().invoke(main, arguments)


def python(code: str) -> str:
    """A command for --on-publish that runs this code."""
    return shlex.join([sys.executable, "-c", code])


# Exit statuses


def locked(tmp_path: Path, *options: str) -> Result:
    """A run while another one writes."""
    with lock(tmp_path / "index", 0):
        return run(tmp_path, GOOD, options=("--lock-wait", "0", *options))


def not_writable(tmp_path: Path, *options: str) -> Result:
    """A run whose index folder is a file."""
    (tmp_path / "index").write_text("", "utf-8")
    return run(tmp_path, GOOD, options=options)


OUTCOMES: dict[int, Callable[..., Result]] = {
    0: lambda tmp_path, *options: run(tmp_path, GOOD, options=options),
    1: lambda tmp_path, *options: run(tmp_path, GOOD, NEITHER, options=options),
    2: lambda tmp_path, *options: run(tmp_path, NEITHER, options=options),
    3: locked,
    4: not_writable,
    5: lambda tmp_path, *options: run(tmp_path, GOOD, NEITHER, options=("--on-publish", "false", *options)),
    64: lambda tmp_path, *options: run(tmp_path, GOOD, options=("--io", "fast", *options)),
}


@pytest.mark.parametrize("options", [(), ("--quiet",), ("--json",), ("--log-json",)], ids=" ".join)
@pytest.mark.parametrize("status", OUTCOMES)
def test_each_outcome_has_an_exit_status(tmp_path: Path, status: int, options: tuple[str, ...]) -> None:
    """What happened decides the exit status, the same with every way of output."""
    assert OUTCOMES[status](tmp_path, *options).exit_code == status


def test_exit_statuses_are_documented() -> None:
    """The table of commands.md has each exit status of a run, and those of processes that are broken off."""
    section = (ROOT / "docs" / "commands.md").read_text("utf-8").split("\n## search-index\n")[1].split("\n### ")[0]
    documented = {int(status) for status in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert documented >= {*OUTCOMES, 128 + signal.SIGINT, 128 + signal.SIGTERM}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--lock-wait", "-1"), id="lock-wait-below-zero"),
        pytest.param(("--lock-wait", "nan"), id="lock-wait-no-number"),
        pytest.param(("--nice", "20"), id="nice-too-high"),
        pytest.param(("--nice", "-1"), id="nice-below-zero"),
        pytest.param(("--on-publish", "echo 'x"), id="command-without-closing-quote"),
    ],
)
def test_wrong_option(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A value that makes no sense ends with exit status 64 before anything is read or written."""
    result = run(tmp_path, GOOD, options=options)
    assert (result.exit_code, result.stdout) == (64, "")
    assert options[0] in result.stderr
    assert not (tmp_path / "index").exists()


# Output


def test_quiet(tmp_path: Path) -> None:
    """With --quiet there is one line, with the time, what was published and what was rejected."""
    result = run(tmp_path, GOOD, OTHER, NEITHER, options=("--quiet",))
    (line,) = result.stdout.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d generation 1: 2 documents, .*, 1 rejected, \d+\.\d s", line)
    assert result.stderr == ""
    (line,) = run(tmp_path, GOOD, OTHER, NEITHER, options=("--quiet",)).stdout.splitlines()
    assert " generation 1 unchanged: 2 documents, 1 rejected, " in line


def test_quiet_tells_errors(tmp_path: Path) -> None:
    """A run that fails or finds nothing says so on one line in spite of --quiet."""
    result = run(tmp_path, NEITHER, options=("--quiet",))
    assert result.stdout == ""
    assert result.stderr.startswith("search-index: no document could be indexed")
    assert len(result.stderr.splitlines()) == 1


def test_quiet_tells_missing_sources(tmp_path: Path) -> None:
    """A source that does not exist is named in spite of --quiet, because a run without it loses documents."""
    source, index = str(write(tmp_path, GOOD)), str(tmp_path / "index")
    result = CliRunner().invoke(main, [source, str(tmp_path / "gone"), "--index", index, "--quiet"])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert f"{tmp_path / 'gone'}: no such file or folder" in line


def events(result: Result) -> list[dict[str, Any]]:
    """The events of a JSON log; each line of stderr is one."""
    found = [json.loads(line) for line in result.stderr.splitlines()]
    assert all(re.match(r"\d{4}-\d\d-\d\dT", event["time"]) for event in found)
    return found


def test_json_log(tmp_path: Path) -> None:
    """With --log-json stderr has an object a line: start, progress, issues, and the end with the counts of the run."""
    result = run(tmp_path, GOOD, NEITHER, options=("--log-json", "--json"))
    start, *progress, issue, end = events(result)
    assert start["event"] == "start"
    assert start["sources"] == [str(tmp_path / "source.jsonl")]
    assert [event["event"] for event in progress] == ["progress"] * len(progress)
    assert progress[-1]["bytes"] == progress[-1]["total_bytes"] > 0
    assert (issue["event"], issue["kind"], issue["record"], issue["rejected"]) == ("issue", "no_title_no_text", 2, True)
    assert (end["event"], end["outcome"], end["exit_status"], end["generation"]) == ("end", "published", 1, 1)
    assert (end["documents"], end["rejected"], end["issues"]) == (1, 1, {"no_title_no_text": 1})
    assert json.loads(result.stdout)["generation"] == 1


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_json_log_of_a_failure(tmp_path: Path, status: int) -> None:
    """Every failure is an event `end` with the exit status and one sentence, and nothing else is on stderr."""
    result = OUTCOMES[status](tmp_path, "--log-json")
    end = events(result)[-1]
    assert (end["event"], end["exit_status"], result.exit_code) == ("end", status, status)
    assert end["error"]


# History


def test_every_run_is_in_the_history(tmp_path: Path) -> None:
    """Published, unchanged, locked and useless runs each have a line with outcome, exit status and counts."""
    run(tmp_path, GOOD, OTHER, NEITHER)
    run(tmp_path, GOOD, OTHER, NEITHER)
    locked(tmp_path)
    run(tmp_path, NEITHER)
    runs = read_runs(tmp_path / "index")
    assert [(run.outcome, run.exit_status) for run in runs] == [
        ("published", 1),
        ("unchanged", 1),
        ("failed", 3),
        ("nothing", 2),
    ]
    assert [run.generation for run in runs] == [1, 1, None, None]
    assert [run.documents for run in runs] == [2, 2, 0, 0]
    assert runs[0].issues == {"no_title_no_text": 1}
    assert runs[0].sources == (str(tmp_path / "source.jsonl"),)
    assert "is writing to" in (runs[2].error or "")


def test_the_history_is_bounded_by_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old runs leave the history."""
    monkeypatch.setenv("KESOU_RUNS_KEPT", "2")
    for _ in range(4):
        run(tmp_path, GOOD)
    assert [run.outcome for run in read_runs(tmp_path / "index")] == ["unchanged", "unchanged"]


def test_a_history_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """The index is published all the same, and stderr names the reason."""
    (tmp_path / "index" / RUNS).mkdir(parents=True)
    result = run(tmp_path, GOOD, options=("--quiet",))
    assert result.exit_code == 0
    assert "generation 1" in result.stdout
    assert result.stderr.startswith("search-index: the run cannot be added to the history in ")


def test_an_unforeseen_error_is_in_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is recorded before it ends the command."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by chance")

    run(tmp_path, GOOD)
    monkeypatch.setattr(indexer.commands.run, "build_index", fail)
    assert isinstance(run(tmp_path, GOOD).exception, ZeroDivisionError)
    ended = read_runs(tmp_path / "index")[-1]
    assert (ended.outcome, ended.exit_status) == ("failed", 70)
    assert ended.error == "internal error: ZeroDivisionError: by chance"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_broken_off(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end a run in order: the lock is free, nothing half written stays, the history knows."""
    index = tmp_path / "index"
    command = [sys.executable, "-m", "indexer", "-", "--index", str(index), "--log-json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        assert json.loads(process.stderr.readline())["event"] == "start"
        while not (index / "index.holder").exists():  # the run has the lock, and waits for its standard input
            assert process.poll() is None
        process.send_signal(number)
        assert process.stdin is not None
        rest = process.stderr.read()
        assert process.wait() == 128 + number
    assert json.loads(rest.splitlines()[0])["outcome"] == "interrupted"
    assert "Traceback" not in rest
    (ended,) = read_runs(index)
    assert (ended.outcome, ended.exit_status) == ("interrupted", 128 + number)
    assert [path.name for path in index.iterdir() if path.name.startswith("building-")] == []
    with lock(index, 0):
        pass


# The command after publishing


def test_the_command_learns_what_was_published(tmp_path: Path) -> None:
    """It gets the index, the number of the generation, and files with the ids that are new and that are gone."""
    code = "import os,shutil;[shutil.copy(os.environ['KESOU_'+n],n) for n in ('ADDED','CHANGED','REMOVED')]"
    code += ";open('told','w').write(os.environ['KESOU_INDEX']+' '+os.environ['KESOU_GENERATION'])"
    options = ("--on-publish", python(f"import os;os.chdir({str(tmp_path)!r});{code}"))
    known: dict[str, str] = {}
    for generation, records in enumerate([(GOOD,), (GOOD, OTHER), (OTHER,)], 1):
        result = run(tmp_path, *records, options=options)
        assert result.exit_code == 0, result.stderr
        assert (tmp_path / "told").read_text("utf-8") == f"{tmp_path / 'index'} {generation}"
        added, removed = ((tmp_path / name).read_text("utf-8").split() for name in ("ADDED", "REMOVED"))
        assert (len(added), len(removed)) == ((1, 0), (1, 0), (0, 1))[generation - 1]
        known |= dict.fromkeys(added, str(generation))
    assert known[removed[0]] == "1"


def test_the_command_learns_of_documents_that_stay_in_old_segments(tmp_path: Path) -> None:
    """Ids are those of documents that answers can show: one that is only marked as deleted is removed."""
    code = "import os,shutil;[shutil.copy(os.environ['KESOU_'+n],n) for n in ('ADDED','CHANGED','REMOVED')]"
    options = ("--on-publish", python(f"import os;os.chdir({str(tmp_path)!r});{code}"))
    articles = [{**GOOD, "aid": f"a{number}", "title": f"量子{number}"} for number in range(30)]
    run(tmp_path, *articles, options=options)
    ids = (tmp_path / "ADDED").read_text("utf-8").split()
    assert len(ids) == 30
    changed = {**articles[1], "content": "本文讲卫星导航的第三次试验，共有二十个以上的汉字在这里。"}
    run(tmp_path, changed, *articles[2:], {**OTHER, "aid": "b"}, options=options)
    told = [(tmp_path / name).read_text("utf-8").split() for name in ("ADDED", "CHANGED", "REMOVED")]
    assert [len(values) for values in told] == [1, 1, 1]
    assert not set(told[0]) & set(ids)
    assert {*told[1], *told[2]} <= set(ids)
    (ended,) = read_runs(tmp_path / "index")[1:]
    assert (ended.changes.added, ended.changes.changed, ended.changes.removed) == (1, 1, 1)


def test_the_command_is_run_without_a_shell(tmp_path: Path) -> None:
    """Words are split as a shell does, and nothing else of a shell takes effect."""
    code = "import sys;print(sys.argv[1:])"
    command = f"{python(code)} 'a b' $HOME '*' ; true"
    result = run(tmp_path, GOOD, options=("--quiet", "--on-publish", command))
    assert result.exit_code == 0
    assert "['a b', '$HOME', '*', ';', 'true']" in result.stderr


def test_the_command_runs_after_new_generations_only(tmp_path: Path) -> None:
    """If nothing has changed, or nothing could be indexed, it is not run."""
    run(tmp_path, GOOD)
    for records in ((GOOD,), (NEITHER,)):
        result = run(tmp_path, *records, options=("--on-publish", python("print('has run')")))
        assert result.exit_code in (0, 2)
        assert "has run" not in result.output


def test_a_run_that_publishes_nothing_removes_nothing(tmp_path: Path) -> None:
    """If nothing could be indexed, the index stays: report and history count no document as removed."""
    run(tmp_path, GOOD)
    report = json.loads(run(tmp_path, NEITHER, options=("--json",)).stdout)
    assert report["generation"] is None
    assert [report["removed"], *(file["removed"] for file in report["by_file"])] == [0, 0]
    ended = read_runs(tmp_path / "index")[-1]
    assert (ended.outcome, ended.changes.removed, ended.files) == ("nothing", 0, {})


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(
            python("import sys;print('no room');sys.exit(9)"),
            "ended with exit status 9; it printed: no room",
            id="status",
        ),
        pytest.param("/nowhere/program", "cannot be run: No such file or directory", id="missing"),
        pytest.param(python("import os,signal;os.kill(os.getpid(),signal.SIGKILL)"), "exit status -9", id="killed"),
        pytest.param("sleep 600", "took longer than 1 s (on_publish_timeout_seconds) and was ended", id="too-long"),
        pytest.param("sh -c 'sleep 600 & sleep 600'", "took longer than 1 s", id="children-too-long"),
    ],
)
def test_a_failing_command_undoes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    """The generation stays published; exit status 5, stderr and history say what happened."""
    monkeypatch.setenv("KESOU_ON_PUBLISH_TIMEOUT_SECONDS", "1" if "sleep" in command else "60")
    result = run(tmp_path, GOOD, options=("--quiet", "--on-publish", command))
    assert result.exit_code == 5
    assert "generation 1: 1 documents" in result.stdout
    assert "generation 1 is published, but its --on-publish command " in result.stderr
    assert message in result.stderr
    ended = read_runs(tmp_path / "index")[-1]
    assert (ended.outcome, ended.exit_status, ended.generation) == ("published", 5, 1)
    assert message in (ended.error or "")
    assert (tmp_path / "index" / "CURRENT").read_text("utf-8") == "gen-000001"


def test_a_command_that_leaves_a_process_behind(tmp_path: Path) -> None:
    """A run does not wait for a process that its command has put into the background."""
    result = run(tmp_path, GOOD, options=("--quiet", "--on-publish", "sh -c 'sleep 30 & echo $!'"))
    assert result.exit_code == 0
    os.kill(int(result.stderr.split()[-1]), signal.SIGKILL)


# Priorities


@pytest.mark.skipif(shutil.which("ionice") is None, reason="needs ionice of util-linux")
def test_priorities(tmp_path: Path) -> None:
    """--nice and --io act on the run and on what it starts."""
    code = "import os;print(os.nice(0));os.execlp('ionice','ionice','-p',str(os.getpid()))"
    command = [sys.executable, "-m", "indexer", str(write(tmp_path, GOOD)), "--index", str(tmp_path / "index")]
    command += [
        "--quiet",
        "--nice",
        "3",
        "--io",
        "idle",
        "--on-publish",
        python(f"import sys;sys.stdout.flush();{code}"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stderr.split()[-2:] == [str(os.nice(0) + 3), "idle"]


def test_priorities_that_the_system_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `ionice` the run goes on, and says that it does so without --io."""
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(tmp_path, GOOD, options=("--quiet", "--io", "idle"))
    assert result.exit_code == 0
    assert "the run goes on without --io" in result.stderr


def test_more_characters_than_an_index_can_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that is too large for one index is told so, and the published generation stays."""
    first = run(tmp_path, GOOD)
    assert first.exit_code == 0, first.output
    monkeypatch.setattr("indexer.store.compose_columns._MAX_POSITIONS", 1000)
    result = run(tmp_path, GOOD, {**OTHER, "content": "量子通信" * 500})
    assert result.exit_code == 2, result.output
    assert "more than the 1,000 characters that one index can hold" in result.output
    assert (tmp_path / "index" / "CURRENT").read_text() == "gen-000001"
