"""Copies standard input to a temporary file, because a source is read more than once."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Final

from corpus.import_issue import ImportIssue, rejected
from corpus.sources.source_file import STDIN_NAME, SourceFile

#: Standard input as a source.
STDIN: Final = Path("-")
_CHUNK_BYTES: Final = 1 << 20


def spool_stdin() -> SourceFile | ImportIssue:
    """The copy, which is deleted with its SourceFile."""
    if sys.stdin is None or sys.stdin.closed:
        return rejected(STDIN_NAME, None, "missing", "there is no standard input")
    handle, name = tempfile.mkstemp(prefix="kesou-stdin-")
    path = Path(name)
    try:
        with open(handle, "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool, _CHUNK_BYTES)
            size = spool.tell()
    except OSError as error:
        path.unlink(missing_ok=True)
        return unreadable(STDIN_NAME, error)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    file = SourceFile(path=path, name=STDIN_NAME, size=size)
    weakref.finalize(file, _remove, path, os.getpid())
    return file


def unreadable(name: str, error: OSError) -> ImportIssue:
    """The issue of a file or folder that the system does not let us read."""
    return rejected(name, None, "unreadable", f"cannot be read: {error.strerror}")


def _remove(path: Path, owner: int) -> None:
    """Delete a temporary file in the process that created it only: forked workers read it too."""
    if os.getpid() == owner:
        path.unlink(missing_ok=True)
