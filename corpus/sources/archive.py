"""Lists and opens the members of archives (ZIP, tar) and the attachments of mails, within limits against bombs."""

from __future__ import annotations

import errno
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Final, Protocol

from corpus.errors import CorpusError
from corpus.loaders import mail

#: More members than any export has; each takes memory.
MAX_MEMBERS: Final = 100_000
#: The list of a ZIP archive's members has some hundred bytes for each, and zipfile reads it at once.
_MAX_DIRECTORY_BYTES: Final = 1 << 25
#: Texts shrink to a tenth, logs to a hundredth; what shrinks further and is large is made to fill memory or disk.
MAX_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 100_000_000
#: Archives that are kept open: files are read in order, and a folder may hold more archives than a process files.
_KEPT_OPEN: Final = 4
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
#: The record at the end of a ZIP archive, and that of the form for large ones.
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MAX_COMMENT: Final = 1 << 16
#: What zipfile and tarfile raise for damage and for what they do not support.
BROKEN: Final = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError),
    *(struct.error, OverflowError, RecursionError),
)

#: What a link in an archive is told; links may lead anywhere.
LINK: Final = "a link in an archive is not followed"
_TOO_MANY: Final = f"it has more than {MAX_MEMBERS:,} members; unpack it and give the folder as a source"
#: Members that only a document stored as a ZIP file has: Office, OpenDocument, EPUB, OFD.
_PACKAGE_PARTS: Final = frozenset(("[Content_Types].xml", "mimetype", "META-INF/container.xml", "OFD.xml"))

Opener = Callable[[], IO[bytes]]


class NotAnArchive(CorpusError):
    """A ZIP file that is one document."""


class BrokenArchive(CorpusError):
    """The archive cannot be read, or is larger than the limits; the text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; `key` opens it, `fault` says why it is not read."""

    name: str
    size: int
    key: Any
    fault: str = ""


class ArchiveReader(Protocol):
    """An open archive; `is_cut` is True if its end is missing."""

    is_cut: bool

    def members(self) -> Sequence[Member]:
        """The files, in the order of the archive; raises BrokenArchive, and NotAnArchive for a document."""

    def open(self, key: Any) -> IO[bytes]:
        """The bytes of a member."""

    def close(self) -> None:
        """Close the archive's file."""


class OpenArchives:
    """Opens archives when their members are read, and closes all but the last few."""

    def __init__(self) -> None:
        self._readers: OrderedDict[int, ArchiveReader] = OrderedDict()

    def reader(self, number: int, opener: Opener, is_mail: bool = False) -> ArchiveReader:
        """The open archive with this number, whose file `opener` opens; raises BrokenArchive and OSError."""
        if number not in self._readers:
            self._readers[number] = _open_archive(opener(), is_mail)
            if len(self._readers) > _KEPT_OPEN:
                self._readers.popitem(last=False)[1].close()
        self._readers.move_to_end(number)
        return self._readers[number]

    def open(self, number: int, opener: Opener, is_mail: bool, key: Any) -> IO[bytes]:
        """The bytes of a member of that archive; raises OSError for damage too."""
        try:
            return self.reader(number, opener, is_mail).open(key)
        except (*BROKEN, BrokenArchive):
            raise OSError(errno.EIO, "it is damaged in its archive; copy or download the archive again") from None

    def __del__(self) -> None:
        for reader in self._readers.values():
            reader.close()


def _open_archive(content: IO[bytes], is_mail: bool) -> ArchiveReader:
    """The reader for the archive's first bytes; closes the content if there is none."""
    try:
        if is_mail:
            return _Mail(content)
        head = content.read(4)
        content.seek(0)
        return _Zip(content) if head.startswith(b"PK") else _Tar(content)
    except BROKEN as error:
        content.close()
        raise BrokenArchive(f"it is damaged or no archive ({error}); copy or download it again") from None
    except BaseException:
        content.close()
        raise


def check_limits(members: Sequence[Member], archive_bytes: int) -> None:
    """Raise BrokenArchive if the members are too many, or too large for the size of the archive."""
    if len(members) > MAX_MEMBERS:
        raise BrokenArchive(_TOO_MANY)
    unpacked = sum(member.size for member in members)
    if unpacked > RATIO_FROM_BYTES and unpacked > archive_bytes * MAX_RATIO:
        message = f"it expands to {unpacked:,} bytes, more than {MAX_RATIO} times its size, as archives that do harm"
        raise BrokenArchive(f"{message}; unpack it and give the folder as a source if you trust it")


