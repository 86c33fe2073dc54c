"""Makes a generation: reads what changed in the sources, writes and publishes it, and reports on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from corpus.errors import KesouError
from corpus.import_issue import ImportIssue
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy
from corpus.workers import worker_count
from indexer.analysis.tokens import fingerprint
from indexer.catalogue import counts
from indexer.catalogue.database import FILE_NAME, Catalogue, catalogue_damage, read_facts
from indexer.catalogue.documents import DocumentTable
from indexer.catalogue.facts import READING, reason_to_start_anew
from indexer.catalogue.reading import DraftStore, FileChanged, FileReader
from indexer.catalogue.resolving import Resolver
from indexer.errors import IndexDamaged
from indexer.generation_writer import GenerationWriter
from indexer.part_making import LostDocument, PartMaking, finished_sample, make_parts
from indexer.run_progress import Notice, Progress
from indexer.run_report import NO_CHANGES, RunReport, reports_by_file
from indexer.run_start import RunStart
from indexer.store.columns import FILE as COLUMNS
from indexer.store.free_space import enough_space
from indexer.store.generations import Generation
from indexer.store.manifest import FORMAT_VERSION, Manifest
from indexer.store.publishing import building
from indexer.store.verification import verify_contents
from indexer.store.write_failures import first_failure

#: The share of the work that is done when all files are read, and when all parts are made (measured).
_READ: Final = 0.2
_MADE: Final = 0.8
#: Documents of which is learned what documents have in common.
_SAMPLE_DOCUMENTS: Final = 512
#: A file that changes while it is read is read again, with all others that changed meanwhile.
_ATTEMPTS: Final = 3


def make_generation(start: RunStart, unfinished: Path, started: float, progress: Progress, notice: Notice) -> RunReport:
    """Publish a generation of the sources as they are, unless it would equal the current one.

    `unfinished` is the folder of unfinished work, `started` the monotonic time when the run began.
    """
    run = _Run(start, unfinished, started)
    attempts = 0
    while True:
        attempts += 1
        try:
            return run.build(progress, notice)
        except FileChanged:
            if attempts == _ATTEMPTS:
                raise
            start.list_again()
        except Exception as error:
            if not run.start_anew(error, notice):
                raise


class _Run:
    """One run that has something to do."""

    def __init__(self, start: RunStart, unfinished: Path, started: float) -> None:
        self._start = start
        self._unfinished = unfinished
        self._started = started
        settings = start.settings
        self._settings = settings
        self._index = settings.index_dir
        self._taxonomy = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
        self._workers = worker_count(settings.workers)
        self._previous = start.previous
        self._old_facts = _facts_of_generation(self._previous) if self._previous else None

    def build(self, progress: Progress, notice: Notice) -> RunReport:
        """Publish a generation, unless it would equal the current one; raises FileChanged."""
        self._leave_damaged(notice)
        files, listing_issues = find_files(self._start.sources, self._settings)
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
                is_verified=self._start.is_verified,
                is_read_again=not self._old_facts or self._old_facts.get(READING) != self._start.facts[READING],
            )
            to_read = reader.compare(files)
            stack.enter_context(enough_space(self._index, to_read))
            total = max(1, sum(file.size for file in to_read))

            def show(share: float, documents: int) -> None:
                progress(int(total * share), total, documents)

            reader.read(lambda done: show(_READ * done / total, 0))
            # Other rules of reading are published even if nothing else is: otherwise every run would read all files.
            is_same = is_continued and not reader.is_changed and self._old_facts == self._start.facts
            documents = DocumentTable(catalogue, is_continued=is_continued)
            report = self._same_report(catalogue, listing_issues) if is_same and not documents.has_lost() else None
            if report is not None:
                return report
            writer = self._writer(folder, keeps_documents=is_continued)
            try:
                resolver = Resolver(catalogue, drafts, reader)
                made = self._make(documents, resolver, drafts, writer, show, notice, is_continued=is_continued)
                report = self._same_report(catalogue, listing_issues) if is_same and not made else None
                if report is not None:
                    writer.cancel()
                    return report
                writer.delete(documents.gone)
                writer.set_clusters(documents.clusters(writer.text))
                writer.finish()
                show(1, made)
            except BaseException:
                writer.cancel()
                raise
            report = self._report(catalogue, listing_issues)
            manifest = self._manifest(catalogue, report, is_certain=not documents.has_lost())
            catalogue.finish(self._start.facts)
            if report.generation is not None:
                writer.publish(manifest, report.as_dict())
        return report

    def start_anew(self, error: Exception, notice: Notice) -> bool:
        """Forget the generation that this run continues if its damage has led to the error; False if it is sound."""
        is_final = isinstance(error, KesouError) and not isinstance(error, IndexDamaged)
        if self._previous is None or is_final or first_failure(error):
            return False
        path = self._previous.path
        try:
            verify_contents(path)
        except IndexDamaged as found:
            damage = found.damage
        else:
            fault = str(error) if isinstance(error, sqlite3.Error) else catalogue_damage(path / FILE_NAME)
            if fault is None:
                return False
            damage = f"{path.name}/{FILE_NAME} cannot be read ({fault})"
        self._leave(damage, notice)
        return True

    def _same_report(self, catalogue: Catalogue, listing_issues: Sequence[ImportIssue]) -> RunReport | None:
        """The report of the generation before, as that of this run, if it names the same issues; else None."""
        if self._previous is None:
            return None
        report = RunReport.from_dict({**self._previous.report(), "is_unchanged": True})
        return report if report.issues == (*listing_issues, *counts.issues(catalogue)) else None

    def _leave_damaged(self, notice: Notice) -> None:
        """Make all documents anew if a file that this run would continue is no longer what was published."""
        if self._start.damage is not None:
            self._leave(self._start.damage, notice)
            self._start.damage = None
        if self._previous is None:
            return
        try:
            verify_contents(self._previous.path, _is_continued_file)
            if self._old_facts is None:
                raise IndexDamaged(f"{self._previous.path.name}/{FILE_NAME} cannot be read")
        except IndexDamaged as error:
            self._leave(error.damage, notice)

    def _leave(self, damage: str, notice: Notice) -> None:
        """Make all documents anew because of a damage."""
        count = f"{self._previous.manifest.documents:,} " if self._previous is not None else ""
        notice(f"all {count}documents are made anew: {damage}")
        self._previous = self._old_facts = None

    def _catalogue(self, folder: Path, notice: Notice) -> tuple[Catalogue, bool]:
        """The catalogue of this run; True with it if it continues that of the current generation."""
        previous = self._previous
        if previous is None or self._old_facts is None:
            return Catalogue(folder, None, is_continued=False), False
        reason = reason_to_start_anew(self._old_facts, self._start.facts)
        if reason:
            notice(f"all {previous.manifest.documents:,} documents are made anew: {reason}")
        is_continued = not (reason or self._start.is_rebuild)
        return Catalogue(folder, previous.path / FILE_NAME, is_continued=is_continued), is_continued

    def _writer(self, folder: Path, *, keeps_documents: bool) -> GenerationWriter:
        settings = replace(self._settings, writer_memory_mb=max(1, self._settings.writer_memory_mb // self._workers))
        return self._start.engine.writer(
            folder,
            settings,
            self._start.segmenter,
            self._taxonomy.rules.digest,
            self._previous,
            keeps_documents=keeps_documents,
        )

    def _make(
        self,
        documents: DocumentTable,
        resolver: Resolver,
        drafts: DraftStore,
        writer: GenerationWriter,
        progress: Callable[[float, int], None],
        notice: Notice,
        *,
        is_continued: bool,
    ) -> int:
        """Make and write the documents that the generation before does not have; returns their number."""
        boilerplate = resolver.resolve()
        making = PartMaking(
            folder=self._unfinished,
            rules=repr((FORMAT_VERSION, self._start.engine.name, sorted(self._start.facts.items()))),
            taxonomy=self._taxonomy,
            cutter=self._start.segmenter,
            boilerplate=boilerplate,
            new_part=writer.part,
            workers=self._workers,
        )
        pending = resolver.pending()
        if not is_continued:
            sample = pending[:: len(pending) // _SAMPLE_DOCUMENTS + 1]
            writer.set_sample(finished_sample(making, map(drafts.__getitem__, sample)))
        drafts_of_parts = (documents.pending(number, drafts[number]) for number in pending)
        done = reused = 0
        for part in make_parts(making, drafts_of_parts, has_lost=documents.forget_lost()):
            if isinstance(part, LostDocument):
                documents.add_lost(part.record, part.lost)
                continue
            for row, sketch in part.documents:
                documents.add(row, sketch)
            if part.folder is not None:
                writer.add_part(part.folder)
            done += len(part.documents)
            reused += len(part.documents) if part.is_reused else 0
            progress(_READ + (_MADE - _READ) * done / len(pending), done)
        if reused:
            notice(f"{reused:,} documents of a run that did not end are used again")
        return done

    def _report(self, catalogue: Catalogue, listing_issues: Sequence[ImportIssue]) -> RunReport:
        totals, of_files = counts.totals(catalogue), counts.file_counts(catalogue)
        issues = (*listing_issues, *counts.issues(catalogue))
        names = counts.file_names(catalogue)
        changes = counts.changes_by_file(catalogue) if totals.documents else {}  # nothing is published without
        rejected = sum(issue.is_rejection for issue in issues)
        repeated = sum(issue.kind == "repeated" for issue in issues)
        return RunReport(
            index=str(self._index),
            generation=self._start.engine.next_number() if totals.documents else None,
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

    def _manifest(self, catalogue: Catalogue, report: RunReport, *, is_certain: bool) -> Manifest:
        """The manifest; `is_certain` is False if the next run has something to try again."""
        totals = counts.totals(catalogue)
        is_certain &= self._start.stamps.is_certain and not catalogue.value("SELECT MAX(is_retried) FROM files")
        return Manifest(
            format=FORMAT_VERSION,
            generation=report.generation or 0,
            engine=self._start.engine.name,
            fingerprint=fingerprint(),
            dictionary=self._start.segmenter.fingerprint,
            documents=totals.documents,
            characters=totals.characters,
            date_from=totals.date_from,
            date_to=totals.date_to,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            sources=self._start.digest if is_certain else "",
            listed_ns=self._start.listed_ns,
            no_type=self._taxonomy.rules.no_type,
        )


def _facts_of_generation(generation: Generation) -> dict[str, str] | None:
    """What a generation was made with; None if its catalogue cannot be read."""
    facts = read_facts(generation.path / FILE_NAME)
    if facts is not None and generation.manifest.fingerprint != fingerprint():
        return dict.fromkeys(facts, "")
    return facts


def _is_continued_file(name: str) -> bool:
    """True for what every run reads of the generation before: all that is in no segment, and the columns of these."""
    return "/" not in name or name.endswith(f"/{COLUMNS}")
