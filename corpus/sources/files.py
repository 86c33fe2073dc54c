"""Sources to files: folders, patterns, single files and standard input; a line for what is not read."""

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

#: What a folder is searched for; a file named on its own is read whatever its suffix.
SUFFIXES: Final = (
    *(".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx", ".txt", ".md", ".markdown", ".html", ".htm"),
    *(".docx", ".pdf", ".xml", ".rss", ".atom"),
)
#: Any of those may be compressed: export.json.gz.
COMPRESSED: Final = (".gz", ".xz", ".bz2")
SAVE_IT: Final = "save it as JSON, HTML, Markdown or text and try again"
#: Files that hold texts too, which a folder's owner would miss.
_OTHER_SUFFIXES: Final = (
    *(".doc", ".wps", ".rtf", ".xls", ".et", ".ofd", ".ppt", ".pptx", ".mht", ".mhtml", ".epub"),
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".zst", ".db", ".sqlite"),
)
#: Standard input as a source, and how reports call it.
STDIN: Final = Path("-")
STDIN_NAME: Final = "<stdin>"
_PATTERN: Final = re.compile(r"[*?\[]")
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SourceFile:
    """A file to read; `name` is how reports call it: relative to the folder it was found in."""

    path: Path
    name: str
    size: int

    @property
    def suffix(self) -> str:
        """The suffix that tells the format, in lower case: `.json` for export.json.gz."""
        return "" if self.name == STDIN_NAME else _format_suffix(self.path)

    @property
    def stem(self) -> str:
        """What the file's owner calls its content: the name without suffixes, for `index.html` that of its folder."""
        if self.name == STDIN_NAME:
            return "stdin"
        bare = self.path.with_suffix("") if self.path.suffix.lower() in COMPRESSED else self.path
        is_page = bare.stem.lower() == "index" and bare.suffix.lower() in (".html", ".htm")
        return self.path.absolute().parent.name or bare.stem if is_page else bare.stem


def find_files(sources: Sequence[Path], settings: Settings | None = None) -> tuple[list[SourceFile], list[ImportIssue]]:
    """All files of the sources, each once, those of a folder or a pattern sorted.

    A source is a file, a folder, a pattern such as `texts/**/*.json` where no file has that name, or `-`, whose
    bytes are kept in a temporary file for as long as its SourceFile lives. A source that is not there is a issue,
    not an exception.
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
    """The files that a source names, each with the folder that its name is relative to."""
    try:
        if source.is_dir():
            before = len(issues)
            paths = _walk(source, source, issues)
            if not paths and len(issues) == before:
                message = f"no file here that could be read; known are {' '.join(SUFFIXES)}"
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
    """What a pattern matches, as if the shell had expanded it: hidden names do not match, folders are walked."""
    parts = pattern.parts
    first = next(number for number, part in enumerate(parts) if _PATTERN.search(part))
    base = Path(*parts[:first])
    try:
        matches = sorted(base.glob(str(Path(*parts[first:]))))
    except (ValueError, NotImplementedError) as error:
        issues.append(rejected(str(pattern), None, "missing", f"no pattern that could be searched for: {error}"))
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
    """Files below a folder, sorted, without hidden ones; issues call them as seen from `base`.

    Folders that cannot be read, links to folders (they could lead round in a loop) and texts in formats that we
    do not know are issues: their owner expects them to be found.
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
                message = "a link to a folder is not followed; give that folder as a source of its own"
                issues.append(noted(name(path), None, "linked_folder", message))
        for path in (Path(directory, name) for name in sorted(names) if not name.startswith(".")):
            suffix = path.suffix.lower()
            if _format_suffix(path) in SUFFIXES:
                paths.append(path)
            elif suffix in COMPRESSED:
                message = f"what this {suffix} file holds is not in its name; rename it, for example to export.json.gz"
                issues.append(noted(name(path), None, "unknown_format", message))
            elif suffix in _OTHER_SUFFIXES:
                message = f"{suffix} files cannot be read; {SAVE_IT}"
                issues.append(noted(name(path), None, "unknown_format", message))
    return sorted(paths)


def _format_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix


def _spool_stdin(max_bytes: int) -> SourceFile | ImportIssue:
    """Standard input as a temporary file, for it has to be read twice; removed with its SourceFile."""
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
    """Remove a spool file, in the process that made it: its forked workers read it too."""
    if os.getpid() == owner:
        path.unlink(missing_ok=True)


def _unreadable(name: str, error: OSError) -> ImportIssue:
    return rejected(name, None, "unreadable", f"cannot be read: {error.strerror}")
