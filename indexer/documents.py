"""Where the commands that show documents get them from: sources to documents, as a run would index them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.document import Document
from corpus.duplicates import Duplicates
from corpus.problem import Problem, noted
from corpus.reading import find_files, read_file
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document, the file it was read from, and the lines of its text that were dropped as boilerplate."""

    document: Document
    file: str
    dropped: tuple[str, ...] = ()


def read_documents(
    sources: Sequence[Path], taxonomy: Taxonomy, settings: Settings, report: Callable[[Problem], None]
) -> Iterator[Reading]:
    """The documents of the sources in reading order, each article once, with their clusters.

    Problems are reported as they are met, all of them before the first document comes.
    """
    files, problems = find_files(sources)
    for problem in problems:
        report(problem)
    found: dict[str, Reading] = {}
    for file in files:
        for item in read_file(file, taxonomy, settings):
            if isinstance(item, Problem):
                report(item)
            elif item.id in found:
                message = f"the same article as one in {found[item.id].file}, which is kept: {item.source_id}"
                report(noted(file.name, None, "repeated", message))
            else:
                found[item.id] = Reading(document=item, file=file.name)
    yield from _with_clusters(found)


def _with_clusters(found: dict[str, Reading]) -> Iterator[Reading]:
    duplicates = Duplicates()
    for id, reading in found.items():
        document = reading.document
        duplicates.add(id, document.title, document.body, document.date)

    def text_of(id: str) -> tuple[str, str]:
        document = found[id].document
        return document.title, document.body

    clusters = duplicates.clusters(text_of)
    for id, reading in found.items():
        yield replace(reading, document=replace(reading.document, cluster=clusters.get(id)))
