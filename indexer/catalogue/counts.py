"""The counts and import issues of a run, for the whole collection, from its catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final, NamedTuple

from corpus.import_issue import ImportIssue, merged
from corpus.ledger import CharacterCounts
from corpus.repeated import repeated_issue
from indexer.catalogue.database import Catalogue, unpacked
from indexer.run_report import DocumentChanges

_FILE_ISSUES: Final = """
SELECT files.position, place, 0, file_issues.rowid, files.name, shown, kind, message, is_rejection
FROM file_issues JOIN files ON files.number = file
"""
_RECORD_ISSUES: Final = """
SELECT files.position, place, 1, record_issues.rowid, files.name, CASE WHEN is_numbered THEN shown END, kind,
    message, is_rejection
FROM record_issues JOIN records ON records.number = record JOIN files ON files.number = file
"""
_REPEATED: Final = """
SELECT files.position, records.place, 2, 0, files.name, records.source_id, holders.name, records.is_set_aside
FROM records JOIN files ON files.number = records.file
JOIN records AS winners ON winners.number = records.kept JOIN files AS holders ON holders.number = winners.file
"""
_CHARACTERS: Final = """
SELECT files.name, COUNT(*), SUM(read), SUM(indexed), SUM(set_aside), SUM(unaccounted)
FROM documents JOIN records ON records.number = record JOIN files ON files.number = file GROUP BY file
"""
_RULES: Final = """
SELECT files.name, rules, COUNT(*) FROM documents
JOIN records ON records.number = record JOIN files ON files.number = file WHERE rules != '' GROUP BY file, rules
"""
_ADDED: Final = """
SELECT files.name, old.id IS NULL, COUNT(*) FROM touched CROSS JOIN documents USING (id)
JOIN records ON records.number = documents.record JOIN files ON files.number = records.file
LEFT JOIN previous.documents AS old USING (id)
WHERE old.id IS NULL OR old.hash != documents.hash GROUP BY files.name, old.id IS NULL
"""
_REMOVED: Final = """
SELECT files.name, COUNT(*) FROM touched CROSS JOIN previous.documents AS old USING (id)
JOIN previous.records AS records ON records.number = old.record
JOIN previous.files AS files ON files.number = records.file
WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = old.id) GROUP BY files.name
"""


class Totals(NamedTuple):
    """The documents, those without a text, the characters of their normal forms, the first and the last day."""

    documents: int
    empty: int
    characters: int
    date_from: str | None
    date_to: str | None


def totals(catalogue: Catalogue) -> Totals:
    """Counts of all documents."""
    row = "SELECT COUNT(*), SUM(is_empty), SUM(characters), MIN(date), MAX(date) FROM documents"
    documents, empty, characters, *dates = catalogue.execute(row).fetchone()
    return Totals(documents, empty or 0, characters or 0, *dates)


def file_names(catalogue: Catalogue) -> list[str]:
    """The names of all files in reading order."""
    return list(map(unpacked, catalogue.column("SELECT name FROM files ORDER BY position")))


def issues(catalogue: Catalogue) -> Iterator[ImportIssue]:
    """The issues of all files and records in reading order."""
    rows: list[tuple[tuple[int, int, int, int], ImportIssue]] = []
    for statement in (_FILE_ISSUES, _RECORD_ISSUES):
        for *place, name, shown, kind, message, is_rejection in catalogue.execute(statement):
            issue = ImportIssue(
                file=unpacked(name),
                record=shown,
                kind=kind,
                message=unpacked(message),
                is_rejection=bool(is_rejection),
            )
            rows.append((tuple(place), issue))
    for *place, name, source_id, kept_name, is_set_aside in catalogue.execute(_REPEATED):
        names = unpacked(name), unpacked(source_id), unpacked(kept_name)
        rows.append((tuple(place), repeated_issue(*names, is_set_aside=bool(is_set_aside))))
    rows.sort(key=lambda row: row[0])
    for _, of_file in groupby(rows, key=lambda row: row[0][0]):
        yield from merged(issue for _, issue in of_file)


class FileCounts(NamedTuple):
    """Counts by the name of a file: documents, characters, uses of cleaning rules."""

    indexed: Mapping[str, int]
    characters: Mapping[str, CharacterCounts]
    repairs: Mapping[str, Mapping[str, int]]


def file_counts(catalogue: Catalogue) -> FileCounts:
    """Counts of the documents of each file."""
    indexed: Counter[str] = Counter()
    characters: dict[str, CharacterCounts] = defaultdict(CharacterCounts)
    repairs: dict[str, Counter[str]] = defaultdict(Counter)
    for name, documents, *counts in catalogue.execute(_CHARACTERS):
        read, of_index, set_aside, unaccounted = counts
        indexed[unpacked(name)] += documents
        characters[unpacked(name)] += CharacterCounts(
            read=read, indexed=of_index, set_aside=set_aside, unaccounted=unaccounted
        )
    for name, rules, documents in catalogue.execute(_RULES):
        for rule in rules.split(" "):
            repairs[unpacked(name)][rule] += documents
    return FileCounts(indexed, characters, repairs)


def changes_by_file(catalogue: Catalogue) -> Mapping[str, DocumentChanges]:
    """What changed since the generation before, by the name of the file that has or had the document."""
    found: dict[str, DocumentChanges] = defaultdict(DocumentChanges)
    if catalogue.has_previous:
        for name, is_new, documents in catalogue.execute(_ADDED):
            found[unpacked(name)] += DocumentChanges(added=documents) if is_new else DocumentChanges(changed=documents)
        for name, documents in catalogue.execute(_REMOVED):
            found[unpacked(name)] += DocumentChanges(removed=documents)
    else:
        for name, documents in file_counts(catalogue).indexed.items():
            found[name] += DocumentChanges(added=documents)
    return found
