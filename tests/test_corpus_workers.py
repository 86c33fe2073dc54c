"""Worker processes: order, crashes, time limits, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

import pytest
from worker_functions import doubling, failing, obedient

from corpus.workers import Lost, ProcessMap, WorkersError, ordered_map, worker_count

T = TypeVar("T")


def keyed(tasks: Iterable[T]) -> Iterator[tuple[T, T]]:
    """Items whose keys are their tasks."""
    return ((task, task) for task in tasks)


FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.mark.parametrize(
    ("method", "workers", "batch"),
    [
        ("", 1, 1),
        pytest.param("fork", 2, 1, marks=FORK),
        pytest.param("fork", 3, 4, marks=FORK),
        ("spawn", 3, 4),
    ],
)
def test_results_come_in_the_order_of_items(method: str, workers: int, batch: int) -> None:
    """Whatever finishes first, results are in order, and all processes take part."""
    results = list(ordered_map(doubling, keyed(range(30)), workers=workers, batch_weight=batch, method=method))
    assert [(item, result[0]) for item, result in results if isinstance(result, tuple)] == [
        (number, 2 * number) for number in range(30)
    ]
    processes = {result[1] for _, result in results if isinstance(result, tuple)}
    assert len(processes) == workers
    assert (os.getpid() in processes) == (workers == 1)


def test_items_are_taken_as_they_are_needed() -> None:
    """The items of a long list are not held in memory."""
    taken = 0

    def items() -> Iterator[tuple[int, int | None]]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number, number

    results = ordered_map(doubling, items(), workers=2, batch_weight=2)
    assert next(results)[0] == 0
    assert taken < 30
    results.close()  # type: ignore[attr-defined]


def test_nothing_to_do_needs_no_process() -> None:
    """Without tasks no process is started, and keys without a task keep their places."""
    assert list(ordered_map(failing, [], workers=2)) == []
    assert list(ordered_map(failing, [("a", None), ("b", None)], workers=2)) == [("a", None), ("b", None)]


@pytest.mark.parametrize("workers", [1, 2])
def test_items_without_a_task_keep_their_places(workers: int, tmp_path: Path) -> None:
    """What needs no work stands among what does; keys stay in this process and need not be sent."""
    locks = [Lock() for _ in range(10)]  # which cannot be sent
    items = [(lock, None if number % 3 else str(number)) for number, lock in enumerate(locks)]
    results = list(ordered_map(partial(obedient, str(tmp_path)), items, workers=workers, batch_weight=2))
    assert results == items


@pytest.mark.parametrize(
    ("method", "batch"), [pytest.param("fork", 1, marks=FORK), pytest.param("fork", 3, marks=FORK), ("spawn", 3)]
)
def test_item_that_ends_its_process_is_lost_alone(method: str, batch: int, tmp_path: Path) -> None:
    """A crash, a kill, too little memory, too much time: the others of the batch are done, and the reason is told."""
    items = ["a", "crash", "b", "kill", "memory", "c", "exit", "hang", "d", "e"]
    results = list(
        ordered_map(
            partial(obedient, str(tmp_path)), keyed(items), workers=2, batch_weight=batch, max_seconds=1, method=method
        )
    )
    assert [item for item, _ in results] == items
    memory = "ends the process that works on it, probably because it needs more memory than there is"
    assert [result for _, result in results] == [
        "A",
        Lost("crashed", "ends the process that works on it (SIGSEGV)"),
        "B",
        Lost("crashed", memory),
        Lost("crashed", memory),
        "C",
        Lost("crashed", "ends the process that works on it (status 3)"),
        Lost("too_slow", "takes longer than 1 seconds (max_file_seconds)"),
        "D",
        "E",
    ]


def test_item_that_ends_its_process_once_is_done(tmp_path: Path) -> None:
    """A process that was ended by somebody else costs nothing but time."""
    results = list(ordered_map(partial(obedient, str(tmp_path)), keyed(["a", "once", "b"]), workers=2, batch_weight=3))
    assert [result for _, result in results] == ["A", "ONCE", "B"]


@pytest.mark.parametrize("workers", [1, 2])
def test_exception_is_raised_here(workers: int, tmp_path: Path) -> None:
    """What goes wrong in a process goes wrong in the run."""
    with pytest.raises(ValueError, match="wrong"):
        list(ordered_map(partial(obedient, str(tmp_path)), keyed(["a", "error"]), workers=workers))


def test_process_that_cannot_start_is_an_error() -> None:
    """Where no worker can start, the items are not to blame."""
    with pytest.raises(WorkersError, match=r"cannot start: it ends .* \(status 4\); run it again with workers = 1"):
        list(ordered_map(failing, keyed([1, 2]), workers=2))


@FORK
@pytest.mark.parametrize("workers", [1, 2])
def test_map_in_processes(workers: int, tmp_path: Path) -> None:
    """The built-in map, in processes; an item that ends its process is an error that says what to do."""
    run = ProcessMap(workers)
    obey = obedient(str(tmp_path))
    assert list(run(obey, ["a", "b"])) == ["A", "B"]
    if workers > 1:
        with pytest.raises(
            WorkersError, match=r"a part of the work ends .* \(status 3\); try again with fewer workers"
        ):
            list(run(obey, ["a", "exit"]))


def test_number_of_workers() -> None:
    """The setting counts; without it, the cores that this process may use, and two at least."""
    assert worker_count(1) == 1
    assert worker_count(5) == 5
    assert worker_count(0) == max(2, len(os.sched_getaffinity(0)))


CODE = """
import sys, time
sys.path.insert(0, {tests!r})
from functools import partial
from worker_functions import obedient
from corpus.workers import ordered_map
if __name__ == "__main__":
    items = [(item, item) for item in ("a", "hang", "hang", "b")]
    try:
        for _, result in ordered_map(partial(obedient, ""), items, workers=2, method={method!r}):
            print(result, flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""

SLOW_START = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    print("starting", flush=True)
    time.sleep(1)
"""


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        pytest.param("fork", signal.SIGINT, marks=FORK),
        pytest.param("fork", signal.SIGTERM, marks=FORK),
        pytest.param("fork", signal.SIGKILL, marks=FORK),
        ("spawn", signal.SIGINT),
    ],
)
def test_processes_end_with_their_parent(method: str, ending: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, which goes to all processes, and the end of the parent alone leave no process and no traceback."""
    # A process that is spawned starts so slowly that Ctrl-C comes before any code of this project has run there.
    (tmp_path / "sitecustomize.py").write_text(SLOW_START, "utf-8")
    script = tmp_path / "script.py"
    script.write_text(CODE.format(tests=str(Path(__file__).parent), method=method), "utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(Path(__file__).parents[1])))},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == ("starting\n" if method == "spawn" else "A\n")
    if ending == signal.SIGINT:
        os.killpg(process.pid, ending)
    else:
        process.send_signal(ending)
    # Standard output is at its end only when the last process that holds it has ended.
    _, errors = process.communicate(timeout=60)
    assert errors == ""
    assert process.returncode == (130 if ending == signal.SIGINT else -ending)
    deadline = time.monotonic() + 10
    while True:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.01)
