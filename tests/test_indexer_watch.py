"""`search-index watch` as a process over real files: what it publishes, when, and how it ends."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.commands import source_changes
from indexer.commands.cli import main
from indexer.commands.source_changes import is_remote
from indexer.runs import Run, read_runs
from indexer.store.publishing import lock

ROOT = Path(__file__).resolve().parents[1]
#: Far more than anything here takes, on a machine that is busy.
PATIENCE_SECONDS = 120

needs_watchfiles = pytest.mark.skipif(not importlib.util.find_spec("watchfiles"), reason="needs watchfiles")


class Watched:
    """A folder with articles, an index, and a process that watches the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.source.mkdir()
        self.index = folder / "index"
        self.process: subprocess.Popen[str] | None = None
        self.settings = {"INTERVAL": "0", "SETTLE": "0.3", "MISSING": "86400"}

    def write(self, name: str, text: str = "量子通信") -> None:
        """Write an article to a file of its own."""
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {path.stem}\n\n{text}，共有二十个以上的汉字在这里，所以它是一篇文章。", "utf-8")

    def start(self, *options: str, sources: tuple[str, ...] = ()) -> None:
        """Start watching."""
        command = [sys.executable, "-m", "indexer", "watch", "--index", str(self.index), *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment |= {f"KESOU_WATCH_{name}_SECONDS": value for name, value in self.settings.items()}
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*command, *(sources or (str(self.source),))], stdout=log, stderr=log, env=environment, text=True
            )

    def log(self) -> str:
        """All that the process has printed."""
        return (self.folder / "log").read_text("utf-8")

    def wait_until(self, is_true: Callable[[], bool]) -> None:
        """Wait until something holds; the process must go on meanwhile."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_true():
            assert self.process is None or self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)

    def wait_for(self, documents: int) -> Run:
        """Wait until the newest run has left an index with so many documents."""
        self.wait_until(lambda: bool(self.runs() and self.runs()[-1].documents == documents))
        return self.runs()[-1]

    def runs(self) -> list[Run]:
        """The history."""
        return read_runs(self.index)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the process; returns its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A folder to watch; the process is ended after the test."""
    watched = Watched(tmp_path)
    yield watched
    if watched.process and watched.process.poll() is None:
        watched.process.kill()
        watched.process.wait()


