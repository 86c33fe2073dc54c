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
_COLUMNS: Final = ("read", "indexed", "rejected", "repaired", "problems")
_LEDGER_COLUMNS: Final = ("characters", "indexed", "set aside", "unaccounted")


def file_table(reports: Sequence[FileReport]) -> Table | None:
    """The files with repairs, rejections or set-aside text, each followed by its rules and kinds; None without any."""
    eventful = [report for report in reports if report.repairs or report.rejected or report.ledger.set_aside]
    if not eventful:
        return None
    table = make_table("file, rule", *_COLUMNS, *_LEDGER_COLUMNS)
    for report in eventful[:_MAX_SHOWN]:
        counts = (
            report.read,
            report.indexed,
            report.rejected,
            sum(report.repairs.values()),
            sum(report.issues.values()),
        )
        ledger = (report.ledger.read, report.ledger.indexed, report.ledger.set_aside, report.ledger.unaccounted)
        table.add_row(report.file, *(f"{count:,}" for count in (*counts, *ledger)))
        for rule, count in report.repairs.items():
            table.add_row(f"  {rule}", "", "", "", f"{count:,}", "")
        for kind, count in report.issues.items():
            table.add_row(f"  {kind}", "", "", "", "", f"{count:,}")
    if len(eventful) > _MAX_SHOWN:
        table.add_row(f"… {len(eventful) - _MAX_SHOWN:,} more files; --json has all")
    return table
