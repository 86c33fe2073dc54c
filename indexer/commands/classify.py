"""The command `search-index classify`: the program types and genre of documents, their evidence, their accuracy."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.document import Document
from corpus.settings import load_settings
from corpus.taxonomy.classify import Evidence, Taxonomy
from indexer.commands.inspect import classification_rows
from indexer.commands.labels import Comparison, Difference, Score, read_labels
from indexer.commands.read_documents import read_documents
from indexer.commands.terminal import Outcome, console, make_table, one_line_errors, print_message
from indexer.errors import IndexerError

if TYPE_CHECKING:
    from rich.console import Console


@click.command(
    short_help="show program types and genre with the words that matched; compare with labels",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--type", "types", metavar="T", multiple=True, help="list only this program type (repeatable)")
@click.option("--genre", "genres", metavar="G", multiple=True, help="list only this genre (repeatable)")
@click.option("--taxonomy", metavar="FILE", help="a file of rules, in the format of corpus/taxonomy/taxonomy.toml")
@click.option(
    "--labels", metavar="FILE", type=click.Path(path_type=Path), help="compare with hand-made labels (JSON lines)"
)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object a line")
def classify(
    sources: tuple[Path, ...],
    types: tuple[str, ...],
    genres: tuple[str, ...],
    taxonomy: str | None,
    labels: Path | None,
    as_json: bool,
) -> None:
    """Show program types and genre of each document of SOURCE… with the words that matched their rules; nothing is
    written.

    Each line of the labels is {"aid": "…", "program_type": ["…"], "genre": "…"}. All documents are compared with their
    labels, also those that --type and --genre hide. With --json the comparison goes to standard error. Exit status:
    0 success, 1 some documents were rejected, 2 no document could be read.
    """
    with one_line_errors():
        settings = load_settings({"taxonomy": taxonomy})
        classifier = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
        _check_known("program type", types, classifier.rules.program_types)
        _check_known("genre", genres, classifier.rules.genres)
        comparison = Comparison(read_labels(labels)) if labels else None
        outcome = Outcome()
        printer = _ClassificationPrinter()
        for item in read_documents(sources, classifier, settings, outcome.report):
            outcome.documents += 1
            document = item.document
            if comparison:
                comparison.add(document)
            if (types and not set(types) & set(document.program_types)) or (genres and document.genre not in genres):
                continue
            evidence = classifier.classify(document.title, document.text).evidence
            if as_json:
                click.echo(json.dumps(_classification_json(document, evidence), ensure_ascii=False))
            else:
                printer.print(document, evidence)
        if not as_json and outcome.documents:
            printer.print_counts()
        if comparison:
            _print_comparison(comparison, console(is_error=as_json))
    if not outcome.documents:
        print_message("no document could be read; the lines above say why")
    sys.exit(outcome.exit_status())


def _check_known(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for value in wanted:
        if value not in known:
            raise IndexerError(f"unknown {what}: {value}; the taxonomy has: {' '.join(known)}")


def _classification_json(document: Document, evidence: tuple[Evidence, ...]) -> dict[str, Any]:
    return {
        "source_id": document.source_id,
        "id": document.id,
        "title": document.title,
        "genre": document.genre,
        "program_types": document.program_types,
        "evidence": [asdict(item) for item in evidence],
    }


class _ClassificationPrinter:
    """Prints documents with their program types and genre, and counts these values."""

    def __init__(self) -> None:
        self._console = console()
        self._documents = 0
        self._types: Counter[str] = Counter()
        self._genres: Counter[str] = Counter()

    def print(self, document: Document, evidence: tuple[Evidence, ...]) -> None:
        """Print id and title of a document, then its genre and program types with their evidence."""
        self._documents += 1
        self._types.update(document.program_types)
        self._genres[document.genre] += 1
        self._console.print(f"{document.source_id}  {document.title}", style="bold", soft_wrap=True)
        for name, value in classification_rows(document, evidence):
            self._console.print(f"  {name:<12} {value}", soft_wrap=True)

    def print_counts(self) -> None:
        """Print for each genre and program type how many of the printed documents have it."""
        self._console.print(f"\n{self._documents:,} documents", style="bold")
        for name, counts in (("genre", self._genres), ("program type", self._types)):
            table = make_table(name, "documents")
            for value, count in counts.most_common():
                table.add_row(value, f"{count:,}")
            self._console.print()
            self._console.print(table)


def _print_comparison(comparison: Comparison, console: Console) -> None:
    console.print()
    for difference in comparison.differences:
        console.print(f"{difference.source_id}  {difference.title}", style="bold", soft_wrap=True)
        console.print(f"  {_difference_line(difference)}", soft_wrap=True)
    missing = comparison.not_found
    if missing:
        shown = " ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        console.print(f"{len(missing):,} labels have no document in the sources: {shown}", soft_wrap=True)
    console.print()
    table = make_table("program type", "labelled", "correct", "missed", "extra", "precision", "recall", "F1")
    for value, score in comparison.by_type():
        table.add_row(value, *_cells(score))
    table.add_row("all (micro)", *_cells(comparison.total), style="bold")
    console.print(table)
    console.print(
        f"\n{comparison.documents:,} labelled documents, {len(comparison.differences):,} of them differ; genre accuracy"
        f" {comparison.genre_accuracy:.3f} ({comparison.correct_genres:,} of {comparison.genres:,})",
        soft_wrap=True,
    )


def _cells(score: Score) -> tuple[str, ...]:
    counts = (score.correct + score.missed, score.correct, score.missed, score.extra)
    return *(f"{count:,}" for count in counts), *(f"{x:.3f}" for x in (score.precision, score.recall, score.f1))


def _difference_line(difference: Difference) -> str:
    parts = []
    if difference.missed:
        parts.append(f"missed: {' '.join(difference.missed)}")
    if difference.extra:
        parts.append(f"extra: {' '.join(difference.extra)}")
    if difference.labelled_genre:
        parts.append(f"genre: {difference.genre}, label {difference.labelled_genre}")
    return "; ".join(parts)
