"""Reads source files into documents, in stages, because some depend on the whole collection.

Records are read and cleaned into drafts; of several records of one article one is kept; lines about the medium are
counted by account; drafts are finished into documents; near-duplicates are found among these. Drafts and documents wait
in temporary files, so that memory does not grow with the texts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from corpus.cleaning.boilerplate import Boilerplate, LineCounter
from corpus.document import Cluster, Document
from corpus.drafts import Draft, Finished, finish, read_drafts
from corpus.import_issue import ImportIssue, merged
from corpus.ledger import NOTHING_READ, CharacterCounts
from corpus.near_duplicates import Duplicates, Sketcher
from corpus.repeated import repeated_issue, resolve
from corpus.settings import Settings
from corpus.sources.source_file import SourceFile
from corpus.spool import Spool
from corpus.taxonomy.classify import Taxonomy


class Collection:
    """The documents and import issues of some files; iterate over it once.

    While it is iterated, `file` is the name of the file that the last document comes from, `counts` what became of the
    document's characters, and `done_bytes` the size of all files before it. Afterwards, `repairs` counts the changes by
    file and rule, and `characters` tells what became of each file's characters. `folder` is where the temporary files
    are written.
    """

    def __init__(self, files: Sequence[SourceFile], taxonomy: Taxonomy, settings: Settings, folder: Path) -> None:
        self._files = files
        self._taxonomy = taxonomy
        self._settings = settings
        self._folder = folder
        self._repairs: dict[str, Counter[str]] = {file.name: Counter() for file in files}
        self._characters = {file.name: NOTHING_READ for file in files}
        self.file = ""
        self.done_bytes = 0
        self.counts = NOTHING_READ

    @property
    def repairs(self) -> Mapping[str, Mapping[str, int]]:
        """File → rule → number of changes."""
        return self._repairs

    @property
    def characters(self) -> Mapping[str, CharacterCounts]:
        """File → what became of its characters."""
        return self._characters

    def __iter__(self) -> Iterator[Document | ImportIssue]:
        """All import issues, then all documents, both in the order of files and records."""
        with closing(_Drafts(self._files, self._folder)) as drafts, closing(Spool[Finished](self._folder)) as finished:
            drafts.read(self._settings)
            yield from drafts.resolve()
            numbers = self._finish(drafts, finished)
            clusters = _clusters(finished)
            sizes_before = list(accumulate((file.size for file in self._files), initial=0))
            for file_number, item in zip(numbers, finished, strict=True):
                self.file = self._files[file_number].name
                self.done_bytes = sizes_before[file_number]
                self.counts = item.characters
                self._repairs[self.file].update(item.rules)
                self._characters[self.file] += self.counts
                yield replace(item.document, cluster=clusters.get(item.document.id))
        self.done_bytes = sum(file.size for file in self._files)

    def _finish(self, drafts: _Drafts, finished: Spool[Finished]) -> list[int]:
        """Finish all drafts that are kept; returns the numbers of their files."""
        boilerplate = drafts.boilerplate()
        numbers = []
        for file_number, draft in drafts.kept():
            finished.append(finish(draft, boilerplate.of(draft.account), self._taxonomy))
            numbers.append(file_number)
        return numbers


class _Drafts:
    """The drafts of all files in reading order, of which some are not kept."""

    def __init__(self, files: Sequence[SourceFile], folder: Path) -> None:
        self._files = files
        self._drafts: Spool[Draft] = Spool(folder)
        self._file_numbers: list[int] = []
        self._by_id: dict[str, list[int]] = defaultdict(list)
        self._dropped: set[int] = set()
        #: By file: the issues, each with the number of drafts before it.
        self._issues: list[list[tuple[int, ImportIssue]]] = [[] for _ in files]
        self.close = self._drafts.close

    def read(self, settings: Settings) -> None:
        """Read all files."""
        for file_number, file in enumerate(self._files):
            for item in read_drafts(file, settings):
                if isinstance(item, ImportIssue):
                    self._issues[file_number].append((len(self._drafts), item))
                else:
                    self._by_id[item.id].append(self._drafts.append(item))
                    self._file_numbers.append(file_number)

    def resolve(self) -> Iterator[ImportIssue]:
        """Drop the drafts that repeat others; all import issues."""
        for numbers in self._by_id.values():
            if len(numbers) > 1:
                self._resolve(numbers)
        self._by_id.clear()
        for issues in self._issues:
            yield from merged(issue for _, issue in sorted(issues, key=lambda item: item[0]))

    def _resolve(self, numbers: Sequence[int]) -> None:
        resolution = resolve([(self._file(number).name, self._drafts[number]) for number in numbers])
        for at, draft in resolution.kept.items():
            self._drafts[numbers[at]] = draft
        for at, (kept, is_set_aside) in resolution.repeated.items():
            number, kept_file = numbers[at], self._file(numbers[kept]).name
            source_id = self._drafts[number].source_id
            issue = repeated_issue(self._file(number).name, source_id, kept_file, is_set_aside=is_set_aside)
            self._issues[self._file_numbers[number]].append((number, issue))
            self._dropped.add(number)

    def _file(self, number: int) -> SourceFile:
        return self._files[self._file_numbers[number]]

    def kept(self) -> Iterator[tuple[int, Draft]]:
        """The drafts that are kept, with the numbers of their files."""
        for number, file_number in enumerate(self._file_numbers):
            if number not in self._dropped:
                yield file_number, self._drafts[number]

    def boilerplate(self) -> Boilerplate:
        """The boilerplate of all accounts; texts without an account have none."""
        lines = LineCounter()
        for _, draft in self.kept():
            if draft.account:
                lines.add(draft.account, draft.end_lines)
        return lines.boilerplate()


def _clusters(finished: Spool[Finished]) -> Mapping[str, Cluster]:
    sketcher, duplicates = Sketcher(), Duplicates()
    numbers = {}
    for number, item in enumerate(finished):
        document = item.document
        duplicates.add(document.id, document.date, sketcher.sketch(document.title, document.body))
        numbers[document.id] = number

    def title_and_body(id: str) -> tuple[str, str]:
        document = finished[numbers[id]].document
        return document.title, document.body

    return duplicates.clusters(title_and_body)
