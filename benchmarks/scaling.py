"""`python -m benchmarks.scaling`: what an OpenSearch cluster needs for a number of articles, from measured figures.

Bytes and CPU time per document were measured on texts of 1,107 characters on average (see docs/scaling.md) and are
multiplied; nothing of the table was run. `tests/test_project_scaling.py` holds docs/scaling.md to it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer.opensearch.indices import DOCUMENTS_PER_SHARD

_MILLISECONDS_PER_HOUR: Final = 3_600_000
_GB: Final = 1e9
_COLUMNS: Final = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerDocument:
    """Measured for one document: CPU times in milliseconds on one core of the test machine, sizes in bytes.

    The main process of search-index reads, counts and sends, and runs on one core; workers make documents. A node
    spends `node_cpu` on each copy. `main_memory` is the memory of the main process, `local_bytes` its folder.
    """

    source_bytes: float = 3070
    index_bytes: float = 8500
    worker_cpu: float = 2.2
    main_cpu: float = 0.7
    node_cpu: float = 2.1
    main_memory: float = 2000
    local_bytes: float = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is chosen and not measured: one kind of node, how full it gets, and prices in dollars a month.

    A full disk holds an index twice, because a rebuild writes a new one beside the one that answers.
    """

    copies: int = 2
    node_cores: int = 8
    node_memory_gb: int = 64
    node_disk_gb: int = 2000
    fill: float = 0.8
    least_nodes: int = 3
    load_hours: float = 24
    core_price: float = 25.0
    memory_gb_price: float = 3.0
    disk_gb_price: float = 0.1
    hours_per_month: float = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a number of documents needs; hours are of wall time unless they are called CPU hours."""

    documents: int
    shards: int
    index_gb: float
    nodes: int
    nodes_memory_gb: int
    indexing_machines: int
    workers_per_machine: int
    memory_per_machine_gb: float
    local_gb_per_machine: float
    preparing_cpu_hours: float
    node_cpu_hours: float
    hours_of_one_machine: float
    load_hours: float
    dollars_per_month: float
    dollars_per_load: float


def need(documents: int, measured: PerDocument, assumed: Assumed) -> Need:
    """Compute what a number of documents needs."""
    index_gb = documents * measured.index_bytes * assumed.copies / _GB
    nodes = max(assumed.least_nodes, math.ceil(2 * index_gb / (assumed.node_disk_gb * assumed.fill)))
    main_hours = documents * measured.main_cpu / _MILLISECONDS_PER_HOUR
    machines = max(1, math.ceil(main_hours / assumed.load_hours))
    workers = math.ceil(measured.worker_cpu / measured.main_cpu)
    preparing = documents * (measured.worker_cpu + measured.main_cpu) / _MILLISECONDS_PER_HOUR
    node_cpu = documents * measured.node_cpu * assumed.copies / _MILLISECONDS_PER_HOUR
    node_price = (
        assumed.node_cores * assumed.core_price
        + assumed.node_memory_gb * assumed.memory_gb_price
        + assumed.node_disk_gb * assumed.disk_gb_price
    )
    return Need(
        documents=documents,
        shards=math.ceil(documents / DOCUMENTS_PER_SHARD),
        index_gb=index_gb,
        nodes=nodes,
        nodes_memory_gb=nodes * assumed.node_memory_gb,
        indexing_machines=machines,
        workers_per_machine=workers,
        memory_per_machine_gb=documents / machines * measured.main_memory / _GB,
        local_gb_per_machine=documents / machines * measured.local_bytes / _GB,
        preparing_cpu_hours=preparing,
        node_cpu_hours=node_cpu,
        hours_of_one_machine=main_hours,
        load_hours=max(main_hours / machines, node_cpu / (nodes * assumed.node_cores)),
        dollars_per_month=nodes * node_price,
        dollars_per_load=preparing * assumed.core_price / assumed.hours_per_month,
    )


def table(needs: Sequence[Need]) -> str:
    """The needs as a table in Markdown, one column for each number of documents."""
    rows = [
        ("primary shards", [f"{each.shards:,}" for each in needs]),
        ("index on disk with one replica, GB", [_number(each.index_gb) for each in needs]),
        ("data nodes", [f"{each.nodes:,}" for each in needs]),
        ("memory of all nodes, GB", [f"{each.nodes_memory_gb:,}" for each in needs]),
        ("CPU hours to prepare all documents", [_number(each.preparing_cpu_hours) for each in needs]),
        ("CPU hours of the nodes to index them", [_number(each.node_cpu_hours) for each in needs]),
        ("hours of one indexing machine, at least", [_number(each.hours_of_one_machine) for each in needs]),
        ("indexing machines for a load in a day", [f"{each.indexing_machines:,}" for each in needs]),
        ("workers that keep one of them busy", [f"{each.workers_per_machine:,}" for each in needs]),
        ("memory of each one's main process, GB", [_number(each.memory_per_machine_gb) for each in needs]),
        ("local folder of each, GB", [_number(each.local_gb_per_machine) for each in needs]),
        ("hours of a full load", [_number(each.load_hours) for each in needs]),
        ("dollars a month for the nodes", [_number(each.dollars_per_month) for each in needs]),
        ("dollars for preparing a full load", [_number(each.dollars_per_load) for each in needs]),
    ]
    head = ["articles", *(f"10{_superscript(each.documents)}" for each in needs)]
    lines = [head, ["---", *("---:" for _ in needs)], *([name, *cells] for name, cells in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Print the table, with other assumptions if some are given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=(__doc__ or "").split("\n")[0])
    for name in ("copies", "node_cores", "node_memory_gb", "node_disk_gb"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Assumed(), name))
    for name in ("load_hours", "core_price", "memory_gb_price", "disk_gb_price"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(Assumed(), name))
    assumed = Assumed(**vars(parser.parse_args()))
    print(table([need(documents, PerDocument(), assumed) for documents in _COLUMNS]), end="")


def default_table() -> str:
    """The table that docs/scaling.md shows."""
    return table([need(documents, PerDocument(), Assumed()) for documents in _COLUMNS])


def _number(value: float) -> str:
    """Two significant digits below ten, whole numbers above."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _superscript(power_of_ten: int) -> str:
    """The exponent of a power of ten."""
    return str(len(str(power_of_ten)) - 1).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


if __name__ == "__main__":
    main()
