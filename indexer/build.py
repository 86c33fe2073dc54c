"""One indexing run: sources to documents to a published generation, and a report of what became of everything."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from corpus.collection import Collection
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import SourceFile, find_files
from corpus.sources.reading import READING_VERSION
from corpus.taxonomy.classify import PACKAGED_TAXONOMY, Taxonomy
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import fingerprint
from indexer.commands.import_report import FileReport, report_from_json, reports_by_file
from indexer.completions import CompletionTable, CompletionWriter
from indexer.errors import IndexDamaged, IndexerError
from indexer.postings.reader import PackedIndex
from indexer.postings.whoosh_writer import IndexWriter
from indexer.record import IndexRecord, make_record
from indexer.store.generations import (
    FORMAT_VERSION,
    Generation,
    Manifest,
    building,
    current,
    lock,
    next_number,
    publish,
)
from indexer.store.stored_documents import DocumentReader, DocumentWriter

ENGINE: Final = "whoosh"

#: Called after each document with (bytes read, bytes in all, documents so far).
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did. `generation` is None when nothing could be published.

    read = indexed + rejected + repeated records; `empty` of the indexed have a title only.
    """

    index: str
    generation: int | None
    is_unchanged: bool
    files: int
    read: int
    indexed: int
    empty: int
    rejected: int
    characters: int
    seconds: float
    problems: tuple[ImportIssue, ...]
    by_file: tuple[FileReport, ...]


def build_index(
    sources: Sequence[Path], settings: Settings, *, is_rebuild: bool = False, progress: Progress | None = None
) -> RunReport:
    """Index the sources and publish the result as the next generation; the index then holds exactly these sources.

    When neither sources nor rules have changed since a whole generation, nothing is written, unless `is_rebuild`.
    Raises IndexLocked and IndexNotWritable; the published generation stays as it was then.
    """
    started = time.monotonic()
    index = settings.index_dir
    taxonomy = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
    segmenter = Segmenter(Path(settings.user_dictionary) if settings.user_dictionary else None, settings.max_run_chars)
    with lock(index, settings.lock_wait_seconds):
        files, problems = find_files(sources, settings)
        digest = _digest(files, problems, settings, segmenter)
        earlier = _whole_generation(index)
        if earlier is not None and not is_rebuild and _is_unchanged(earlier.manifest, digest):
            report = _report_of(earlier.manifest)
            return replace(report, index=str(index), seconds=round(time.monotonic() - started, 3))
        run = _Run(settings, taxonomy, segmenter, problems)
        with building(index) as folder:
            documents = run.write(files, folder, earlier, progress)
            generation = next_number(index)
            report = run.report(index, files, generation if documents else None, time.monotonic() - started)
            if documents:
                _verify(folder, documents)
                manifest = Manifest(
                    format=FORMAT_VERSION,
                    generation=generation,
                    engine=ENGINE,
                    fingerprint=fingerprint(),
                    dictionary=segmenter.fingerprint,
                    documents=documents,
                    characters=run.characters,
                    date_from=min(run.dates, default=None),
                    date_to=max(run.dates, default=None),
                    created=datetime.now(UTC).isoformat(timespec="seconds"),
                    sources=digest,
                    report=asdict(report),
                )
                publish(index, folder, manifest, settings.keep_generations)
    return report


