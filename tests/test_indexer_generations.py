"""Publishing: a reader finds one whole generation whatever happens to the writer, and damage is called damage."""

from __future__ import annotations

import dataclasses
import errno
import gc
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from faults import in_child
from workspace import NEW, OLD, Workspace, copy_of, delete, empty, flip, halve, lengthen

from indexer.build import build_index
from indexer.errors import (
    IndexDamaged,
    IndexerError,
    IndexLocked,
    IndexMissing,
    IndexNotWritable,
    ReindexNeeded,
)
from indexer.store.generations import current
from indexer.store.manifest import FORMAT_VERSION, manifest_checksum
from searcher.commands.json_form import page_json
from searcher.commands.terminal import totals
from searcher.results import Request
from searcher.service import Searcher


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Generation 1 with the old article, shared by tests that do not change it."""
    workspace = Workspace(tmp_path_factory.mktemp("whole"))
    workspace.build(OLD)
    return workspace


@pytest.fixture(scope="module")
def replaced(whole: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Generations 1 and 2, the second one with the new article, shared by tests that do not change them."""
    workspace = copy_of(whole, tmp_path_factory.mktemp("replaced"))
    workspace.build(NEW)
    return workspace


@pytest.fixture
def workspace(whole: Workspace, tmp_path: Path) -> Workspace:
    """A copy of generation 1 that a test may change."""
    return copy_of(whole, tmp_path)


# What a run publishes


def test_first_run(workspace: Workspace) -> None:
    """The first run publishes generation 1, named by CURRENT, and leaves nothing else."""
    assert workspace.names() == ["CURRENT", "gen-000001"]
    assert workspace.generation.name == "gen-000001"
    assert workspace.titles() == ["旧闻"]


def test_folders_are_private(workspace: Workspace) -> None:
    """Only the owner can read the index."""
    assert workspace.index.stat().st_mode & 0o777 == 0o700
    assert workspace.generation.stat().st_mode & 0o777 == 0o700


def test_next_run_replaces(workspace: Workspace) -> None:
    """The next run publishes the next generation, which holds exactly the new sources."""
    report = workspace.build(NEW)
    assert (report.generation, report.is_unchanged) == (2, False)
    assert workspace.titles() == ["新闻"]


def test_unchanged_run_writes_nothing(workspace: Workspace) -> None:
    """If nothing has changed, nothing is published, and the report describes the current generation."""
    before = {path: path.stat().st_mtime_ns for path in workspace.generation.rglob("*")}
    report = workspace.build()
    assert report.is_unchanged
    assert (report.generation, report.files, report.read, report.indexed) == (1, 1, 1, 1)
    assert workspace.names() == ["CURRENT", "gen-000001"]
    assert {path: path.stat().st_mtime_ns for path in workspace.generation.rglob("*")} == before


def test_touched_source_is_unchanged(workspace: Workspace) -> None:
    """A new modification time without new content changes nothing."""
    os.utime(workspace.source, (1, 1))
    assert workspace.build().is_unchanged


def test_rebuild_always_publishes(workspace: Workspace) -> None:
    """--rebuild publishes a new generation even if nothing has changed."""
    report = workspace.build(is_rebuild=True)
    assert (report.generation, report.is_unchanged) == (2, False)
    assert workspace.titles() == ["旧闻"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"max_run_chars": 100}, id="token-rule"),
        pytest.param({"max_document_chars": 1000}, id="reading-rule"),
    ],
)
def test_changed_rule_publishes(workspace: Workspace, options: dict[str, Any]) -> None:
    """After a change of a setting that affects documents or tokens, the next run builds a new generation."""
    workspace.settings = dataclasses.replace(workspace.settings, **options)
    report = workspace.build()
    assert (report.generation, report.is_unchanged) == (2, False)


def test_renamed_source_publishes(workspace: Workspace) -> None:
    """A renamed file is a changed source, because reports and some ids contain its name."""
    workspace.source = workspace.source.rename(workspace.source.with_name("renamed.json"))
    assert not workspace.build().is_unchanged


def test_damaged_index_is_built_again(workspace: Workspace) -> None:
    """A damaged generation is replaced by the next run, even if the source is unchanged."""
    next(path for path in sorted(workspace.generation.rglob("*")) if path.is_file()).unlink()
    report = workspace.build()
    assert (report.generation, report.is_unchanged) == (2, False)
    assert workspace.titles() == ["旧闻"]


