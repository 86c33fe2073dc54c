"""All documents of a run, read in two passes: what is boilerplate or a copy can only be told once all are known.

The first pass reads, cleans and counts; its drafts wait in a temporary file, so that memory does not grow with the
texts. The second one reads the drafts and finishes them. The first of two records of one article is kept.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.articles import Draft, finish, make_drafts
from corpus.boilerplate import EdgeLines
from corpus.document import Cluster, Document
from corpus.problem import Problem, noted
from corpus.reading import SourceFile, read_records
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy


class Collection:
    """The documents and problems of some files; iterate over it once.

    While it is iterated, `done_bytes` tells how much of the files the documents given so far come from. Afterwards,
    `repairs` counts what each rule did to the records of a file (file → rule → times) and `dropped` holds the
    boilerplate that was taken from a document (id → lines).
    """

    def __init__(self, files: Sequence[SourceFile], taxonomy: Taxonomy, settings: Settings, folder: Path) -> None:
        self._files = files
        self._taxonomy = taxonomy
        self._settings = settings
        self._folder = folder
        self._kept: dict[str, int] = {}  # id → number of its file
        self._edges = EdgeLines()
        self._repairs: dict[str, Counter[str]] = {file.name: Counter() for file in files}
        self._dropped: dict[str, tuple[str, ...]] = {}
        self._known_lines: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.done_bytes = 0

    @property
    def repairs(self) -> Mapping[str, Mapping[str, int]]:
        """File → rule → how often it repaired something."""
        return self._repairs

    @property
    def dropped(self) -> Mapping[str, tuple[str, ...]]:
        """Id → the lines that were dropped from that document, where there are any."""
        return self._dropped

    def __iter__(self) -> Iterator[Document | Problem]:
        """First the problems, then the documents, both in the order of files and records."""
        with tempfile.TemporaryFile(
            "w+", encoding="utf-8", errors="surrogatepass", newline="\n", dir=self._folder, prefix="drafts-"
        ) as spool:
            for number, file in enumerate(self._files):
                for item in read_records(file, self._settings):
                    if isinstance(item, Problem):
                        yield item
                        continue
                    for result in make_drafts(item, file.name, self._settings):
                        if isinstance(result, Problem):
                            yield result
                        elif (first := self._kept.get(result.id)) is not None:
                            kept = self._files[first].name
                            message = f"the same article as one in {kept}, which is kept: {result.source_id}"
                            yield noted(file.name, None, "repeated", message)
                        else:
                            self._kept[result.id] = number
                            self._edges.add(result.group, result.body)
                            spool.write(json.dumps((number, *result), ensure_ascii=False) + "\n")
            spool.seek(0)
            yield from self._finished(spool)

    def _finished(self, spool: Iterator[str]) -> Iterator[Document]:
        repeated = self._edges.repeated()
        clusters = self._clusters()
        current = 0
        for line in spool:
            number, draft = _draft(json.loads(line))
            while current < number:
                self.done_bytes += self._files[current].size
                current += 1
            finished = finish(draft, repeated.of(draft.group), self._taxonomy, clusters.get(draft.id))
            self._repairs[self._files[number].name].update(finished.rules)
            if finished.dropped:
                lines = self._known_lines.setdefault(finished.dropped, finished.dropped)
                self._dropped[draft.id] = lines
            yield finished.document
        self.done_bytes = sum(file.size for file in self._files)

    def _clusters(self) -> Mapping[str, Cluster]:
        """SEAM: `Duplicates.clusters(text_of)`, fed by `add(id, title, body, date)` where drafts are written."""
        return {}


def _draft(fields: list[Any]) -> tuple[int, Draft]:
    number, *rest = fields
    draft = Draft(*rest)
    return number, draft._replace(rules=tuple(draft.rules))
