"""Finds the source files in folders, patterns, single paths and standard input; an issue for each one skipped."""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.cleaning.text import printable
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.settings import Settings

#: Files of a folder with these suffixes are read; a file that is given by its path may have any suffix.
SUFFIXES: Final = (
    *(".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx", ".txt", ".md", ".markdown", ".html", ".htm"),
    *(".rmd", ".qmd", ".mdx", ".docx", ".pdf", ".xml", ".rss", ".atom"),
)
#: Suffixes of compressed files, after that of the format: export.json.gz.
COMPRESSED: Final = (".gz", ".xz", ".bz2")
SAVE_IT: Final = "save it as JSON, HTML, Markdown or text and try again"
#: Formats that hold texts and cannot be read; such files of a folder are reported.
_OTHER_SUFFIXES: Final = (
    *(".doc", ".wps", ".rtf", ".xls", ".et", ".ofd", ".ppt", ".pptx", ".mht", ".mhtml", ".epub"),
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".zst", ".db", ".sqlite"),
)
#: Standard input as a source, and its name in reports.
STDIN: Final = Path("-")
STDIN_NAME: Final = "<stdin>"
_PATTERN: Final = re.compile(r"[*?\[]")
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SourceFile:
    """A file to read; `name` is its name in reports, relative to the folder where it was found; `size` is in bytes."""

    path: Path
    name: str
    size: int

    @property
    def suffix(self) -> str:
        """The suffix of the format, in lower case: `.json` for export.json.gz."""
        return "" if self.name == STDIN_NAME else _format_suffix(self.path)

    @property
    def stem(self) -> str:
        """The file's name without suffixes; for `index.html` the name of its folder."""
        if self.name == STDIN_NAME:
            return "stdin"
        path = self.path.with_suffix("") if self.path.suffix.lower() in COMPRESSED else self.path
        is_page = path.stem.lower() == "index" and path.suffix.lower() in (".html", ".htm")
        return self.path.absolute().parent.name or path.stem if is_page else path.stem


def find_files(sources: Sequence[Path], settings: Settings | None = None) -> tuple[list[SourceFile], list[ImportIssue]]:
    """All files of the sources, each once, sorted within a folder or pattern; and the issues that were found.

    A source is a file, a folder, a pattern such as `texts/**/*.json` if no file has that name, or `-`, which is copied
    to a temporary file that is deleted with its SourceFile. A missing source is an issue, not an exception.
    """
    found: dict[Path, SourceFile] = {}
    issues: list[ImportIssue] = []
    for source in sources:
        if source == STDIN:
            if STDIN not in found:
                spooled = _spool_stdin((settings or Settings()).max_file_bytes)
                if isinstance(spooled, SourceFile):
                    found[STDIN] = spooled
                else:
                    issues.append(spooled)
            continue
        for base, path in _expand(source, issues):
            _add(path, printable(str(path.relative_to(base))), found, issues)
    return list(found.values()), issues


def _add(path: Path, name: str, found: dict[Path, SourceFile], issues: list[ImportIssue]) -> None:
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            found.setdefault(path.resolve(), SourceFile(path=path, name=name, size=status.st_size))
        else:
            issues.append(rejected(name, None, "no_file", "not a regular file"))
    except OSError as error:
        issues.append(_unreadable(name, error))


def _expand(source: Path, issues: list[ImportIssue]) -> Iterator[tuple[Path, Path]]:
    """The files of a source, each with the folder that its name in reports is relative to."""
    try:
        if source.is_dir():
            before = len(issues)
            paths = _walk(source, source, issues)
            if not paths and len(issues) == before:
                message = f"the folder holds no file that can be read; known suffixes are {' '.join(SUFFIXES)}"
                issues.append(rejected(str(source), None, "empty_folder", message))
            yield from ((source, path) for path in paths)
        elif source.exists():
            yield source.parent, source
        elif _PATTERN.search(str(source)):
            yield from _match(source, issues)
        else:
            issues.append(rejected(str(source), None, "missing", "no such file or folder"))
    except OSError as error:
        issues.append(_unreadable(str(source), error))


def _match(pattern: Path, issues: list[ImportIssue]) -> Iterator[tuple[Path, Path]]:
    """The files that match a pattern, without hidden ones; matching folders are searched."""
    parts = pattern.parts
    first = next(number for number, part in enumerate(parts) if _PATTERN.search(part))
    base = Path(*parts[:first])
    try:
        matches = sorted(base.glob(str(Path(*parts[first:]))))
    except (ValueError, NotImplementedError) as error:
        issues.append(rejected(str(pattern), None, "missing", f"not a valid pattern: {error}"))
        return
    is_any = False
    for path in matches:
        if any(part.startswith(".") for part in path.relative_to(base).parts):
            continue
        is_any = True
        for file in _walk(path, base, issues) if path.is_dir() else [path]:
            yield base, file
    if not is_any:
        issues.append(rejected(str(pattern), None, "missing", "no file matches this pattern"))


def _walk(folder: Path, base: Path, issues: list[ImportIssue]) -> list[Path]:
    """The files below a folder, sorted, without hidden ones; issues name them relative to `base`.

    Unreadable folders, links to folders (they may form a loop) and texts in unknown formats are reported, because the
    user expects them to be searched.
    """
    paths = []

    def name(path: Path) -> str:
        return str(folder if path == folder else path.relative_to(base))

    def unreadable(error: OSError) -> None:
        issues.append(_unreadable(name(Path(error.filename)), error))

    for directory, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(directory, name) for name in folders):
            if path.is_symlink():
                message = "a link to a folder is not followed; give that folder as a separate source"
                issues.append(noted(name(path), None, "linked_folder", message))
        for path in (Path(directory, name) for name in sorted(names) if not name.startswith(".")):
            suffix = path.suffix.lower()
            if _format_suffix(path) in SUFFIXES:
                paths.append(path)
            elif suffix in COMPRESSED:
                message = (
                    f"this {suffix} file's name does not show its format; rename it, for example to export.json.gz"
                )
                issues.append(noted(name(path), None, "unknown_format", message))
            elif suffix in _OTHER_SUFFIXES:
                message = f"{suffix} files cannot be read; {SAVE_IT}"
                issues.append(noted(name(path), None, "unknown_format", message))
    return sorted(paths)


def _format_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix


def _spool_stdin(max_bytes: int) -> SourceFile | ImportIssue:
    """Copy standard input to a temporary file, because it is read twice; it is deleted with its SourceFile."""
    if sys.stdin is None or sys.stdin.closed:
        return rejected(STDIN_NAME, None, "missing", "there is no standard input")
    handle, name = tempfile.mkstemp(prefix="kesou-stdin-")
    path = Path(name)
    size = 0
    try:
        with open(handle, "wb") as spool:
            while size <= max_bytes and (chunk := sys.stdin.buffer.read(_CHUNK_BYTES)):
                size += len(chunk)
                spool.write(chunk)
    except OSError as error:
        path.unlink(missing_ok=True)
        return _unreadable(STDIN_NAME, error)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    file = SourceFile(path=path, name=STDIN_NAME, size=size)
    weakref.finalize(file, _remove, path, os.getpid())
    if size > max_bytes:
        return rejected(STDIN_NAME, None, "too_large", f"more than {max_bytes:,} bytes (max_file_bytes)")
    return file


def _remove(path: Path, owner: int) -> None:
    """Delete a temporary file in the process that created it only: forked workers read it too."""
    if os.getpid() == owner:
        path.unlink(missing_ok=True)


def _unreadable(name: str, error: OSError) -> ImportIssue:
    return rejected(name, None, "unreadable", f"cannot be read: {error.strerror}")
