"""Publishing: a reader finds one whole generation whatever happens to the writer, and damage is called damage."""

from __future__ import annotations

import dataclasses
import errno
import gc
import json
import os
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

from corpus.settings import Settings
from indexer.build import build_index
from indexer.errors import (
    IndexDamaged,
    IndexerError,
    IndexLocked,
    IndexMissing,
    IndexNotWritable,
    ReindexNeeded,
)
from indexer.run_report import RunReport
from indexer.store.generations import FORMAT_VERSION, _checksum, current
from searcher.results import Request
from searcher.service import Searcher

OLD = [{"aid": "a1", "title": "旧闻", "content": "本文是旧的一篇，讲量子通信的第一次试验。"}]
NEW = [{"aid": "a2", "title": "新闻", "content": "本文是新的一篇，讲脑机接口的第一例植入。"}]


class Place:
    """An index folder, a source file, and what one does with them."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.source = folder / "source.json"
        self.index = folder / "index"
        self.settings = Settings(index=str(self.index), lock_wait_seconds=0.0, **options)

    def write(self, articles: list[dict[str, str]]) -> None:
        """Make these articles the source."""
        self.source.write_text(json.dumps(articles), "utf-8")

    def build(self, articles: list[dict[str, str]] | None = None, *, is_rebuild: bool = False) -> RunReport:
        """Index these articles, or the source as it is."""
        if articles is not None:
            self.write(articles)
        return build_index([self.source], self.settings, is_rebuild=is_rebuild)

    def titles(self) -> list[str]:
        """What a new reader finds when asking for everything."""
        searcher = Searcher(self.index, self.settings)
        try:
            return [hit.title for hit in searcher.search(Request(query="")).hits]
        finally:
            searcher.close()

    def names(self) -> list[str]:
        """What lies in the index folder, sorted, without the lock."""
        return sorted(path.name for path in self.index.iterdir() if not path.name.startswith("index."))

    @property
    def generation(self) -> Path:
        """The folder that CURRENT names."""
        return self.index / (self.index / "CURRENT").read_text("utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Generation 1, which holds the old article; to be looked at or copied, not changed."""
    place = Place(tmp_path_factory.mktemp("whole"))
    place.build(OLD)
    return place


@pytest.fixture(scope="module")
def replaced(whole: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Generation 2, which holds the new article, beside generation 1; to be looked at or copied, not changed."""
    place = copy_of(whole, tmp_path_factory.mktemp("replaced"))
    place.build(NEW)
    return place


@pytest.fixture
def place(whole: Place, tmp_path: Path) -> Place:
    """A copy of generation 1 that may be changed."""
    return copy_of(whole, tmp_path)


def copy_of(whole: Place, folder: Path) -> Place:
    """A copy of an index and its source that may be damaged."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(whole.index, folder / "index")
    shutil.copy(whole.source, folder)
    return Place(folder)


# What a run publishes


def test_first_run(place: Place) -> None:
    """The first run publishes generation 1, named by CURRENT, and leaves nothing else."""
    assert place.names() == ["CURRENT", "gen-000001"]
    assert place.generation.name == "gen-000001"
    assert place.titles() == ["旧闻"]


def test_folders_are_private(place: Place) -> None:
    """Only the owner may look into the index."""
    assert place.index.stat().st_mode & 0o777 == 0o700
    assert place.generation.stat().st_mode & 0o777 == 0o700


def test_next_run_replaces(place: Place) -> None:
    """The next run publishes the next generation, which holds exactly the new sources."""
    report = place.build(NEW)
    assert (report.generation, report.is_unchanged) == (2, False)
    assert place.titles() == ["新闻"]


def test_unchanged_run_writes_nothing(place: Place) -> None:
    """When nothing has changed nothing is published, and the report says what the index holds."""
    before = {path: path.stat().st_mtime_ns for path in place.generation.iterdir()}
    report = place.build()
    assert report.is_unchanged
    assert (report.generation, report.files, report.read, report.indexed) == (1, 1, 1, 1)
    assert place.names() == ["CURRENT", "gen-000001"]
    assert {path: path.stat().st_mtime_ns for path in place.generation.iterdir()} == before


def test_touched_source_is_unchanged(place: Place) -> None:
    """Content decides, not the time of the file."""
    os.utime(place.source, (1, 1))
    assert place.build().is_unchanged


def test_rebuild_always_publishes(place: Place) -> None:
    """--rebuild publishes although nothing has changed."""
    report = place.build(is_rebuild=True)
    assert (report.generation, report.is_unchanged) == (2, False)
    assert place.titles() == ["旧闻"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"max_run_chars": 100}, id="token-rule"),
        pytest.param({"max_document_chars": 1000}, id="reading-rule"),
    ],
)
def test_changed_rule_publishes(place: Place, options: dict[str, Any]) -> None:
    """A setting that shapes documents or tokens makes the next run write again."""
    place.settings = dataclasses.replace(place.settings, **options)
    report = place.build()
    assert (report.generation, report.is_unchanged) == (2, False)


