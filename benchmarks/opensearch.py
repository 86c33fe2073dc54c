"""`python -m benchmarks.opensearch`: the embedded engine and an OpenSearch cluster, side by side on the same texts.

Both are asked through the searcher, each from a process of its own, warm. The nodes must run on this machine, because
their memory is read from /proc; `python tools/opensearch_cluster.py run python -m benchmarks.opensearch` starts three
and stops them afterwards.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from benchmarks import queries
from benchmarks.documents import source_name
from benchmarks.machine import load_average, machine_line
from benchmarks.measure import Measured, folder_bytes, proportional_mb, run_job
from benchmarks.peers import CLUSTER
from benchmarks.peers.kesou_cluster import ALIAS, KesouCluster
from benchmarks.queries import KINDS, Question
from indexer.opensearch.client import OpenSearchClient

EMBEDDED: Final = "kesou"
#: What tools/opensearch_cluster.py tells the command that it runs.
_TEST_URLS: Final = "KESOU_TEST_OPENSEARCH"
_URLS: Final = "KESOU_OPENSEARCH_URLS"
_NAMES: Final = {EMBEDDED: "embedded engine", CLUSTER: "OpenSearch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One engine: the load and the warm process that asked; times of the nodes in seconds, memory in MB.

    `disk_bytes` is one copy of the index; the nodes have none of it for the embedded engine.
    """

    load: Measured
    warm: Mapping[str, Any]
    disk_bytes: int
    local_bytes: int
    node_seconds: float
    node_mb: float


