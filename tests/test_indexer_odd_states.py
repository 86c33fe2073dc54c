"""Odd states of an index folder, other users and other runs: each command says one line and has its exit status."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import in_child, preload, run
from workspace import NEW, OLD, Workspace, copy_of

from indexer.store.manifest import MANIFEST

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may become another user")


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        preload(patch)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published index with two generations."""
    workspace = Workspace(tmp_path_factory.mktemp("whole"))
    workspace.build(OLD)
    workspace.build(NEW)
    return workspace


@pytest.fixture
def workspace(whole: Workspace, tmp_path: Path) -> Workspace:
    """A copy that a test may spoil."""
    return copy_of(whole, tmp_path / "copy")


def process(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `search` or `search-index` as a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    environment = {**os.environ, "KESOU_LOCK_WAIT_SECONDS": "0"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another process does, a minute at most."""
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)


def spoil_manifest(content: bytes) -> Callable[[Workspace], None]:
    """Replace the manifest of the current generation."""

    def spoil(workspace: Workspace) -> None:
        path = workspace.generation / MANIFEST
        path.unlink()
        path.write_bytes(content)

    return spoil


def make_folder_of(name: str) -> Callable[[Workspace], None]:
    """Put a folder where a file of the index should be."""

    def spoil(workspace: Workspace) -> None:
        path = workspace.index / name if name == "CURRENT" else next(workspace.generation.rglob(name))
        path.unlink()
        path.mkdir()

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(spoil_manifest(b"[" * 100_000 + b"]" * 100_000), id="manifest-100000-levels-deep"),
        pytest.param(spoil_manifest(b'{"format": ' + b"9" * 10_000 + b"}"), id="manifest-with-a-long-number"),
        pytest.param(spoil_manifest(b"null"), id="manifest-null"),
        pytest.param(spoil_manifest(b"\xff\xfe"), id="manifest-no-text"),
        *(
            pytest.param(make_folder_of(name), id=f"folder-{name}")
            for name in (MANIFEST, "columns.data", "texts.data", "MAIN_segment.pst", "catalogue.sqlite")
        ),
    ],
)
def test_search_and_next_run(workspace: Workspace, spoil: Callable[[Workspace], None]) -> None:
    """A search says in one line that the index is damaged, with exit status 2; the next run replaces it."""
    spoil(workspace)
    found = process("searcher", "新闻", "--index", workspace.index)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1), found
    assert found.stderr.startswith("search: the index is damaged: gen-000002/") or "another version" in found.stderr
    outcome = run([str(workspace.source), "--index", str(workspace.index)])
    assert outcome.status == 0, outcome.err
    assert workspace.titles() == ["新闻"]


def test_current_is_a_folder(workspace: Workspace) -> None:
    """If CURRENT is a folder, the newest generation answers and says so, and the next run makes it a file again."""
    make_folder_of("CURRENT")(workspace)
    found = process("searcher", "新闻", "--index", workspace.index)
    assert found.returncode == 0
    assert "run search-index again" in found.stdout
    outcome = run([str(workspace.source), "--index", str(workspace.index)])
    assert outcome.status == 0, outcome.err
    assert workspace.names() == ["CURRENT", "gen-000001", "gen-000002"]
    assert "run search-index again" not in process("searcher", "新闻", "--index", workspace.index).stdout


def test_what_a_run_leaves_is_removed_when_nothing_has_changed(workspace: Workspace) -> None:
    """The next run removes a building folder, an unpublished generation and a half-written CURRENT in any case."""
    (workspace.index / "building-1").mkdir()
    (workspace.index / "building-1" / "half").write_bytes(b"x")
    (workspace.index / "building-1-parts").mkdir()
    (workspace.index / "CURRENT.tmp").write_text("gen-0", "utf-8")
    shutil.copytree(workspace.index / "gen-000002", workspace.index / "gen-000003")
    assert workspace.build().is_unchanged
    assert workspace.names() == ["CURRENT", "gen-000001", "gen-000002"]


def test_two_runs_at_once(workspace: Workspace) -> None:
    """Of two processes that index at the same time one succeeds, and the other names it and has exit status 3."""
    workspace.write([{"aid": f"a{number}", "title": f"第{number}篇"} for number in range(3000)])
    command = [sys.executable, "-m", "indexer", str(workspace.source), "--index", str(workspace.index), "--quiet"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        wait_until(lambda: bool(list(workspace.index.glob("building-*"))))
        second = process("indexer", workspace.source, "--index", workspace.index)
        assert (second.returncode, second.stdout) == (3, ""), second
        assert f"process {first.pid} is writing to" in second.stderr
        assert first.wait(60) == 0
    assert len(workspace.titles()) == 10


def test_lock_of_a_killed_run(workspace: Workspace) -> None:
    """A run that was killed does not block the next one, and what it has left in the holder file is not believed."""
    (workspace.index / "index.holder").write_text("process 1", "utf-8")
    outcome = run([str(workspace.source), "--index", str(workspace.index)])
    assert outcome.status == 0
    assert not (workspace.index / "index.holder").exists()


def test_interrupted_by_the_keyboard(workspace: Workspace) -> None:
    """Ctrl-C at any moment of a run: exit status 130, one line, the old index answers, and nothing is left."""
    workspace.write([{"aid": f"a{number}", "title": f"第{number}篇"} for number in range(2000)])
    command = [sys.executable, "-m", "indexer", str(workspace.source), "--index", str(workspace.index)]
    for delay in (0, 0.2, 0.5, 1):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            wait_until(lambda: (workspace.index / "index.holder").exists())
            time.sleep(delay)
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
        assert running.returncode in (0, 130), errors
        assert "Traceback" not in errors
        if running.returncode == 130:
            assert workspace.titles() == ["新闻"]
        assert [name for name in workspace.names() if name.startswith("building")] == []
    assert run([str(workspace.source), "--index", str(workspace.index)]).status == 0


@needs_root
def test_a_folder_that_may_only_be_read(whole: Workspace) -> None:
    """A user who may only read the index can search it; a run says at once that it cannot be written, exit status 4."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        workspace = copy_of(whole, Path(folder) / "copy")
        for path in (workspace.index, *workspace.index.rglob("*"), workspace.index.parent, workspace.source):
            path.chmod(0o755)

        def become_nobody() -> None:
            os.setgroups([])
            os.setegid(NOBODY)
            os.seteuid(NOBODY)

        def search() -> None:
            become_nobody()
            assert workspace.titles() == ["新闻"]

        assert in_child(search) == 0
        arguments = [str(workspace.source), "--index", str(workspace.index)]
        outcome = run(arguments, prepare=become_nobody)
        assert (outcome.status, outcome.out) == (4, "")
        assert outcome.err.splitlines()[-1] == f"search-index: cannot write to {workspace.index}: Permission denied"


@pytest.mark.parametrize("limit", [2_000, 20_000, 60_000, 100_000])
def test_a_file_that_may_not_grow(workspace: Workspace, limit: int) -> None:
    """Where every file of more than so many bytes fails, also in C code: exit status 4, and the old index answers."""
    workspace.write([{"aid": "b1", "title": "长文", "content": "".join(map(chr, range(0x4E00, 0x8E00)))}])

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    arguments = [str(workspace.source), "--index", str(workspace.index)]
    outcome = run(arguments, prepare=restrict)
    assert outcome.status == 4, outcome.err
    assert f"search-index: cannot write to {workspace.index}: " in outcome.err.splitlines()[-1]
    assert workspace.titles() == ["新闻"]
    assert set(workspace.names()) - {"unfinished"} == {"CURRENT", "gen-000001", "gen-000002"}


@needs_root
@pytest.mark.skipif(not shutil.which("mount"), reason="mounts a small disk")
@pytest.mark.parametrize("kilobytes", [7200, 7400, 8000])
def test_a_full_disk(tmp_path: Path, kilobytes: int) -> None:
    """On a disk that is really full the message says so and how much is needed; with room the run succeeds."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a disk")
    try:
        workspace = Workspace(disk)
        workspace.build(OLD)
        filler = "".join(map(chr, range(0x4E00, 0x5600)))
        workspace.write([{"aid": f"b{number}", "title": f"{number}", "content": filler} for number in range(9)])
        arguments = [str(workspace.source), "--index", str(workspace.index)]
        while shutil.disk_usage(disk).free > 300_000:
            (disk / f"filler{time.monotonic_ns()}").write_bytes(bytes(100_000))
        outcome = run(arguments)
        assert outcome.status == 4, outcome.err
        last = outcome.err.splitlines()[-1]
        assert "MB are needed" in last
        assert "MB are free" in last
        assert workspace.titles() == ["旧闻"]
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        assert run(arguments).status == 0
        assert len(workspace.titles()) == 9
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_files_that_are_no_generations(workspace: Workspace) -> None:
    """A file that is named as a generation, and names that only look like one, do not disturb a run."""
    (workspace.index / "gen-000007").write_text("a file", "utf-8")
    for name in ("gen-", "gen-x", "gen-" + "9" * 200, "gen-１２"):
        (workspace.index / name).mkdir()
    assert workspace.titles() == ["新闻"]
    assert workspace.build(OLD).generation == 3
    assert workspace.titles() == ["旧闻"]


def test_a_history_that_is_damaged(workspace: Workspace) -> None:
    """A damaged history stops neither a run nor the status."""
    (workspace.index / "runs.jsonl").write_bytes(b"\xff{\n" + b"[" * 100_000)
    assert run([str(workspace.source), "--index", str(workspace.index)]).status == 0
    found = process("indexer", "status", "--json", "--index", workspace.index)
    assert found.returncode == 0
    assert json.loads(found.stdout)["generations"]