def test_renamed_source_publishes(place: Place) -> None:
    """A file under another name is another source: reports and some ids speak of names."""
    place.source = place.source.rename(place.source.with_name("renamed.json"))
    assert not place.build().is_unchanged


def test_damaged_index_is_built_again(place: Place) -> None:
    """An unchanged source over a damaged generation is no reason to leave the damage."""
    next(iter(sorted(place.generation.iterdir()))).unlink()
    report = place.build()
    assert (report.generation, report.is_unchanged) == (2, False)
    assert place.titles() == ["旧闻"]


def test_nothing_usable_leaves_the_index(place: Place) -> None:
    """A run without a single document publishes nothing; the old generation still answers."""
    place.source.write_text("", "utf-8")
    report = place.build()
    assert (report.generation, report.indexed, report.rejected) == (None, 0, 1)
    assert place.titles() == ["旧闻"]
    assert place.names() == ["CURRENT", "gen-000001"]


def test_old_generations_are_removed(place: Place) -> None:
    """As many generations stay as the setting says, and always the current one."""
    for keep, kept in ((9, [1, 2]), (9, [1, 2, 3]), (2, [3, 4]), (1, [5]), (0, [6])):
        place.settings = dataclasses.replace(place.settings, keep_generations=keep)
        place.build(is_rebuild=True)
        assert place.names() == ["CURRENT", *(f"gen-{number:06}" for number in kept)]


def test_moved_index_still_answers(place: Place) -> None:
    """No path is stored: the folder may be moved, and the next run reports where it is."""
    moved = place.index.rename(place.index.with_name("moved"))
    place.index, place.settings = moved, dataclasses.replace(place.settings, index=str(moved))
    assert place.titles() == ["旧闻"]
    assert place.build().is_unchanged


def test_unchanged_report_names_the_folder_as_it_is(place: Place) -> None:
    """The report of an unchanged run names the index that was asked for."""
    moved = place.index.rename(place.index.with_name("moved"))
    place.settings = dataclasses.replace(place.settings, index=str(moved))
    assert place.build().index == str(moved)


# One writer at a time


