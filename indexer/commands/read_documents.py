"""Reads sources into documents as an indexing run would, for the commands that only show them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.collection import Collection
from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document and its source file."""

    document: Document
    file: str


def read_documents(
    sources: Sequence[Path], taxonomy: Taxonomy, settings: Settings, report: Callable[[ImportIssue], None]
) -> Iterator[ReadDocument]:
    """The documents of the sources in reading order, each article once, with near-duplicates detected.

    `report` is called with each import issue, before the first document is yielded.
    """
    files, issues = find_files(sources, settings)
    for issue in issues:
        report(issue)
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(files, taxonomy, settings, Path(folder))
        for item in collection:
            if isinstance(item, ImportIssue):
                report(item)
            else:
                yield ReadDocument(document=item, file=collection.file)
