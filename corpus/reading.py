"""Sources to documents: find the files, tell their format by content, load them; a line for every fault."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from corpus.articles import make_document
from corpus.cleaning import printable
from corpus.document import Document
from corpus.encoding import UnknownEncoding, decode, other_format
from corpus.loaders import html, json_records, markdown, text
from corpus.loaders.raw import Fault, Loader, RawRecord
from corpus.problem import Problem, noted, rejected
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy

#: Bump when some document comes out otherwise: the next run then reads everything again.
READING_VERSION: Final = 2
#: What a folder is searched for; a file named on its own is read whatever its suffix.
SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".txt", ".md", ".markdown", ".html", ".htm")
_SAVE_IT: Final = "save it as JSON, HTML, Markdown or text and try again"
#: Files that hold texts too, which a folder's owner would miss.
_OTHER_SUFFIXES: Final = (
    *(".pdf", ".doc", ".docx", ".wps", ".rtf", ".xls", ".xlsx", ".csv", ".xml", ".rss", ".atom"),
    *(".mht", ".mhtml", ".epub", ".zip", ".gz", ".7z", ".rar"),
)
#: A text that begins with a tag is HTML, whatever its name; comments may come first.
_BEGINS_HTML: Final = re.compile(
    r"(?:<!--(?:(?!-->).)*-->|<\?xml[^<>]*>|\s)*<(?:!doctype\s+html|(?:html|head|body|div|section|article|p|h1)\b)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read; `name` is how reports call it: relative to the folder it was found in."""

    path: Path
    name: str
    size: int


def find_files(sources: Sequence[Path]) -> tuple[list[SourceFile], list[Problem]]:
    """All files of the sources, sorted, each once; a source that is not there is a problem, not an exception."""
    found: dict[Path, SourceFile] = {}
    problems: list[Problem] = []
    for source in sources:
        try:
            is_folder = source.is_dir()
            if not source.exists():
                problems.append(rejected(str(source), None, "missing", "no such file or folder"))
                continue
        except OSError as error:
            problems.append(_unreadable(str(source), error))
            continue
        before = len(problems)
        paths = _walk(source, problems) if is_folder else [source]
        for path in paths:
            name = printable(str(path.relative_to(source)) if is_folder else path.name)
            try:
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    found.setdefault(path.resolve(), SourceFile(path=path, name=name, size=status.st_size))
                else:
                    problems.append(rejected(name, None, "no_file", "not a regular file"))
            except OSError as error:
                problems.append(_unreadable(name, error))
        if is_folder and not paths and len(problems) == before:
            message = f"no file here that could be read; known are {' '.join(SUFFIXES)}"
            problems.append(rejected(str(source), None, "empty_folder", message))
    return list(found.values()), problems


def _walk(source: Path, problems: list[Problem]) -> list[Path]:
    """Files below a folder, sorted, without hidden ones.

    Folders that cannot be read, links to folders (they could lead round in a loop) and texts in formats that we
    do not know are problems: their owner expects them to be found.
    """
    paths = []

    def unreadable(error: OSError) -> None:
        folder = Path(error.filename)
        problems.append(_unreadable(str(source if folder == source else folder.relative_to(source)), error))

    for directory, folders, names in os.walk(source, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(directory, name) for name in folders):
            if path.is_symlink():
                message = "a link to a folder is not followed; give that folder as a source of its own"
                problems.append(noted(str(path.relative_to(source)), None, "linked_folder", message))
        for path in (Path(directory, name) for name in sorted(names) if not name.startswith(".")):
            suffix = path.suffix.lower()
            if suffix in SUFFIXES:
                paths.append(path)
            elif suffix in _OTHER_SUFFIXES:
                message = f"{suffix} files cannot be read; {_SAVE_IT}"
                problems.append(noted(str(path.relative_to(source)), None, "unknown_format", message))
    return sorted(paths)


def _unreadable(name: str, error: OSError) -> Problem:
    return rejected(name, None, "unreadable", f"cannot be read: {error.strerror}")


def read_file(file: SourceFile, taxonomy: Taxonomy, settings: Settings) -> Iterator[Document | Problem]:
    """Documents and problems of one file, in file order, each read as if it stood alone; see `Collection` for all."""
    for item in read_records(file, settings):
        if isinstance(item, Problem):
            yield item
        else:
            yield from make_document(item, file.name, taxonomy, settings)


def read_records(file: SourceFile, settings: Settings) -> Iterator[RawRecord | Problem]:
    """Records and problems of one file, in file order; never raises for what the file holds."""
    if file.size > settings.max_file_bytes:
        message = f"{file.size:,} bytes, more than {settings.max_file_bytes:,} (max_file_bytes)"
        yield rejected(file.name, None, "too_large", message)
        return
    try:
        raw = file.path.read_bytes()
        other = other_format(raw)
        content = "" if other else decode(raw)
        del raw
    except OSError as error:
        yield _unreadable(file.name, error)
        return
    except UnknownEncoding as error:
        yield rejected(file.name, None, "unknown_encoding", str(error))
        return
    if other:
        yield rejected(file.name, None, "unknown_format", f"a file in {other} format; {_SAVE_IT}")
        return
    if not content.strip():
        yield rejected(file.name, None, "empty_file", "the file is empty")
        return
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    load = _loader_of(content, file.path.suffix.lower(), settings)
    is_empty = True
    for item in load(content, file.path.stem):
        is_empty = False
        if isinstance(item, Fault):
            yield rejected(file.name, item.number, item.kind, item.message)
        else:
            yield item
    if is_empty:
        yield rejected(file.name, None, "no_records", "no record in this file")


def _loader_of(content: str, suffix: str, settings: Settings) -> Loader:
    """The format by content where the suffix lies: real JSON exports are called .txt."""
    start = content.lstrip()[:2000]
    if suffix in (".json", ".jsonl", ".ndjson") or _begins_json(start):
        return partial(json_records.load, max_depth=settings.max_json_depth)
    if suffix in (".html", ".htm") or _BEGINS_HTML.match(start):
        return html.load
    if suffix in (".md", ".markdown") or markdown.looks_like_markdown(content):
        return markdown.load
    return text.load


def _begins_json(start: str) -> bool:
    inner = start[1:].lstrip()
    return (start[:1] == "[" and inner[:1] in ("{", "]")) or (start[:1] == "{" and inner[:1] in ('"', "}"))