@contextmanager
def held_lock(index: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the index for writing."""
    code = (
        "import sys; from pathlib import Path; from indexer.store.generations import lock\n"
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


def test_lock_names_its_holder(place: Place) -> None:
    """A second run is refused with the number of the process that writes; reading goes on."""
    with held_lock(place.index) as holder:
        with pytest.raises(IndexLocked, match=rf"process {holder.pid} is writing"):
            place.build(NEW)
        assert place.titles() == ["旧闻"]
    place.build(NEW)
    assert place.titles() == ["新闻"]


def test_lock_of_a_dead_process_is_free(place: Place) -> None:
    """A lock whose holder was killed stops nobody."""
    with held_lock(place.index) as holder:
        holder.kill()
        holder.wait()
        place.build(NEW)
    assert place.titles() == ["新闻"]


def test_stale_building_folder_is_removed(place: Place) -> None:
    """What a dead run left behind is removed by the next one that builds."""
    stale = place.index / "building-1"
    stale.mkdir()
    (stale / "half").write_bytes(b"x")
    place.build(NEW)
    assert place.names() == ["CURRENT", "gen-000001", "gen-000002"]


# Readers


def test_reader_follows(place: Place) -> None:
    """A searcher that is open answers its next request from the new generation."""
    searcher = Searcher(place.index, place.settings)
    first = searcher.search(Request(query="本文"))
    place.build(NEW)
    second = searcher.search(Request(query="本文"))
    searcher.close()
    assert ([hit.title for hit in first.hits], first.index.generation) == (["旧闻"], 1)
    assert ([hit.title for hit in second.hits], second.index.generation) == (["新闻"], 2)


def test_reader_survives_the_removal_of_its_generation(place: Place) -> None:
    """A searcher whose generation has been pruned answers from the present one."""
    place.settings = dataclasses.replace(place.settings, keep_generations=1)
    searcher = Searcher(place.index, place.settings)
    assert searcher.info().generation == 1
    for _ in range(2):
        place.build(NEW, is_rebuild=True)
    page = searcher.search(Request(query="本文"))
    searcher.close()
    assert ([hit.title for hit in page.hits], page.index.generation) == (["新闻"], 3)


def test_searching_writes_nothing(place: Place) -> None:
    """Asking leaves no file, no time and no access right changed."""
    before = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in place.index.rglob("*")}
    assert place.titles() == ["旧闻"]
    assert {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in place.index.rglob("*")} == before


# Damage


def delete(path: Path) -> None:
    """Remove the file."""
    path.unlink()


def empty(path: Path) -> None:
    """Keep the name only."""
    path.write_bytes(b"")


def halve(path: Path) -> None:
    """Cut the second half off."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip(path: Path) -> None:
    """Change one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthen(path: Path) -> None:
    """Append a byte."""
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("damage", [delete, empty, halve, flip, lengthen])
def test_damage_is_named(whole: Place, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Whatever happens to whichever file of a generation is refused as damage of that file: never answered."""
    names = sorted(path.name for path in whole.generation.iterdir())
    assert len(names) > 3
    for number, name in enumerate(names):
        place = copy_of(whole, tmp_path / str(number))
        path = place.generation / name
        before = path.read_bytes()
        damage(path)
        if path.exists() and path.read_bytes() == before:
            continue  # an empty file stays what it was when it is emptied or halved
        if damage is flip and name == "generation.json":
            continue  # see test_no_altered_number_is_believed
        with pytest.raises(IndexDamaged, match=name.replace(".", r"\.")) as caught:
            place.titles()
        assert "--rebuild" in str(caught.value)


def test_no_altered_number_is_believed(whole: Place, tmp_path: Path) -> None:
    """A manifest with other numbers than were written is damage: totals and extent are claims."""
    place = copy_of(whole, tmp_path / "copy")
    path = place.generation / "generation.json"
    text = path.read_text("utf-8")
    assert '"documents": 1' in text
    path.write_text(text.replace('"documents": 1', '"documents": 3'), "utf-8")
    with pytest.raises(IndexDamaged):
        place.titles()


def test_every_byte_of_the_manifest_matters_or_does_no_harm(whole: Place, tmp_path: Path) -> None:
    """With any byte of the manifest lost the index is refused with a sentence, or answers as before."""
    place = copy_of(whole, tmp_path / "copy")
    path = place.generation / "generation.json"
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
        with pytest.raises(IndexerError):
            place.titles()


def test_foreign_file_in_a_generation_changes_nothing(whole: Place, tmp_path: Path) -> None:
    """A file that somebody put beside the published ones is not read."""
    place = copy_of(whole, tmp_path / "copy")
    for name in ("_MAIN_9.toc", "notes.txt"):
        (place.generation / name).write_bytes(b"\x80\x04.")
    assert place.titles() == ["旧闻"]


def test_damage_is_not_hidden_by_an_older_generation(replaced: Place, tmp_path: Path) -> None:
    """When the published generation is damaged its predecessor does not answer in its stead."""
    place = copy_of(replaced, tmp_path)
    empty(next(path for path in sorted(place.generation.iterdir()) if path.stat().st_size))
    with pytest.raises(IndexDamaged):
        place.titles()


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
    ],
)
def test_useless_pointer_falls_back(replaced: Place, tmp_path: Path, content: bytes | None) -> None:
    """Without a usable CURRENT the newest generation answers, and nothing outside the folder does."""
    place = copy_of(replaced, tmp_path)
    shutil.copytree(place.index / "gen-000001", tmp_path / "outside")
    pointer = place.index / "CURRENT"
    pointer.unlink()
    if content is not None:
        pointer.write_bytes(content)
    assert place.titles() == ["新闻"]