def test_nothing_usable_leaves_the_index(workspace: Workspace) -> None:
    """A run without any document publishes nothing; the old generation still answers."""
    workspace.source.write_text("", "utf-8")
    report = workspace.build()
    assert (report.generation, report.indexed, report.rejected) == (None, 0, 1)
    assert workspace.titles() == ["旧闻"]
    assert workspace.names() == ["CURRENT", "gen-000001"]


def test_old_generations_are_removed(workspace: Workspace) -> None:
    """keep_generations limits the generations on disk; the current one always stays."""
    for keep, kept in ((9, [1, 2]), (9, [1, 2, 3]), (2, [3, 4]), (1, [5]), (0, [6])):
        workspace.settings = dataclasses.replace(workspace.settings, keep_generations=keep)
        workspace.build(is_rebuild=True)
        assert workspace.names() == ["CURRENT", *(f"gen-{number:06}" for number in kept)]


def test_moved_index_still_answers(workspace: Workspace) -> None:
    """The index contains no path: its folder can be moved, and the next run reports the new one."""
    moved = workspace.index.rename(workspace.index.with_name("moved"))
    workspace.index, workspace.settings = moved, dataclasses.replace(workspace.settings, index=str(moved))
    assert workspace.titles() == ["旧闻"]
    assert workspace.build().is_unchanged


def test_unchanged_report_names_the_folder_as_it_is(workspace: Workspace) -> None:
    """The report of an unchanged run names the index folder as it was given."""
    moved = workspace.index.rename(workspace.index.with_name("moved"))
    workspace.settings = dataclasses.replace(workspace.settings, index=str(moved))
    assert workspace.build().index == str(moved)


# One writer at a time


