"""Maps a function over tasks in worker processes: results in order, few tasks in memory, crashes contained.

With one worker everything happens in this process. Otherwise each worker process gets a batch of tasks at a time. If it
dies or is too slow, the tasks of its batch are tried again one by one in a fresh process; the outcome of a task that
ends that one too is `Lost`, and the others go on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Generic, Literal, TypeVar, cast

from corpus.command_outcome import description
from corpus.errors import CorpusError

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")

#: Batches that may be finished before an earlier one is, for each worker.
_AHEAD: Final = 2
#: Items of a batch at most: the parent process keeps their keys.
_MAX_ITEMS: Final = 1000
#: Exit status of a worker that had too little memory.
_NO_MEMORY: Final = 70
#: Longer waits are more than the system's functions take.
_LONG_SECONDS: Final = 1e6
_READY: Final = "ready"


class WorkersError(CorpusError):
    """Worker processes cannot be used on this machine."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The outcome of a task that ended its process, or took too long, twice; `reason` completes 'it …'."""

    kind: Literal["crashed", "too_slow"]
    reason: str


def internal_error(error: Exception) -> Lost:
    """The outcome of a task that ends in an error which nobody foresaw.

    Raises the error if memory is short, because a fresh process may have more, and with `python -X dev`.
    """
    if isinstance(error, MemoryError) or sys.flags.dev_mode:
        raise error
    return Lost("crashed", f"ends in an internal error: {description(error)}")


def worker_count(setting: int) -> int:
    """The number of worker processes: the setting, or for 0 the cores of this process, and at least two.

    With two, also on one core, a file that crashes its reader does not end the run.
    """
    if setting:
        return setting
    with suppress(AttributeError):
        return max(2, len(os.sched_getaffinity(0)))
    return max(2, os.cpu_count() or 2)


def ordered_map(
    setup: Callable[[], Callable[[T], R]],
    items: Iterable[tuple[K, T | None]],
    *,
    workers: int,
    weigh: Callable[[T], float] = lambda task: 1,
    batch_weight: float = 1,
    max_seconds: float = 0,
    method: str | None = None,
) -> Iterator[tuple[K, R | Lost | None]]:
    """The keys of items in their order, each with the function's result for the item's task, Lost, or None without one.

    `setup` is called once in each process and returns the function; where processes are not forked, `setup` is sent to
    them as a pickle, as tasks and results are everywhere; keys are not sent. A batch ends with the task that makes it
    as heavy as `batch_weight`. A batch may take `max_seconds` (0: any time). An exception of the function is raised
    here. `method` is how processes are started: `fork` where that is safe, else `spawn`. Items are taken from the
    iterable only as fast as they are worked on. When this generator is closed, its processes end.
    """
    if workers == 1:
        function = setup()
        for key, task in items:
            yield key, None if task is None else function(task)
        return
    pool = _Pool[K, T, R](setup, workers, max_seconds, method or _start_method())
    try:
        yield from pool.run(_batches(items, weigh, batch_weight))
    finally:
        pool.close()


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The built-in `map` in so many worker processes, for a function and items that can be pickled."""

    workers: int

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]:
        """The results in the order of the items; raises WorkersError if an item ends its process twice."""
        tasks = ((None, item) for item in items)
        for _, result in ordered_map(partial(_given, function), tasks, workers=self.workers):
            if isinstance(result, Lost):
                raise WorkersError(f"a part of the work {result.reason}; try again with fewer workers")
            yield cast("R", result)


def _given(function: Callable[[T], R]) -> Callable[[T], R]:
    return function


def _start_method() -> str:
    """Forking is fast and shares memory, but copies locks that other threads hold, and fails on macOS."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


class _Batch(Generic[K, T]):
    """Consecutive items; `tasks` are those of the items that have one."""

    def __init__(self) -> None:
        self._keys: list[tuple[K, bool]] = []
        self.tasks: list[T] = []

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: K, task: T | None) -> None:
        self._keys.append((key, task is not None))
        if task is not None:
            self.tasks.append(task)

    def with_results(self, results: Iterable[R]) -> Iterator[tuple[K, R | None]]:
        result = iter(results)
        return ((key, next(result) if has_task else None) for key, has_task in self._keys)


def _batches(
    items: Iterable[tuple[K, T | None]], weigh: Callable[[T], float], batch_weight: float
) -> Iterator[_Batch[K, T]]:
    batch = _Batch[K, T]()
    weight = 0.0
    for key, task in items:
        batch.add(key, task)
        weight += 0 if task is None else weigh(task)
        if weight >= batch_weight or len(batch) >= _MAX_ITEMS:
            yield batch
            batch, weight = _Batch(), 0.0
    if batch:
        yield batch


class _Died(Exception):
    """The process of a worker has ended or was ended."""

    def __init__(self, lost: Lost) -> None:
        super().__init__(lost.reason)
        self.lost = lost


