"""The manifest of a generation, `generation.json`: its counts, its rules, and all its files with their checksums."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from corpus.value import Value, as_dict, fields
from indexer.errors import IndexDamaged, IndexUnreadable, ReindexNeeded

#: Bump this if the files of older generations can no longer be read; opening them then raises ReindexNeeded.
FORMAT_VERSION: Final = 8

#: The engines whose generations this version knows; each manifest names the engine that wrote its generation.
WHOOSH_ENGINE: Final = "whoosh"
OPENSEARCH_ENGINE: Final = "opensearch"
ENGINES: Final = (WHOOSH_ENGINE, OPENSEARCH_ENGINE)

MANIFEST: Final = "generation.json"
_PIECE_BYTES: Final = 1 << 20

#: What changes with a file: inode, size in bytes, modification time in nanoseconds.
Stamp: TypeAlias = tuple[int, int, int]


class Manifest(Value, kw_only=True):
    """The contents of `generation.json` without the files.

    `fingerprint` identifies the analysis (normal form, grams, Unicode version), `dictionary` the words of the
    segmenter; `characters` counts the characters of normal forms; `sources` is a digest of all that was read, empty if
    it must be read again; `listed_ns` is when the files were listed, in ns since 1970; `no_type` is the program type of
    documents that have none.
    """

    format: int
    generation: int
    engine: str
    fingerprint: str
    dictionary: str
    documents: int
    characters: int
    date_from: str | None
    date_to: str | None
    created: str
    sources: str
    listed_ns: int
    no_type: str


class FileEntry(Value, kw_only=True):
    """A file of a generation: CRC-32 detects damage fast, SHA-256 is for comparing copies.

    Inode and modification time are those that the file had when these checksums were computed.
    """

    size: int
    crc32: int
    sha256: str
    inode: int
    mtime_ns: int

    @property
    def stamp(self) -> Stamp:
        """The stamp of the file when it was published."""
        return self.inode, self.size, self.mtime_ns


def stamp_of(path: Path | str) -> Stamp:
    """The stamp of a file; raises OSError."""
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def describe(path: Path) -> FileEntry:
    """The entry of a complete file, which is read once; raises OSError."""
    import hashlib  # deferred: readers need the CRC only

    sha256, crc32 = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            sha256.update(piece)
            crc32 = zlib.crc32(piece, crc32)
    inode, size, mtime_ns = stamp_of(path)
    return FileEntry(size=size, crc32=crc32, sha256=sha256.hexdigest(), inode=inode, mtime_ns=mtime_ns)


def crc32_of(path: Path) -> int:
    """CRC-32 of a file (measured: 500 MB in 0.15 s once cached); raises OSError."""
    checksum = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            checksum = zlib.crc32(piece, checksum)
    return checksum


def write_manifest(folder: Path, manifest: Manifest, files: Mapping[str, FileEntry]) -> Path:
    """Write `generation.json` into a complete folder; `files` by their paths in it, with slashes. Raises OSError."""
    content: dict[str, Any] = {**as_dict(manifest), "files": {name: as_dict(entry) for name, entry in files.items()}}
    content["checksum"] = manifest_checksum(content)
    path = folder / MANIFEST
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return path


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, FileEntry]]:
    """The manifest of a generation and its files.

    Raises IndexDamaged, IndexUnreadable, and ReindexNeeded if format or engine are unknown.
    """
    name = f"{folder.name}/{MANIFEST}"
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        if content.get("format") != FORMAT_VERSION:
            raise ReindexNeeded(f"the index in {folder.parent} was built by another version of Kesou")
        if content.get("engine") not in ENGINES:
            raise ReindexNeeded(
                f"the index in {folder.parent} was written by the unknown engine {content.get('engine')}"
            )
        checksum = content.pop("checksum")
        if checksum != manifest_checksum(content):
            raise IndexDamaged(f"{name} does not match its checksum")
        files = {name: FileEntry(**entry) for name, entry in content.pop("files").items()}
        return Manifest(**{field.name: content[field.name] for field in fields(Manifest)}), files
    except PermissionError as error:
        raise IndexUnreadable(folder.parent) from error
    except OSError as error:
        raise IndexDamaged(f"{name}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexDamaged(f"{name} cannot be read") from error


def manifest_checksum(content: dict[str, Any]) -> int:
    """CRC-32 of the manifest, because its counts can be damaged like any file."""
    return zlib.crc32(json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
