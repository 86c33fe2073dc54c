"""Opens Office files (ZIP packages) with a limit on the unpacked size, and streams the XML of their parts."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final, NamedTuple

from corpus.loaders.xml_events import BrokenXml, Event, xml_events

_CHUNK_BYTES: Final = 1 << 16
#: The length of the longest mark that is looked for in a part.
_MARK_BYTES: Final = 64
#: What zipfile raises for packages that are damaged, encrypted or compressed by an unknown method.
BROKEN_PACKAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class BrokenPackage(Exception):
    """The package cannot be read; the text says why."""


class Relation(NamedTuple):
    """A reference to another part: its id, what it is (`header`, `aFChunk` …) and the name of the part."""

    id: str
    kind: str
    part: str


class Package:
    """A ZIP file whose declared sizes are within the limit; zipfile reads no part beyond its declared size."""

    def __init__(self, content: IO[bytes], max_bytes: int) -> None:
        try:
            self._zip = zipfile.ZipFile(content)
        except BROKEN_PACKAGE as error:
            raise BrokenPackage(f"a damaged ZIP package: {error}") from None
        self.unpacked_bytes = sum(part.file_size for part in self._zip.infolist())
        if self.unpacked_bytes > max_bytes:
            raise BrokenPackage(f"it expands to more than {max_bytes:,} bytes (max_file_bytes)")
        # Some writers begin names with a slash or differ in case from the references to them.
        self._parts = {_plain(name): name for name in self._zip.namelist()}
        self.names = frozenset(self._zip.namelist())
        self.max_bytes = max_bytes

    def events(self, name: str) -> Iterator[Event]:
        """The XML events of a part, none for a missing part; raises BrokenPackage."""
        if name not in self:
            return
        try:
            with self._zip.open(self._parts[_plain(name)]) as part:
                yield from xml_events(iter(lambda: part.read(_CHUNK_BYTES), b""))
        except (*BROKEN_PACKAGE, BrokenXml) as error:
            raise BrokenPackage(f"{name} is damaged: {error}") from None

    def read(self, name: str) -> bytes:
        """The bytes of a part; raises BrokenPackage."""
        if name not in self:
            raise BrokenPackage(f"{name} is missing")
        try:
            return self._zip.read(self._parts[_plain(name)])
        except BROKEN_PACKAGE as error:
            raise BrokenPackage(f"{name} is damaged: {error}") from None

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def relations(self, name: str) -> Iterator[Relation]:
        """The parts that a part refers to, in the order of the file; none if that list is missing or damaged."""
        folder, _, base = name.rpartition("/")
        with suppress(BrokenPackage):
            for event in self.events(f"{folder}/_rels/{base}.rels"):
                if event.kind == "start" and event.attributes.get("TargetMode") != "External":
                    target = event.attributes.get("Target", "")
                    target = target.replace("\\", "/")
                    path = posixpath.normpath(target if target.startswith("/") else f"/{folder}/{target}")
                    kind = event.attributes.get("Type", "").rpartition("/")[2]
                    yield Relation(event.attributes.get("Id", ""), kind, path.lstrip("/"))

    def holds(self, name: str, mark: re.Pattern[bytes]) -> bool:
        """True if a short mark stands in a part; raises BrokenPackage."""
        if name not in self:
            return False
        try:
            with self._zip.open(self._parts[_plain(name)]) as part:
                rest = b""
                while chunk := part.read(_CHUNK_BYTES):
                    if mark.search(rest + chunk):
                        return True
                    rest = chunk[-_MARK_BYTES:]
        except BROKEN_PACKAGE as error:
            raise BrokenPackage(f"{name} is damaged: {error}") from None
        return False

    def main_part(self, default: str) -> str:
        """The name of the part that the package declares as its document; `default` if it declares none."""
        return next((part for _, kind, part in self.relations("") if kind == "officeDocument"), default)


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
