"""Publishes generations atomically: one writer at a time, and readers see the old generation or the new one.

A run takes the lock, removes what a killed run left behind, builds in `building-<pid>` on the same file system, writes
the manifest with size and checksums of every file, seals the files (nobody may write to them), syncs files and folders,
renames the folder, replaces `CURRENT`, and removes old generations.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import filelock

from indexer.errors import IndexerError, IndexLocked
from indexer.store.generations import (
    CURRENT,
    PREFIX,
    REPORT,
    current,
    current_name,
    generation_folders,
    generation_number,
    is_generation_name,
)
from indexer.store.manifest import FileEntry, Manifest, Stamp, describe, read_manifest, stamp_of, write_manifest
from indexer.store.verification import VERIFIED
from indexer.store.write_failures import not_writable, write_failures

LOCK: Final = "index.lock"
HOLDER: Final = "index.holder"
#: Folder of the finished parts of a run, in the index folder until the run ends.
UNFINISHED: Final = "unfinished"
_BUILDING: Final = "building-"
_POINTER: Final = f"{CURRENT}.tmp"
#: Permissions of a folder under construction.
_PRIVATE: Final = 0o700


@contextmanager
def lock(index: Path, wait_seconds: float) -> Iterator[None]:
    """Lock the index for writing. Raises IndexLocked, which names the holder, and IndexNotWritable.

    If writing fails while the lock is held, IndexNotWritable is raised, also if a later error has hidden the failure.
    """
    holder = index / HOLDER
    try:
        index.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        held = filelock.FileLock(index / LOCK, timeout=wait_seconds)
        held.acquire()
    except filelock.Timeout:
        raise IndexLocked(
            f"{_holder(index)} is writing to {index}; this run waited {wait_seconds:g} s (lock_wait_seconds): try again"
            " later"
        ) from None
    except OSError as error:
        raise not_writable(index, error) from error
    try:
        with write_failures(index):
            holder.write_text(f"process {os.getpid()}", "utf-8")
            yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        held.release()


def writer_of(index: Path) -> str | None:
    """Who is writing to the index, None if nobody is, or if this user may not know."""
    if not (index / LOCK).exists():
        return None
    try:
        with filelock.FileLock(index / LOCK, timeout=0):
            return None
    except filelock.Timeout:
        return _holder(index)
    except OSError:
        return None


def _holder(index: Path) -> str:
    """Who says to be writing to the index."""
    try:
        return (index / HOLDER).read_text("utf-8").strip() or "another run"
    except (OSError, UnicodeDecodeError):
        return "another run"


@contextmanager
def building(index: Path) -> Iterator[Path]:
    """A new private folder to build in, removed on exit unless it was published. Needs the lock."""
    folder = index / f"{_BUILDING}{os.getpid()}"
    remove(folder)
    folder.mkdir(mode=_PRIVATE)
    try:
        yield folder
    finally:
        remove(folder)


@contextmanager
def unfinished_parts(index: Path) -> Iterator[Path]:
    """The folder of unfinished work, removed at the end of the block.

    It stays if the block is interrupted, so that the next run finds the parts, but not if the disk may be full.
    """
    folder = index / UNFINISHED
    try:
        yield folder
    except OSError:
        remove(folder)
        raise
    remove(folder)


def unfinished_bytes(index: Path) -> int:
    """The size of the finished parts that a run which was killed has left for the next one."""
    folder = index / UNFINISHED
    return sum(path.stat().st_size for path in files_below(folder)) if folder.is_dir() else 0


def tidy(index: Path, keep: int) -> None:
    """Remove what a killed run left behind, and let `CURRENT` name the generation that answers. Needs the lock.

    A killed run leaves its building folder, a generation that was never published, or old ones that it would have
    removed.
    """
    for path in (*index.glob(f"{_BUILDING}*"), *index.glob(f"{VERIFIED}.*.tmp"), index / _POINTER):
        remove(path)
    try:
        generation = current(index)
    except IndexerError:
        return  # the next generation replaces it
    if generation.is_fallback:
        point_to(index, generation.path)
    for path in generation_folders(index):
        if generation_number(path.name) > generation.manifest.generation:
            remove(path)
    _prune(index, generation.path, keep)


def publish(
    index: Path,
    folder: Path,
    manifest: Manifest,
    report: Mapping[str, Any],
    *,
    keep: int,
    mode: int,
    before_current: Callable[[], None] | None = None,
) -> None:
    """Make the folder the current generation, atomically, and remove all but the newest `keep`. Needs the lock.

    `before_current` is called when the folder is complete and has its name, and `CURRENT` still names the one before.

    `mode` are the permissions of the folders; those who may read them may read the files, and nobody may write to them.
    Files that are hard links to those of the current generation keep their checksums without being read.
    """
    (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False), "utf-8")
    index.chmod(stat.S_IMODE(index.stat().st_mode) | mode)
    known = _known_files(index)
    files: dict[str, FileEntry] = {}
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        _seal(path, mode)
        if entry := known.get(stamp_of(path)):
            files[name] = entry
        else:
            _sync(path)
            files[name] = describe(path)
    path = write_manifest(folder, manifest, files)
    _seal(path, mode)
    _sync(path)
    for inner in (*filter(Path.is_dir, folder.rglob("*")), folder):
        inner.chmod(mode | inner.stat().st_mode & stat.S_ISGID)
        _sync(inner)
    target = index / f"{PREFIX}{manifest.generation:06d}"
    folder.rename(target)
    _sync(index)
    if before_current is not None:
        before_current()
    point_to(index, target)
    _prune(index, target, keep)


def next_number(index: Path) -> int:
    """The number of the next generation: one more than the highest that is published or in the folder."""
    names = [path.name for path in generation_folders(index)]
    name = current_name(index)
    if name is not None and is_generation_name(name):
        names.append(name)
    return max(map(generation_number, names), default=0) + 1


def files_below(folder: Path) -> list[Path]:
    """All files in a folder and its folders, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def remove(path: Path) -> None:
    """Remove a folder or file as far as possible; what remains is removed by the next run."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _known_files(index: Path) -> dict[Stamp, FileEntry]:
    """The files of the current generation by their stamps."""
    name = current_name(index)
    if name is None or not is_generation_name(name):
        return {}
    try:
        return {entry.stamp: entry for entry in read_manifest(index / name)[1].values()}
    except IndexerError:
        return {}


def point_to(index: Path, generation: Path) -> None:
    """Let `CURRENT` name the generation."""
    pointer = index / _POINTER
    pointer.write_text(generation.name, "utf-8")
    pointer.chmod(generation.stat().st_mode & 0o644)
    _sync(pointer)
    if (index / CURRENT).is_dir():
        (index / CURRENT).rmdir()
    pointer.replace(index / CURRENT)
    _sync(index)


def _prune(index: Path, current: Path, keep: int) -> None:
    """Remove all but the newest `keep` generations; the current one always stays."""
    for old in generation_folders(index)[keep:]:
        if old != current:
            remove(old)


def _seal(path: Path, mode: int) -> None:
    """Let nobody write to the file, and those read it who may read a folder of this mode."""
    is_posix = os.name == "posix"  # elsewhere a file that cannot be written to cannot be removed either
    if is_posix and stat.S_IMODE(path.stat().st_mode) != mode & 0o444:
        path.chmod(mode & 0o444)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
