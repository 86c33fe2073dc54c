"""The run report by source file as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from indexer.commands.terminal import make_table
from indexer.run_report import FileReport

if TYPE_CHECKING:
    from rich.table import Table

#: Files shown in the table; the JSON report has all.
_MAX_SHOWN: Final = 40


def file_table(reports: Sequence[FileReport]) -> Table | None:
    """The files with repairs or rejections, each followed by its rules and kinds; None if there is no such file."""
    eventful = [report for report in reports if report.repairs or report.rejected]
    if not eventful:
        return None
    table = make_table("file, rule", "read", "indexed", "rejected", "repaired", "problems")
    for report in eventful[:_MAX_SHOWN]:
        sums = (sum(report.repairs.values()), sum(report.issues.values()))
        table.add_row(report.file, *(f"{count:,}" for count in (report.read, report.indexed, report.rejected, *sums)))
        for rule, count in report.repairs.items():
            table.add_row(f"  {rule}", "", "", "", f"{count:,}", "")
        for kind, count in report.issues.items():
            table.add_row(f"  {kind}", "", "", "", "", f"{count:,}")
    if len(eventful) > _MAX_SHOWN:
        table.add_row(f"… {len(eventful) - _MAX_SHOWN:,} more files; --json has all")
    return table
