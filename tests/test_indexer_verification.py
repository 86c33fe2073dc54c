"""Opening an index reads no file twice, and damage is found nevertheless."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import in_child
from workspace import NEW, OLD, Workspace, copy_of, flip, halve, lengthen

from indexer.errors import IndexDamaged, IndexUnreadable
from indexer.store import verification
from indexer.store.manifest import crc32_of
from indexer.upkeep.check import check_generation
from searcher.results import Request
from searcher.service import Searcher

NOBODY = 65534


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published index."""
    workspace = Workspace(tmp_path_factory.mktemp("whole"))
    workspace.build(OLD)
    return workspace


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose checksums are computed from now on."""
    names: list[str] = []

    def read(path: Path) -> int:
        names.append(path.name)
        return crc32_of(path)

    monkeypatch.setattr(verification, "crc32_of", read)
    return names


def flip_silently(path: Path) -> None:
    """Flip a bit as a failing disk does, which changes no modification time."""
    status = path.stat()
    flip(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_published_generation_is_not_read_again(whole: Workspace, files_read: list[str]) -> None:
    """Opening an index where it was published computes no checksum."""
    assert whole.titles() == ["旧闻"]
    assert files_read == []


def test_a_copy_is_verified_once(whole: Workspace, tmp_path: Path, files_read: list[str]) -> None:
    """The first opening of a copied index reads every file, later ones none, however often the copy is opened."""
    workspace = copy_of(whole, tmp_path)
    assert workspace.titles() == ["旧闻"]
    assert "columns.data" in files_read
    files_read.clear()
    assert workspace.titles() == ["旧闻"]
    assert files_read == []


def test_a_touched_file_is_verified_once(whole: Workspace, tmp_path: Path, files_read: list[str]) -> None:
    """Only the file whose time has changed is read, once."""
    workspace = copy_of(whole, tmp_path)
    workspace.titles()
    files_read.clear()
    os.utime(workspace.generation / "columns.data", (1, 1))
    assert workspace.titles() == workspace.titles() == ["旧闻"]
    assert files_read == ["columns.data"]


@pytest.mark.parametrize("content", [b"", b"{", b"[[1]]", b"[" * 100_000, b"\xff", b"5"])
def test_garbage_remembers_nothing(whole: Workspace, tmp_path: Path, content: bytes) -> None:
    """Whatever `verified.json` contains, the index answers, and damage is reported."""
    workspace = copy_of(whole, tmp_path)
    (workspace.index / "verified.json").write_bytes(content)
    assert workspace.titles() == ["旧闻"]
    flip(workspace.generation / "columns.data")
    with pytest.raises(IndexDamaged, match="columns"):
        workspace.titles()


def test_the_setting_verifies_all(whole: Workspace, tmp_path: Path) -> None:
    """With verify_on_open a bit that has changed without the file's time is found at opening."""
    workspace = copy_of(whole, tmp_path)
    workspace.titles()
    flip_silently(next(workspace.generation.glob("seg-*/columns.data")))
    assert workspace.titles() == ["旧闻"]
    workspace.settings = dataclasses.replace(workspace.settings, verify_on_open=1)
    with pytest.raises(IndexDamaged, match=r"columns\.data"):
        workspace.titles()


