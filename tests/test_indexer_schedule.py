"""`search-index schedule`: each text is valid in its notation, and runs exactly the user's words."""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

import indexer.commands.schedule
from indexer.commands.cli import main

TARGETS = ("systemd", "cron", "launchd", "windows")
#: Names that each notation would take apart in its own way.
STRANGE = ("科技 政策", "a'b", 'a"b', "100", "$HOME", "a;b", "~x", "#x", "-x", "*.json", "a\\b", "全角\u3000空格")
NAMESPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with a strange name, and a place for logs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "工作 folder's"
    folder.mkdir()
    monkeypatch.chdir(folder)


def schedule(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["schedule", "--index", "my index", *arguments])


def words(*sources: str) -> list[str]:
    """The arguments that the scheduled command must get."""
    here = Path.cwd()
    return [
        "--index",
        str(here / "my index"),
        "--lock-wait",
        "3600",
        "--quiet",
        "--",
        *(str(here / s) for s in sources),
    ]


def systemd_words(unit: str) -> list[str]:
    """The words of ExecStart as systemd.service(5) says: quotes, backslashes, specifiers, variables."""
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, *arguments = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s"]+', line)
    plain = [
        re.sub(r"\\(.)", r"\1", word.strip('"') if word[0] != '"' else word[1:-1]) for word in (program, *arguments)
    ]
    assert not [word for word in plain if re.search(r"(?<!%)%(%%)*(?!%)", word)]
    assert not [word for word in plain[1:] if re.search(r"(?<!\$)\$(\$\$)*(?!\$)", word)]
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


def windows_words(line: str) -> list[str]:
    """The words of a command line as CommandLineToArgvW of Windows splits it."""
    found, word, is_quoted, is_any, at = [], "", False, False, 0
    while at < len(line):
        backslashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += backslashes
        if line[at : at + 1] == '"':
            word += "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                is_quoted, is_any = not is_quoted, True
            at += 1
            continue
        word += "\\" * backslashes
        if at < len(line):
            if line[at] in " \t" and not is_quoted:
                found += [word] if word or is_any else []
                word, is_any = "", False
            else:
                word += line[at]
            at += 1
    return found + ([word] if word or is_any else [])


def test_systemd_runs_the_words(tmp_path: Path) -> None:
    """ExecStart has exactly the sources, whatever they are called, also with %."""
    names = (*STRANGE, "50%d", "%h")
    assert schedule("--for", "systemd", "--to", str(tmp_path), "--", *names).exit_code == 0
    unit = (tmp_path / "kesou-index.service").read_text("utf-8")
    assert systemd_words(unit)[1:] == words(*names)
    assert f"\nWorkingDirectory={Path.cwd()}\n" in unit
    assert "\nNice=10\nIOSchedulingClass=idle\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("when", [("--daily", "23:59"), ("--every", "45m"), ("--io", "low"), ("--io", "normal")])
def test_systemd_accepts_the_units(tmp_path: Path, when: tuple[str, ...]) -> None:
    """systemd-analyze finds nothing wrong with service and timer."""
    assert schedule("--for", "systemd", "--to", str(tmp_path), *when, "--", *STRANGE, "50%d").exit_code == 0
    units = [str(tmp_path / f"kesou-index.{kind}") for kind in ("service", "timer")]
    run = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "kesou" not in run.stderr, run.stderr
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("names", [STRANGE[:3], STRANGE[3:6], STRANGE[6:9], STRANGE[9:], ("50%d", "%%")])
def test_cron_runs_the_words(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
    """What cron passes to its shell runs exactly the sources in the user's folder, and its output is in the log."""
    code = "import json,os,sys;print(json.dumps([os.getcwd(),*sys.argv[1:]]))"
    monkeypatch.setattr(indexer.commands.schedule, "_program", lambda: [sys.executable, "-c", code])
    result = schedule("--for", "cron", "--daily", "4:05", "--", *names)
    line = result.stdout.rstrip("\n")
    assert "\n" not in line
    fields, command = line.split(" ")[:5], line.split(" ", 5)[5]
    assert fields == ["5", "4", "*", "*", "*"]
    assert not re.search(r"(?<!\\)%", command)
    subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], check=True, cwd="/")
    log = shlex.split(command.replace("\\%", "%"))[-2]
    printed = json.loads(Path(log).read_text("utf-8"))
    assert printed == [str(Path.cwd()), "--nice", "10", "--io", "idle", *words(*names)]


