"""Upkeep of an index: the protocol of engines, and the reports on checking, repairing and showing an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from indexer.learning.word_list import LearnedWord
from indexer.runs import Run

RepairOutcome = Literal["sound", "went_back", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check of one generation found; it is sound if there is no damage.

    `documents` counts those that the manifest promises, `files` and `bytes` all files that were read, `samples` the
    documents that were read and looked up by their first characters. Each damage is one sentence that names a file, or
    counts that disagree. `unaccounted` counts the characters of sources that the run report says were lost.
    """

    generation: int | None
    documents: int = 0
    files: int = 0
    bytes: int = 0
    samples: int = 0
    unaccounted: int = 0
    damages: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """True if nothing is damaged."""
        return not self.damages


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """What a repair did.

    `outcome` is "sound" (nothing was changed), "went_back" (to the sound generation `generation`), or "lost" (there is
    none, and nothing was changed). `damages` are those that were found, `removed` the names of damaged generations.
    `sources` are those of the last run that published something, which should be indexed again unless all was sound;
    none if the history of runs is lost.
    """

    outcome: RepairOutcome
    generation: int | None
    damages: tuple[str, ...]
    removed: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationStatus:
    """One generation on disk; `created` is a time in ISO 8601, `error` says why its manifest cannot be read.

    `bytes` counts all files, `own_bytes` those that no newer generation has too.
    """

    generation: int
    is_current: bool
    documents: int = 0
    characters: int = 0
    segments: int = 0
    created: str | None = None
    bytes: int = 0
    own_bytes: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterIndex:
    """An index in a cluster; `waiting` counts versions of documents that no reader sees and a later run deletes.

    `documents` counts what readers see of the current one, and everything in another one.
    """

    name: str
    is_current: bool
    health: str
    shards: int
    replicas: int
    documents: int
    waiting: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """A cluster at a glance; `health` is green, yellow (copies of shards are missing) or red (shards are)."""

    nodes: str
    health: str
    nodes_with_data: int
    missing_shards: int
    indices: tuple[ClusterIndex, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """An index at a glance: its generations and last runs, the newest first.

    `writer` names the run that is writing to it now, `problem` says why no generation answers, or that an older one
    does. `unfinished_bytes` counts what a run that was killed has left for the next one. `cluster`
    is where an index is kept that is not in its folder.
    """

    index: str
    generations: tuple[GenerationStatus, ...]
    writer: str | None
    problem: str | None
    unfinished_bytes: int
    free_bytes: int
    runs: tuple[Run, ...]
    cluster: ClusterStatus | None = None

    @property
    def bytes(self) -> int:
        """The size of all generations, a file that several share counted once."""
        return sum(generation.own_bytes for generation in self.generations)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsReport:
    """Learned words, and how many there are in all."""

    learned: int
    words: tuple[LearnedWord, ...]


class Upkeep(Protocol):
    """What every engine offers for the upkeep of its index."""

    def check(self) -> CheckReport:
        """Read everything that the current generation consists of; raises IndexMissing and ReindexNeeded."""

    def repair(self) -> RepairReport:
        """Go back to the newest sound generation if the current one is damaged; raises IndexMissing, IndexLocked."""

    def status(self, runs: int) -> IndexStatus:
        """Generations and the last runs; raises IndexMissing, IndexUnreadable."""

    def words(self, limit: int | None, *, is_rising: bool) -> WordsReport:
        """Learned words of the current generation, or those that rise; raises IndexMissing, IndexDamaged."""