class _Pool(Generic[K, T, R]):
    def __init__(self, setup: Callable[[], Callable[[T], R]], count: int, max_seconds: float, method: str) -> None:
        self._setup = setup
        self._count = count
        self._max_seconds = max_seconds
        self._context: Any = multiprocessing.get_context(method)
        self._workers: list[_Worker] = []

    def run(self, batches: Iterator[_Batch[K, T]]) -> Iterator[tuple[K, R | Lost | None]]:
        given: dict[int, _Batch[K, T]] = {}
        results: dict[int, list[R | Lost]] = {}
        first = 0
        upcoming = next(batches, None)
        while given or upcoming is not None:
            if first in results:
                yield from given.pop(first).with_results(results.pop(first))
                first += 1
                continue
            if upcoming is not None and len(given) < self._count * (1 + _AHEAD):
                worker = self._idle_worker() if upcoming.tasks else None
                if worker is not None or not upcoming.tasks:
                    number = first + len(given)
                    given[number] = upcoming
                    if worker is None:
                        results[number] = []
                    elif not worker.give(number, upcoming.tasks):  # it died between two batches
                        results[number] = self._one_by_one(worker, upcoming.tasks)
                    upcoming = next(batches, None)
                    continue
            for worker in self._ready():
                try:
                    answered, outcomes = worker.take()
                except _Died:
                    answered, outcomes = worker.number, self._one_by_one(worker, given[worker.number].tasks)
                if answered is not None:
                    results[answered] = outcomes

    def close(self) -> None:
        for worker in self._workers:
            worker.end()

    def _new_worker(self) -> _Worker:
        return _Worker(self._context, self._setup, self._max_seconds)

    def _ready(self) -> list[_Worker]:
        """The workers that have answered, have died, or are too late; waits for one of them."""
        busy = {worker.connection: worker for worker in self._workers if not worker.is_idle}
        timeout = min((worker.seconds_left for worker in busy.values()), default=0)
        answered = wait(busy, min(max(0, timeout), _LONG_SECONDS))
        return [worker for connection, worker in busy.items() if connection in answered or worker.seconds_left <= 0]

    def _idle_worker(self) -> _Worker | None:
        """A worker without a batch, None while all are busy or starting."""
        if not self._workers:
            self._workers = [self._new_worker() for _ in range(self._count)]
        return next((worker for worker in self._workers if worker.is_idle), None)

    def _one_by_one(self, dead: _Worker, tasks: list[T]) -> list[R | Lost]:
        """Replaces a worker that died; the outcomes of its tasks, in a fresh process after each loss."""
        dead.end()
        self._workers.remove(dead)
        outcomes: list[R | Lost] = []
        worker = self._new_worker()
        self._workers.append(worker)
        for task in tasks:
            worker.wait_until_ready()
            try:
                worker.give(0, [task])
                outcomes += worker.take(is_patient=True)[1]
            except _Died as error:
                outcomes.append(error.lost)
                self._workers.remove(worker)
                worker = self._new_worker()
                self._workers.append(worker)
        return outcomes


class _Worker:
    """A worker process and the connection to it; `number` is that of its batch."""

    def __init__(self, context: Any, setup: Callable[[], Callable[[Any], Any]], max_seconds: float) -> None:
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(setup, theirs), daemon=True)
        with warnings.catch_warnings(), _interrupts_blocked():
            # Python 3.12 warns of all threads, those of BLAS too, which may be forked
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()
        self._max_seconds = max_seconds or float("inf")
        self._deadline = float("inf")
        self._is_ready = False
        self.number = -1

    @property
    def is_idle(self) -> bool:
        return self._is_ready and self.number < 0

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def give(self, number: int, tasks: list[Any]) -> bool:
        """Send a batch; False if the process has ended."""
        self.number = number
        self._deadline = time.monotonic() + self._max_seconds
        try:
            self.connection.send(tasks)
        except OSError:
            return False
        return True

    def take(self, *, is_patient: bool = False) -> tuple[int | None, list[Any]]:
        """Number and results of the batch; None as the number if the process has only started.

        Raises _Died if there is no answer yet, if `is_patient` when its time is over.
        """
        timeout = min(max(0, self.seconds_left), _LONG_SECONDS) if is_patient else 0
        try:
            if not self.connection.poll(timeout):
                raise self._died(is_late=True)
            answer = self.connection.recv()
        except (EOFError, OSError):
            raise self._died() from None
        if answer == _READY:
            self._is_ready = True
            return None, []
        number, self.number, self._deadline = self.number, -1, float("inf")
        if isinstance(answer, BaseException):
            raise answer
        return number, answer

    def wait_until_ready(self) -> None:
        while not self._is_ready:
            self.take(is_patient=True)

    def _died(self, *, is_late: bool = False) -> Exception:
        """What to raise: a process that ends before it was given anything would do so again."""
        self.end()
        if is_late:
            return _Died(Lost("too_slow", f"takes longer than {self._max_seconds:g} seconds (max_file_seconds)"))
        reason = _reason(self._process.exitcode)
        if not self._is_ready:
            return WorkersError(f"a worker process cannot start: it {reason}; run it again with workers = 1")
        return _Died(Lost("crashed", reason))

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def _reason(status: int | None) -> str:
    if status == _NO_MEMORY or status == -getattr(signal, "SIGKILL", 0):
        return "ends the process that works on it, probably because it needs more memory than there is"
    name = signal.Signals(-status).name if status and status < 0 else f"status {status}"
    return f"ends the process that works on it ({name})"


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keeps Ctrl-C from a process that is starting; this process gets it afterwards.

    A new process inherits that the signal is blocked, and ignores it once it can.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # multiprocessing would start it, and unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(setup: Callable[[], Callable[[Any], Any]], connection: Connection) -> None:
    """The main function of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends this one
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as adjustment:
        adjustment.write("500")  # where memory runs out, Linux then ends this process rather than the parent
    try:
        function = setup()
        connection.send(_READY)
        while True:
            tasks = connection.recv()
            try:
                answer: Any = [function(task) for task in tasks]
            except MemoryError:
                os._exit(_NO_MEMORY)
            except Exception as error:
                error.add_note(traceback.format_exc())
                answer = error
            connection.send(answer)
            del tasks, answer
    except (EOFError, OSError):
        pass  # the parent process has ended, or needs this one no more


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
