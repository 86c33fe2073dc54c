"""Loads Excel workbooks (.xlsx) with openpyxl (an optional extra): each sheet that has a header row, row by row."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, Final

from corpus.loaders.raw_record import Item, LoadIssue
from corpus.loaders.table_columns import HEADER_ROWS, NO_HEADER, columns_of, row_record

#: Excel's limit of rows, and more columns than any export has; cells beyond are ignored.
_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 200
_BATCH: Final = 100
#: How Excel escapes characters that XML cannot contain.
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
MISSING: Final = "{} files are read with an extra: pip install 'kesou[office]'"


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """One record for each row below a header row; sheets without one are reported, empty ones skipped."""
    try:
        from openpyxl import load_workbook  # deferred: an extra, and slow to load
    except ImportError:
        yield LoadIssue(number=None, kind="missing_library", message=MISSING.format("Excel"))
        return
    number = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(content, read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some writers declare the dimensions A1:A1
                rows = _rows(sheet)
                head = list(islice(rows, HEADER_ROWS))
                found = next(((index, columns) for index, row in enumerate(head) if (columns := columns_of(row))), None)
                if found is None:
                    if head:
                        message = f"sheet {sheet.title[:31]!r}: {NO_HEADER}"
                        yield LoadIssue(number=None, kind="no_header", message=message)
                    continue
                index, columns = found
                for batch in (head[index + 1 :], rows):
                    for row in batch:
                        number += 1
                        item = row_record(number, row, columns)
                        if item is not None:
                            yield item
        finally:
            book.close()
    except Exception as error:  # openpyxl raises many exceptions for damaged or hostile workbooks
        unread = "; what follows is unread" if number else ""
        message = f"cannot be read as an Excel workbook ({type(error).__name__}){unread}; save it again as .xlsx"
        yield LoadIssue(number=None, kind="broken_file", message=message)


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """The rows that are not empty; openpyxl's warnings about unusual cells are suppressed."""
    rows = sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = list(islice(rows, _BATCH))
        if not batch:
            return
        yield from ([_cell(value) for value in row] for row in batch if any(value is not None for value in row))


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