class _Zip:
    """A ZIP archive; names without a mark for their encoding are UTF-8 or GB18030."""

    def __init__(self, content: IO[bytes]) -> None:
        if _directory_bytes(content) > _MAX_DIRECTORY_BYTES:
            raise BrokenArchive(_TOO_MANY)
        self._content = content
        self._zip = zipfile.ZipFile(content)
        self.is_cut = False

    def members(self) -> Sequence[Member]:
        parts = self._zip.infolist()
        if any(part.filename in _PACKAGE_PARTS for part in parts):
            raise NotAnArchive
        return [Member(_zip_name(part), part.file_size, part, _zip_fault(part)) for part in parts if not part.is_dir()]

    def open(self, key: Any) -> IO[bytes]:
        return self._zip.open(key)

    def close(self) -> None:
        self._zip.close()
        self._content.close()


class _Tar:
    """A tar archive, not compressed."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._tar = tarfile.TarFile(fileobj=content, encoding="utf-8", errors="surrogateescape")
        content.seek(-tarfile.BLOCKSIZE, io.SEEK_END)
        self.is_cut = content.read() != bytes(tarfile.BLOCKSIZE)  # an archive ends with an empty block
        content.seek(0)

    def members(self) -> Sequence[Member]:
        members = []
        with suppress(*BROKEN):  # the end is missing then
            for part in islice(self._tar, MAX_MEMBERS + 1):
                name = _decoded(part.name.encode("utf-8", "surrogateescape"))
                if not part.isdir():
                    members.append(Member(name, part.size, part, _tar_fault(part)))
        return members

    def open(self, key: Any) -> IO[bytes]:
        content = self._tar.extractfile(key)
        if content is None:
            raise BrokenArchive("not a regular file")
        return content

    def close(self) -> None:
        self._tar.close()
        self._content.close()


class _Mail:
    """A mail, whose attachments are its members."""

    def __init__(self, content: IO[bytes]) -> None:
        with content:
            self._attachments = mail.attachments(content.read())
        self.is_cut = False

    def members(self) -> Sequence[Member]:
        return [Member(name, len(raw), number) for number, (name, raw) in enumerate(self._attachments)]

    def open(self, key: Any) -> IO[bytes]:
        return io.BytesIO(self._attachments[key][1])

    def close(self) -> None:
        self._attachments = []


def _directory_bytes(content: IO[bytes]) -> int:
    """The size of the list of members as the archive states it; zipfile reads as much."""
    size = content.seek(0, io.SEEK_END)
    content.seek(max(0, size - _END_BYTES - _MAX_COMMENT))
    tail = content.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_BYTES:
        return 0
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    # Where 32 bits are too few, the record of the form for large archives stands before its locator of 20 bytes.
    large = end - 20 - 56
    if large >= 0 and tail.startswith(b"PK\x06\x06", large):
        (directory,) = struct.unpack_from("<Q", tail, large + 40)
    return int(directory)


def _zip_name(part: zipfile.ZipInfo) -> str:
    name = part.orig_filename
    if part.flag_bits & _UTF8_NAME:
        return name
    try:
        return _decoded(name.encode("cp437"))  # which zipfile decoded it as
    except UnicodeEncodeError:
        return name


def _decoded(raw: bytes) -> str:
    """A name as UTF-8, else as GB18030; what is neither is escaped when it is shown."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "surrogateescape")


def _zip_fault(part: zipfile.ZipInfo) -> str:
    mode = part.external_attr >> 16
    if part.flag_bits & _ENCRYPTED:
        return "it is encrypted; unpack the archive with its password and give the folder as a source"
    if part.compress_type not in _METHODS:
        return "it is compressed by a method that cannot be read; unpack the archive and give the folder as a source"
    return _mode_fault(stat.S_IFMT(mode)) if mode else ""


def _mode_fault(kind: int) -> str:
    if kind == stat.S_IFLNK:
        return LINK
    return "" if kind in (0, stat.S_IFREG) else "not a regular file"


def _tar_fault(part: tarfile.TarInfo) -> str:
    if part.issym() or part.islnk():
        return LINK
    return "" if part.isfile() else "not a regular file"
