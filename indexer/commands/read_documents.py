"""Reads sources into documents as an indexing run would, for the commands that only show them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.collection import Collection
from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.ledger import CharacterCounts
from corpus.settings import Settings
from corpus.sources.files import find_files
from corpus.taxonomy.classify import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document, its source file, and what became of the characters that were read."""

    document: Document
    file: str
    characters: CharacterCounts


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
                yield ReadDocument(document=item, file=collection.file, characters=collection.counts)
