"""Opens Office files (ZIP packages) with a limit on the unpacked size, and streams the XML of their parts."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final

from corpus.loaders.xml_events import BrokenXml, Event, xml_events

_CHUNK_BYTES: Final = 1 << 16
#: What zipfile raises for packages that are damaged, encrypted or compressed by an unknown method.
BROKEN_PACKAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class BrokenPackage(Exception):
    """The package cannot be read; the text says why."""


class Package:
    """A ZIP file whose declared sizes are within the limit; zipfile reads no part beyond its declared size."""

    def __init__(self, content: IO[bytes], max_bytes: int) -> None:
        try:
            self._zip = zipfile.ZipFile(content)
        except BROKEN_PACKAGE as error:
            raise BrokenPackage(f"a damaged ZIP package: {error}") from None
        if sum(part.file_size for part in self._zip.infolist()) > max_bytes:
            raise BrokenPackage(f"it expands to more than {max_bytes:,} bytes (max_file_bytes)")
        self.names = frozenset(self._zip.namelist())

    def events(self, name: str) -> Iterator[Event]:
        """The XML events of a part, none for a missing part; raises BrokenPackage."""
        if name not in self.names:
            return
        try:
            with self._zip.open(name) as part:
                yield from xml_events(iter(lambda: part.read(_CHUNK_BYTES), b""))
        except (*BROKEN_PACKAGE, BrokenXml) as error:
            raise BrokenPackage(f"{name} is damaged: {error}") from None

    def main_part(self, default: str) -> str:
        """The name of the part that the package declares as its document; `default` if it declares none."""
        with suppress(BrokenPackage):
            for event in self.events("_rels/.rels"):
                if event.kind == "start" and event.attributes.get("Type", "").endswith("/officeDocument"):
                    return event.attributes.get("Target", default).lstrip("/")
        return default
