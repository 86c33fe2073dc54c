"""Reads the bytes of a source file in chunks, decompressed and with a limit on the size."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, Final

from corpus.errors import CorpusError
from corpus.sources.source_file import SourceFile

#: Bytes read at a time: few calls for a file, and little memory compared with the decoded text.
CHUNK_BYTES: Final = 1 << 18
#: The first bytes of compressed files, and the functions that open them.
_COMPRESSIONS: Final = (
    (re.compile(rb"\x1f\x8b\x08"), gzip.open),
    (re.compile(rb"\xfd7zXZ\x00"), lzma.open),
    (re.compile(rb"BZh[1-9](?:1AY&|\x17rE8)"), bz2.open),
)
#: What the decompressors raise for invalid bytes; bz2 and gzip also raise an OSError without a number.
_BROKEN: Final = (EOFError, zlib.error, lzma.LZMAError, MemoryError, zipfile.BadZipFile, tarfile.TarError)


#: How many times its size a compressed stream may expand to: exports reach 50, a bomb 1,000 and more.
_MAX_EXPANSION: Final = 200


class TooLarge(CorpusError):
    """The file has more bytes than allowed, or decompresses to more."""


def digest_of(file: SourceFile) -> bytes:
    """SHA-256 of the file as it is stored; of a member of a damaged archive, of what can be read."""
    whole = hashlib.sha256()
    with file.open() as content, suppress(*_BROKEN):
        while chunk := content.read(CHUNK_BYTES):
            whole.update(chunk)
    return whole.digest()


class FileBytes:
    """The bytes of a file, decompressed if necessary; may be read several times.

    `damage` describes what is wrong with a compressed file, after its bytes were read up to the damage; the bytes
    before it are returned. Reading raises TooLarge, and OSError if the file cannot be read.
    """

    def __init__(self, file: SourceFile, max_bytes: int, *, is_stream: bool = False) -> None:
        """A stream is limited only if it is compressed: to `max_bytes` or many times its size."""
        self._file = file
        self._max_bytes: int | None = max_bytes
        self._read_bytes = 0
        self.damage: str | None = None
        with file.open() as content:
            head = self._read(content, 8)
        self._open = next((opener for mark, opener in _COMPRESSIONS if mark.match(head)), None)
        if is_stream:
            self._max_bytes = max(max_bytes, file.size * _MAX_EXPANSION) if self._open else None

    def limit(self, max_bytes: int) -> None:
        """Limit the bytes of a stream whose format is read as a whole; raises TooLarge."""
        if not self._open and self._file.size > max_bytes:
            raise TooLarge(f"{self._file.size:,} bytes, more than {max_bytes:,} (max_file_bytes)")
        self._max_bytes = max_bytes
        self._check(self._read_bytes)

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the beginning, in chunks."""
        size = 0
        with self._file.open() as raw:
            file: Any = self._open(raw, "rb") if self._open else raw
            while chunk := self._read(file):
                size += len(chunk)
                self._read_bytes = max(self._read_bytes, size)
                self._check(size)
                yield chunk

    def _check(self, size: int) -> None:
        if self._max_bytes is not None and size > self._max_bytes:
            expands = "expands to more" if self._open else "more"
            raise TooLarge(f"{expands} than {self._max_bytes:,} bytes (max_file_bytes)")

    def _read(self, file: Any, size: int = CHUNK_BYTES) -> bytes:
        try:
            chunk: bytes = file.read1(size)  # returns the bytes before damage first
            return chunk
        except _BROKEN as error:
            self.damage = "is cut off" if isinstance(error, EOFError) else "is damaged"
        except OSError as error:
            if error.errno is not None:
                raise
            self.damage = "is damaged"
        return b""

    def head(self, size: int) -> bytes:
        """The first `size` bytes, fewer for a shorter file."""
        found = b""
        for chunk in self.chunks():
            found += chunk
            if len(found) >= size:
                break
        return found[:size]

    def seekable(self) -> IO[bytes]:
        """The bytes as a seekable file, which the caller closes."""
        if not self._open and self._file.opener is None:
            return self._file.open()
        spool: IO[bytes] = tempfile.TemporaryFile(prefix="kesou-")  # noqa: SIM115 - the caller closes it
        try:
            for chunk in self.chunks():
                spool.write(chunk)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return spool
