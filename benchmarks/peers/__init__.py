"""The engines that are compared, one module each, behind one protocol; only measured engines are imported.

A reader answers with everything a page of results needs: the exact total, the stored fields of the ten best documents,
and the counts of all hits by account, type and month (the fifty largest of each). None is its answer to a question
that the engine has no means for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from benchmarks.queries import Question

#: Hits on a page, and values kept of a facet, for everybody.
TOP: Final = 10
FACET_VALUES: Final = 50

#: Name on the command line to module and class.
PEERS: Final[Mapping[str, tuple[str, str]]] = {
    "kesou": ("kesou", "Kesou"),
    "whoosh": ("whoosh_", "StockWhoosh"),
    "tantivy": ("tantivy_", "Tantivy"),
    "fts5-words": ("fts5", "WordIndex"),
    "fts5-trigram": ("fts5", "TrigramIndex"),
    "xapian": ("xapian_", "Xapian"),
    "bm25s": ("bm25s_", "Bm25s"),
}
#: Kesou in a cluster, which `python -m benchmarks.opensearch` measures: its nodes are no children of the process.
CLUSTER: Final = "kesou-cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHit:
    """The stored fields of one of the best documents."""

    id: str
    title: str
    account: str
    date: str
    text: str


Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one question gave."""

    total: int
    hits: tuple[StoredHit, ...]
    facets: Facets


class Reader(Protocol):
    """An open index."""

    def search(self, query: Question) -> Answer | None:
        """The answer, or None when the engine cannot ask such a thing."""

    def close(self) -> None:
        """Forget everything that was read."""


class Peer(Protocol):
    """An engine. `most_documents` is a bound for engines that would take hours; `notes` go below the tables."""

    title: str
    most_documents: int | None
    notes: tuple[str, ...]

    @property
    def version(self) -> str:
        """The engine's version."""

    def index(self, documents: Path, directory: Path) -> None:
        """Index a folder of JSON Lines files into a new directory, durably."""

    def open(self, directory: Path) -> Reader:
        """Open an index; whatever the engine does at that moment is done when this returns."""


def load(name: str) -> Peer:
    """The engine of that name; raises ImportError when it is not installed."""
    module, attribute = ("kesou_cluster", "KesouCluster") if name == CLUSTER else PEERS[name]
    peer: Peer = getattr(import_module(f"{__name__}.{module}"), attribute)()
    return peer
