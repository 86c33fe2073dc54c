"""Converts documents in old Office formats with LibreOffice, where its program `soffice` is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from corpus.sources.file_bytes import CHUNK_BYTES, FileBytes, TooLarge
from corpus.sources.source_file import SourceFile

#: Suffixes of documents that are converted if their content is in an old format; many hold another one.
CONVERTED: Final = (".doc", ".dot", ".wps", ".wpt", ".rtf", ".xls", ".xlt", ".et", ".ett", ".ppt", ".pps", ".dps")
NEEDS_OFFICE: Final = "a document in an old Office format; install LibreOffice and index again, or save it as {}"
FAILED: Final = "LibreOffice cannot read it; it may be encrypted or damaged, save it as {} and try again"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RICH_TEXT: Final = b"{\\rtf"


class _Kind(NamedTuple):
    """What a document is: suffix, filter of LibreOffice, and what to convert it to."""

    suffix: str
    filter: str
    wanted: str


_RTF: Final = _Kind(".rtf", "Rich Text Format", "docx")
#: The names of streams that tell what a compound file holds.
_STREAMS: Final = (
    ("WordDocument", _Kind(".doc", "MS Word 97", "docx")),
    ("Workbook", _Kind(".xls", "MS Excel 97", "xlsx")),
    ("Book", _Kind(".xls", "MS Excel 95", "xlsx")),
    ("PowerPoint Document", _Kind(".ppt", "MS PowerPoint 97", "odp")),
)
#: One start of LibreOffice takes some seconds, a document less than one.
_BATCH: Final = 50
_START_SECONDS: Final = 60
_SECONDS_EACH: Final = 15


def is_old_office(head: bytes) -> bool:
    """True for the first bytes of a file that LibreOffice must convert."""
    return head.startswith((_COMPOUND, _RICH_TEXT))


def saved_as(suffix: str) -> str:
    """The suffix that a user should save such a document as."""
    if suffix in (".xls", ".xlt", ".et", ".ett", ".xlsx"):
        return ".xlsx"
    return ".pdf" if suffix in (".ppt", ".pps", ".dps") else ".docx"


class ConversionTooSlow(Exception):
    """LibreOffice did not convert a document in its time; the text says how long that is."""


class Converter:
    """Converts many documents with few starts of LibreOffice, in a temporary folder with a profile of its own."""

    def __init__(self, max_bytes: int) -> None:
        self.program = shutil.which("soffice") or shutil.which("libreoffice")
        self._max_bytes = max_bytes
        self._files: list[SourceFile] = []
        self._folder: Path | None = None
        self._done: dict[int, Path | None] = {}

    def add(self, file: SourceFile) -> int:
        """Register a file; returns its number. It is converted with others when it is read."""
        self._files.append(file)
        return len(self._files) - 1

    def converted(self, number: int) -> Path | None:
        """The converted file, which exists until the next call; None if LibreOffice cannot convert it.

        Raises OSError if it could not be tried, because the disk is full or LibreOffice does not start, and
        ConversionTooSlow.
        """
        if number not in self._done:
            self._convert(range(number, min(number + _BATCH, len(self._files))))
        if self._done.get(number) is None:  # perhaps because of another document of the batch
            self._convert(range(number, number + 1))
        return self._done[number]

    def _convert(self, numbers: range) -> None:
        """Convert files; raises OSError or ConversionTooSlow because of a file only if it is the only one."""
        of_one_file = (TooLarge, OSError) if len(numbers) > 1 else (TooLarge,)
        folder = self._empty_folder()
        self._done = dict.fromkeys(numbers)
        inputs: dict[_Kind, list[Path]] = {}
        for number in numbers:
            with suppress(*of_one_file):
                path = _copy(self._files[number], folder / "in" / str(number), self._max_bytes)
                kind = _kind(path)
                if kind is not None:
                    inputs.setdefault(kind, []).append(path.rename(path.with_suffix(kind.suffix)))
        for kind, paths in inputs.items():
            seconds = _START_SECONDS + _SECONDS_EACH * len(paths)
            is_late = not self._run(folder, kind, paths, seconds)
            for path in paths:
                output = folder / "out" / f"{path.stem}.{kind.wanted}"
                self._done[int(path.stem)] = output if output.is_file() else None
            if is_late and len(numbers) == 1 and not self._done[numbers[0]]:
                raise ConversionTooSlow(f"LibreOffice takes longer than {seconds:g} seconds to convert it")

    def _run(self, folder: Path, kind: _Kind, paths: list[Path], seconds: float) -> bool:
        """Let LibreOffice convert files; False if it has not ended in time."""
        command = [self.program or "soffice", "--headless", "--norestore", "--nolockcheck"]
        # With a filter a damaged document is refused; without one, its bytes would be read as text.
        command += [f"-env:UserInstallation={folder.as_uri()}/profile", f"--infilter={kind.filter}"]
        command += ["--convert-to", kind.wanted, "--outdir", str(folder / "out"), *map(str, paths)]
        process = subprocess.Popen(  # noqa: S603 - the names are numbers
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            # The program is a script that starts the real one, which would go on.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _empty_folder(self) -> Path:
        """The folder for the next batch; it is deleted with this object."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kesou-office-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        for name in ("in", "out"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
            (self._folder / name).mkdir()
        return self._folder


def _copy(file: SourceFile, path: Path, max_bytes: int) -> Path:
    with path.open("wb") as target:
        for chunk in FileBytes(file, max_bytes).chunks():
            target.write(chunk)
    return path


def _kind(path: Path) -> _Kind | None:
    """What the content is: WPS Office gives Word's format the suffix .wps, which others use too; None if unknown."""
    overlap = b""
    with path.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            if not overlap and chunk.startswith(_RICH_TEXT):
                return _RTF
            window = overlap + chunk
            for name, kind in _STREAMS:
                if (name + "\0").encode("utf-16-le") in window:
                    return kind
            overlap = chunk[-64:]
    return None
