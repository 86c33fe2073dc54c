"""What `search-index` prints about a run: the report as text, or as JSON under keys that programs rely on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import click

from indexer.commands.file_table import file_table
from indexer.commands.terminal import console
from indexer.run_report import RunReport
from indexer.runs import Run


def report_json(report: RunReport) -> dict[str, Any]:
    """The report under the keys that programs rely on."""
    content = report.as_dict()
    content["unchanged"] = content.pop("is_unchanged")
    content["problems"] = content.pop("issues")
    for issue in content["problems"]:
        issue["rejected"] = issue.pop("is_rejection")
    for file in content["by_file"]:
        file["problems"] = file.pop("issues")
    return content


def print_report(report: RunReport) -> None:
    """Print counts, a table of the files, and the import issues by kind."""
    if report.is_unchanged:
        click.echo(f"Nothing has changed since generation {report.generation}.")
    click.echo(
        f"{report.files} files, {report.read} documents read: {report.indexed} indexed"
        f" ({report.empty} of them without text), {report.rejected} rejected"
    )
    if report.generation is not None and not report.is_unchanged:
        made = report.added + report.changed
        rate = made / report.seconds if report.seconds else 0
        click.echo(
            f"{report.characters:,} characters; {made:,} documents made in {report.seconds:.1f} s ({rate:.0f} a second)"
            f" → generation {report.generation} in {report.index}"
        )
    click.echo(_ledger_line(report))
    table = file_table(report.by_file)
    if table is not None and not report.is_unchanged:
        console().print(table)
    _print_reasons(report)


def summary(run: Run) -> str:
    """One line for logs about a run that left an index: time, generation, counts, duration."""
    started = datetime.fromisoformat(run.started).strftime("%Y-%m-%d %H:%M:%S")
    changes = run.changes
    news = f", {changes.added:,} added, {changes.changed:,} changed, {changes.removed:,} removed"
    return (
        f"{started} generation {run.generation}{' unchanged' if run.outcome == 'unchanged' else ''}:"
        f" {run.documents:,} documents{news if run.outcome == 'published' else ''}, {run.rejected:,} rejected,"
        f" {run.seconds:.1f} s"
    )


def _ledger_line(report: RunReport) -> str:
    """One line that says whether each character is accounted for, and else which files lack some."""
    ledger = report.ledger
    counts = f"{ledger.read:,} read, {ledger.indexed:,} indexed, {ledger.set_aside:,} set aside"
    if not ledger.unaccounted:
        return f"Every character is accounted for: {counts}"
    files = ", ".join(file.file for file in report.by_file if file.ledger.unaccounted)
    return f"{ledger.unaccounted:,} characters unaccounted in {files}: {counts}"


def _print_reasons(report: RunReport) -> None:
    counts = Counter(issue.kind for issue in report.issues)
    if counts:
        click.echo("Reasons: " + ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