@pytest.mark.parametrize(
    "options", [pytest.param(("--poll",), id="poll"), pytest.param((), marks=needs_watchfiles, id="notices")]
)
def test_changes_are_published(watched: Watched, options: tuple[str, ...]) -> None:
    """What is there at the start, new files, new folders, changed and removed files: the index follows."""
    watched.write("a.md")
    watched.start("--quiet", *options)
    watched.wait_for(1)
    watched.write("new/deep/b.md")
    watched.wait_for(2)
    watched.write("new/deep/c.md")
    watched.wait_for(3)
    runs = len(watched.runs())
    watched.write("a.md", "卫星导航的第二次试验")
    watched.wait_until(lambda: len(watched.runs()) > runs)
    (watched.source / "a.md").unlink()
    watched.wait_for(2)
    (watched.source / "new").rename(watched.source / "other")
    (watched.source / "other" / "d.md").write_text("# 丁\n\n又一篇二十个以上的汉字在这里，所以它是一篇文章。", "utf-8")
    watched.wait_for(3)
    assert watched.stop() == 0
    assert {run.outcome for run in watched.runs()} <= {"published", "unchanged"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order(watched: Watched, number: signal.Signals) -> None:
    """A signal ends it with exit status 0, without a traceback, and the lock is free."""
    watched.write("a.md")
    watched.start("--poll")
    watched.wait_for(1)
    assert watched.stop(number) == 0
    assert "Traceback" not in watched.log()
    with lock(watched.index, 0):
        pass


def test_it_ends_while_a_run_waits(watched: Watched) -> None:
    """A signal during a run ends that run too."""
    watched.write("a.md")
    with lock(watched.index, 0):
        watched.start("--poll", "--lock-wait", "3600", "--log-json")
        watched.wait_until(lambda: '"event": "start"' in watched.log())
        assert watched.stop() == 0
    assert "Traceback" not in watched.log()


def test_it_goes_on_after_a_failure(watched: Watched) -> None:
    """A run that finds the index locked is tried again, without a change."""
    watched.write("a.md")
    with lock(watched.index, 0):
        watched.start("--poll", "--quiet", "--lock-wait", "0")
        watched.wait_until(lambda: "the run had exit status 3; the next one is in 5 s" in watched.log())
    watched.wait_for(1)
    assert [run.exit_status for run in watched.runs()] == [3, 0]


def test_a_change_during_a_run_is_not_lost(watched: Watched) -> None:
    """What changes while a run goes on is in the next one: here the command after publishing writes a file."""
    watched.write("a.md")
    code = f"open({str(watched.source / 'b.md')!r}, 'w').write('# 乙\\n\\n二十个以上的汉字在这里，所以它是一篇文章。')"
    watched.start("--poll", "--quiet", "--on-publish", f'{sys.executable} -X utf8 -c "{code}"')
    watched.wait_for(2)


def test_a_file_that_is_being_written_is_not_indexed_half(watched: Watched) -> None:
    """A file that grows is indexed when it has stopped growing: no run sees a part of its records."""
    watched.settings["SETTLE"] = "3"
    watched.write("a.md")
    watched.start("--poll", "--quiet")
    watched.wait_for(1)
    with (watched.source / "b.jsonl").open("w", encoding="utf-8") as file:
        for number in range(10):
            text = f"第{number}篇文章共有二十个以上的汉字在这里，所以它是一篇文章。"
            file.write(json.dumps({"aid": str(number), "title": f"题{number}", "content": text}) + "\n")
            file.flush()
            time.sleep(0.3)
    watched.wait_for(11)
    assert [run.documents for run in watched.runs()] == [1, 11]


def test_runs_keep_their_interval(watched: Watched) -> None:
    """Changes are gathered: the second run begins no sooner than the setting says."""
    watched.settings["INTERVAL"] = "8"
    watched.write("a.md")
    watched.start("--poll", "--quiet", "--log-json")
    watched.wait_for(1)
    watched.write("b.md")
    watched.wait_for(2)
    first, second = (json.loads(line) for line in watched.log().splitlines() if '"event": "start"' in line)
    seconds = [time.mktime(time.strptime(event["time"][:19], "%Y-%m-%dT%H:%M:%S")) for event in (first, second)]
    assert seconds[1] - seconds[0] >= 6  # the process starts before it prints


@pytest.mark.parametrize(
    "options", [pytest.param(("--poll",), id="poll"), pytest.param((), marks=needs_watchfiles, id="notices")]
)
def test_a_source_that_goes_and_comes_back(watched: Watched, options: tuple[str, ...]) -> None:
    """While a source is away its documents stay; when it is back, its changes are indexed."""
    watched.write("a.md")
    watched.start("--quiet", *options)
    watched.wait_for(1)
    watched.source.rename(watched.folder / "away")
    watched.wait_until(lambda: f"{watched.source} is missing" in watched.log())
    (watched.folder / "away").rename(watched.source)
    watched.write("b.md")
    watched.wait_for(2)
    assert [run.documents for run in watched.runs() if run.outcome == "published"] == [1, 2]


def test_a_source_that_stays_away(watched: Watched) -> None:
    """After the time of the setting the documents of a missing source leave the index."""
    watched.settings["MISSING"] = "1"
    watched.write("a.md")
    other = watched.folder / "b.md"
    other.write_text("# 乙\n\n二十个以上的汉字在这里，所以它是一篇文章。共有二十个以上的汉字。", "utf-8")
    watched.start("--quiet", "--poll", sources=(str(watched.source), str(other)))
    watched.wait_for(2)
    shutil.rmtree(watched.source)
    assert watched.wait_for(1).exit_status == 1


def test_single_files_and_patterns(watched: Watched) -> None:
    """A file that is replaced, and a file that comes to match a pattern, are noticed."""
    watched.write("a.md")
    watched.write("b.txt")
    watched.start("--quiet", "--poll", sources=(str(watched.source / "a.md"), str(watched.source / "*.txt")))
    watched.wait_for(2)
    watched.write("c.txt")
    watched.wait_for(3)
    fresh = watched.folder / "fresh"
    fresh.write_text("# 甲\n\n另一篇二十个以上的汉字在这里，所以它是一篇文章。", "utf-8")
    runs = len(watched.runs())
    fresh.replace(watched.source / "a.md")
    watched.wait_until(lambda: len(watched.runs()) > runs)
    assert watched.runs()[-1].outcome == "published"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["-"], "standard input cannot be watched", id="standard-input"),
        pytest.param([], "Missing argument", id="no-source"),
        pytest.param(["{folder}/source", "--lock-wait", "x"], "--lock-wait", id="wrong-option"),
    ],
)
def test_what_cannot_be_watched(tmp_path: Path, arguments: list[str], message: str) -> None:
    """A source that cannot be watched ends the command at once with exit status 64 and the reason."""
    (tmp_path / "source").mkdir()
    given = [argument.format(folder=tmp_path) for argument in arguments]
    result = CliRunner().invoke(main, ["watch", "--index", str(tmp_path / "index"), *given])
    assert result.exit_code == 64
    assert message in result.stderr


def test_a_wrong_setting_ends_the_watch(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a setting names and that is not there ends the watch at its first run, with exit status 64."""
    watched.write("a.md")
    monkeypatch.setenv("KESOU_TAXONOMY", "/nowhere/types.toml")
    watched.start("--poll")
    assert watched.process is not None
    assert watched.process.wait(PATIENCE_SECONDS) == 64


MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/share\040one rw shared:2 - nfs4 server:/export rw
31 22 0:41 / /mnt/科技 rw shared:3 - cifs //server/share rw
32 31 0:42 / /mnt/科技/local rw shared:4 - ext4 /dev/sdb1 rw
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/srv/a", False, id="local"),
        pytest.param("/mnt/share one/a", True, id="nfs"),
        pytest.param("/mnt/share one", True, id="nfs-itself"),
        pytest.param("/mnt/share onex", False, id="like-its-name"),
        pytest.param("/mnt/科技/a", True, id="cifs"),
        pytest.param("/mnt/科技/local/a", False, id="local-below-network"),
    ],
)
def test_network_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, expected: bool) -> None:
    """The file system of the innermost mount decides."""
    (tmp_path / "mountinfo").write_text(MOUNTS.lstrip(), "utf-8")
    monkeypatch.setattr(source_changes, "_MOUNTS", tmp_path / "mountinfo")
    assert is_remote(Path(path)) is expected


def test_without_a_list_of_mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that does not list its mounts has no network drives that are known."""
    monkeypatch.setattr(source_changes, "_MOUNTS", tmp_path / "nowhere")
    assert not is_remote(tmp_path)


def no_notices(*_: Any, **__: Any) -> Any:
    """What watchfiles does when the system has no watches left."""
    raise OSError("OS file watch limit reached")


def test_notices_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that gives no notices is named, so that the watch looks at the files instead."""
    fake = type(sys)("watchfiles")
    fake.watch = no_notices  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "watchfiles", fake)
    notices = source_changes.Notices([tmp_path])
    notices._thread.join()
    with pytest.raises(OSError, match="OS file watch limit reached"):
        notices.take()
    notices.close()
