"""Tells that sources may have changed: notices of the operating system about files, and on which drives they work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: File systems whose changes by other machines the system does not notice.
_REMOTE: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "drvfs", "fuse.rclone", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4"}
    | {"prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
_MOUNTS: Final = Path("/proc/self/mountinfo")
#: A folder that was replaced sends no notices any more, so the sources themselves are looked at so often.
_LOOK_SECONDS: Final = 1.0
#: Notices are gathered so long; the thread that receives them ends at most so late.
_GATHER_MS: Final = 200


class Notices:
    """Notices of the system about files below folders, which the library watchfiles receives in a thread."""

    def __init__(self, sources: Sequence[Path]) -> None:
        """Raises ImportError without watchfiles."""
        import watchfiles  # deferred: the extra `watch` may be missing

        self._watch = watchfiles.watch
        self._roots = [root_of(source) for source in sources]
        self._is_any = False
        self._error: Exception | None = None
        self._start()

    def take(self) -> bool:
        """True if something may have changed since the last call. Raises OSError if the system gives no notices."""
        if time.monotonic() > self._next_look and self._states() != self._known:
            self.close()
            self._start()
            self._is_any = True
        elif self._error:
            raise OSError(f"no notices of changes ({self._error})")
        is_any, self._is_any = self._is_any, False
        return is_any

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def _start(self) -> None:
        self._error = None
        self._stop = threading.Event()
        self._known = self._states()
        folders = [str(root) for root in self._roots if root.is_dir()]
        self._thread = threading.Thread(target=self._receive, args=(folders, self._stop), daemon=True)
        self._thread.start()

    def _receive(self, folders: Sequence[str], stop: threading.Event) -> None:
        try:
            for _ in self._watch(
                *folders,
                watch_filter=None,
                stop_event=stop,
                debounce=_GATHER_MS,
                rust_timeout=_GATHER_MS,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self._is_any = True
        except Exception as error:  # of the library or the system: a folder has gone, or there are too many of them
            self._error = error

    def _states(self) -> list[tuple[int, ...] | None]:
        """What tells that a root was replaced, or that a source that is a single file was changed."""
        self._next_look = time.monotonic() + _LOOK_SECONDS
        return [_state(root) for root in self._roots]


def root_of(source: Path) -> Path:
    """The folder or file to watch for a source: for a pattern, the folder before its first wildcard."""
    if source.exists():
        return source
    parts = source.parts
    first = next((number for number, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts))
    return Path(*parts[:first])


def is_remote(path: Path) -> bool:
    """True if the path lies on a network drive, as far as the system tells (Linux)."""
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    place = os.path.join(os.path.realpath(path), "")
    best, kind = "", ""
    for line in lines:  # 36 35 98:0 /root /mount\040point options - type source options
        before, _, after = line.partition(" - ")
        mount = before.split(" ")[4].encode("utf-8", "surrogateescape").decode("unicode_escape")
        mount = mount.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
        if place.startswith(os.path.join(mount, "")) and len(mount) >= len(best):
            best, kind = mount, after.split(" ")[0]
    return kind in _REMOTE


def _state(root: Path) -> tuple[int, ...] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    identity = (status.st_dev, status.st_ino)
    return identity if root.is_dir() else (*identity, status.st_size, status.st_mtime_ns)
