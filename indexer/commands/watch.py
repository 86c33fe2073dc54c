"""The command `search-index watch`: indexes its sources whenever they have changed, until it is told to end.

Each run is a process of its own, the command `search-index` with the same options, so that the memory of this one stays
flat and a crash ends one run only. Whether something has changed is told by the stamps of the files (names, sizes,
times) alone: notices of the system only say when to look, so that none of them can be lost.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from corpus.settings import Settings
from corpus.sources.stamps import list_stamps
from corpus.sources.standard_input import STDIN
from indexer.commands.run_log import RunLog
from indexer.commands.run_options import arguments_of, prepare, run_options
from indexer.commands.source_changes import Notices, is_remote, root_of
from indexer.commands.terminal import EXIT_COMMAND_FAILED, EXIT_NOTHING, EXIT_REJECTED, EXIT_USAGE

#: After these a run is not tried again before something changes.
_DONE: Final = (0, EXIT_REJECTED, EXIT_NOTHING, EXIT_COMMAND_FAILED)
_RETRY_SECONDS: Final = 5.0
_LONGEST_RETRY_SECONDS: Final = 300.0
#: Files that are written to without end are indexed as they are after this time; they would delay the others for ever.
_LONGEST_SETTLE_SECONDS: Final = 60.0
#: Without notices, or beside them, the sources are looked at so often; looking takes at most a tenth of the time.
_LOOK_SECONDS: Final = 1.0
_LOOK_BESIDE_NOTICES_SECONDS: Final = 600.0
_LOOK_SHARE: Final = 10
#: How soon signals and notices are seen.
_TICK_SECONDS: Final = 0.1
#: Without a change there is a run so often, because it tries again what could not be read.
_LONGEST_IDLE_SECONDS: Final = 3600.0


@click.command(
    short_help="index the sources again whenever they change",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--poll", is_flag=True, help="look at the files every second; do not wait for notices of the system")
@run_options
def watch(sources: tuple[Path, ...], poll: bool, **common: Any) -> None:
    """Index SOURCE… now and whenever files in them have changed, until SIGTERM or Ctrl-C.

    Exit status: 0 ended by a signal, 64 an option or setting is wrong.
    """
    settings, options, log = prepare(**common)
    if STDIN in sources:
        log.message("standard input cannot be watched; give files, folders or patterns")
        sys.exit(EXIT_USAGE)
    places = [source.absolute() for source in sources]
    # The runs inherit the priority of this process. -P: a folder of the user called indexer is not taken for ours.
    command = [sys.executable, "-P", "-m", "indexer", *arguments_of(settings, options), "--", *map(str, places)]
    sys.exit(_Watch(places, settings, log, command).run(is_polling=poll))


class _Watch:
    """Runs `search-index` for sources, given by absolute paths, whenever their stamps have changed and settled."""

    def __init__(self, sources: Sequence[Path], settings: Settings, log: RunLog, command: Sequence[str]) -> None:
        self._sources = sources
        self._settings = settings
        self._log = log
        self._command = command
        self._notices: Notices | None = None
        self._is_stopped = False
        self._run: subprocess.Popen[bytes] | None = None
        self._missing_since: dict[Path, float] = {}

    def run(self, is_polling: bool) -> int:
        """Watch until a signal; returns the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._begin(is_polling)
        indexed: str | None = None
        next_run, retry_seconds = 0.0, _RETRY_SECONDS
        while not self._is_stopped:
            digest, look_seconds = self._look()
            now = time.monotonic()
            if digest == indexed and now < next_run + _LONGEST_IDLE_SECONDS:
                self._await_change(look_seconds)
            elif now < next_run:
                self._sleep(next_run - now)
            elif not self._are_all_there():
                self._sleep(_LOOK_SECONDS)
            elif settled := self._settled(digest):
                is_first = next_run == 0
                next_run = time.monotonic() + self._settings.watch_interval_seconds
                status = self._index()
                if status in _DONE:
                    indexed, retry_seconds = settled, _RETRY_SECONDS
                elif status == EXIT_USAGE and is_first:
                    return status
                elif not self._is_stopped:
                    self._log.message(f"the run had exit status {status}; the next one is in {retry_seconds:g} s")
                    next_run = time.monotonic() + retry_seconds
                    retry_seconds = min(2 * retry_seconds, _LONGEST_RETRY_SECONDS)
        if self._notices:
            self._notices.close()
        return 0

    def _begin(self, is_polling: bool) -> None:
        reason = "--poll" if is_polling else "a network drive" if any(map(is_remote, self._sources)) else ""
        if not reason:
            try:
                self._notices = Notices(self._sources)
            except ImportError:
                reason = "without the package watchfiles: pip install 'kesou[watch]'"
        how = (
            f"looks at the files every {_LOOK_SECONDS:g} s ({reason})" if reason else "waits for notices of the system"
        )
        self._log.message(f"watch {how}; sources: {' '.join(map(str, self._sources))}")

    def _stop(self, *_: object) -> None:
        self._is_stopped = True
        if self._run:
            self._run.terminate()

    def _look(self) -> tuple[str, float]:
        """The digest of the stamps of all files, and how many seconds it took."""
        started = time.monotonic()
        return list_stamps(self._sources, self._settings).digest, time.monotonic() - started

    def _settled(self, digest: str) -> str | None:
        """The digest once it has stayed the same for a while; None if the watch was ended meanwhile."""
        longest = time.monotonic() + _LONGEST_SETTLE_SECONDS
        while not self._is_stopped:
            self._sleep(self._settings.watch_settle_seconds)
            before, (digest, _) = digest, self._look()
            if digest == before or time.monotonic() > longest:
                return digest
        return None

    def _are_all_there(self) -> bool:
        """True if no source is missing, or only for so long that it will hardly come back as a drive does."""
        now = time.monotonic()
        missing = {source for source in self._sources if not root_of(source).exists()}
        for source in sorted(missing - set(self._missing_since)):
            self._log.message(
                f"{source} is missing; in {self._settings.watch_missing_seconds:g} s (watch_missing_seconds) its"
                " documents leave the index"
            )
        self._missing_since = {source: self._missing_since.get(source, now) for source in missing}
        return all(now - since >= self._settings.watch_missing_seconds for since in self._missing_since.values())

    def _index(self) -> int:
        """Run `search-index`; returns its exit status."""
        self._run = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603 - a command of our own
        if self._is_stopped:  # by a signal that came before there was a process to end
            self._run.terminate()
        status = self._run.wait()
        self._run = None
        return status

    def _await_change(self, look_seconds: float) -> None:
        try:
            if self._notices:
                self._sleep(_LOOK_BESIDE_NOTICES_SECONDS, self._notices.take)
                return
        except OSError as error:
            self._log.message(f"{error}; watch looks at the files every {_LOOK_SECONDS:g} s")
            self._notices = None
        self._sleep(max(_LOOK_SECONDS, _LOOK_SHARE * look_seconds))

    def _sleep(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Wait until the watch is ended, something is over, or the time has passed."""
        end = time.monotonic() + seconds
        while not self._is_stopped and not is_over() and (rest := end - time.monotonic()) > 0:
            time.sleep(min(rest, _TICK_SECONDS))