class _Run:
    """The counts of one run, and the loop over its documents."""

    def __init__(
        self, settings: Settings, taxonomy: Taxonomy, segmenter: Segmenter, problems: Iterable[ImportIssue]
    ) -> None:
        self._settings = settings
        self._taxonomy = taxonomy
        self._segmenter = segmenter
        self._problems = list(problems)
        self._indexed: Counter[str] = Counter()
        self._repairs: Mapping[str, Mapping[str, int]] = {}
        self._empty = 0
        self.characters = 0
        self.dates: set[str] = set()

    def write(
        self, files: Sequence[SourceFile], folder: Path, earlier: Generation | None, progress: Progress | None
    ) -> int:
        """Write all documents of the files into the folder; returns how many."""
        writer = IndexWriter(folder, self._settings.writer_memory_mb)
        texts = DocumentWriter(folder)
        completions = CompletionWriter()
        try:
            for record in self._records(files, folder, progress):
                writer.add(record)
                texts.add(record.document)
                completions.add(record)
            texts.close()
            writer.close()
        except BaseException:
            texts.cancel()
            writer.cancel()
            raise
        if self._indexed:
            completions.write(folder)
        is_same = earlier is not None and earlier.manifest.dictionary == self._segmenter.fingerprint
        self._segmenter.write_dictionary(folder, earlier.path if earlier is not None and is_same else None)
        return self._indexed.total()

    def _records(self, files: Sequence[SourceFile], folder: Path, progress: Progress | None) -> Iterator[IndexRecord]:
        """The documents of the files with their tokens, each article once; problems and counts are kept."""
        total = sum(file.size for file in files)
        collection = Collection(files, self._taxonomy, self._settings, folder)
        for item in collection:
            if isinstance(item, ImportIssue):
                self._problems.append(item)
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
        self._repairs = collection.repairs
        if progress:
            progress(total, total, self._indexed.total())

    def report(self, index: Path, files: Sequence[SourceFile], generation: int | None, seconds: float) -> RunReport:
        """The run's report."""
        indexed = self._indexed.total()
        rejected = sum(problem.is_rejection for problem in self._problems)
        repeated = sum(problem.kind == "repeated" for problem in self._problems)
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
            problems=tuple(self._problems),
            by_file=reports_by_file([file.name for file in files], self._indexed, self._problems, self._repairs),
        )


def _digest(
    files: Sequence[SourceFile], problems: Sequence[ImportIssue], settings: Settings, segmenter: Segmenter
) -> str:
    """Changes when a file, its name, what could not be found or a setting that shapes documents changes."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.name}\0{file.size}\0".encode("utf-8", "surrogateescape"))
        try:
            with file.path.open("rb") as content:
                whole.update(hashlib.file_digest(content, "sha256").digest())
        except OSError:
            whole.update(b"unreadable")
    shaping = (READING_VERSION, settings.max_file_bytes, settings.max_document_chars, settings.max_json_depth)
    whole.update(repr((shaping, segmenter.fingerprint, problems)).encode("utf-8", "surrogatepass"))
    for rules in (PACKAGED_TAXONOMY, Path(settings.taxonomy) if settings.taxonomy else None):
        whole.update(rules.read_bytes() if rules else b"")
    return whole.hexdigest()


def _whole_generation(index: Path) -> Generation | None:
    """The current generation, None when there is none that could be read."""
    try:
        return current(index)
    except IndexerError:
        return None


def _is_unchanged(manifest: Manifest, digest: str) -> bool:
    """True when a new generation would be the same."""
    return manifest.sources == digest and manifest.fingerprint == fingerprint()


def _report_of(manifest: Manifest) -> RunReport:
    """The report of the run that made a generation, said again by one that had nothing to do."""
    problems = tuple(ImportIssue(**problem) for problem in manifest.report["problems"])
    by_file = tuple(map(report_from_json, manifest.report["by_file"]))
    return RunReport(**{**manifest.report, "problems": problems, "by_file": by_file, "is_unchanged": True})


def _verify(folder: Path, documents: int) -> None:
    """Open what was written and read the first and the last document, before anybody else does."""
    PackedDictionary(folder).close()
    CompletionTable(folder).close()
    index = PackedIndex(folder)
    try:
        with DocumentReader(folder) as texts:
            if index.documents != documents or len(texts) != documents:
                raise IndexDamaged(f"{documents} documents were written, {index.documents} are in the index")
            for number in {0, documents - 1}:
                if int(texts.read(number).id, 16) != index.columns["ids"][number]:
                    raise IndexDamaged("texts and index disagree")
    finally:
        index.close()
