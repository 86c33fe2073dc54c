"""What became of each file of a run: how much of it was read, repaired, rejected, and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from corpus.import_issue import ImportIssue
from indexer.commands.terminal import make_table

if TYPE_CHECKING:
    from rich.table import Table

#: Files shown in the table; the JSON report has all.
_MAX_SHOWN: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One file: read = indexed + rejected + repeated records; how often which rule repaired; problems by kind."""

    file: str
    read: int
    indexed: int
    rejected: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)


def reports_by_file(
    files: Iterable[str],
    indexed: Mapping[str, int],
    problems: Iterable[ImportIssue],
    repairs: Mapping[str, Mapping[str, int]],
) -> tuple[FileReport, ...]:
    """A report for each file in the order of reading, then for what else problems name, such as missing sources.

    `indexed` counts the documents of a file that are in the index, `repairs` the uses of each rule in a file. Files
    of one name in two sources share a report, as they share their name in problems.
    """
    kinds: dict[str, Counter[str]] = {}
    rejected: Counter[str] = Counter()
    for problem in problems:
        kinds.setdefault(problem.file, Counter())[problem.kind] += 1
        rejected[problem.file] += problem.is_rejection
    names = dict.fromkeys([*files, *indexed, *repairs, *kinds])
    return tuple(
        FileReport(
            file=name,
            read=indexed.get(name, 0) + rejected[name] + kinds.get(name, Counter())["repeated"],
            indexed=indexed.get(name, 0),
            rejected=rejected[name],
            repairs=dict(sorted(repairs.get(name, {}).items())),
            problems=dict(sorted(kinds.get(name, Counter()).items())),
        )
        for name in names
    )


def report_from_json(content: Mapping[str, object]) -> FileReport:
    """The report that `dataclasses.asdict` wrote."""
    return FileReport(**content)  # type: ignore[arg-type]


def file_table(reports: Sequence[FileReport]) -> Table | None:
    """The files of which something was repaired or rejected, below each its rules; None when there is no such file."""
    eventful = [report for report in reports if report.repairs or report.rejected]
    if not eventful:
        return None
    table = make_table("file, rule", "read", "indexed", "rejected", "repaired", "problems")
    for report in eventful[:_MAX_SHOWN]:
        sums = (sum(report.repairs.values()), sum(report.problems.values()))
        table.add_row(report.file, *(f"{count:,}" for count in (report.read, report.indexed, report.rejected, *sums)))
        for rule, count in report.repairs.items():
            table.add_row(f"  {rule}", "", "", "", f"{count:,}", "")
        for kind, count in report.problems.items():
            table.add_row(f"  {kind}", "", "", "", "", f"{count:,}")
    if len(eventful) > _MAX_SHOWN:
        table.add_row(f"… {len(eventful) - _MAX_SHOWN:,} more files; --json has all")
    return table
