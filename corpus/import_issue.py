"""A line of the import report: what became of a file or record that is not simply in the index."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.cleaning.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportIssue:
    """One line of the import report: where (file, record counted from 1, None for a whole file) and what.

    `is_rejection` says that a record, or a file with all its records, is not in the index. Otherwise the record is,
    repaired as the message tells; or a file in a folder is named that was not looked into.
    """

    file: str
    record: int | None
    kind: str
    message: str
    is_rejection: bool

    def __str__(self) -> str:
        place = self.file if self.record is None else f"{self.file}, record {self.record}"
        return f"{place}: {self.message}"


def rejected(file: str, record: int | None, kind: str, message: str) -> ImportIssue:
    """The issue of something that is not in the index."""
    return ImportIssue(file=printable(file), record=record, kind=kind, message=printable(message), is_rejection=True)


def noted(file: str, record: int | None, kind: str, message: str) -> ImportIssue:
    """The issue of a record that is in the index all the same, or of a file that is none of ours to read."""
    return ImportIssue(file=printable(file), record=record, kind=kind, message=printable(message), is_rejection=False)