def test_launchd_runs_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property list has exactly the sources as program arguments."""
    names = (*STRANGE, "50%d", "<&>")
    result = schedule("--for", "launchd", "--daily", "3:30", "--io", "normal", "--", *names)
    content = plistlib.loads(result.stdout_bytes)
    assert content["ProgramArguments"][-len(words(*names)) :] == words(*names)
    assert content["StartCalendarInterval"] == {"Hour": 3, "Minute": 30}
    assert content["WorkingDirectory"] == str(Path.cwd())
    assert (content["Nice"], content["LowPriorityIO"]) == (10, False)
    assert Path(content["StandardErrorPath"]).parent.is_dir()


def test_windows_runs_the_words() -> None:
    """The task is ASCII, and its arguments are split into exactly the sources."""
    names = (*STRANGE, "<&>", "end\\")
    result = schedule("--for", "windows", "--", *names)
    assert result.stdout.isascii()
    task = ET.fromstring(result.stdout)  # noqa: S314 - our own output
    line = task.findtext("t:Actions/t:Exec/t:Arguments", "", NAMESPACE)
    assert windows_words(line)[-len(words(*names)) :] == words(*names)
    assert task.findtext("t:Actions/t:Exec/t:WorkingDirectory", "", NAMESPACE) == str(Path.cwd())
    assert task.findtext("t:Triggers/t:CalendarTrigger/t:StartBoundary", "", NAMESPACE).endswith("T03:00:00")


@pytest.mark.parametrize(
    ("target", "every", "expected"),
    [
        pytest.param("systemd", "45m", "OnUnitInactiveSec=45min", id="systemd"),
        pytest.param("cron", "15m", "*/15 * * * * ", id="cron-minutes"),
        pytest.param("cron", "1h", "0 * * * * ", id="cron-hour"),
        pytest.param("cron", "6h", "0 */6 * * * ", id="cron-hours"),
        pytest.param("cron", "24h", "0 0 * * * ", id="cron-day"),
        pytest.param("launchd", "2h", "<integer>7200</integer>", id="launchd"),
        pytest.param("windows", "90m", "<Interval>PT90M</Interval>", id="windows"),
    ],
)
def test_repetition(target: str, every: str, expected: str) -> None:
    """--every is written as each notation has it."""
    result = schedule("--for", target, "--every", every, "a")
    assert result.exit_code == 0
    assert expected in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ("--for", "cron", "--every", "45m", "a"), "cron cannot repeat a job every 45 minutes", id="cron-45"
        ),
        pytest.param(("--for", "cron", "--every", "5h", "a"), "cron cannot repeat", id="cron-5-hours"),
        pytest.param(("--for", "cron", "a" * 900), "longer than the 990 bytes that cron takes", id="cron-length"),
        pytest.param(("--for", "windows", "50%d"), "would replace a part of", id="windows-percent"),
        pytest.param(("--for", "systemd", "a\nb"), "has characters that the texts cannot hold", id="line-break"),
        pytest.param(("--for", "launchd", "a\udcff"), "has characters that the texts cannot hold", id="no-unicode"),
        pytest.param(("--for", "cron", "-"), "standard input cannot be indexed at fixed times", id="standard-input"),
        pytest.param(("--for", "cron", "--name", "../x", "a"), "is no name for files", id="name"),
        pytest.param(("--for", "cron", "--daily", "24:00", "a"), "is no time of day", id="time"),
        pytest.param(("--for", "cron", "--every", "0m", "a"), "is no time from 1m to 24h", id="never"),
        pytest.param(("--for", "cron", "--every", "25h", "a"), "is no time from 1m to 24h", id="too-seldom"),
        pytest.param(("--for", "upstart", "a"), "'upstart' is not one of", id="unknown"),
        pytest.param(("a",), "Missing option '--for'", id="no-target"),
    ],
)
def test_what_cannot_be_scheduled(arguments: tuple[str, ...], message: str) -> None:
    """What a notation cannot say ends with exit status 64 and the reason, and nothing is printed."""
    result = schedule(*arguments)
    assert (result.exit_code, result.stdout) == (64, "")
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize("target", TARGETS)
def test_the_way_to_install_is_told(tmp_path: Path, target: str) -> None:
    """With --to the files are written, and one command installs the first or the last of them."""
    result = schedule("--for", target, "--to", str(tmp_path / "units"), "a")
    assert (result.exit_code, result.stdout) == (0, "")
    names = sorted(path.name for path in (tmp_path / "units").iterdir())
    assert (
        names
        == {
            "systemd": ["kesou-index.service", "kesou-index.timer"],
            "cron": ["kesou-index.cron"],
            "launchd": ["kesou-index.plist"],
            "windows": ["kesou-index.xml"],
        }[target]
    )
    (line,) = result.stderr.splitlines()
    assert line.startswith("search-index: install with: ")
    assert names[-1] in line


def test_options_of_runs_are_passed_on() -> None:
    """What the user says about priority, waiting, logging and the command after publishing reaches the runs."""
    options = ("--nice", "0", "--io", "low", "--lock-wait", "7", "--log-json", "--on-publish", "notify 'a b'")
    command = schedule("--for", "cron", *options, "a").stdout
    for part in ("--nice 0", "--io low", "--lock-wait 7", "--log-json"):
        assert part in command
    assert "notify 'a b'" in shlex.split(command)


def test_the_scheduled_command_indexes(tmp_path: Path) -> None:
    """The line for cron, run by a shell, builds the index."""
    Path("a.md").write_text("# 甲\n\n二十个以上的汉字在这里，所以它是一篇文章。", "utf-8")
    command = schedule("--for", "cron", "a.md").stdout.split(" ", 5)[5]
    run = subprocess.run(["/bin/sh", "-c", command], check=False, cwd="/")
    log = Path(shlex.split(command)[-2]).read_text("utf-8")
    assert (run.returncode, "generation 1: 1 documents" in log) == (0, True), log
    assert Path("my index", "CURRENT").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Files that cannot be written end with exit status 4 and the reason."""
    (tmp_path / "file").write_text("", "utf-8")
    result = schedule("--for", "cron", "--to", str(tmp_path / "file"), "a")
    assert result.exit_code == 4
    assert f"cannot write {tmp_path / 'file'}" in result.stderr
