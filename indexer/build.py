"""Builds an index: reads sources into documents, writes them as a new generation, publishes it, and reports on it."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.collection import Collection
from corpus.import_issue import ImportIssue
from corpus.ledger import CharacterCounts
from corpus.settings import Settings
from corpus.sources.file_bytes import digest_of
from corpus.sources.files import find_files
from corpus.sources.reading import READING_VERSION
from corpus.sources.source_file import SourceFile
from corpus.taxonomy.classify import Taxonomy
from corpus.taxonomy.rule_file import PACKAGED_TAXONOMY
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import fingerprint
from indexer.errors import IndexerError
from indexer.generation_writer import EmbeddedWriter, GenerationWriter
from indexer.record import IndexRecord, make_record
from indexer.run_report import RunReport, reports_by_file
from indexer.store.generations import Generation, current
from indexer.store.manifest import FORMAT_VERSION, WHOOSH_ENGINE, Manifest
from indexer.store.publishing import building, lock, next_number, tidy

#: Called after each document with (bytes read, bytes in all, documents so far).
Progress = Callable[[int, int, int], None]


def build_index(
    sources: Sequence[Path], settings: Settings, *, is_rebuild: bool = False, progress: Progress | None = None
) -> RunReport:
    """Index the sources and publish the result as the next generation; the index then holds exactly these sources.

    If neither sources nor rules have changed since the current generation, nothing is written, unless `is_rebuild`.
    Raises IndexLocked and IndexNotWritable; the published generation then stays as it was.
    """
    started = time.monotonic()
    index = settings.index_dir
    taxonomy = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
    segmenter = Segmenter(settings.max_run_chars)
    with lock(index, settings.lock_wait_seconds):
        tidy(index, settings.keep_generations)
        files, issues = find_files(sources, settings)
        digest = _digest(files, issues, settings, segmenter)
        previous = _readable_generation(index)
        if previous is not None and not is_rebuild and _is_current(previous.manifest, digest):
            report = RunReport.from_dict(previous.report())
            seconds = round(time.monotonic() - started, 3)
            return replace(report, index=str(index), is_unchanged=True, seconds=seconds)
        run = _IndexingRun(settings, taxonomy, segmenter, issues)
        with building(index) as folder:
            writer: GenerationWriter = EmbeddedWriter(
                index, folder, settings, segmenter, taxonomy.rules.digest, previous
            )
            documents = run.write(files, folder, writer, progress)
            generation = next_number(index)
            report = run.report(index, files, generation if documents else None, time.monotonic() - started)
            if documents:
                manifest = Manifest(
                    format=FORMAT_VERSION,
                    generation=generation,
                    engine=WHOOSH_ENGINE,
                    fingerprint=fingerprint(),
                    dictionary=segmenter.fingerprint,
                    documents=documents,
                    characters=run.characters,
                    date_from=min(run.dates, default=None),
                    date_to=max(run.dates, default=None),
                    created=datetime.now(UTC).isoformat(timespec="seconds"),
                    sources=digest,
                    no_type=taxonomy.rules.no_type,
                )
                writer.publish(manifest, asdict(report))
    return report


class _IndexingRun:
    """Writes the documents of one run and counts them."""

    def __init__(
        self, settings: Settings, taxonomy: Taxonomy, segmenter: Segmenter, issues: Iterable[ImportIssue]
    ) -> None:
        self._settings = settings
        self._taxonomy = taxonomy
        self._segmenter = segmenter
        self._issues = list(issues)
        self._indexed: Counter[str] = Counter()
        self._repairs: Mapping[str, Mapping[str, int]] = {}
        self._characters: Mapping[str, CharacterCounts] = {}
        self._empty = 0
        self.characters = 0
        self.dates: set[str] = set()

    def write(
        self, files: Sequence[SourceFile], folder: Path, writer: GenerationWriter, progress: Progress | None
    ) -> int:
        """Write all documents of the files, with temporary files in the folder; returns the number of documents."""
        try:
            for record in self._records(files, folder, progress):
                writer.add(record)
            writer.finish()
        except BaseException:
            writer.cancel()
            raise
        return self._indexed.total()

    def _records(self, files: Sequence[SourceFile], folder: Path, progress: Progress | None) -> Iterator[IndexRecord]:
        """The analysed documents of the files, each article once; keeps issues and counts."""
        total = sum(file.size for file in files)
        collection = Collection(files, self._taxonomy, self._settings, folder)
        for item in collection:
            if isinstance(item, ImportIssue):
                self._issues.append(item)
                continue
            self._indexed[collection.file] += 1
            record = make_record(item, self._segmenter)
            self._empty += item.state == "empty"
            self.characters += record.characters
            if item.date:
                self.dates.add(item.date)
            yield record
            if progress:
                progress(collection.done_bytes, total, self._indexed.total())
        self._repairs, self._characters = collection.repairs, collection.characters
        if progress:
            progress(total, total, self._indexed.total())

    def report(self, index: Path, files: Sequence[SourceFile], generation: int | None, seconds: float) -> RunReport:
        """The report on this run."""
        indexed = self._indexed.total()
        rejected = sum(issue.is_rejection for issue in self._issues)
        repeated = sum(issue.kind == "repeated" for issue in self._issues)
        return RunReport(
            index=str(index),
            generation=generation,
            is_unchanged=False,
            files=len(files),
            read=indexed + rejected + repeated,
            indexed=indexed,
            empty=self._empty,
            rejected=rejected,
            characters=self.characters,
            seconds=round(seconds, 3),
            issues=tuple(self._issues),
            by_file=reports_by_file(
                [file.name for file in files], self._indexed, self._issues, self._repairs, self._characters
            ),
        )


def _digest(
    files: Sequence[SourceFile], issues: Sequence[ImportIssue], settings: Settings, segmenter: Segmenter
) -> str:
    """SHA-256 of everything that determines the documents: files with their names, missing sources, settings, rules."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.name}\0{file.size}\0".encode("utf-8", "surrogateescape"))
        try:
            whole.update(digest_of(file))
        except OSError:
            whole.update(b"unreadable")
    shaping = (READING_VERSION, settings.max_file_bytes, settings.max_document_chars, settings.max_json_depth)
    whole.update(repr((shaping, segmenter.fingerprint, issues)).encode("utf-8", "surrogatepass"))
    for rules in (PACKAGED_TAXONOMY, Path(settings.taxonomy) if settings.taxonomy else None):
        whole.update(rules.read_bytes() if rules else b"")
    return whole.hexdigest()


def _readable_generation(index: Path) -> Generation | None:
    """The current generation, None if there is none that can be opened."""
    try:
        return current(index)
    except IndexerError:
        return None


def _is_current(manifest: Manifest, digest: str) -> bool:
    """True if a new generation would equal this one."""
    return manifest.sources == digest and manifest.fingerprint == fingerprint()