@contextmanager
def held_lock(index: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of the index."""
    code = (
        "import sys; from pathlib import Path; from indexer.store.publishing import lock\n"
        "with lock(Path(sys.argv[1]), 0): print('held', flush=True); sys.stdin.read()"
    )
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", code, str(index)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=root) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        yield holder
        if holder.poll() is None:
            holder.stdin.close()


def test_lock_names_its_holder(workspace: Workspace) -> None:
    """A second run is refused with the id of the writing process; searches still work."""
    with held_lock(workspace.index) as holder:
        with pytest.raises(IndexLocked, match=rf"process {holder.pid} is writing"):
            workspace.build(NEW)
        assert workspace.titles() == ["旧闻"]
    workspace.build(NEW)
    assert workspace.titles() == ["新闻"]


def test_lock_of_a_dead_process_is_free(workspace: Workspace) -> None:
    """The lock of a killed process does not block the next run."""
    with held_lock(workspace.index) as holder:
        holder.kill()
        holder.wait()
        workspace.build(NEW)
    assert workspace.titles() == ["新闻"]


def test_stale_building_folder_is_removed(workspace: Workspace) -> None:
    """The next run removes the building folder of a killed run."""
    stale = workspace.index / "building-1"
    stale.mkdir()
    (stale / "half").write_bytes(b"x")
    workspace.build(NEW)
    assert workspace.names() == ["CURRENT", "gen-000001", "gen-000002"]


# Readers


def test_reader_follows(workspace: Workspace) -> None:
    """An open searcher answers its next request from the new generation."""
    searcher = Searcher(workspace.index, workspace.settings)
    first = searcher.search(Request(query="本文"))
    workspace.build(NEW)
    second = searcher.search(Request(query="本文"))
    searcher.close()
    assert ([hit.title for hit in first.hits], first.index.generation) == (["旧闻"], 1)
    assert ([hit.title for hit in second.hits], second.index.generation) == (["新闻"], 2)


def test_reader_survives_the_removal_of_its_generation(workspace: Workspace) -> None:
    """A searcher whose generation was removed answers from the current one."""
    workspace.settings = dataclasses.replace(workspace.settings, keep_generations=1)
    searcher = Searcher(workspace.index, workspace.settings)
    assert searcher.info().generation == 1
    for _ in range(2):
        workspace.build(NEW, is_rebuild=True)
    page = searcher.search(Request(query="本文"))
    searcher.close()
    assert ([hit.title for hit in page.hits], page.index.generation) == (["新闻"], 3)


def test_searching_writes_nothing(whole: Workspace) -> None:
    """A search changes no file, modification time or permission."""
    before = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in whole.index.rglob("*")}
    assert whole.titles() == ["旧闻"]
    assert {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in whole.index.rglob("*")} == before


# Damage


@pytest.mark.parametrize("damage", [delete, empty, halve, flip, lengthen])
def test_damage_is_named(whole: Workspace, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Any damage to any file of a generation is reported as damage of that file; no search answers."""
    files = [path for path in whole.generation.rglob("*") if path.is_file()]
    names = sorted(path.relative_to(whole.generation).as_posix() for path in files)
    assert len(names) > 3
    for number, name in enumerate(names):
        workspace = copy_of(whole, tmp_path / str(number))
        path = workspace.generation / name
        before = path.read_bytes()
        damage(path)
        if path.exists() and path.read_bytes() == before:
            continue  # an empty file stays what it was when it is emptied or halved
        if damage is flip and name == "generation.json":
            continue  # see test_no_altered_number_is_believed
        with pytest.raises(IndexDamaged, match=re.escape(Path(name).name)) as caught:
            workspace.titles()
        assert "--rebuild" in str(caught.value)


def test_no_altered_number_is_believed(whole: Workspace, tmp_path: Path) -> None:
    """A manifest with altered counts or dates is reported as damage."""
    workspace = copy_of(whole, tmp_path / "copy")
    path = workspace.generation / "generation.json"
    text = path.read_text("utf-8")
    assert '"documents": 1' in text
    path.write_text(text.replace('"documents": 1', '"documents": 3'), "utf-8")
    with pytest.raises(IndexDamaged):
        workspace.titles()


def test_every_byte_of_the_manifest_matters_or_does_no_harm(whole: Workspace, tmp_path: Path) -> None:
    """If any byte of the manifest is lost, the index is refused with an error, or answers as before."""
    workspace = copy_of(whole, tmp_path / "copy")
    path = workspace.generation / "generation.json"
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
        with pytest.raises(IndexerError):
            workspace.titles()


def test_foreign_file_in_a_generation_changes_nothing(whole: Workspace, tmp_path: Path) -> None:
    """An additional file in a generation folder is ignored."""
    workspace = copy_of(whole, tmp_path / "copy")
    for name in ("_MAIN_9.toc", "notes.txt"):
        (workspace.generation / name).write_bytes(b"\x80\x04.")
    assert workspace.titles() == ["旧闻"]


def test_damage_is_not_hidden_by_an_older_generation(replaced: Workspace, tmp_path: Path) -> None:
    """If the current generation is damaged, the previous one does not answer instead."""
    workspace = copy_of(replaced, tmp_path)
    empty(next(path for path in sorted(workspace.generation.rglob("*.*")) if path.stat().st_size))
    with pytest.raises(IndexDamaged):
        workspace.titles()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\x00garbage", id="garbage"),
        pytest.param(b"gen-", id="cut"),
        pytest.param(b"gen-000009", id="names-a-missing-generation"),
        pytest.param(b"../outside", id="leaves-the-folder"),
        pytest.param(b"gen-000001/../../outside", id="leaves-the-folder-through-a-generation"),
        pytest.param(b"/etc", id="absolute"),
        pytest.param(b"building-1", id="names-a-folder-under-construction"),
        pytest.param(b"gen-1\n", id="names-it-otherwise"),
        pytest.param(b"gen-" + b"9" * 5000, id="5000-digits"),
    ],
)
def test_useless_pointer_falls_back(replaced: Workspace, tmp_path: Path, content: bytes | None) -> None:
    """Without a usable CURRENT the newest generation answers, and no folder outside the index."""
    workspace = copy_of(replaced, tmp_path)
    shutil.copytree(workspace.index / "gen-000001", tmp_path / "outside")
    pointer = workspace.index / "CURRENT"
    pointer.unlink()
    if content is not None:
        pointer.write_bytes(content)
    assert workspace.titles() == ["新闻"]
    searcher = Searcher(workspace.index, workspace.settings)
    page = searcher.search(Request(query="本文"))
    searcher.close()
    assert page.index.is_fallback
    assert page_json(page)["index"]["fallback"]
    assert any("run search-index again" in line for line in totals(page))


@pytest.mark.parametrize("content", [b"", b"gen-000009", b"../outside"])
def test_run_repairs_a_useless_pointer(workspace: Workspace, content: bytes) -> None:
    """The next run writes its generation into CURRENT, whatever the file contained."""
    (workspace.index / "CURRENT").write_bytes(content)
    workspace.build(NEW)
    assert workspace.titles() == ["新闻"]
    assert workspace.generation.name == "gen-000002"


def test_fall_back_passes_over_a_damaged_generation(replaced: Workspace, tmp_path: Path) -> None:
    """Without a usable CURRENT the newest undamaged generation answers."""
    workspace = copy_of(replaced, tmp_path)
    empty(next(path for path in sorted(workspace.generation.rglob("*.*")) if path.stat().st_size))
    (workspace.index / "CURRENT").unlink()
    assert workspace.titles() == ["旧闻"]


