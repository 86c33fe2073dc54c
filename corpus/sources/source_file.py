"""A file to read: on disk, in an archive, or standard input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NamedTuple

from corpus.sources.suffixes import ARCHIVES, COMPRESSED, format_suffix

#: The name of standard input in reports.
STDIN_NAME: Final = "<stdin>"
_PAGES: Final = (".html", ".htm", ".xhtml")


class Stamp(NamedTuple):
    """What tells without reading it that a file on disk is unchanged: bytes, and times in ns since 1970.

    Programs that copy files may set the time of the content (`mtime_ns`), but not that of the file's entry
    (`ctime_ns`); on Windows the latter is the time when the file was created.
    """

    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def newest_ns(self) -> int:
        """The later of both times."""
        return max(self.mtime_ns, self.ctime_ns)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SourceFile:
    """A file to read; `name` is its name in reports, relative to the folder where it was found; `size` is in bytes.

    A member of an archive has a `path` below that of the archive and an `opener`, which gives its bytes; its `stamp` is
    that of the outermost archive. Standard input has none. `convert` gives the file in a format that can be read, or
    None if that fails.
    """

    path: Path
    name: str
    size: int
    stamp: Stamp | None = None
    opener: Callable[[], IO[bytes]] | None = None
    convert: Callable[[], Path | None] | None = None

    def open(self) -> IO[bytes]:
        """The bytes of the file; only those of a file on disk can be read in any order quickly."""
        return self.path.open("rb") if self.opener is None else self.opener()

    @property
    def suffix(self) -> str:
        """The suffix of the format, in lower case: `.json` for export.json.gz."""
        return "" if self.name == STDIN_NAME else format_suffix(self.path.name)

    @property
    def stem(self) -> str:
        """The file's name without suffixes; for `index.html` the name of its folder or archive."""
        if self.name == STDIN_NAME:
            return "stdin"
        path = self.path.with_suffix("") if self.path.suffix.lower() in COMPRESSED else self.path
        if path.stem.lower() != "index" or path.suffix.lower() not in _PAGES:
            return path.stem
        folder = self.path.absolute().parent
        return (folder.stem if self.opener and folder.suffix.lower() in ARCHIVES else folder.name) or path.stem
