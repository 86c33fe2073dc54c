"""Builds an index: reads what changed in the sources, writes and publishes a new generation, and reports on it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import SourceStamps, find_files, list_stamps
from corpus.taxonomy.classify import Taxonomy
from corpus.workers import ProcessMap, worker_count
from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import fingerprint
from indexer.catalogue import counts
from indexer.catalogue.database import FILE_NAME, Catalogue, read_facts
from indexer.catalogue.documents import DocumentTable
from indexer.catalogue.facts import READING, facts_of, reason_to_start_anew
from indexer.catalogue.reading import CLOCK_NS, DraftStore, FileChanged, FileReader
from indexer.catalogue.resolving import Resolver
from indexer.errors import IndexDamaged, IndexerError
from indexer.generation_writer import EmbeddedWriter, GenerationWriter
from indexer.part_making import PartMaking, finished_sample, make_parts, unfinished_parts
from indexer.run_report import NO_CHANGES, RunReport, reports_by_file
from indexer.store.columns import FILE as COLUMNS
from indexer.store.free_space import enough_space
from indexer.store.generations import Generation, current
from indexer.store.manifest import FORMAT_VERSION, WHOOSH_ENGINE, Manifest
from indexer.store.publishing import building, lock, next_number, tidy
from indexer.store.verification import verify_contents

#: Called after each file and document with (work done, work in all, documents made so far); work is in bytes of files.
Progress = Callable[[int, int, int], None]
#: Called with a line that tells what a run is about to do, and why.
Notice = Callable[[str], None]

#: The share of the work that is done when all files are read, and when all parts are made (measured).
_READ: Final = 0.2
_MADE: Final = 0.8
#: Documents of which is learned what documents have in common.
_SAMPLE_DOCUMENTS: Final = 512
#: A file that changes while it is read is read again, with all others that changed meanwhile.
_ATTEMPTS: Final = 3


def build_index(
    sources: Sequence[Path],
    settings: Settings,
    *,
    is_rebuild: bool = False,
    is_verified: bool = False,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> RunReport:
    """Index the sources and publish the result as the next generation; the index then holds exactly these sources.

    Only what has changed since the current generation is read and written, and nothing if nothing has. Files whose
    sizes and times are the same count as unchanged, unless `is_verified`: then their bytes are compared. With
    `is_rebuild` all documents are made anew. Raises IndexLocked and IndexNotWritable; the published generation then
    stays as it was.
    """
    started = time.monotonic()
    index = settings.index_dir
    with lock(index, settings.lock_wait_seconds), unfinished_parts(index) as unfinished:
        tidy(index, settings.keep_generations)
        run = _Run(sources, settings, unfinished, started, is_rebuild=is_rebuild, is_verified=is_verified)
        report = run.report_if_nothing_changed()
        attempts = 0
        while report is None:
            attempts += 1
            try:
                report = run.build(progress or _ignore, notice or _ignore)
            except FileChanged:
                if attempts == _ATTEMPTS:
                    raise
                run.start_again()
    if report.is_unchanged:
        return report.unchanged_since(str(index), round(time.monotonic() - started, 3))
    return report


def _ignore(*_: object) -> None:
    """A callback that does nothing."""


class _Run:
    """One run over some sources."""

    def __init__(
        self,
        sources: Sequence[Path],
        settings: Settings,
        unfinished: Path,
        started: float,
        *,
        is_rebuild: bool,
        is_verified: bool,
    ) -> None:
        self._sources = sources
        self._unfinished = unfinished
        self._started = started
        self._settings = settings
        self._index = settings.index_dir
        self._is_rebuild = is_rebuild
        self._is_verified = is_verified
        self._taxonomy = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
        self._segmenter = Segmenter(settings.max_run_chars)
        self._workers = worker_count(settings.workers)
        self._facts = facts_of(settings, self._segmenter.fingerprint)
        self._previous = _readable_generation(self._index)
        self._old_facts = _facts_of_generation(self._previous) if self._previous else None
        self._list()

    def _list(self) -> None:
        self._listed_ns = time.time_ns()
        self._stamps = list_stamps(self._sources, self._settings)

    def start_again(self) -> None:
        """List the sources anew, and compare contents: the stamp of a file may be that of its former content."""
        self._list()
        self._is_verified = True

    def report_if_nothing_changed(self) -> RunReport | None:
        """The report of the current generation if no file has to be opened to know that another would equal it."""
        if self._previous is None or self._is_rebuild or self._is_verified or self._old_facts != self._facts:
            return None
        manifest = self._previous.manifest
        is_settled = self._stamps.newest_ns < manifest.listed_ns - CLOCK_NS
        if is_settled and manifest.sources == _digest(self._stamps, self._facts):
            return RunReport.from_dict({**self._previous.report(), "is_unchanged": True})
        return None

    def build(self, progress: Progress, notice: Notice) -> RunReport:
        """Publish a generation, unless it would equal the current one; raises FileChanged."""
        self._leave_damaged(notice)
        files, listing_issues = find_files(self._sources, self._settings)
        with ExitStack() as stack:
            folder = stack.enter_context(building(self._index))
            catalogue, is_continued = self._catalogue(folder, notice)
            stack.callback(catalogue.close)
            drafts = DraftStore(folder)
            stack.callback(drafts.close)
            reader = FileReader(
                catalogue,
                drafts,
                self._settings,
                listed_ns=self._previous.manifest.listed_ns if self._previous and is_continued else 0,
                is_verified=self._is_verified,
                is_read_again=not self._old_facts or self._old_facts.get(READING) != self._facts[READING],
            )
            to_read = reader.compare(files)
            stack.enter_context(enough_space(self._index, to_read))
            total = max(1, sum(file.size for file in to_read))

            def show(share: float, documents: int) -> None:
                progress(int(total * share), total, documents)

            reader.read(lambda done: show(_READ * done / total, 0))
            if self._previous and is_continued and not reader.is_changed:
                report = RunReport.from_dict({**self._previous.report(), "is_unchanged": True})
                if report.issues == (*listing_issues, *counts.issues(catalogue)):
                    return report
            writer = self._writer(folder, keeps_documents=is_continued)
            try:
                resolver = Resolver(catalogue, drafts, reader)
                self._write(catalogue, resolver, drafts, writer, show, notice, is_continued=is_continued)
            except BaseException:
                writer.cancel()
                raise
            report = self._report(catalogue, listing_issues)
            manifest = self._manifest(catalogue, report)
            catalogue.finish(self._facts)
            if report.generation is not None:
                writer.publish(manifest, report.as_dict())
        return report

    def _leave_damaged(self, notice: Notice) -> None:
        """Make all documents anew if a file that this run would continue is no longer what was published."""
        if self._previous is None:
            return
        try:
            verify_contents(self._previous.path, _is_continued_file)
        except IndexDamaged as error:
            notice(f"all {self._previous.manifest.documents:,} documents are made anew: {error.damage}")
            self._previous = self._old_facts = None

    def _catalogue(self, folder: Path, notice: Notice) -> tuple[Catalogue, bool]:
        """The catalogue of this run; True with it if it continues that of the current generation."""
        previous = self._previous
        if previous is None or self._old_facts is None:
            return Catalogue(folder, None, is_continued=False), False
        reason = reason_to_start_anew(self._old_facts, self._facts)
        if reason:
            notice(f"all {previous.manifest.documents:,} documents are made anew: {reason}")
        is_continued = not (reason or self._is_rebuild)
        return Catalogue(folder, previous.path / FILE_NAME, is_continued=is_continued), is_continued

    def _writer(self, folder: Path, *, keeps_documents: bool) -> GenerationWriter:
        settings = replace(self._settings, writer_memory_mb=max(1, self._settings.writer_memory_mb // self._workers))
        return EmbeddedWriter(
            self._index,
            folder,
            settings,
            self._segmenter,
            self._taxonomy.rules.digest,
            self._previous,
            keeps_documents=keeps_documents,
            run=ProcessMap(self._workers),
        )

    def _write(
        self,
        catalogue: Catalogue,
        resolver: Resolver,
        drafts: DraftStore,
        writer: GenerationWriter,
        progress: Callable[[float, int], None],
        notice: Notice,
        *,
        is_continued: bool,
    ) -> None:
        """Make the documents that the generation before does not have, and write them."""
        boilerplate = resolver.resolve()
        making = PartMaking(
            folder=self._unfinished,
            rules=repr((FORMAT_VERSION, sorted(self._facts.items()))),
            taxonomy=self._taxonomy,
            cutter=self._segmenter,
            boilerplate=boilerplate,
            new_part=writer.part,
            workers=self._workers,
        )
        pending = resolver.pending()
        if not is_continued:
            sample = pending[:: len(pending) // _SAMPLE_DOCUMENTS + 1]
            writer.set_sample(finished_sample(making, map(drafts.__getitem__, sample)))
        documents = DocumentTable(catalogue, is_continued=is_continued)
        done = reused = 0
        for part in make_parts(making, (documents.pending(number, drafts[number]) for number in pending)):
            for row, sketch in part.documents:
                documents.add(row, sketch)
            if part.folder is not None:
                writer.add_part(part.folder)
            done += len(part.documents)
            reused += len(part.documents) if part.is_reused else 0
            progress(_READ + (_MADE - _READ) * done / len(pending), done)
        if reused:
            notice(f"{reused:,} documents of a run that did not end are used again")
        writer.delete(documents.gone())
        writer.set_clusters(documents.clusters(writer.text))
        writer.finish()
        progress(1, done)

    def _report(self, catalogue: Catalogue, listing_issues: Sequence[ImportIssue]) -> RunReport:
        totals, of_files = counts.totals(catalogue), counts.file_counts(catalogue)
        issues = (*listing_issues, *counts.issues(catalogue))
        names = counts.file_names(catalogue)
        changes = counts.changes_by_file(catalogue) if totals.documents else {}  # nothing is published without
        rejected = sum(issue.is_rejection for issue in issues)
        repeated = sum(issue.kind == "repeated" for issue in issues)
        return RunReport(
            index=str(self._index),
            generation=next_number(self._index) if totals.documents else None,
            is_unchanged=False,
            files=len(names),
            read=totals.documents + rejected + repeated,
            indexed=totals.documents,
            empty=totals.empty,
            rejected=rejected,
            characters=totals.characters,
            seconds=round(time.monotonic() - self._started, 3),
            issues=issues,
            by_file=reports_by_file(names, of_files.indexed, issues, of_files.repairs, of_files.characters, changes),
            **sum(changes.values(), NO_CHANGES).as_dict(),
        )

    def _manifest(self, catalogue: Catalogue, report: RunReport) -> Manifest:
        totals = counts.totals(catalogue)
        is_certain = self._stamps.is_certain and not catalogue.value("SELECT MAX(is_retried) FROM files")
        return Manifest(
            format=FORMAT_VERSION,
            generation=report.generation or 0,
            engine=WHOOSH_ENGINE,
            fingerprint=fingerprint(),
            dictionary=self._segmenter.fingerprint,
            documents=totals.documents,
            characters=totals.characters,
            date_from=totals.date_from,
            date_to=totals.date_to,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            sources=_digest(self._stamps, self._facts) if is_certain else "",
            listed_ns=self._listed_ns,
            no_type=self._taxonomy.rules.no_type,
        )


def _digest(stamps: SourceStamps, facts: Mapping[str, str]) -> str:
    """SHA-256 of everything that determines the documents, as far as it is known without opening a file."""
    return hashlib.sha256(repr((stamps.digest, sorted(facts.items()))).encode()).hexdigest()


def _facts_of_generation(generation: Generation) -> dict[str, str] | None:
    """What a generation was made with; None if its catalogue cannot be read."""
    facts = read_facts(generation.path / FILE_NAME)
    if facts is not None and generation.manifest.fingerprint != fingerprint():
        return dict.fromkeys(facts, "")
    return facts


def _is_continued_file(name: str) -> bool:
    """True for what every run reads of the generation before: all that is in no segment, and the columns of these."""
    return "/" not in name or name.endswith(f"/{COLUMNS}")


def _readable_generation(index: Path) -> Generation | None:
    """The current generation, None if there is none that can be opened."""
    try:
        return current(index)
    except IndexerError:
        return None