@pytest.mark.parametrize(
    ("names", "error"),
    [
        pytest.param([], IndexMissing, id="empty-folder"),
        pytest.param(["building-1/", "index.lock"], IndexMissing, id="first-run-was-killed"),
        pytest.param(["CURRENT"], IndexDamaged, id="generation-is-gone"),
        pytest.param(["gen-000001/"], IndexDamaged, id="generation-is-empty"),
        pytest.param(["gen-000001"], IndexDamaged, id="generation-is-a-file"),
    ],
)
def test_no_usable_generation(tmp_path: Path, names: list[str], error: type[IndexerError]) -> None:
    """A missing index and a damaged one are different errors; both say how to build one."""
    workspace = Workspace(tmp_path)
    workspace.index.mkdir()
    for name in names:
        if name.endswith("/"):
            (workspace.index / name).mkdir()
        else:
            (workspace.index / name).write_text("gen-000001", "utf-8")
    with pytest.raises(error, match="search-index"):
        workspace.titles()


def test_missing_folder(tmp_path: Path) -> None:
    """A missing folder is a missing index."""
    with pytest.raises(IndexMissing, match="search-index SOURCE"):
        Workspace(tmp_path).titles()


# Other rules than the index was made with


def test_words_of_the_user_change_no_document(workspace: Workspace, tmp_path: Path) -> None:
    """A run finds nothing to do when the user's words have changed, for they act when a query is cut."""
    words = tmp_path / "words.txt"
    words.write_text("衔枢神经\n", "utf-8")
    workspace.settings = dataclasses.replace(workspace.settings, user_dictionary=str(words))
    assert workspace.build().is_unchanged


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("format", FORMAT_VERSION - 1, "another version", id="older-format"),
        pytest.param("format", 10**6, "another version", id="newer-format"),
        pytest.param("fingerprint", "0" * 16, "was built with another", id="other-rules"),
        pytest.param("engine", "cluster", "was written by the unknown engine cluster", id="other-engine"),
    ],
)
def test_other_rules_need_a_new_index(workspace: Workspace, name: str, value: object, message: str) -> None:
    """An index of another format, engine or analysis is refused as such, not as damage; the next run replaces it."""
    path = workspace.generation / "generation.json"
    content = json.loads(path.read_text("utf-8"))
    assert content[name] != value
    content = {**content, name: value}
    del content["checksum"]
    path.write_text(json.dumps({**content, "checksum": manifest_checksum(content)}), "utf-8")
    with pytest.raises(ReindexNeeded, match=rf"{message}.*run search-index again"):
        workspace.titles()
    assert not workspace.build().is_unchanged
    assert workspace.titles() == ["旧闻"]


def test_fingerprint_is_optional(whole: Workspace) -> None:
    """Without a fingerprint only the files are verified."""
    found = current(whole.index)
    assert (found.path, found.manifest.documents) == (whole.generation, 1)
    with pytest.raises(ReindexNeeded):
        current(whole.index, "0" * 16)


# Death and full disks in the middle of a run

#: What changes a disk, as the interpreter reports it before it happens.
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "shutil.rmtree"})


