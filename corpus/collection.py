"""Reads source files into documents in three passes, because boilerplate and near-duplicates need all texts.

The first pass reads and cleans the records and counts the lines at the heads and tails of their texts; its drafts are
written to a temporary file, so that memory does not grow with the texts. The second pass finds near-duplicates, the
third one finishes the documents. Of two records of one article the first is kept, unless the other says much more.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import Final

from corpus.cleaning.boilerplate import Boilerplate, LineCounter
from corpus.document import Cluster, Document, SetAside, document_id
from corpus.drafts import Draft, finish, make_drafts, only_in_copy, trimmed, with_set_aside
from corpus.import_issue import ImportIssue, noted, with_count
from corpus.ledger import NOTHING_READ, CharacterCounts, character_count
from corpus.near_duplicates import Duplicates
from corpus.settings import Settings
from corpus.sources.reading import read_records
from corpus.sources.source_file import SourceFile
from corpus.taxonomy.classify import Taxonomy

#: Notes that all records of a file may be given: one line tells of them all.
_ONCE_A_FILE: Final = ("bad_date",)
_ENCODING: Final = ("utf-8", "surrogatepass")


class Collection:
    """The documents and import issues of some files; iterate over it once.

    While it is iterated, `file` is the name of the file that the last document comes from, `counts` what became of the
    document's characters, and `done_bytes` the size of all files before it. Afterwards, `repairs` counts the changes by
    file and rule, and `characters` tells what became of each file's characters. `folder` is where the temporary file is
    written.
    """

    def __init__(self, files: Sequence[SourceFile], taxonomy: Taxonomy, settings: Settings, folder: Path) -> None:
        self._files = files
        self._taxonomy = taxonomy
        self._settings = settings
        self._folder = folder
        self._lines = LineCounter()
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
        with closing(_DraftFile(self._folder)) as drafts:
            yield from self._read(drafts)
            boilerplate = self._lines.boilerplate()
            clusters = _clusters(drafts, boilerplate)
            sizes_before = list(accumulate((file.size for file in self._files), initial=0))
            for file_number, draft in drafts:
                self.file = self._files[file_number].name
                self.done_bytes = sizes_before[file_number]
                yield self._finish(draft, boilerplate, clusters)
        self.done_bytes = sum(file.size for file in self._files)

    def _read(self, drafts: _DraftFile) -> Iterator[ImportIssue]:
        for file_number, file in enumerate(self._files):
            grouped: Counter[str] = Counter()
            first: dict[str, ImportIssue] = {}
            for record in read_records(file, self._settings):
                if isinstance(record, ImportIssue):
                    yield record
                    continue
                for draft in make_drafts(record, file.name, self._settings):
                    if isinstance(draft, ImportIssue):
                        if draft.kind not in _ONCE_A_FILE:
                            yield draft
                            continue
                        first.setdefault(draft.kind, draft)
                        grouped[draft.kind] += 1
                    elif draft.id in drafts:
                        yield from self._add_repeated(drafts, file_number, draft)
                    else:
                        self._add(drafts, file_number, draft)
            yield from (with_count(issue, grouped[kind]) for kind, issue in first.items())

    def _add(self, drafts: _DraftFile, file_number: int, draft: Draft) -> None:
        drafts.add(file_number, draft)
        if draft.account:
            self._lines.add(draft.account, draft.body)

    def _add_repeated(self, drafts: _DraftFile, file_number: int, draft: Draft) -> Iterator[ImportIssue]:
        """Keeps one of two records of an article, and what only the other says: the first one unless it says much less.

        Files of one name that say different things are documents of their own.
        """
        number, first = drafts.read(draft.id)
        missed = only_in_copy(draft, first)
        if draft.source_format != "article" and 2 * character_count(*missed) > character_count(draft.body):
            self._add(drafts, file_number, draft._replace(id=document_id(draft.id, self._files[file_number].name)))
            return
        if 2 * len(first.body) < len(draft.body):
            missed = only_in_copy(first, draft)
            number, file_number, first, draft = file_number, number, draft, first
            self._add(drafts, number, first)
        message = f"the same article as one in {self._files[number].name}, which is kept: {draft.source_id}"
        if missed:
            drafts.add(number, with_set_aside(first, "\n".join(missed)))
            message += "; what only this one says is set aside there"
        yield noted(self._files[file_number].name, None, "repeated", message)

    def _finish(self, draft: Draft, boilerplate: Boilerplate, clusters: Mapping[str, Cluster]) -> Document:
        finished = finish(draft, boilerplate.of(draft.account), self._taxonomy, clusters.get(draft.id))
        self._repairs[self.file].update(finished.rules)
        self.counts = finished.characters
        self._characters[self.file] += self.counts
        return finished.document


def _clusters(drafts: _DraftFile, boilerplate: Boilerplate) -> Mapping[str, Cluster]:
    """The clusters of near-duplicates, compared without boilerplate and credits, which differ between copies."""
    duplicates = Duplicates()
    for _, draft in drafts:
        duplicates.add(draft.id, draft.title, trimmed(draft, boilerplate.of(draft.account)).body, draft.date)

    def title_and_body(id: str) -> tuple[str, str]:
        _, draft = drafts.read(id)
        return draft.title, trimmed(draft, boilerplate.of(draft.account)).body

    return duplicates.clusters(title_and_body)


class _DraftFile:
    """Drafts with the numbers of their source files, in an unnamed temporary file; the last one with an id counts."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile("w+b", dir=folder, prefix="drafts-")  # noqa: SIM115 closed by close
        self._end = 0
        self._offsets: dict[str, int] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._offsets

    def add(self, file_number: int, draft: Draft) -> None:
        """Append one draft."""
        self._offsets[draft.id] = self._end
        line = json.dumps((file_number, *draft), ensure_ascii=False).encode(*_ENCODING)
        self._end += self._file.write(line + b"\n")

    def read(self, id: str) -> tuple[int, Draft]:
        """The draft with this id, and the number of its source file."""
        self._file.seek(self._offsets[id])
        found = _decode(self._file.readline())
        self._file.seek(self._end)
        return found

    def __iter__(self) -> Iterator[tuple[int, Draft]]:
        for offset in self._offsets.values():
            self._file.seek(offset)
            yield _decode(self._file.readline())

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()


def _decode(line: bytes) -> tuple[int, Draft]:
    file_number, *fields = json.loads(line.decode(*_ENCODING))
    draft = Draft(*fields)
    set_aside = tuple(SetAside(*item) for item in draft.set_aside)
    return file_number, draft._replace(rules=tuple(draft.rules), set_aside=set_aside)
