"""Loads CSV tables, delimited by commas, tabs, semicolons or bars, one row at a time.

A row with invalid quotation marks costs only itself, not the rows after it.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from corpus.loaders.field_names import known_name
from corpus.loaders.raw_record import Item, LoadIssue
from corpus.loaders.table_columns import (
    HEADER_ROWS,
    TableColumns,
    columns_above_texts,
    columns_of,
    no_header,
    row_record,
)

_DELIMITERS: Final = (",", "\t", ";", "|")
#: The longest name of a column in a file that is not called a table.
_MAX_NAME_CHARS: Final = 20
#: A longer row has invalid quotation marks.
_MAX_ROW_CHARS: Final = 1 << 22
#: How many characters in all are parsed again after an unclosed quotation mark took in the following rows.
_MAX_AGAIN_CHARS: Final = 1 << 24
#: Excel's own first line, which names the delimiter.
_SEPARATOR: Final = re.compile(r"\ufeff?sep=(.)\s*\Z", re.IGNORECASE)
_BROKEN: Final = "its quotation marks are not closed or are misplaced; double the quotation marks inside cells"


def load(pieces: Iterable[str], stem: str) -> Iterator[Item]:
    """One record for each row below the header row."""
    csv.field_size_limit(_MAX_ROW_CHARS)
    lines = _lines(pieces)
    head = list(islice(lines, HEADER_ROWS))
    separator = _SEPARATOR.match(head[0]) if head else None
    if separator:
        head.pop(0)
    delimiter = separator[1] if separator else _delimiter_of(head)
    rows = _Rows(head, lines, delimiter)
    columns = None
    row: list[str] | str | None
    first: list[list[str]] = []
    for _ in range(HEADER_ROWS):
        row = rows.next(1)
        columns = columns_of(row) if isinstance(row, list) else None
        if columns is not None or row is None:
            break
        first += [row] if row and isinstance(row, list) else []
    if columns is None:
        columns = columns_above_texts(first)
        if columns is None:
            yield no_header(first)
            return
        yield from _records(rows, columns, first[1:])
    else:
        yield from _records(rows, columns)


def is_table(start: str) -> bool:
    """True if a text that begins like this is a table, whatever its file is called.

    Its first row names columns and nothing else, and its second row has as many cells.
    """
    lines = [line for line in start.splitlines(keepends=True) if line.strip()][:HEADER_ROWS]
    return any(_has_header(lines, delimiter) for delimiter in _DELIMITERS)


def _has_header(lines: list[str], delimiter: str) -> bool:
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        header, row = next(reader, []), next(reader, [])
    except csv.Error:
        return False
    names = [name.strip("\ufeff \t\u3000") for name in header]
    known = sum(known_name(name) is not None for name in names)
    is_header = columns_of(names) is not None and known >= 2 and known * 2 >= len(names)
    is_short = all(len(name) <= _MAX_NAME_CHARS for name in names)
    # A row that the beginning of the file ends in has fewer cells.
    is_cut = len(row) <= len(names) and reader.line_num == len(lines)
    return is_header and is_short and len(row) > 1 and (len(row) == len(names) or is_cut)


def _records(rows: _Rows, columns: TableColumns, first: Iterable[list[str]] = ()) -> Iterator[Item]:
    """The records of the rows below a header; `first` are those that were read already."""
    number = 0
    for cells in first:
        number += 1
        item = row_record(number, cells, columns)
        if item is not None:
            yield item
    while (row := rows.next(len(columns.names))) is not None:
        if row == []:
            continue
        number += 1
        if isinstance(row, str):
            yield LoadIssue(number=number, kind="bad_row", message=row)
        else:
            item = row_record(number, row, columns)
            if item is not None:
                yield item
    if rows.is_given_up:
        message = f"too many rows with invalid quotation marks; what follows row {number} is unread"
        yield LoadIssue(number=None, kind="bad_row", message=message)


class _Rows:
    """Parses rows strictly; after an invalid one it continues at the next line that is a whole row."""

    def __init__(self, head: Iterable[str], lines: Iterator[str], delimiter: str) -> None:
        self._waiting = deque(head)
        self._lines = lines
        self._delimiter = delimiter
        self._is_recovering = False
        self._parsed_again = 0
        self.is_given_up = False

    def next(self, width: int) -> list[str] | str | None:
        """The cells of the next row, the message of an invalid row, or None at the end of the table."""
        while not self.is_given_up:
            taken: list[str] = []
            try:
                row = next(self._reader(self._take(taken), strict=True), None)
            except csv.Error:
                self._give_back(taken)
                row = self._loose(taken[0], width)
                if row is None and not self._is_recovering:
                    self._is_recovering = True
                    return _BROKEN
            else:
                if row is None:
                    return None
                if self._is_recovering and (len(row) != width or _quotes(taken) % 2):
                    self._give_back(taken)
                    row = None
            if row is not None:
                self._is_recovering = False
                return row
        return None

    def _reader(self, lines: Iterable[str], *, strict: bool) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._delimiter, strict=strict)

    def _loose(self, line: str, width: int) -> list[str] | None:
        """The cells of a line with misplaced quotation marks, if these come in pairs: `"甲"乙,丙`; None otherwise."""
        if _quotes([line]) % 2:
            return None
        try:
            row = next(self._reader([line], strict=False), None)
        except csv.Error:
            return None
        return row if row is not None and len(row) == width else None

    def _give_back(self, taken: list[str]) -> None:
        """Put back the lines after the first one of an invalid row."""
        self._waiting.extendleft(reversed(taken[1:]))
        self._parsed_again += sum(map(len, taken[1:]))
        self.is_given_up = self._parsed_again > _MAX_AGAIN_CHARS

    def _take(self, taken: list[str]) -> Iterator[str]:
        size = 0
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines, None)
            if line is None:
                return
            taken.append(line)
            size += len(line)
            if size > _MAX_ROW_CHARS:
                raise csv.Error("row too long")
            yield line


def _quotes(lines: list[str]) -> int:
    return sum(line.count('"') for line in lines)


def _delimiter_of(head: list[str]) -> str:
    """The delimiter with which one of the rows has the most known column names, or else the first row most cells."""

    def known(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(head, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        names = (sum(known_name(name.strip()) is not None for name in row) for row in rows if columns_of(row))
        return max(names, default=0), len(rows[0]) if rows else 0

    return max(_DELIMITERS, key=known)


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines with their line breaks; a line longer than any row is returned in parts."""
    rest: list[str] = []
    length = 0
    for piece in pieces:
        first, *others = piece.split("\n")
        rest.append(first)
        length += len(first)
        for other in others:
            yield "".join(rest) + "\n"
            rest, length = [other], len(other)
        if length > _MAX_ROW_CHARS:
            yield "".join(rest)
            rest, length = [], 0
    if length:
        yield "".join(rest)
