"""Reads what openpyxl leaves out when it streams a sheet: the addresses behind cells, formulas without values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from posixpath import dirname, normpath
from typing import Final

from corpus.loaders.package import BrokenPackage, Package
from corpus.loaders.table_columns import computed
from corpus.loaders.xml_events import Event

#: A part without these has neither links nor formulas, and need not be parsed twice.
_MARKS: Final = re.compile(rb"<(?:\w+:)?(?:f|hyperlink)[\s/>]")
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::.*)?")
#: Links of one range of cells: the cells of a merged title, not a column.
_NO_PLACE: Final = (0, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLinks:
    """By the number of the row, from 1, and the index of the column, from 0."""

    addresses: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    formulas: Mapping[int, Mapping[int, str]] = field(default_factory=dict)


def read_links(package: Package, part: str) -> SheetLinks:
    """The links and formulas of a sheet; none if its part is damaged, which its reader reports."""
    addresses: dict[int, dict[int, str]] = defaultdict(dict)
    formulas: dict[int, dict[int, str]] = defaultdict(dict)
    with suppress(BrokenPackage):
        if not package.holds(part, _MARKS):
            return SheetLinks()
        targets = _targets(package, part)
        for place, formula in _formulas(package.events(part)):
            row, column = place
            formulas[row][column] = formula
            if link := computed(formula)[1]:
                addresses[row][column] = link
        for event in package.events(part):
            if event.kind == "start" and event.name == "hyperlink":
                row, column = _place(event.attributes.get("ref", ""))
                address = targets.get(event.attributes.get("id", ""), "")
                if address and column >= 0:
                    addresses[row].setdefault(column, address)
    return SheetLinks(addresses=addresses, formulas=formulas)


def _formulas(events: Iterator[Event]) -> Iterator[tuple[tuple[int, int], str]]:
    """The place and the text of each formula that begins with =."""
    place = _NO_PLACE
    texts: list[str] | None = None
    for event in events:
        if event.kind == "text":
            if texts is not None:
                texts.append(event.text)
        elif event.name == "c" and event.kind == "start":
            place = _place(event.attributes.get("r", ""))
        elif event.name == "f":
            if event.kind == "start":
                texts = []
            elif texts is not None:
                if texts and place[1] >= 0:
                    yield place, "=" + "".join(texts)
                texts = None


def _targets(package: Package, part: str) -> dict[str, str]:
    """The addresses outside the workbook that the sheet's links name, by their ids."""
    folder, _, name = part.rpartition("/")
    return {
        event.attributes.get("Id", ""): event.attributes.get("Target", "")
        for event in package.events(normpath(f"{folder}/_rels/{name}.rels") if dirname(part) else f"_rels/{name}.rels")
        if event.name == "Relationship" and event.kind == "start" and event.attributes.get("TargetMode") == "External"
    }


def _place(reference: str) -> tuple[int, int]:
    match = _CELL.fullmatch(reference)
    if match is None:
        return _NO_PLACE
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1
