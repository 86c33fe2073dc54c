"""Ends a command of the console: whatever fails, and whenever, there is one line on stderr and an exit status.

70: an error that nobody foresaw. 74: standard output cannot be written. 130: interrupted by Ctrl-C. 141: the reader of
standard output has gone, as `head` does; nothing is printed. Commands give the statuses from 0 to 4 a meaning of their
own; none of those says that output was lost.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

EXIT_INTERNAL: Final = 70  # EX_SOFTWARE of sysexits.h
EXIT_OUTPUT: Final = 74  # EX_IOERR
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
EXIT_BROKEN_PIPE: Final = 128 + 13  # SIGPIPE, which Windows does not define

_MAX_MESSAGE_CHARS: Final = 300


class OutputFailed(Exception):
    """Standard output cannot be written. No OSError, because click and argparse have their own ways with those."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.errno = error.errno


class _Output(io.FileIO):
    # Any, because the type of all buffers has no name before Python 3.12.
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise OutputFailed(error) from error


class _Messages(io.FileIO):
    """Standard error: a message that cannot be written is lost, and the work goes on."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


@contextmanager
def outcome_of(program: str) -> Iterator[None]:
    """Run a command, its imports included, and exit with its status or with one of this module.

    Within it Ctrl-C ends the process at once, without a word; see `interruptible`.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored, as in a background job
        signal.signal(signal.SIGINT, lambda *_: os._exit(EXIT_INTERRUPTED))
    _occupy_closed_descriptors()
    sys.stdout = _text(_Output(1, "wb", closefd=False), sys.stdout)
    sys.stderr = _text(_Messages(2, "wb", closefd=False), sys.stderr, is_line_buffered=True)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (OutputFailed, BlockingIOError) as error:
        # The interpreter must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if error.errno == errno.EPIPE:
            sys.exit(EXIT_BROKEN_PIPE)
        print(f"{program}: cannot write to standard output: {os.strerror(error.errno or 0)}", file=sys.stderr)
        sys.exit(EXIT_OUTPUT)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        print(f"{program}: internal error: {description(error)}; python -X dev shows the traceback", file=sys.stderr)
        sys.exit(EXIT_INTERNAL)


@contextmanager
def interruptible(program: str) -> Iterator[None]:
    """Within it Ctrl-C raises KeyboardInterrupt, so that locks and files are released; then the command exits."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)


def _occupy_closed_descriptors() -> None:
    """Open the null device in place of closed standard streams, the wrong way round, so that using them is an error.

    Otherwise the next file that is opened, one of the index perhaps, would be taken for standard output.
    """
    for descriptor, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, flags)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays open


def _text(raw: io.FileIO, former: TextIO | None, *, is_line_buffered: bool = False) -> io.TextIOWrapper:
    """A text stream like the former one; a character that it cannot encode is escaped and does not end the command."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=former.encoding if former else "utf-8",
        errors="backslashreplace",
        line_buffering=is_line_buffered or raw.isatty(),
        write_through=isinstance(former, io.TextIOWrapper) and former.write_through,
    )


def description(error: BaseException) -> str:
    """Type and text of an error, and the line that raised it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = (
        f"{os.path.basename(trace.tb_frame.f_code.co_filename)} line {trace.tb_lineno}" if trace else "unknown place"
    )
    text = " ".join(str(error).split())[:_MAX_MESSAGE_CHARS]
    return f"{type(error).__name__}{': ' if text else ''}{text} ({place})"