@pytest.mark.parametrize("name", ["heads.data", "texts.data"])
def test_rot_of_a_stored_document_is_found_when_it_is_read(whole: Workspace, tmp_path: Path, name: str) -> None:
    """Whichever bit of a stored document a failing disk changes: it is called damage, or the answer is as before."""
    workspace = copy_of(whole, tmp_path)
    workspace.titles()
    path = next(workspace.generation.glob(f"seg-*/{name}"))
    path.chmod(0o600)
    content, status = path.read_bytes(), path.stat()
    damaged = 0
    for bit in range(0, 8 * len(content), 5):
        rotten = bytearray(content)
        rotten[bit // 8] ^= 1 << bit % 8
        path.write_bytes(rotten)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        searcher = Searcher(workspace.index, workspace.settings)
        try:
            found = searcher.search(Request(query="量子通信"))
            assert [hit.title for hit in found.hits] == ["旧闻"]
            assert "量子通信" in "".join(text for text, _ in found.hits[0].snippets[0])
        except IndexDamaged:
            damaged += 1
        finally:
            searcher.close()
    assert damaged > 8 * len(content) // 5 * 0.95


@pytest.mark.parametrize(
    "name", ["catalogue.sqlite", "columns.data", "completions.data", "MAIN_segment.pst", "heads.data"]
)
def test_no_run_builds_on_rot(whole: Workspace, tmp_path: Path, name: str) -> None:
    """What a failing disk has changed is not copied into the next generation: it is made anew, or called damage."""
    workspace = copy_of(whole, tmp_path)
    workspace.titles()
    for path in workspace.generation.rglob(name):
        status = path.stat()
        path.chmod(0o600)
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    try:
        workspace.build([*OLD, *NEW])
    except IndexDamaged:
        workspace.build(is_rebuild=True)
    assert sorted(workspace.titles()) == ["新闻", "旧闻"]
    workspace.build(NEW)
    assert workspace.titles() == ["新闻"]
    assert check_generation(workspace.generation).is_sound


# Long-lived readers


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let long-lived readers look at the files before every request."""
    monkeypatch.setattr("searcher.execution.embedded_engine._LOOK_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("damage", [halve, flip, lengthen])
@pytest.mark.parametrize("name", ["columns.data", "MAIN_segment.pst", "texts.data"])
def test_an_open_index_that_is_damaged(
    whole: Workspace, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    """A searcher whose mapped files are truncated or altered in place reports damage, lives, and recovers."""
    workspace = copy_of(whole, tmp_path)
    searcher = Searcher(workspace.index, workspace.settings)
    assert searcher.search(Request(query="量子")).total == 1
    path = next(workspace.generation.rglob(name))
    content = path.read_bytes()
    damage(path)
    for _ in range(2):
        with pytest.raises(IndexDamaged, match=name):
            searcher.search(Request(query="量子"))
    path.write_bytes(content)
    for _ in range(3):
        assert searcher.search(Request(query="量子")).total == 1
    searcher.close()


def test_a_generation_removed_while_it_is_opened(whole: Workspace, tmp_path: Path) -> None:
    """With keep_generations = 1 a search that meets the removal of its generation answers from the next one."""
    workspace = copy_of(whole, tmp_path)
    workspace.settings = dataclasses.replace(workspace.settings, keep_generations=1)
    searcher = Searcher(workspace.index, workspace.settings)
    source = searcher._source
    open_engine = source._engine  # type: ignore[attr-defined]
    is_first = True

    def publish_then_open(generation: object) -> object:
        nonlocal is_first
        if is_first:
            is_first = False
            workspace.build(NEW)
        return open_engine(generation)

    source._engine = publish_then_open  # type: ignore[attr-defined]
    page = searcher.search(Request(query="本文"))
    searcher.close()
    assert ([hit.title for hit in page.hits], page.index.generation) == (["新闻"], 2)
    assert not page.index.is_fallback


# Permissions


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(work: Callable[[], None], group: int = NOBODY) -> int:
    """Run the work in a process of another user; returns its exit status."""

    def changed() -> None:
        os.setgroups([])
        os.setegid(group)
        os.seteuid(NOBODY)
        work()

    return in_child(changed)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may become another user")


@needs_root
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_another_user_is_told_of_permission(whole: Workspace, open_folder: Path) -> None:
    """An index that this user may not enter is not called missing; the message tells how a group may read it."""
    workspace = copy_of(whole, open_folder)

    def work() -> None:
        with pytest.raises(IndexUnreadable, match=r"no permission.*index_mode to 0750"):
            workspace.titles()

    assert as_nobody(work) == 0
    workspace.index.chmod(0o755)
    assert as_nobody(work) == 0
    workspace.generation.chmod(0o755)
    assert as_nobody(work) == 0


@needs_root
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_group_may_read(open_folder: Path, mask: int) -> None:
    """With index_mode = 0750 the group of the index folder may search every generation, other users may not."""
    before = os.umask(mask)
    try:
        workspace = Workspace(open_folder, index_mode="0750")
        workspace.index.mkdir(mode=0o700)
        os.chown(workspace.index, -1, 12345)
        workspace.index.chmod(0o2700)
        workspace.build(OLD)
        workspace.build(NEW)
    finally:
        os.umask(before)

    def reads() -> None:
        assert workspace.titles() == ["新闻"]

    def is_refused() -> None:
        with pytest.raises(IndexUnreadable):
            workspace.titles()

    assert as_nobody(reads, group=12345) == 0
    assert as_nobody(is_refused) == 0


@needs_root
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_reader_that_may_not_write_remembers_elsewhere(
    whole: Workspace, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that this user may only read is verified once too; the index folder stays as it is."""
    workspace = copy_of(whole, open_folder)
    for path in (workspace.index, *workspace.index.rglob("*")):
        path.chmod(0o755)
    cache = open_folder / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    before = workspace.names()

    def opens() -> None:
        assert workspace.titles() == ["旧闻"]

    assert as_nobody(opens) == 0
    assert not (workspace.index / "verified.json").exists()
    assert workspace.names() == before
    (remembered,) = cache.rglob("*.json")
    content = remembered.read_bytes()
    assert as_nobody(opens) == 0
    assert remembered.read_bytes() == content


def test_published_files_are_sealed(whole: Workspace) -> None:
    """Nobody may write to a file of a generation, so that no program truncates it by mistake."""
    files = [path for path in whole.generation.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o400}