def watch_changes(count: Callable[[], None]) -> None:
    """Call back before every change of the disk by this process, until it ends."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
            count()

    sync = os.fsync

    def counted_sync(fd: Any) -> None:
        count()
        sync(fd)

    os.fsync = counted_sync
    sys.addaudithook(hook)


def changes_of(workspace: Workspace) -> int:
    """The number of changes of the disk that a run of this source makes."""
    reading, writing = os.pipe()

    def work() -> None:
        count = [0]
        watch_changes(lambda: count.__setitem__(0, count[0] + 1))
        workspace.build()
        os.write(writing, str(count[0]).encode())

    assert in_child(work) == 0
    os.close(writing)
    with open(reading, encoding="ascii") as pipe:
        return int(pipe.read())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_kill_at_any_change(whole: Workspace, tmp_path: Path) -> None:
    """A run that is killed while it builds or publishes leaves an undamaged generation, and the next run works."""
    workspace = copy_of(whole, tmp_path / "all")
    workspace.write(NEW)
    last = changes_of(workspace)
    assert last > 30
    publishing = range(last - 12, last + 1)
    outcomes = []
    for number in sorted({*range(1, last + 1, 20), *publishing}):
        workspace = copy_of(whole, tmp_path / str(number))
        workspace.write(NEW)
        assert in_child(partial(build_and_die, workspace, number)) == -signal.SIGKILL
        outcomes.append(workspace.titles())
        if number in (last - 12, last):
            workspace.build(is_rebuild=True)
            assert workspace.titles() == ["新闻"]
            assert not [name for name in workspace.names() if name.startswith(("building", "CURRENT."))]
    switch = outcomes.index(["新闻"])
    assert outcomes[:switch] == [["旧闻"]] * switch
    assert outcomes[switch:] == [["新闻"]] * (len(outcomes) - switch)


def build_and_die(workspace: Workspace, number: int) -> None:
    """Build, and kill this process at its n-th change of the disk."""
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watch_changes(count)
    workspace.build()


def test_failing_sync(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a sync fails, the run reports it, an undamaged generation answers, and the lock is free."""
    sync = os.fsync
    calls = 0
    fail_at = 0

    def failing(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fail_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    workspace.build(is_rebuild=True)
    calls = 0
    workspace.build(is_rebuild=True)
    last = calls
    assert last > 8
    for number in (1, last - 3, last - 2, last - 1):
        calls, fail_at = 0, number
        workspace.write(NEW)
        with pytest.raises(IndexNotWritable, match=os.strerror(errno.ENOSPC)):
            workspace.build()
        assert workspace.titles() == ["旧闻"]
        assert not [name for name in workspace.names() if name.startswith("building")]
    fail_at = 0
    workspace.build()
    assert workspace.titles() == ["新闻"]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("limit", [pytest.param(100, id="tiny"), pytest.param(3000, id="small")])
def test_file_size_limit(whole: Workspace, tmp_path: Path, limit: int) -> None:
    """If a file cannot grow, the run ends with a message and the old generation answers."""
    workspace = copy_of(whole, tmp_path / "copy")
    workspace.write([{**NEW[0], "content": "".join(chr(0x4E00 + number) for number in range(5000))}])

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            workspace.build()
        except IndexNotWritable:
            os._exit(4)

    assert in_child(work) == 4
    assert workspace.titles() == ["旧闻"]
    assert workspace.names() == ["CURRENT", "gen-000001"]


def interrupt(*_: int) -> None:
    """A progress callback that raises KeyboardInterrupt, as Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_interrupted_run(workspace: Workspace) -> None:
    """A run interrupted by Ctrl-C leaves the old generation, a free lock, and no building folder."""
    workspace.write(NEW)

    def work() -> None:
        with pytest.raises(KeyboardInterrupt):
            build_index([workspace.source], workspace.settings, progress=interrupt)
        assert workspace.names() == ["CURRENT", "gen-000001"]
        assert workspace.titles() == ["旧闻"]
        workspace.build()

    assert in_child(work) == 0
    assert workspace.titles() == ["新闻"]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_interrupted_run_closes_its_files(workspace: Workspace) -> None:
    """A run that fails leaves no file open in its process."""
    workspace.write(NEW)

    def work() -> None:
        gc.disable()
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(KeyboardInterrupt):
            build_index([workspace.source], workspace.settings, progress=interrupt)
        assert len(os.listdir("/proc/self/fd")) == before

    assert in_child(work) == 0


def test_everything_is_synced_before_it_counts(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are synced before their folder, all before the rename, CURRENT before its replacement, then the index."""
    events: list[tuple[str, str]] = []
    sync, rename, replace = os.fsync, os.rename, os.replace

    def recorded_sync(descriptor: int) -> None:
        events.append(("sync", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        sync(descriptor)

    def recorded_move(move: Callable[..., None], source: Path, target: Path) -> None:
        events.append(("rename", Path(target).name))
        move(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", recorded_sync)
        patched.setattr(os, "rename", partial(recorded_move, rename))
        patched.setattr(os, "replace", partial(recorded_move, replace))
        workspace.build(NEW)
    renamed = events.index(("rename", "gen-000002"))
    files = {("sync", path.name) for path in workspace.generation.rglob("*")}
    assert files <= set(events[:renamed])
    assert events[renamed - 1] == ("sync", f"building-{os.getpid()}")
    assert events[renamed + 1 :] == [
        ("sync", "index"),
        ("sync", "CURRENT.tmp"),
        ("rename", "CURRENT"),
        ("sync", "index"),
    ]


@pytest.mark.parametrize("below", [pytest.param("", id="is-a-file"), pytest.param("deep/er", id="is-below-a-file")])
def test_folder_that_cannot_be_made(tmp_path: Path, below: str) -> None:
    """An index folder that cannot be created is reported as not writable."""
    workspace = Workspace(tmp_path)
    workspace.index.write_text("", "utf-8")
    workspace.settings = dataclasses.replace(workspace.settings, index=str(workspace.index / below))
    with pytest.raises(IndexNotWritable, match="cannot write to"):
        workspace.build(OLD)
