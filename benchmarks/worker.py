"""The measured process: prepares texts and queries, indexes with one engine, or executes all queries on one engine.

`python -m benchmarks.worker JOB`, a JSON object; the result is written as JSON to the file that the job names.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks import queries
from benchmarks.peers import load
from benchmarks.queries import Question

#: Rounds of a warm process, fewer where the time is up; one round is always finished.
ROUNDS: Final = 7
#: How often an index is opened and asked one question, fewer where the time is up.
FRESH_ROUNDS: Final = 2

Job = dict[str, Any]


def prepare(job: Job) -> Job:
    """Write the documents and the questions; returns what they amount to."""
    from benchmarks import documents, truth  # deferred: no measured process needs them

    folder = Path(job["documents"])
    text_bytes = characters = count = 0
    for document in documents.write(documents.documents(job["count"], job["source"]), folder):
        count += 1
        characters += len(document.title) + len(document.text)
        text_bytes += len(document.title.encode()) + len(document.text.encode())
    chosen = queries.choose(list(islice(documents.read(folder), queries.SAMPLE)))
    queries.save(truth.with_expected(chosen, documents.read(folder)), Path(job["queries"]))
    return {"count": count, "characters": characters, "text_bytes": text_bytes}


def describe(job: Job) -> Job:
    """What the tables say about an engine."""
    peer = load(job["peer"])
    notes = list(peer.notes)
    return {"title": peer.title, "version": peer.version, "most_documents": peer.most_documents, "notes": notes}


def index(job: Job) -> Job:
    """Build an index; returns the peak of this process in MB."""
    load(job["peer"]).index(Path(job["documents"]), Path(job["directory"]))
    return {"peak_mb": _status_mb("VmHWM")}


def warm(job: Job) -> Job:
    """Ask everything once, then in rounds of random order: milliseconds and totals by question, private memory."""
    reader = load(job["peer"]).open(Path(job["directory"]))
    asked = queries.load(Path(job["queries"]))
    times: dict[str, list[float]] = {}
    totals: dict[str, int | None] = {}
    memory: dict[str, float] = {}
    for is_string in (False, True):
        group = [query for query in asked if (query.kind == "string") == is_string]
        for query in group:
            answer = reader.search(query)
            totals[query.id] = None if answer is None else answer.total
        able = [query for query in group if totals[query.id] is not None]
        _rounds(able, reader.search, job, times)
        memory = memory or _private_mb()
    pages: dict[str, list[float]] = {}
    if with_snippets := getattr(reader, "search_with_snippets", None):
        _rounds([query for query in asked if query.kind != "string"], with_snippets, job, pages)
    return {"times": times, "pages": pages, "totals": totals, **memory}


def fresh(job: Job) -> Job:
    """Open the index anew for every question: milliseconds of opening, and of the first answer, by question.

    One question is asked beforehand, so that libraries and dictionaries, which belong to the process, are loaded.
    """
    peer, directory = load(job["peer"]), Path(job["directory"])
    asked = [query for query in queries.load(Path(job["queries"])) if query.kind != "string"]
    reader = peer.open(directory)
    able = [query for query in asked if query.id in job["able"]]
    reader.search(able[0])
    reader.close()
    times: dict[str, list[float]] = {}
    opening = []
    deadline = time.monotonic() + job["seconds"]
    for number in range(FRESH_ROUNDS):
        for query in _shuffled(able, job["repetition"] * FRESH_ROUNDS + number):
            started = time.perf_counter()
            reader = peer.open(directory)
            opened = time.perf_counter()
            reader.search(query)
            answered = time.perf_counter()
            reader.close()
            opening.append((opened - started) * 1000)
            times.setdefault(query.id, []).append((answered - opened) * 1000)
            if time.monotonic() > deadline:
                return {"times": times, "opening": opening}
    return {"times": times, "opening": opening}


def _rounds(able: Sequence[Question], ask: Callable[[Question], Any], job: Job, times: dict[str, list[float]]) -> None:
    deadline = time.monotonic() + job["seconds"]
    for number in range(ROUNDS):
        for query in _shuffled(able, job["repetition"] * ROUNDS + number):
            started = time.perf_counter()
            ask(query)
            times.setdefault(query.id, []).append((time.perf_counter() - started) * 1000)
            if number and time.monotonic() > deadline:
                return


def _shuffled(group: Sequence[Question], seed: int) -> list[Question]:
    return Random(seed).sample(group, len(group))  # noqa: S311  # an order, nothing secret


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text("ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _private_mb() -> dict[str, float]:
    """Memory that this process shares with nobody, and the part of it that no file on disk could give back."""
    sizes = {"Private_Clean": 0, "Private_Dirty": 0}
    for line in Path("/proc/self/smaps_rollup").read_text("ascii", errors="replace").splitlines():
        name, _, rest = line.partition(":")
        if name in sizes:
            sizes[name] = int(rest.split()[0])
    return {"private_mb": sum(sizes.values()) / 1024, "dirty_mb": sizes["Private_Dirty"] / 1024}


_JOBS: Final[dict[str, Callable[[Job], Job]]] = {job.__name__: job for job in (prepare, describe, index, warm, fresh)}


def main() -> None:
    """Run the job of the command line."""
    job: Job = json.loads(sys.argv[1])
    result = _JOBS[job["job"]](job)
    Path(job["result"]).write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main()
