"""`python -m benchmarks.cold`: the command `search` from process start to its end, next to a Python that does nothing.

Whole processes, interleaved, medians; an index of the first documents of the corpus is built for it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from benchmarks import queries
from benchmarks.machine import load_average, machine_line
from benchmarks.measure import ROOT, run_job
from benchmarks.queries import Question

_TIME_LIMIT_SECONDS: Final = 1800
#: One question of each of these kinds, in turn.
_KINDS: Final = ("rare", "middling", "common", "all", "phrase")
_HEADING: Final = """\
| documents | command | runs | p50 ms | p95 ms | CPU ms | of `python -c pass` |
|---:|---|---:|---:|---:|---:|---:|"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = _parser().parse_args(arguments)
    print(machine_line() + f" · load {load_average():.1f}\n")
    print(_HEADING)
    for count in options.documents:
        with tempfile.TemporaryDirectory(prefix="kesou-benchmark-") as folder:
            _print_rows(count, Path(folder), options.runs)
    return 0


def _print_rows(count: int, folder: Path, runs: int) -> None:
    paths = {"documents": str(folder / "documents"), "queries": str(folder / "queries.json")}
    prepared = run_job({"job": "prepare", "count": count, "source": "", **paths}, _TIME_LIMIT_SECONDS).result
    index = folder / "index"
    run_job({"job": "index", "peer": "kesou", **paths, "directory": str(index)}, _TIME_LIMIT_SECONDS)
    asked = queries.load(folder / "queries.json")
    asked = [next(query for query in asked if query.kind == kind) for kind in _KINDS]
    commands = _commands(index)
    samples = _sample(commands, asked, runs)
    floor = median(wall for wall, _ in samples["python -c pass"])
    for name, pairs in samples.items():
        walls = [wall for wall, _ in pairs]
        p95 = quantiles(walls, n=20, method="inclusive")[-1]
        cpu = median(cpu for _, cpu in pairs)
        cells = (f"{prepared['count']:,}", f"`{name}`", len(walls), f"{median(walls):.1f}", f"{p95:.1f}")
        print("| " + " | ".join(map(str, (*cells, f"{cpu:.1f}", f"{median(walls) / floor:.2f}×"))) + " |")


def _commands(index: Path) -> dict[str, list[str]]:
    """Name to command; {} stands for the question."""
    search = [sys.executable, "-m", "searcher", "--index", str(index), "--", "{}"]
    as_json = [sys.executable, "-m", "searcher", "--index", str(index), "--json", "--", "{}"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -I -S -c pass": [sys.executable, "-I", "-S", "-c", "pass"],
        "python -m searcher …": search,
        "python -m searcher --json …": as_json,
    }


def _sample(
    commands: Mapping[str, Sequence[str]], asked: Sequence[Question], runs: int
) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU milliseconds of each command; each runs once beforehand for the page cache and compiled files."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(-1, runs):
        query = asked[number % len(asked)]
        text = f'"{query.text}"' if query.match == "phrase" else " ".join(query.terms)
        for name, command in commands.items():
            measured = _run([text if part == "{}" else part for part in command])
            if number >= 0:
                samples[name].append(measured)
    return samples


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds; raises RuntimeError unless the command found something."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with status {process.returncode}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=__doc__)
    add = parser.add_argument
    add("--documents", type=int, nargs="+", default=[1000, 10_000], metavar="N", help="sizes (default 1000 10000)")
    add("--runs", type=int, default=30, metavar="N", help="runs of each command (default 30)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
