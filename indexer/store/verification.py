"""Verifies the files of a generation: by their stamps if their checksums were verified before, else by CRC-32.

A file is trusted if inode, size and modification time are those that it had when its checksum was computed: when it was
published (the manifest says so), or when it was verified on this machine, as for a copied index (`verified.json`, in
the index folder or, where that cannot be written to, in the user's cache folder). So an opening reads no file twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from corpus.errors import KesouError
from corpus.settings import APPLICATION
from indexer.errors import IndexDamaged, IndexUnreadable
from indexer.store.manifest import FileEntry, Stamp, crc32_of, read_manifest, stamp_of

VERIFIED: Final = "verified.json"

#: Stamp → CRC-32 of files that were verified on this machine.
_Verified: TypeAlias = dict[Stamp, int]


def verify(folder: Path, files: Mapping[str, FileEntry], *, is_complete: bool) -> dict[str, Stamp]:
    """The stamps of all files of a generation, which are whole.

    With `is_complete` every file is read, otherwise those that were not verified as they are now. Raises IndexDamaged,
    which names the first damaged file, and IndexUnreadable.
    """
    stamps = {name: _stamp(folder, name, entry) for name, entry in files.items()}
    doubtful = [name for name, entry in files.items() if is_complete or stamps[name] != entry.stamp]
    if not doubtful:
        return stamps
    places = () if is_complete else _places(folder.parent)
    known = _read(places)
    unread = [name for name in doubtful if known.get(stamps[name]) != files[name].crc32]
    for name in unread:
        if not _has_checksum(folder / name, files[name].crc32):
            raise damage(folder, name)
    if unread and not is_complete:
        _write(places, {stamps[name]: files[name].crc32 for name in doubtful})
    return stamps


def verify_contents(folder: Path, is_read: Callable[[str], bool] = lambda _: True) -> None:
    """Read the files of a generation, or those whose names are chosen, and compare checksums; raises IndexDamaged.

    A run does so with all that it copies from the generation before: what a failing disk has changed would get a
    checksum that fits.
    """
    files = read_manifest(folder)[1]
    verify(folder, {name: entry for name, entry in files.items() if is_read(name)}, is_complete=True)


def raise_damage(error: Exception, folder: Path) -> None:
    """Raise IndexDamaged after an error if a file of the generation is not what was published: it led to the error.

    Files are trusted when they are opened, so that decoding what a failing disk has changed ends in any error. Nothing
    is raised if the error tells itself what is wrong, or if the generation is gone.
    """
    if not isinstance(error, KesouError) and folder.is_dir():
        verify_contents(folder)


def damaged_files(folder: Path, files: Mapping[str, FileEntry]) -> list[str]:
    """The files of a generation that are missing or not what the manifest says; every file is read."""
    damaged = []
    for name, entry in files.items():
        try:
            verify(folder, {name: entry}, is_complete=True)
        except IndexDamaged:
            damaged.append(name)
    return damaged


def damage(folder: Path, name: str) -> IndexDamaged:
    """The error that names a damaged file."""
    return IndexDamaged(f"{folder.name}/{name} does not match its checksum")


def _stamp(folder: Path, name: str, entry: FileEntry) -> Stamp:
    try:
        stamp = stamp_of(folder / name)
    except PermissionError as error:
        raise IndexUnreadable(folder.parent) from error
    except OSError as error:
        raise IndexDamaged(f"{folder.name}/{name}: {error.strerror}") from error
    if stamp[1] != entry.size:
        raise damage(folder, name)
    return stamp


def _has_checksum(path: Path, crc32: int) -> bool:
    """True if the file can be read and has this CRC-32."""
    try:
        return crc32_of(path) == crc32
    except PermissionError as error:
        raise IndexUnreadable(path.parent.parent) from error
    except OSError:
        return False


def _places(index: Path) -> tuple[Path, ...]:
    """Where verified files are remembered: in the index folder, else for this user."""
    import zlib

    import platformdirs  # deferred: an index that was not copied needs no such file

    name = f"verified-{zlib.crc32(os.fsencode(index.resolve())):08x}.json"
    return index / VERIFIED, Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False)) / name


def _read(places: tuple[Path, ...]) -> _Verified:
    """What is remembered; a file that cannot be read or understood is as good as none."""
    found: _Verified = {}
    for place in places:
        with suppress(OSError, ValueError, TypeError, RecursionError):
            found.update({(inode, size, time): crc32 for inode, size, time, crc32 in json.loads(place.read_bytes())})
    return found


def _write(places: tuple[Path, ...], verified: _Verified) -> None:
    """Remember the files in the first place that can be written to; if there is none, they are verified again."""
    rows = [[*stamp, crc32] for stamp, crc32 in verified.items()]
    for place in places:
        draft = place.with_name(f"{place.name}.{os.getpid()}.tmp")
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(json.dumps(rows), "utf-8")
            draft.replace(place)
            return
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
