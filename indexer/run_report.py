"""The report of an indexing run: counts in total and by source file, with all import issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from corpus.import_issue import ImportIssue
from corpus.ledger import NOTHING_READ, CharacterCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChanges:
    """How many documents a run added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return {"added": self.added, "changed": self.changed, "removed": self.removed}

    def __add__(self, other: DocumentChanges) -> DocumentChanges:
        return DocumentChanges(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            removed=self.removed + other.removed,
        )


NO_CHANGES: Final = DocumentChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """Counts of one source file: read = indexed + rejected + repeated records.

    `repairs` counts the uses of each cleaning rule, `issues` the import issues of each kind; `ledger` tells what became
    of the characters of the indexed records. `added`, `changed` and `removed` count documents since the generation
    before; a file that is gone has those that were removed.
    """

    file: str
    read: int
    indexed: int
    rejected: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    issues: Mapping[str, int] = field(default_factory=dict)
    ledger: CharacterCounts = NOTHING_READ
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def unchanged(self) -> int:
        """The documents that are as they were."""
        return self.indexed - self.added - self.changed

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> FileReport:
        """The report that `as_dict` made."""
        return cls(**{**content, "ledger": CharacterCounts(**content["ledger"])})

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it; `dataclasses.asdict` takes 0.1 ms, and there may be a report for each document."""
        ledger = {name: getattr(self.ledger, name) for name in _LEDGER_FIELDS}
        content = {name: getattr(self, name) for name in _FILE_FIELDS}
        return {**content, "repairs": dict(self.repairs), "issues": dict(self.issues), "ledger": ledger}

    def without_changes(self) -> FileReport:
        """The report on the file in a run that found nothing to do."""
        if self.added or self.changed or self.removed:
            return replace(self, **NO_CHANGES.as_dict())
        return self


_FILE_FIELDS: Final = tuple(field.name for field in fields(FileReport))
_LEDGER_FIELDS: Final = tuple(field.name for field in fields(CharacterCounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one indexing run: read = indexed + rejected + repeated records.

    `generation` is None if no document could be indexed, so that nothing was published. `empty` counts the indexed
    documents that have a title only, `characters` the characters of normal forms. `added`, `changed` and `removed`
    count documents since the generation before.
    """

    index: str
    generation: int | None
    is_unchanged: bool
    files: int
    read: int
    indexed: int
    empty: int
    rejected: int
    characters: int
    seconds: float
    issues: tuple[ImportIssue, ...]
    by_file: tuple[FileReport, ...]
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def unchanged(self) -> int:
        """The documents that are as they were."""
        return self.indexed - self.added - self.changed

    @property
    def ledger(self) -> CharacterCounts:
        """What became of the characters of all files."""
        return sum((report.ledger for report in self.by_file), NOTHING_READ)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> RunReport:
        """The report that `as_dict` made, also after a round trip through JSON."""
        issues = tuple(ImportIssue(**issue) for issue in content["issues"])
        by_file = tuple(map(FileReport.from_dict, content["by_file"]))
        return cls(**{**content, "issues": issues, "by_file": by_file})

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        issues, by_file = [asdict(issue) for issue in self.issues], [file.as_dict() for file in self.by_file]
        return {**content, "issues": issues, "by_file": by_file}

    def unchanged_since(self, index: str, seconds: float) -> RunReport:
        """The report of a later run, which found nothing to do."""
        present = (file.without_changes() for file in self.by_file if file.read or not file.removed)
        return replace(
            self, index=index, is_unchanged=True, seconds=seconds, by_file=tuple(present), **NO_CHANGES.as_dict()
        )


def reports_by_file(
    files: Iterable[str],
    indexed: Mapping[str, int],
    issues: Iterable[ImportIssue],
    repairs: Mapping[str, Mapping[str, int]],
    characters: Mapping[str, CharacterCounts],
    changes: Mapping[str, DocumentChanges] | None = None,
) -> tuple[FileReport, ...]:
    """A report for each file in reading order, then for other names that issues have, such as missing sources.

    `indexed` counts the indexed documents of each file, `repairs` the uses of each cleaning rule in it, `characters`
    what was read, `changes` the documents that are not as they were. Files with the same name in two sources share a
    report, because issues know them by name only.
    """
    kinds: dict[str, Counter[str]] = {}
    rejected: Counter[str] = Counter()
    for issue in issues:
        kinds.setdefault(issue.file, Counter())[issue.kind] += 1
        rejected[issue.file] += issue.is_rejection
    changes = changes or {}
    names = dict.fromkeys([*files, *indexed, *repairs, *kinds, *changes])
    return tuple(
        FileReport(
            file=name,
            read=indexed.get(name, 0) + rejected[name] + kinds.get(name, Counter())["repeated"],
            indexed=indexed.get(name, 0),
            rejected=rejected[name],
            repairs=dict(sorted(repairs.get(name, {}).items())),
            issues=dict(sorted(kinds.get(name, Counter()).items())),
            ledger=characters.get(name, NOTHING_READ),
            **changes.get(name, NO_CHANGES).as_dict(),
        )
        for name in names
    )
