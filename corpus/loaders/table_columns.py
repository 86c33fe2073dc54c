"""Recognises the header row of a table, and makes records of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from corpus.loaders.field_aliases import ALIASES, is_article, record_of
from corpus.loaders.raw_record import Item, LoadIssue

#: The header must be among so many first rows: titles and remarks may precede it.
HEADER_ROWS: Final = 10
#: The length of the longest cell that Excel writes, in UTF-16 units; some writers stop one unit earlier.
_MAX_CELL: Final = (32_766, 32_767)
_CUT: Final = ("cut_cell", "its text is as long as Excel's longest cell (32,767 characters) and may be cut off there")
_KNOWN: Final[Mapping[str, str]] = {name.casefold(): name for names in ALIASES.values() for name in names}
_BLANKS: Final = " \t\r\n\ufeff\u3000\xa0"
NO_HEADER: Final = (
    "no row names the columns; write a first row such as 标题, 文章内容, 链接, 发布时间, 公众号"
    " (or title, content, url, date, account)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """A header row: `names` are (column index, known name); `width` counts all columns."""

    names: tuple[tuple[int, str], ...]
    width: int


def columns_of(cells: Sequence[Any]) -> TableColumns | None:
    """The columns of a header row; None for another row, which names no title or text, or one column of several."""
    names: dict[str, int] = {}
    cells_as_text = [str(cell).strip(_BLANKS) if cell is not None else "" for cell in cells]
    for index, name in enumerate(cells_as_text):
        known = _KNOWN.get(name.casefold())
        if known is not None:
            names.setdefault(known, index)
    width = max((index + 1 for index, name in enumerate(cells_as_text) if name), default=0)
    is_named = is_article(dict.fromkeys(names, "…")) or any(name in names for name in ALIASES["title"])
    if not is_named or (len(names) < 2 and width > 1):
        return None
    return TableColumns(names=tuple((index, name) for name, index in names.items()), width=width)


def row_record(number: int, cells: Sequence[Any], columns: TableColumns) -> Item | None:
    """The record of a row; None for a blank row."""
    if all(cell is None or not str(cell).strip(_BLANKS) for cell in cells):
        return None
    if any(cell is not None and str(cell).strip(_BLANKS) for cell in cells[columns.width :]):
        message = f"the row has {len(cells)} cells, the header {columns.width}; quote cells that contain a delimiter"
        return LoadIssue(number=number, kind="bad_row", message=message)
    entry = {name: cells[index] for index, name in columns.names if index < len(cells)}
    is_cut = any(isinstance(cell, str) and len(cell) > 16_000 and _units(cell) in _MAX_CELL for cell in entry.values())
    return record_of(number, entry, notices=(_CUT,) if is_cut else ())


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
