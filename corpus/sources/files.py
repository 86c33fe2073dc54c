"""Finds the source files in folders, archives, patterns and single paths; an issue for each one skipped."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from corpus.cleaning.text import printable
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.settings import Settings
from corpus.sources.listing import Listing
from corpus.sources.source_file import SourceFile
from corpus.sources.standard_input import STDIN, unreadable
from corpus.sources.suffixes import SUFFIXES, is_ignored

_PATTERN: Final = re.compile(r"[*?\[]")


def find_files(sources: Sequence[Path], settings: Settings | None = None) -> tuple[list[SourceFile], list[ImportIssue]]:
    """All files of the sources, each once, sorted within a folder or pattern; and the issues that were found.

    A source is a file, an archive, a folder, a pattern such as `texts/**/*.json` if no file has that name, or `-`,
    which is copied to a temporary file that is deleted with its SourceFile. A missing source is an issue, not an
    exception.
    """
    listing = Listing(settings or Settings())
    for source in sources:
        try:
            if source == STDIN:
                listing.take_stdin()
            elif source.is_dir():
                _add_folder(source, listing)
            elif source.exists():
                _add_named(source, source.parent, listing)
            elif _PATTERN.search(str(source)):
                _add_matches(source, listing)
            else:
                listing.issues.append(rejected(str(source), None, "missing", "no such file or folder"))
        except OSError as error:
            listing.issues.append(unreadable(str(source), error))
        listing.name_unread()
    return listing.found, listing.issues


def _add_folder(folder: Path, listing: Listing) -> None:
    before = len(listing.issues)
    if not _walk(folder, folder, listing) and len(listing.issues) == before:
        message = f"the folder holds no file that can be read; known suffixes are {' '.join(SUFFIXES)}"
        listing.issues.append(rejected(str(folder), None, "empty_folder", message))


def _add_named(path: Path, base: Path, listing: Listing) -> None:
    """Add a file that the user named, whatever its suffix."""
    file = _regular(path, base, listing)
    if file is not None:
        listing.take_named(file)


def _add_matches(pattern: Path, listing: Listing) -> None:
    """Add the files that match a pattern, without hidden ones; matching folders are searched."""
    parts = pattern.parts
    first = next(number for number, part in enumerate(parts) if _PATTERN.search(part))
    base = Path(*parts[:first])
    try:
        matches = sorted(base.glob(str(Path(*parts[first:]))))
    except (ValueError, NotImplementedError) as error:
        listing.issues.append(rejected(str(pattern), None, "missing", f"not a valid pattern: {error}"))
        return
    is_any = False
    for path in matches:
        if any(is_ignored(part) for part in path.relative_to(base).parts):
            continue
        is_any = True
        if _is_foreign(path, base, listing):
            continue
        if path.is_dir():
            _walk(path, base, listing)
        else:
            _add_named(path, base, listing)
    if not is_any:
        listing.issues.append(rejected(str(pattern), None, "missing", "no file matches this pattern"))


def _walk(folder: Path, base: Path, listing: Listing) -> int:
    """Add the files below a folder, sorted, without hidden ones; returns their number.

    Unreadable folders, links to folders (they may form a loop), links out of the folder and files that cannot be
    read are reported relative to `base`, because the user expects them to be searched.
    """

    def cannot_list(error: OSError) -> None:
        path = Path(error.filename)
        listing.issues.append(unreadable(str(folder if path == folder else path.relative_to(base)), error))

    paths = []
    for directory, folders, names in os.walk(folder, onerror=cannot_list):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for path in (Path(directory, name) for name in folders):
            if path.is_symlink():
                message = "a link to a folder is not followed; give that folder as a separate source"
                listing.issues.append(noted(str(path.relative_to(base)), None, "linked_folder", message))
        paths += [Path(directory, name) for name in names if not is_ignored(name)]
    for path in sorted(paths):
        if not (path.is_symlink() and _is_foreign(path, base, listing)):
            file = _regular(path, base, listing)
            if file is not None:
                listing.take_listed(file)
    return len(paths)


def _is_foreign(path: Path, base: Path, listing: Listing) -> bool:
    """True, with an issue, for a path that leads out of the source by a link: nobody asked for that file."""
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(base)):
        return False
    message = "a link that leads out of the folder is not followed; give that file as a separate source"
    listing.issues.append(noted(str(path.relative_to(base)), None, "linked_file", message))
    return True


def _regular(path: Path, base: Path, listing: Listing) -> SourceFile | None:
    """The file at a path; None with an issue if it is no regular file."""
    name = printable(str(path.relative_to(base)))
    try:
        status = path.stat()
    except OSError as error:
        listing.issues.append(unreadable(name, error))
        return None
    if stat.S_ISREG(status.st_mode):
        return SourceFile(path=path, name=name, size=status.st_size)
    listing.issues.append(rejected(name, None, "no_file", "not a regular file"))
    return None
