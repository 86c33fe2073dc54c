"""Tells of a full or failing disk in one message, also where a later error hides the first one."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from corpus.errors import KesouError
from indexer.errors import IndexDamaged, IndexNotWritable

#: Errors of a disk that has no room; EFBIG is a limit on the size of files.
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OF_DISKS: Final = (*_FULL, errno.EIO, errno.EROFS)
#: What SQLite says in place of the errors of the operating system.
_OF_SQLITE: Final = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
}
MEGABYTE: Final = 1_000_000


@contextmanager
def write_failures(index: Path, needed_bytes: int = 0) -> Iterator[None]:
    """Raise IndexNotWritable for every failure to write within it; `needed_bytes` is about what a run writes."""
    try:
        yield
    except Exception as error:
        failure = None if _is_final(error) else first_failure(error)
        if failure is None:
            raise
        raise not_writable(index, failure, needed_bytes) from error


def not_writable(index: Path, error: OSError, needed_bytes: int = 0) -> IndexNotWritable:
    """The error that says what failed, and for a full disk how much room there is and how much is needed."""
    if error.errno not in _FULL:
        return IndexNotWritable(f"cannot write to {index}: {error.strerror or error}")
    reason = {errno.EDQUOT: "the quota is used up", errno.EFBIG: "a file may not grow further"}
    message = f"cannot write to {index}: {reason.get(error.errno, 'the disk is full')} ({error.strerror})"
    if needed_bytes:
        message += f"; about {needed_bytes // MEGABYTE + 1:,} MB are needed"
    with suppress(OSError):
        message += f"; {shutil.disk_usage(index).free // MEGABYTE:,} MB are free now"
    return IndexNotWritable(message)


def _is_final(error: Exception) -> bool:
    """True if the error already says what failed; damage that a run has written itself may come of a full disk."""
    return isinstance(error, KesouError) and not isinstance(error, IndexDamaged)


def first_failure(error: BaseException) -> OSError | None:
    """The first failure that led to an error: of a full or broken disk anywhere, or the error itself."""
    failure = error if isinstance(error, OSError) else None
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, sqlite3.Error):
            number = _OF_SQLITE.get(getattr(seen, "sqlite_errorcode", 0) & 0xFF)
            failure = OSError(number, os.strerror(number)) if number else failure
        elif isinstance(seen, OSError) and seen.errno in _OF_DISKS:
            failure = seen
        seen = seen.__cause__ or seen.__context__
    return failure
