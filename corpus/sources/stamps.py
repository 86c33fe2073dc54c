"""Lists the stamps of all source files, which tell without opening one that nothing in the sources has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.import_issue import ImportIssue, noted, rejected
from corpus.settings import Settings
from corpus.sources.scan import Found, is_inside, scan
from corpus.sources.standard_input import STDIN

#: The clocks of file systems and the times of their entries may differ from ours by so much.
_CLOCK_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStamps:
    """What tells, without opening a file, that nothing in the sources has changed.

    `digest` is the SHA-256 of all names, sizes and times of change, and of what is missing or cannot be read.
    `newest_ns` is the latest time of change of a file, in ns since 1970; 0 if there is none. `size` is in bytes.
    `is_certain` is False if standard input is a source, which is known only when it has been read.
    """

    digest: str
    newest_ns: int
    files: int
    size: int
    is_certain: bool


def list_stamps(sources: Sequence[Path], settings: Settings) -> SourceStamps:
    """The stamps of all files of the sources, also of those that are not read; archives are not opened.

    As long as the digest is the same, `find_files` (files.py) finds the same files with the same bytes, unless a file
    was changed within the resolution of the file system's clock after it was read: see `newest_ns` and `is_before`.
    """
    whole = hashlib.sha256()
    newest_ns = files = size = 0
    for source in sources:
        whole.update(f"{source.absolute()}\0".encode("utf-8", "surrogateescape"))
        if source == STDIN:
            continue
        for item in scan_source(source, settings):
            if isinstance(item, ImportIssue):
                line = f"{item}\0"
            else:
                line = f"{item.path}\0{item.real_path}\0{item.stamp}\0"
                newest_ns = max(newest_ns, item.stamp.newest_ns)
                files += 1
                size += item.stamp.size
            whole.update(line.encode("utf-8", "surrogateescape"))
    return SourceStamps(
        digest=whole.hexdigest(), newest_ns=newest_ns, files=files, size=size, is_certain=STDIN not in sources
    )


def is_before(changed_ns: int, listed_ns: int) -> bool:
    """True if what changed at one time is certain to have changed before files were listed at the other one."""
    return changed_ns < listed_ns - _CLOCK_NS


def scan_source(source: Path, settings: Settings) -> Iterator[Found | ImportIssue]:
    """The files of a source and its issues; one issue instead of all files in the folder of the index."""
    index = os.path.realpath(settings.index_dir)
    is_named = False
    for item in scan(source, settings.follow_links):
        if not (isinstance(item, Found) and is_inside(item.real_path, index)):
            yield item
        elif not is_named:
            is_named = True
            issue = rejected if is_inside(os.path.realpath(source), index) else noted
            yield issue(str(source), None, "index_folder", "the folder of the index is not read")
