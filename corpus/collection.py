"""All documents of a run, read in passes: what is boilerplate or a copy can only be told once all are known.

The first pass reads and cleans, and counts what stands at the edges of the texts; its drafts wait in a temporary file,
so that memory does not grow with the texts. The second one looks for copies, the third finishes the documents. The
first of two records of one article is kept.
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

from corpus.cleaning.boilerplate import EdgeLines, Repeated
from corpus.document import Cluster, Document
from corpus.drafts import Draft, finish, make_drafts, trimmed
from corpus.import_issue import ImportIssue, noted
from corpus.near_duplicates import Duplicates
from corpus.settings import Settings
from corpus.sources.files import SourceFile
from corpus.sources.reading import read_records
from corpus.taxonomy.classify import Taxonomy

_ENCODING: Final = ("utf-8", "surrogatepass")


class Collection:
    """The documents and problems of some files; iterate over it once.

    While it is iterated, `file` is the name of the file that the last document comes from, and `done_bytes` the size
    of all files before it. Afterwards, `repairs` counts what each rule did to the records of a file (file → rule →
    times) and `dropped` holds the boilerplate that was taken from a document (id → lines).
    """

    def __init__(self, files: Sequence[SourceFile], taxonomy: Taxonomy, settings: Settings, folder: Path) -> None:
        self._files = files
        self._taxonomy = taxonomy
        self._settings = settings
        self._folder = folder
        self._edges = EdgeLines()
        self._repairs: dict[str, Counter[str]] = {file.name: Counter() for file in files}
        self._dropped: dict[str, tuple[str, ...]] = {}
        self._known_lines: dict[tuple[str, ...], tuple[str, ...]] = {}  # few: each is kept once
        self.file = ""
        self.done_bytes = 0

    @property
    def repairs(self) -> Mapping[str, Mapping[str, int]]:
        """File → rule → how often it repaired something."""
        return self._repairs

    @property
    def dropped(self) -> Mapping[str, tuple[str, ...]]:
        """Id → the lines that were dropped from that document, where there are any."""
        return self._dropped

    def __iter__(self) -> Iterator[Document | ImportIssue]:
        """First the problems, then the documents, both in the order of files and records."""
        with closing(_Drafts(self._folder)) as drafts:
            yield from self._read(drafts)
            repeated = self._edges.repeated()
            clusters = _clusters(drafts, repeated)
            before = list(accumulate((file.size for file in self._files), initial=0))
            for number, draft in drafts:
                self.file = self._files[number].name
                self.done_bytes = before[number]
                yield self._finish(draft, repeated, clusters)
        self.done_bytes = sum(file.size for file in self._files)

    def _read(self, drafts: _Drafts) -> Iterator[ImportIssue]:
        for number, file in enumerate(self._files):
            for record in read_records(file, self._settings):
                if isinstance(record, ImportIssue):
                    yield record
                    continue
                for draft in make_drafts(record, file.name, self._settings):
                    if isinstance(draft, ImportIssue):
                        yield draft
                    elif draft.id in drafts.places:
                        first = self._files[drafts.read(draft.id)[0]].name
                        message = f"the same article as one in {first}, which is kept: {draft.source_id}"
                        yield noted(file.name, None, "repeated", message)
                    else:
                        drafts.add(number, draft)
                        self._edges.add(draft.group, draft.body)

    def _finish(self, draft: Draft, repeated: Repeated, clusters: Mapping[str, Cluster]) -> Document:
        finished = finish(draft, repeated.of(draft.group), self._taxonomy, clusters.get(draft.id))
        self._repairs[self.file].update(finished.rules)
        if finished.dropped:
            self._dropped[draft.id] = self._known_lines.setdefault(finished.dropped, finished.dropped)
        return finished.document


def _clusters(drafts: _Drafts, repeated: Repeated) -> Mapping[str, Cluster]:
    """The copies among the texts, boilerplate and credits aside: those differ between copies."""
    duplicates = Duplicates()
    for _, draft in drafts:
        duplicates.add(draft.id, draft.title, trimmed(draft, repeated.of(draft.group)).body, draft.date)

    def text_of(id: str) -> tuple[str, str]:
        _, draft = drafts.read(id)
        return draft.title, trimmed(draft, repeated.of(draft.group)).body

    return duplicates.clusters(text_of)


class _Drafts:
    """Drafts with the numbers of their files, in a temporary file that nobody else sees; `places` has an id each."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile("w+b", dir=folder, prefix="drafts-")  # noqa: SIM115 closed by close
        self._end = 0
        self.places: dict[str, int] = {}

    def add(self, number: int, draft: Draft) -> None:
        """Append one draft."""
        self.places[draft.id] = self._end
        line = json.dumps((number, *draft), ensure_ascii=False).encode(*_ENCODING)
        self._end += self._file.write(line + b"\n")

    def read(self, id: str) -> tuple[int, Draft]:
        """The draft with this id, and the number of its file; the next `add` goes on at the end."""
        self._file.seek(self.places[id])
        found = _draft(self._file.readline())
        self._file.seek(self._end)
        return found

    def __iter__(self) -> Iterator[tuple[int, Draft]]:
        self._file.seek(0)
        return map(_draft, self._file)

    def close(self) -> None:
        """Give the space back."""
        self._file.close()


def _draft(line: bytes) -> tuple[int, Draft]:
    number, *fields = json.loads(line.decode(*_ENCODING))
    draft = Draft(*fields)
    return number, draft._replace(rules=tuple(draft.rules))
