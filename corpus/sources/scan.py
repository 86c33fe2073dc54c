"""Scans sources for files by their names and stamps alone: folders, patterns and single paths; opens nothing."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from corpus.cleaning.text import printable
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.sources.source_file import Stamp
from corpus.sources.standard_input import unreadable
from corpus.sources.suffixes import SUFFIXES, is_ignored

_PATTERN: Final = re.compile(r"[*?\[]")


class Found(NamedTuple):
    """A regular file of a source.

    `name` is its name in reports, relative to the folder where it was found. `real_path` is the path without links,
    which is the same for all names of the file. `is_named` is True if the user named the file, not only its folder.
    """

    path: str
    name: str
    real_path: str
    is_named: bool
    stamp: Stamp


def scan(source: Path, follow_links: bool) -> Iterator[Found | ImportIssue]:
    """The files of a source, sorted within a folder or pattern, and an issue for everything else that is found there.

    Links that lead out of a folder, and links to folders, are followed only with `follow_links`. A missing source is an
    issue, not an exception.
    """
    try:
        if source.is_dir():
            items = list(_folder(source, source, follow_links))
            if not items:
                message = f"the folder holds no file that can be read; known suffixes are {' '.join(SUFFIXES)}"
                items.append(rejected(str(source), None, "empty_folder", message))
            yield from items
        elif source.exists():
            yield _file(str(source), source.name, os.path.realpath(source), is_named=True)
        elif _PATTERN.search(str(source)):
            yield from _matches(source, follow_links)
        else:
            yield rejected(str(source), None, "missing", "no such file or folder")
    except OSError as error:
        yield unreadable(str(source), error)


def _matches(pattern: Path, follow_links: bool) -> Iterator[Found | ImportIssue]:
    """The files that match a pattern, without hidden ones; matching folders are searched."""
    parts = pattern.parts
    first = next(number for number, part in enumerate(parts) if _PATTERN.search(part))
    base = Path(*parts[:first])
    try:
        matches = sorted(base.glob(str(Path(*parts[first:]))))
    except (ValueError, NotImplementedError) as error:
        yield rejected(str(pattern), None, "missing", f"not a valid pattern: {error}")
        return
    is_any = False
    for path in matches:
        relative = path.relative_to(base)
        if any(is_ignored(part) for part in relative.parts):
            continue
        is_any = True
        real_path = os.path.realpath(path)
        if not follow_links and not is_inside(real_path, os.path.realpath(base)):
            yield _foreign(str(relative))
        elif path.is_dir():
            yield from _folder(path, base, follow_links)
        else:
            yield _file(str(path), str(relative), real_path, is_named=True)
    if not is_any:
        yield rejected(str(pattern), None, "missing", "no file matches this pattern")


def _folder(folder: Path, base: Path, follow_links: bool) -> Iterator[Found | ImportIssue]:
    """The files below a folder, named relative to `base`.

    Unreadable folders, links that are not followed and files that cannot be read are reported, because the user expects
    them to be searched.
    """
    root = os.path.join(folder, "")
    real_root, real_base = os.path.join(os.path.realpath(folder), ""), os.path.realpath(base)
    prefix = "" if folder == base else os.path.join(folder.relative_to(base), "")
    files = []
    for entry in _walk(str(folder), follow_links):
        if isinstance(entry, OSError):
            path = Path(entry.filename)
            yield unreadable(str(folder if path == folder else path.relative_to(base)), entry)
        elif _is_folder(entry):
            message = "a link to a folder is not followed; give that folder as a separate source"
            yield noted(prefix + entry.path[len(root) :], None, "linked_folder", message)
        else:
            files.append(entry)
    for entry in files:
        inner = entry.path[len(root) :]
        is_linked = follow_links or entry.is_symlink()
        real_path = os.path.realpath(entry.path) if is_linked else real_root + inner
        if is_linked and not follow_links and not is_inside(real_path, real_base):
            yield _foreign(prefix + inner)
        else:
            yield _file(entry, prefix + inner, real_path)


def _walk(folder: str, follow_links: bool) -> Iterator[os.DirEntry[str] | OSError]:
    """The files below a folder in the order of their paths, links to folders unless they are followed, and errors.

    Names that are ignored are passed over. A folder is walked through one link only, because links may form a loop.
    """
    entered = {os.path.realpath(folder)}
    pending: list[tuple[bool, os.DirEntry[str]]] = []
    next_folder: str | None = folder
    while next_folder is not None:
        try:
            with os.scandir(next_folder) as entries:
                found = sorted((entry for entry in entries if not is_ignored(entry.name)), key=lambda item: item.name)
        except OSError as error:
            found = []
            yield error
        waiting = []
        for entry in found:
            is_folder = _is_folder(entry)
            if not (is_folder and entry.is_symlink()):
                waiting.append((is_folder, entry))
            elif not follow_links:
                yield entry
            elif (real_path := os.path.realpath(entry.path)) not in entered:
                entered.add(real_path)
                waiting.append((True, entry))
        pending += reversed(waiting)
        next_folder = None
        while pending and next_folder is None:
            is_folder, entry = pending.pop()
            if is_folder:
                next_folder = entry.path
            else:
                yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself
        return False


def is_inside(real_path: str, real_base: str) -> bool:
    """True if a path without links is that of a folder, or below it."""
    return real_path == real_base or real_path.startswith(os.path.join(real_base, ""))


def _foreign(name: str) -> ImportIssue:
    """The issue of a path that leads out of the source by a link: nobody asked for that file."""
    message = "a link that leads out of the folder is not followed; give that file as a separate source"
    return noted(name, None, "linked_file", message)


def _file(path: str | os.DirEntry[str], name: str, real_path: str, *, is_named: bool = False) -> Found | ImportIssue:
    """The file at a path; an issue if it is no regular file."""
    try:
        status = os.stat(path) if isinstance(path, str) else path.stat()
    except OSError as error:
        return unreadable(name, error)
    if stat.S_ISREG(status.st_mode):
        stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return Found(os.fspath(path), printable(name), real_path, is_named, stamp)
    return rejected(name, None, "no_file", "not a regular file")
