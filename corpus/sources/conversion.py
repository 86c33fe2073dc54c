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
from typing import Final

from corpus.sources.file_bytes import CHUNK_BYTES, FileBytes
from corpus.sources.source_file import SourceFile

#: Suffixes of documents that are converted if their content is in an old format; many hold another one.
CONVERTED: Final = (".doc", ".dot", ".wps", ".wpt", ".rtf", ".xls", ".xlt", ".et", ".ett", ".ppt", ".pps", ".dps")
NEEDS_OFFICE: Final = "a document in an old Office format; install LibreOffice and index again, or save it as {}"
FAILED: Final = "LibreOffice cannot read it; it may be encrypted or damaged, save it as {} and try again"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RICH_TEXT: Final = b"{\\rtf"
#: The names of streams that tell what a compound file holds: → suffix to convert from, suffix to convert to.
_STREAMS: Final = (
    ("WordDocument", ".doc", "docx"),
    ("Workbook", ".xls", "xlsx"),
    ("Book", ".xls", "xlsx"),
    ("PowerPoint Document", ".ppt", "odp"),
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
        """The converted file, which exists until the next call; None if LibreOffice cannot convert it."""
        if number not in self._done:
            self._convert(range(number, min(number + _BATCH, len(self._files))))
        if self._done.get(number) is None:  # perhaps because of another document of the batch
            self._convert(range(number, number + 1))
        return self._done[number]

    def _convert(self, numbers: range) -> None:
        folder = self._empty_folder()
        self._done = dict.fromkeys(numbers)
        inputs: dict[str, list[Path]] = {}
        for number in numbers:
            with suppress(OSError):
                target, path = _copy(self._files[number], folder / "in" / str(number), self._max_bytes)
                inputs.setdefault(target, []).append(path)
        for target, paths in inputs.items():
            self._run(folder, target, paths)
            for path in paths:
                output = folder / "out" / f"{path.stem}.{target}"
                self._done[int(path.stem)] = output if output.is_file() else None

    def _run(self, folder: Path, target: str, paths: list[Path]) -> None:
        command = [self.program or "soffice", "--headless", "--norestore", "--nolockcheck"]
        command += [f"-env:UserInstallation={folder.as_uri()}/profile", "--convert-to", target]
        command += ["--outdir", str(folder / "out"), *map(str, paths)]
        with suppress(OSError):
            process = subprocess.Popen(  # noqa: S603 - the names are numbers
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                process.wait(_START_SECONDS + _SECONDS_EACH * len(paths))
            except subprocess.TimeoutExpired:
                pass
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


def _copy(file: SourceFile, path: Path, max_bytes: int) -> tuple[str, Path]:
    """Copy the file under a number and the suffix of its content; returns what to convert it to, and the copy."""
    with path.open("wb") as target:
        for chunk in FileBytes(file, max_bytes).chunks():
            target.write(chunk)
    kind, wanted = _kind(path)
    return wanted, path.rename(path.with_suffix(kind))


def _kind(path: Path) -> tuple[str, str]:
    """The suffix to convert from and to; WPS Office gives Word's format the suffix .wps, which others use too."""
    overlap = b""
    with path.open("rb") as content:
        if content.read(len(_RICH_TEXT)) == _RICH_TEXT:
            return ".rtf", "docx"
        while chunk := content.read(CHUNK_BYTES):
            window = overlap + chunk
            for name, kind, wanted in _STREAMS:
                if (name + "\0").encode("utf-16-le") in window:
                    return kind, wanted
            overlap = chunk[-64:]
    return ".doc", "docx"
