"""Checks, repairs and shows an index in a local folder: the `Upkeep` of the embedded engine."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from corpus.settings import Settings
from indexer.errors import IndexerError, IndexMissing, ReindexNeeded
from indexer.learning.word_list import list_words
from indexer.runs import published_sources, read_runs
from indexer.store.generations import current, current_name, generation_folders, generation_number
from indexer.store.manifest import Stamp, read_manifest, stamp_of
from indexer.store.publishing import files_below, lock, point_to, remove, unfinished_bytes, writer_of
from indexer.upkeep.check import check_generation
from indexer.upkeep.reports import CheckReport, GenerationStatus, IndexStatus, RepairOutcome, RepairReport, WordsReport


class EmbeddedUpkeep:
    """The upkeep of the index in a folder; see `Upkeep`."""

    def __init__(self, settings: Settings) -> None:
        self._index = settings.index_dir
        self._settings = settings

    def check(self) -> CheckReport:
        """Read everything that the current generation consists of; raises IndexMissing and ReindexNeeded."""
        folders = self._folders()
        found = self._current(folders)
        if found is None:
            damage = f"CURRENT names no generation in {self._index}; an older one may answer"
            return CheckReport(generation=None, damages=(damage,))
        return check_generation(found)

    def repair(self) -> RepairReport:
        """Go back to the newest sound generation if the current one is damaged; raises IndexMissing, IndexLocked."""
        self._folders()
        with lock(self._index, self._settings.lock_wait_seconds):
            folders = self._folders()
            found = self._current(folders)
            damages: list[str] = [] if found else [f"{self._index / 'CURRENT'} names no generation"]
            damaged: list[Path] = []
            for folder in ([found] if found else []) + [folder for folder in folders if folder != found]:
                report = _checked(folder)
                if report.is_sound:
                    break
                damages += report.damages
                damaged.append(folder)
            else:
                return self._report("lost", None, damages, [])
            number = generation_number(folder.name)
            if folder == found:
                return self._report("sound", number, damages, [])
            point_to(self._index, folder)
            for path in damaged:
                remove(path)
            return self._report("went_back", number, damages, damaged)

    def status(self, runs: int) -> IndexStatus:
        """Generations and the last runs; raises IndexMissing, IndexUnreadable."""
        folders = self._folders()
        seen: set[Stamp] = set()
        problem = None
        try:
            if current(self._index).is_fallback:
                problem = "CURRENT names no generation; an older one answers: run search-index again"
        except IndexerError as error:
            problem = str(error)
        return IndexStatus(
            index=str(self._index),
            generations=tuple(_status(folder, current_name(self._index), seen) for folder in folders),
            writer=writer_of(self._index),
            problem=problem,
            unfinished_bytes=unfinished_bytes(self._index),
            free_bytes=shutil.disk_usage(self._index).free,
            runs=tuple(reversed(read_runs(self._index, runs))),
        )

    def words(self, limit: int | None, *, is_rising: bool) -> WordsReport:
        """Learned words of the current generation, or those that rise; raises IndexMissing, IndexDamaged."""
        words, learned = list_words(current(self._index).path, limit, is_rising=is_rising)
        return WordsReport(learned=learned, words=words)

    def _folders(self) -> list[Path]:
        """All generations, the newest first; raises IndexMissing."""
        folders = generation_folders(self._index)
        if not folders:
            current(self._index)
            raise IndexMissing(f"there is no index in {self._index}")
        return folders

    def _current(self, folders: list[Path]) -> Path | None:
        """The generation that `CURRENT` names."""
        name = current_name(self._index)
        return next((folder for folder in folders if folder.name == name), None)

    def _report(
        self, outcome: RepairOutcome, number: int | None, damages: list[str], removed: list[Path]
    ) -> RepairReport:
        return RepairReport(
            outcome=outcome,
            generation=number,
            damages=tuple(damages),
            removed=tuple(path.name for path in removed),
            sources=published_sources(self._index),
        )


def _checked(folder: Path) -> CheckReport:
    """The report on a generation; one that this program cannot read is as good as damaged."""
    try:
        return check_generation(folder)
    except ReindexNeeded as error:
        return CheckReport(generation=generation_number(folder.name), damages=(str(error),))


def _status(folder: Path, current_name: str | None, seen: set[Stamp]) -> GenerationStatus:
    """The status of a generation; adds its files to those that newer generations have."""
    stamps = _stamps(folder)
    status = GenerationStatus(
        generation=generation_number(folder.name),
        is_current=folder.name == current_name,
        bytes=_bytes(stamps),
        own_bytes=_bytes(stamps - seen),
    )
    seen |= stamps
    try:
        manifest, _ = read_manifest(folder)
    except IndexerError as error:
        return replace(status, error=str(error))
    return replace(
        status,
        documents=manifest.documents,
        characters=manifest.characters,
        segments=len(list(folder.glob("seg-*"))),
        created=manifest.created,
    )


def _stamps(folder: Path) -> set[Stamp]:
    """The stamps of all files on disk, also of a generation that another version made."""
    stamps = set()
    for path in files_below(folder):
        with suppress(OSError):  # a run has removed it meanwhile
            stamps.add(stamp_of(path))
    return stamps


def _bytes(stamps: set[Stamp]) -> int:
    return sum(size for _, size, _ in stamps)
