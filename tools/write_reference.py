"""Write the generated tables of docs/ and ARCHITECTURE.md: settings, options, names of columns, maps of folders.

A map lists the modules of a folder with the first lines of their docstrings. Each table lies between
`<!-- table: NAME -->` and `<!-- /table -->`. With --check nothing is written; the exit status is 1 when a document is
out of date.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from corpus.loaders.field_names import ALIASES
from corpus.settings import Settings
from corpus.value import fields
from indexer.commands.check import check
from indexer.commands.classify import classify
from indexer.commands.cli import main as search_index
from indexer.commands.inspect import inspect
from indexer.commands.repair import repair
from indexer.commands.schedule import schedule
from indexer.commands.status import status
from indexer.commands.watch import watch
from indexer.commands.words import words
from searcher.commands import cli as search_cli
from web.cli import main as search_web

ROOT: Final = Path(__file__).resolve().parents[1]
DOCUMENTS: Final = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "ARCHITECTURE.md")
_TABLE: Final = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _settings() -> str:
    rows = (
        (
            f"`{row.name}`",
            str(row.default).lower() if isinstance(row.default, bool) else str(row.default or "—"),
            _bounds(row.metadata),
            row.metadata["help"],
        )
        for row in fields(Settings)
    )
    return _rows(("name", "default", "bounds", "meaning"), rows)


def _bounds(metadata: Mapping[str, object]) -> str:
    return "—" if metadata["low"] is None else f"{metadata['low']} to {metadata['high']}"


def _search_options() -> str:
    """The options of `search`, which argparse reads."""
    rows = []
    for action in search_cli._parser()._actions:
        if action.option_strings and action.help and action.dest != "help":
            value = action.metavar or "|".join(action.choices or ())
            rows.append((f"`{' '.join(filter(None, (action.option_strings[-1], str(value))))}`", action.help))
    return _rows(("option", "meaning"), rows)


def _click_options(command: click.Command) -> str:
    """The options of a command that click reads."""
    context = click.Context(command)
    records = (option.get_help_record(context) for option in command.params if isinstance(option, click.Option))
    rows = ((f"`{name}`", text.rstrip(".")) for name, text in filter(None, records) if "--help" not in name)
    return _rows(("option", "meaning"), rows)


def _column_names() -> str:
    rows = ((f"`{part}`", " ".join(f"`{name}`" for name in names)) for part, names in ALIASES.items())
    return _rows(("part", "names, the best first"), rows)


def _map(folder: str) -> str:
    """The modules of a folder, those without code left out."""
    modules = {path.name: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / folder).glob("*.py"))}
    docstrings = {name: ast.get_docstring(tree) for name, tree in modules.items() if tree.body}
    rows = ((f"`{name}`", (text or "").partition("\n")[0]) for name, text in docstrings.items())
    return _rows(("file", "what it does"), rows)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "settings": _settings,
    "search": _search_options,
    "search-index": lambda: _click_options(search_index),
    "schedule": lambda: _click_options(schedule),
    "watch": lambda: _click_options(watch),
    "inspect": lambda: _click_options(inspect),
    "classify": lambda: _click_options(classify),
    "check": lambda: _click_options(check),
    "repair": lambda: _click_options(repair),
    "status": lambda: _click_options(status),
    "words": lambda: _click_options(words),
    "search-web": lambda: _click_options(search_web),
    "column-names": _column_names,
}


def filled(text: str) -> str:
    """A document with its tables brought up to date."""

    def fill(found: re.Match[str]) -> str:
        name = found[2]
        table = _map(name.removesuffix("/")) if name.endswith("/") else TABLES[name]()
        return f"{found[1]}\n{table}\n{found[3]}"

    return _TABLE.sub(fill, text)


def main() -> int:
    """Write or check every document; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when a table is out of date")
    is_check = parser.parse_args().check
    stale = [path for path in DOCUMENTS if filled(path.read_text("utf-8")) != path.read_text("utf-8")]
    for path in stale:
        print(f"{path.name}: out of date; run tools/write_reference.py" if is_check else f"{path.name}: written")
        if not is_check:
            path.write_text(filled(path.read_text("utf-8")), "utf-8")
    return int(is_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