class Nodes:
    """The nodes of the cluster, by what they say of themselves."""

    def __init__(self) -> None:
        self._client = OpenSearchClient(KesouCluster().settings(Path()))

    def describe(self) -> str:
        """Version and number."""
        version = self._client.ask("GET", "/")["version"]["number"]
        return f"OpenSearch {version}, {len(self._processes())} nodes"

    def delete(self) -> None:
        """Delete what a benchmark has left."""
        for name in self._client.ask("GET", f"/{ALIAS}-*", ignored=(404,)):
            if name.startswith(f"{ALIAS}-"):
                self._client.ask("DELETE", f"/{name}", ignored=(404,))

    def seconds(self) -> float:
        """CPU time since their start."""
        stats = self._client.ask("GET", "/_nodes/stats/process")["nodes"].values()
        return float(sum(node["process"]["cpu"]["total_in_millis"] for node in stats)) / 1000

    def megabytes(self) -> float:
        """Memory, with the pages of the index that they have mapped."""
        return sum(map(proportional_mb, self._processes()))

    def index_bytes(self) -> int:
        """One copy of the index."""
        self._client.ask("POST", f"/{ALIAS}/_flush")
        return int(self._client.ask("GET", f"/{ALIAS}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"])

    def _processes(self) -> list[int]:
        return [node["process"]["id"] for node in self._client.ask("GET", "/_nodes/process")["nodes"].values()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both engines and print a table in Markdown; raises ProcessFailed."""
    options = _parser().parse_args(arguments)
    if os.environ.get(_TEST_URLS):
        os.environ.setdefault(_URLS, os.environ[_TEST_URLS])
    nodes = Nodes()
    with tempfile.TemporaryDirectory(prefix="kesou-benchmark-", dir=options.work) as name:
        folder = Path(name)
        job = {"documents": str(folder / "documents"), "queries": str(folder / "queries.json")}
        count = {"count": options.documents, "source": options.source}
        prepared = run_job({"job": "prepare", **count, **job}, options.time_limit).result
        nodes.delete()
        try:
            figures = {engine: _measure(engine, folder, job, nodes, options) for engine in _NAMES}
        finally:
            nodes.delete()
        asked = queries.load(folder / "queries.json")
    print(f"{machine_line()}\n{nodes.describe()}; load average {load_average():.1f}")
    print(f"{prepared['count']:,} documents of {source_name(options.source)}, {prepared['characters']:,} characters\n")
    print(_table(figures, prepared["count"], asked), end="")


def _measure(engine: str, folder: Path, job: Mapping[str, str], nodes: Nodes, options: argparse.Namespace) -> Figures:
    """Load one engine and ask it everything."""
    paths = {**job, "peer": engine, "directory": str(folder / f"index-{engine}")}
    print(f"load {_NAMES[engine]}", file=sys.stderr, flush=True)
    before = nodes.seconds()
    loaded = run_job({"job": "index", **paths}, options.time_limit)
    spent = nodes.seconds() - before
    print(f"ask {_NAMES[engine]}", file=sys.stderr, flush=True)
    warm = run_job({"job": "warm", "repetition": 0, "seconds": options.seconds, **paths}, options.time_limit).result
    local = folder_bytes(Path(paths["directory"]))
    is_cluster = engine == CLUSTER
    return Figures(
        load=loaded,
        warm=warm,
        disk_bytes=nodes.index_bytes() if is_cluster else local,
        local_bytes=local,
        node_seconds=spent if is_cluster else 0.0,
        node_mb=nodes.megabytes() if is_cluster else 0.0,
    )


def _table(figures: Mapping[str, Figures], documents: int, asked: Sequence[Question]) -> str:
    """One row for each figure, one column for each engine."""
    both = list(figures.values())
    strings = {question.id for question in asked if question.kind == "string"}
    ranked = {question.id for question in asked if question.kind in KINDS}
    rows = [
        ("documents loaded a second", [f"{documents / each.load.wall_seconds:,.0f}" for each in both]),
        ("CPU time of search-index, s", [f"{each.load.cpu_seconds:.1f}" for each in both]),
        ("CPU time of the nodes meanwhile, s", [f"{each.node_seconds:.1f}" for each in both]),
        ("peak memory of search-index, MB", [f"{each.load.peak_mb:.0f}" for each in both]),
        ("index on disk, one copy, bytes a document", [f"{each.disk_bytes / documents:,.0f}" for each in both]),
        ("local folder, bytes a document", [f"{each.local_bytes / documents:,.0f}" for each in both]),
        ("memory of the searching process, private, MB", [f"{each.warm['private_mb']:.0f}" for each in both]),
        ("memory of the nodes, MB", [f"{each.node_mb:.0f}" for each in both]),
        ("list of ten with facets, p50 / p95, ms", [_percentiles(each.warm["times"], ranked) for each in both]),
        ("exact strings, p50 / p95, ms", [_percentiles(each.warm["times"], strings) for each in both]),
        ("page with fragments, p50 / p95, ms", [_percentiles(each.warm["pages"], ranked) for each in both]),
    ]
    first, second = (each.warm["totals"] for each in both)
    equal = sum(first[id] == second[id] for id in first)
    head = ["", *(_NAMES[engine] for engine in figures)]
    lines = [head, ["---", *("---:" for _ in figures)], *([name, *cells] for name, cells in rows)]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{table}\nEqual totals: {equal} of {len(first)} questions.\n"


def _percentiles(times: Mapping[str, Sequence[float]], ids: Iterable[str]) -> str:
    """Median and 95th percentile over the medians of the questions."""
    medians = [median(times[id]) for id in sorted(ids) if times.get(id)]
    return f"{median(medians):.1f} / {quantiles(medians, n=20)[-1]:.1f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.opensearch", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--documents", type=int, default=100_000, metavar="N", help="how many (default 100000)")
    add("--source", default="", metavar="FILE", help='a .jsonl or .jsonl.xz file, "generated" or "varied"')
    add("--work", metavar="DIR", help="where texts and indexes lie meanwhile (default: the temporary folder)")
    add("--seconds", type=float, default=30, metavar="S", help="time for repeating questions (default 30)")
    add("--time-limit", type=float, default=7200, metavar="S", help="a process is stopped then (default 7200)")
    return parser


if __name__ == "__main__":
    main()