@pytest.mark.parametrize("content", [b"", b"gen-000009", b"../outside"])
def test_run_repairs_a_useless_pointer(place: Place, content: bytes) -> None:
    """The next run names its generation in CURRENT, whatever stood there."""
    (place.index / "CURRENT").write_bytes(content)
    place.build(NEW)
    assert place.titles() == ["新闻"]
    assert place.generation.name == "gen-000002"


def test_fall_back_passes_over_a_damaged_generation(replaced: Place, tmp_path: Path) -> None:
    """Without a usable CURRENT the newest *whole* generation answers."""
    place = copy_of(replaced, tmp_path)
    empty(next(path for path in sorted(place.generation.iterdir()) if path.stat().st_size))
    (place.index / "CURRENT").unlink()
    assert place.titles() == ["旧闻"]


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
    """No index is one thing, a damaged one another; both say how to make one."""
    place = Place(tmp_path)
    place.index.mkdir()
    for name in names:
        if name.endswith("/"):
            (place.index / name).mkdir()
        else:
            (place.index / name).write_text("gen-000001", "utf-8")
    with pytest.raises(error, match="search-index"):
        place.titles()


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is no index."""
    with pytest.raises(IndexMissing, match="search-index SOURCE"):
        Place(tmp_path).titles()


# Other rules than the index was made with


def test_other_dictionary_publishes(place: Place, tmp_path: Path) -> None:
    """An index is asked with the words it was made with; the next run with other words makes it again."""
    words = tmp_path / "words.txt"
    words.write_text("衔枢神经\n", "utf-8")
    place.settings = dataclasses.replace(place.settings, user_dictionary=str(words))
    assert place.titles() == ["旧闻"]
    assert place.build().generation == 2
    assert place.build().is_unchanged
    words.write_text("衔枢神经\n齉龗科技\n", "utf-8")
    assert place.build().generation == 3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        pytest.param("format", FORMAT_VERSION - 1, "another version", id="older-format"),
        pytest.param("format", 10**6, "another version", id="newer-format"),
        pytest.param("fingerprint", "0" * 16, "was made with another", id="other-rules"),
        pytest.param("engine", "cluster", "was written by the unknown engine cluster", id="other-engine"),
    ],
)
def test_other_rules_need_a_new_index(place: Place, name: str, value: object, said: str) -> None:
    """An index of another format, engine or analysis is refused as such, not as damage; the next run replaces it."""
    path = place.generation / "generation.json"
    content = json.loads(path.read_text("utf-8"))
    assert content[name] != value
    content = {**content, name: value}
    del content["checksum"]
    path.write_text(json.dumps({**content, "checksum": _checksum(content)}), "utf-8")
    with pytest.raises(ReindexNeeded, match=rf"{said}.*--rebuild"):
        place.titles()
    assert not place.build().is_unchanged
    assert place.titles() == ["旧闻"]


def test_fingerprint_is_optional(whole: Place) -> None:
    """Without a fingerprint to compare only the files are verified."""
    found = current(whole.index)
    assert (found.path, found.manifest.documents) == (whole.generation, 1)
    with pytest.raises(ReindexNeeded):
        current(whole.index, "0" * 16)


# Death and full disks in the middle of a run

#: What changes a disk, as the interpreter reports it before it happens.
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "shutil.rmtree"})


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a copy of this process; returns how it ended, as `os.waitstatus_to_exitcode` tells."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def watch_changes(count: Callable[[], None]) -> None:
    """Call back before every change of the disk by this process, to the end of its life."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
            count()

    sync = os.fsync

    def counted_sync(fd: Any) -> None:
        count()
        sync(fd)

    os.fsync = counted_sync
    sys.addaudithook(hook)


