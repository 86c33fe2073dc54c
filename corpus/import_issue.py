"""Import issues: the lines of the import report, for files and records that were rejected or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from corpus.cleaning.text import printable

#: Notes that all records of a file may be given: one line tells of them all.
_ONCE_A_FILE: Final = ("bad_date",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportIssue:
    """One line of the import report; `record` counts from 1 and is None for a whole file.

    `kind` identifies the message in JSON. `is_rejection` is True if the record, or the file with all its records, is
    not indexed. Otherwise the record is indexed as the message says, or a file of a folder was skipped.
    """

    file: str
    record: int | None
    kind: str
    message: str
    is_rejection: bool

    def __str__(self) -> str:
        location = self.file if self.record is None else f"{self.file}, record {self.record}"
        return f"{location}: {self.message}"


def rejected(file: str, record: int | None, kind: str, message: str) -> ImportIssue:
    """An issue of a file or record that is not indexed."""
    return ImportIssue(file=printable(file), record=record, kind=kind, message=printable(message), is_rejection=True)


def noted(file: str, record: int | None, kind: str, message: str) -> ImportIssue:
    """An issue of a record that is indexed with a change, or of a file in a folder that was skipped."""
    return ImportIssue(file=printable(file), record=record, kind=kind, message=printable(message), is_rejection=False)


def too_slow(file: str, record: int | None, reason: str) -> ImportIssue:
    """The issue of a file or record that took too long; `reason` says how long that is."""
    return rejected(file, record, "too_slow", f"{reason}; search-index --verify tries it again")


def merged(issues: Iterable[ImportIssue]) -> Iterator[ImportIssue]:
    """The issues of one file, in order; those of which one line tells come last, with the number of the others."""
    first: dict[str, ImportIssue] = {}
    counts: Counter[str] = Counter()
    for issue in issues:
        if issue.kind in _ONCE_A_FILE:
            first.setdefault(issue.kind, issue)
            counts[issue.kind] += 1
        else:
            yield issue
    for kind, issue in first.items():
        others = f"; {counts[kind] - 1:,} more records alike" if counts[kind] > 1 else ""
        yield replace(issue, message=issue.message + others)
