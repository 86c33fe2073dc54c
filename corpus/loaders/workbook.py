"""Loads Excel workbooks (.xlsx) with openpyxl (an optional extra): each sheet that has a header row, row by row."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import chain, count, islice
from typing import IO, Any, Final

from corpus.loaders.package import Package
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.table_columns import HEADER_ROWS, columns_above_texts, columns_of, computed, no_header, row_record
from corpus.loaders.workbook_links import SheetLinks, read_links

#: Excel's limit of rows, and more columns than any export has; cells beyond are ignored.
_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 200
_BATCH: Final = 100
#: How Excel escapes characters that XML cannot contain.
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_VALUE: Final = (
    "no_value",
    "a cell holds a formula without its value; open the workbook in Excel, save it, index again",
)
MISSING: Final = "{} files are read with an extra: pip install 'kesou[office]'"


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """One record for each row below a header row; sheets without one are reported, empty ones skipped."""
    try:
        from openpyxl import load_workbook  # deferred: an extra, and slow to load
    except ImportError:
        yield LoadIssue(number=None, kind="missing_library", message=MISSING.format("Excel"))
        return
    numbers = count(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
        package = Package(content, sys.maxsize)  # its size was checked before
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some writers declare the dimensions A1:A1
                links = read_links(package, getattr(sheet, "_worksheet_path", ""))
                yield from _records(_rows(sheet, links), links, numbers, f"sheet {sheet.title[:31]!r}: ")
        finally:
            book.close()
    except Exception as error:  # openpyxl raises many exceptions for damaged or hostile workbooks
        unread = "; what follows is unread" if next(numbers) > 1 else ""
        message = f"cannot be read as an Excel workbook ({type(error).__name__}){unread}; save it again as .xlsx"
        yield LoadIssue(number=None, kind="broken_file", message=message)


def _records(
    rows: Iterator[tuple[int, list[Any]]], links: SheetLinks, numbers: Iterator[int], where: str
) -> Iterator[Item]:
    """The records of a sheet's rows below its header row."""
    head = list(islice(rows, HEADER_ROWS))
    first = [cells for _, cells in head]
    found = next(((index, columns) for index, row in enumerate(first) if (columns := columns_of(row))), None)
    if found is None and (columns := columns_above_texts(first)):
        found = 0, columns
    if found is None:
        if head:
            yield no_header(first, where)
        return
    index, columns = found
    for row_number, row in chain(head[index + 1 :], rows):
        addresses = links.addresses.get(row_number)
        item = row_record(next(numbers), row, columns, addresses, may_be_wider=True)
        if isinstance(item, RawRecord) and any(_is_formula(cell) for cell in row):
            item = replace(item, notices=(*item.notices, _NO_VALUE))
        if item is not None:
            yield item


def _rows(sheet: Any, links: SheetLinks) -> Iterator[tuple[int, list[Any]]]:
    """The rows that are not empty, with their numbers; openpyxl's warnings about unusual cells are suppressed."""
    rows = enumerate(sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True), 1)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = list(islice(rows, _BATCH))
        if not batch:
            return
        for number, row in batch:
            if row.count(None) == len(row) and number not in links.formulas:
                continue  # a sheet may claim a million empty rows
            cells = [_cell(value) for value in row]
            for column, formula in links.formulas.get(number, {}).items():
                if column < len(cells) and cells[column] in (None, ""):
                    cells[column] = formula
            if any(value is not None for value in cells):
                yield number, cells


def _is_formula(cell: Any) -> bool:
    """True if a cell holds a formula whose value the workbook lacks and cannot be told from the formula."""
    return isinstance(cell, str) and cell.startswith("=") and computed(cell) == (cell, "")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