def changes_of(place: Place) -> int:
    """How many changes of the disk the run of this source takes."""
    reading, writing = os.pipe()

    def work() -> None:
        count = [0]
        watch_changes(lambda: count.__setitem__(0, count[0] + 1))
        place.build()
        os.write(writing, str(count[0]).encode())

    assert in_child(work) == 0
    os.close(writing)
    with open(reading, encoding="ascii") as pipe:
        return int(pipe.read())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_kill_at_any_change(whole: Place, tmp_path: Path) -> None:
    """Killed while it builds, or at any step of publishing, a run leaves a whole generation, and the next run works."""
    place = copy_of(whole, tmp_path / "all")
    place.write(NEW)
    last = changes_of(place)
    assert last > 30
    publishing = range(last - 12, last + 1)
    outcomes = []
    for number in sorted({*range(1, last + 1, 20), *publishing}):
        place = copy_of(whole, tmp_path / str(number))
        place.write(NEW)
        assert in_child(partial(build_and_die, place, number)) == -signal.SIGKILL
        outcomes.append(place.titles())
        if number in (last - 12, last):
            place.build(is_rebuild=True)
            assert place.titles() == ["新闻"]
            assert not [name for name in place.names() if name.startswith(("building", "CURRENT."))]
    switch = outcomes.index(["新闻"])
    assert outcomes[:switch] == [["旧闻"]] * switch
    assert outcomes[switch:] == [["新闻"]] * (len(outcomes) - switch)


def build_and_die(place: Place, number: int) -> None:
    """Build, but kill this process at its n-th change of the disk."""
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watch_changes(count)
    place.build()


def test_failing_sync(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses a sync the run says so, a whole generation answers, and the lock is free."""
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
    place.build(is_rebuild=True)
    last = calls
    assert last > 8
    for number in (1, last - 3, last - 2, last - 1):
        calls, fail_at = 0, number
        place.write(NEW)
        with pytest.raises(IndexNotWritable, match=os.strerror(errno.ENOSPC)):
            place.build()
        assert place.titles() == ["旧闻"]
        assert not [name for name in place.names() if name.startswith("building")]
    fail_at = 0
    place.build()
    assert place.titles() == ["新闻"]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("limit", [pytest.param(100, id="tiny"), pytest.param(3000, id="small")])
def test_file_size_limit(whole: Place, tmp_path: Path, limit: int) -> None:
    """Where the system refuses to let a file grow, the run ends with a sentence and the old generation answers."""
    place = copy_of(whole, tmp_path / "copy")
    place.write([{**NEW[0], "content": "".join(chr(0x4E00 + number) for number in range(5000))}])

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            place.build()
        except IndexNotWritable:
            os._exit(4)

    assert in_child(work) == 4
    assert place.titles() == ["旧闻"]
    assert place.names() == ["CURRENT", "gen-000001"]


def interrupt(*_: int) -> None:
    """What Ctrl-C does, in the place of a progress bar."""
    raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_interrupted_run(place: Place) -> None:
    """Interrupted from the keyboard a run leaves the old generation, a free lock, and nothing half made."""
    place.write(NEW)

    def work() -> None:
        with pytest.raises(KeyboardInterrupt):
            build_index([place.source], place.settings, progress=interrupt)
        assert place.names() == ["CURRENT", "gen-000001"]
        assert place.titles() == ["旧闻"]
        place.build()

    assert in_child(work) == 0
    assert place.titles() == ["新闻"]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_interrupted_run_closes_its_files(place: Place) -> None:
    """A run that fails in the middle leaves no file open in its process."""
    place.write(NEW)

    def work() -> None:
        gc.disable()
        before = len(os.listdir("/proc/self/fd"))
        with pytest.raises(KeyboardInterrupt):
            build_index([place.source], place.settings, progress=interrupt)
        assert len(os.listdir("/proc/self/fd")) == before

    assert in_child(work) == 0


def test_everything_is_synced_before_it_counts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files before their folder, all before the rename, the pointer before it replaces the old one, then the folder."""
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
        place.build(NEW)
    renamed = events.index(("rename", "gen-000002"))
    files = {("sync", path.name) for path in place.generation.iterdir()}
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
    """An index folder that cannot be made is said to be not writable."""
    place = Place(tmp_path)
    place.index.write_text("", "utf-8")
    place.settings = dataclasses.replace(place.settings, index=str(place.index / below))
    with pytest.raises(IndexNotWritable, match="cannot write to"):
        place.build(OLD)
