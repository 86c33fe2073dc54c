"""What `search-index` prints about a run: the report as text, or as JSON under keys that programs rely on."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from indexer.commands.file_table import file_table
from indexer.commands.terminal import console, print_issue
from indexer.run_report import RunReport


def report_json(report: RunReport) -> dict[str, Any]:
    """The report under the keys that programs rely on."""
    content = asdict(report)
    content["unchanged"] = content.pop("is_unchanged")
    content["problems"] = content.pop("issues")
    for issue in content["problems"]:
        issue["rejected"] = issue.pop("is_rejection")
    for file in content["by_file"]:
        file["problems"] = file.pop("issues")
    return content


def print_report(report: RunReport) -> None:
    """Print import issues on stderr, and counts, the characters, a table of the files and the reasons on stdout."""
    for issue in report.issues:
        print_issue(issue)
    if report.is_unchanged:
        click.echo(f"Nothing has changed since generation {report.generation}.")
    click.echo(
        f"{report.files} files, {report.read} documents read: {report.indexed} indexed"
        f" ({report.empty} of them without text), {report.rejected} rejected"
    )
    if report.generation is not None and not report.is_unchanged:
        rate = report.indexed / report.seconds if report.seconds else 0
        click.echo(
            f"{report.characters:,} characters in {report.seconds:.1f} s ({rate:.0f} documents a second)"
            f" → generation {report.generation} in {report.index}"
        )
    click.echo(_ledger_line(report))
    table = file_table(report.by_file)
    if table is not None and not report.is_unchanged:
        console().print(table)
    _print_reasons(report)


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
