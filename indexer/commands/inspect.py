"""The command `search-index inspect`: prints documents as they will be indexed, as text or JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corpus.document import Document, Section
from corpus.settings import load_settings
from corpus.taxonomy.classify import Evidence, Taxonomy
from indexer.commands.read_documents import ReadDocument, read_documents
from indexer.commands.terminal import EXIT_REJECTED, Outcome, console, one_line_errors, print_message

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

#: Characters shown of each body if several documents are printed.
_SHOWN_CHARS: Final = 600


@click.command(
    short_help="show documents as they will be indexed", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.argument("id", metavar="[ID]", required=False)
@click.option(
    "--full", is_flag=True, help=f"show texts beyond their first {_SHOWN_CHARS:,} characters (always with an ID)"
)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object a line")
def inspect(source: Path, id: str | None, full: bool, as_json: bool) -> None:
    """Show the documents of SOURCE (a file or folder) as they will be indexed; nothing is written.

    ID is the id that the source gives a document, or the id that the index gives it. Exit status: 0 success, 1 some
    documents were rejected or no document has this ID, 2 no document could be read.
    """
    with one_line_errors():
        settings = load_settings()
        taxonomy = Taxonomy.load(*([Path(settings.taxonomy)] if settings.taxonomy else []))
        outcome = Outcome()
        shown = 0
        for item in read_documents([source], taxonomy, settings, outcome.report):
            outcome.documents += 1
            document = item.document
            if id is not None and id not in (document.id, document.source_id):
                continue
            evidence = taxonomy.classify(document.title, document.text).evidence
            if as_json:
                click.echo(json.dumps(inspection_json(item, evidence), ensure_ascii=False))
            else:
                _DocumentPrinter(console(), item, evidence).print(is_first=not shown, is_whole=full or id is not None)
            shown += 1
        if outcome.documents and not shown:
            print_message(f"no document of {source} has the id {id}; leave the id out to list all documents")
            sys.exit(EXIT_REJECTED)
    if not outcome.documents:
        print_message("no document could be read; the lines above say why")
    sys.exit(outcome.exit_status())


def inspection_json(item: ReadDocument, evidence: tuple[Evidence, ...]) -> dict[str, Any]:
    """The document as a JSON object; all keys are always present, and later versions only add keys at the end."""
    document = item.document
    return {
        "source_id": document.source_id,
        "id": document.id,
        "title": document.title,
        "account": document.account,
        "date": document.date,
        "url": document.url,
        "genre": document.genre,
        "program_types": document.program_types,
        "evidence": [asdict(item) for item in evidence],
        "facts": asdict(document.facts),
        "state": document.state,
        "cluster": asdict(document.cluster) if document.cluster else None,
        "sections": [asdict(section) for section in document.sections],
        "body": document.body,
        "notes": document.notes,
        "dropped": [line for item in document.set_aside if item.reason == "boilerplate" for line in item.lines],
        "set_aside": [item._asdict() for item in document.set_aside],
        "ledger": asdict(item.characters),
    }


class _DocumentPrinter:
    """Prints one document: metadata and facts, sections, notes, and text."""

    def __init__(self, console: Console, item: ReadDocument, evidence: tuple[Evidence, ...]) -> None:
        self._console = console
        self._item = item
        self._document = item.document
        self._evidence = evidence

    def print(self, is_first: bool, is_whole: bool) -> None:
        """Print the document, after a horizontal line unless it is the first; `is_whole` prints the text to its end."""
        if not is_first:
            self._line("─" * min(self._console.width, 80), "dim")
        self._line(self._document.title, "bold")
        for name, value in self._rows():
            self._line(f"{name:<14} {value}")
        self._print_sections()
        self._print_lines("moved from the text to the notes", self._document.notes)
        for item in self._document.set_aside:
            self._print_lines(f"set aside as {item.reason.replace('_', ' ')}", item.lines)
        self._print_body(is_whole)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style or None, soft_wrap=True)

    def _rows(self) -> Iterator[tuple[str, str]]:
        document, facts, counts = self._document, self._document.facts, asdict(self._item.characters)
        yield "id", f"{document.source_id} (in the index: {document.id})"
        yield "published", " · ".join(filter(None, (document.account or "no account", document.date or "no date")))
        if document.url:
            yield "link", document.url
        yield "file", self._item.file
        yield "state", document.state
        yield "characters", " · ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
        yield from classification_rows(document, self._evidence)
        listed = {
            "deadlines": facts.deadlines,
            "issuers": facts.issuers,
            "own numbers": facts.document_numbers,
            "cited numbers": facts.cited_numbers,
        }
        for name, values in listed.items():
            if values:
                yield name, " · ".join(values)
        if facts.issued_on:
            yield "issued on", facts.issued_on
        if facts.public_notice:
            yield "public notice", " to ".join(facts.public_notice)
        if facts.reposted_from:
            yield "reposted from", facts.reposted_from
        if facts.source:
            yield "source", facts.source
        cluster = document.cluster
        if cluster and cluster.earliest == document.id:
            yield "copies", "the earliest of a cluster of near-duplicates"
        elif cluster:
            yield "copies", f"a near-duplicate of {cluster.earliest}, similarity {cluster.similarity:.2f}"

    def _print_sections(self) -> None:
        if self._document.sections:
            self._console.print()
            self._console.print(_tree(self._document.sections), soft_wrap=True)

    def _print_lines(self, heading: str, lines: tuple[str, ...]) -> None:
        if lines:
            self._console.print()
            self._line(f"{heading}: {len(lines):,} lines", "bold")
            for line in lines:
                self._line(f"  {line}", "dim")

    def _print_body(self, is_whole: bool) -> None:
        body = self._document.body
        self._console.print()
        self._line(f"text: {len(body):,} characters", "bold")
        self._line(body if is_whole else body[:_SHOWN_CHARS])
        if not is_whole and len(body) > _SHOWN_CHARS:
            self._line(f"… {len(body) - _SHOWN_CHARS:,} more characters; --full shows them", "dim")
        self._console.print()


def classification_rows(document: Document, evidence: tuple[Evidence, ...]) -> Iterator[tuple[str, str]]:
    """Genre and program types, each with the part of the document and the words that matched its rule."""
    by_value = {
        (item.kind, item.value): f"{item.value} ← {item.position}: {' '.join(item.text.split())}" for item in evidence
    }
    yield "genre", by_value.get(("genre", document.genre), f"{document.genre} (no rule matched)")
    for value in document.program_types:
        yield "program type", by_value.get(("type", value), f"{value} (no rule matched)")


def _tree(sections: tuple[Section, ...]) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(f"sections: {len(sections):,}", style="bold"))
    branches = [(0, root)]
    for section in sections:
        while len(branches) > 1 and branches[-1][0] >= section.level:
            branches.pop()
        page = f"  p. {section.page}" if section.page is not None else ""
        label = Text(section.title).append(f"{page}  {section.length:,} characters", style="dim")
        branches.append((section.level, branches[-1][1].add(label)))
    return root
