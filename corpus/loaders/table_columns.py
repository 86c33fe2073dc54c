"""Recognises the header row of a table, and makes records of its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from corpus.loaders.field_aliases import is_chinese, record_of
from corpus.loaders.field_names import known_name
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

#: The header must be among so many first rows: titles and remarks may precede it.
HEADER_ROWS: Final = 10
#: The length of the longest cell that Excel writes, in UTF-16 units; some writers stop one unit earlier.
_MAX_CELL: Final = (32_766, 32_767)
_CUT: Final = ("cut_cell", "its text is as long as Excel's longest cell (32,767 characters) and may be cut off there")
_BLANKS: Final = " \t\r\n\ufeff\u3000\xa0"
NO_HEADER: Final = (
    "no row names the columns; write a first row such as 标题, 文章内容, 链接, 发布时间, 公众号"
    " (or title, content, url, date, account)"
)
#: A first row of short names above long texts is a header, whatever its names are.
_MAX_NAME_CHARS: Final = 30
_MIN_TEXT_CHARS: Final = 60
_MAX_TITLE_CHARS: Final = 80
_NO_NAME: Final = re.compile(r"[\d\W_]*|https?://.*", re.IGNORECASE)
_TITLE_OR_TEXT: Final = frozenset(("title", "text", "html"))
#: A cell that a spreadsheet computes from constants: =HYPERLINK("https://…","标题"), ="001".
_LINK: Final = re.compile(
    r'\s*=\s*(?:_xlfn\.)?HYPERLINK\(\s*(?:"((?:[^"]|"")*)"|([^,;()"]*))\s*(?:[,;]\s*(?:"((?:[^"]|"")*)"|([^,;()"]*))\s*)?\)\s*',
    re.IGNORECASE,
)
_CONSTANT: Final = re.compile(r'\s*=\s*"((?:[^"]|"")*)"\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """A header row: `names` are those of all columns; `is_known` is False if none of them stands for title or text."""

    names: tuple[str, ...]
    is_known: bool = True


def columns_of(cells: Sequence[Any]) -> TableColumns | None:
    """The columns of a header row; None for another row, which names no title or text, or one column of several."""
    names = _names(cells)
    fields = {known.field for name in names if name and (known := known_name(name))}
    if not fields & _TITLE_OR_TEXT or (len(fields) < 2 and len(names) > 1):
        return None
    return TableColumns(names=names)


def columns_above_texts(rows: Sequence[Sequence[Any]]) -> TableColumns | None:
    """The columns of a first row of unknown names, if long Chinese texts stand below it."""
    if not rows:
        return None
    first, *others = rows
    names = _names(first)
    is_header = len(set(names)) == len(names) and all(
        len(name) <= _MAX_NAME_CHARS and not _NO_NAME.fullmatch(name) for name in names
    )
    if not is_header or not any(
        len(str(cell)) >= _MIN_TEXT_CHARS and is_chinese(str(cell)) for row in others for cell in row
    ):
        return None
    return TableColumns(names=names, is_known=False)


def no_header(rows: Sequence[Sequence[Any]], where: str = "") -> LoadIssue:
    """The issue of a table without a header row; no rejection if its first rows hold no Chinese."""
    has_text = not rows or any(is_chinese(str(cell)) for row in rows for cell in row)
    return LoadIssue(number=None, kind="no_header", message=where + NO_HEADER, is_rejection=has_text)


def row_record(
    number: int,
    cells: Sequence[Any],
    columns: TableColumns,
    links: Mapping[int, str] | None = None,
    *,
    may_be_wider: bool = False,
) -> Item | None:
    """The record of a row; None for a blank row. `links` are the addresses behind cells, by the index of the column."""
    if all(cell is None or not str(cell).strip(_BLANKS) for cell in cells):
        return None
    width = len(columns.names)
    if not may_be_wider and any(cell is not None and str(cell).strip(_BLANKS) for cell in cells[width:]):
        message = f"the row has {len(cells)} cells, the header {width}; quote cells that contain a delimiter"
        return LoadIssue(number=number, kind="bad_row", message=message)
    found = dict(links or {})
    entry: dict[str, Any] = {}
    for index, cell in enumerate(cells):
        value, link = computed(cell, cells) if isinstance(cell, str) else (cell, "")
        found.setdefault(index, link)
        name = columns.names[index] if index < width else ""
        entry[name if name and name not in entry else f"{name}:{index + 1}"] = value
    is_cut = any(isinstance(cell, str) and len(cell) > 16_000 and _units(cell) in _MAX_CELL for cell in entry.values())
    item = record_of(number, entry, notices=(_CUT,) if is_cut else ())
    if isinstance(item, LoadIssue):
        return _unnamed(number, entry) or item
    if not columns.is_known and not item.title:
        item = replace(item, title=_title(entry, item.text))
    return _with_link(item, columns, found)


def computed(cell: str, row: Sequence[Any] = ()) -> tuple[str, str]:
    """The text that a cell shows and the address behind it, if it is a formula of constants or of cells of its row."""
    constant = _CONSTANT.fullmatch(cell)
    if constant:
        return constant[1].replace('""', '"'), ""
    link = _LINK.fullmatch(cell) if "HYPERLINK" in cell[:30].upper() else None
    if link is None:
        return cell, ""
    address = _argument(link[1], link[2], row)
    return _argument(link[3], link[4], row) or address, address


def _argument(text: str | None, reference: str | None, row: Sequence[Any]) -> str:
    if text is not None:
        return text.replace('""', '"')
    column = re.fullmatch(r"\$?([A-Z]{1,2})\$?\d{1,7}", (reference or "").strip().upper())
    if column is None:
        return ""
    index = 0
    for letter in column[1]:
        index = index * 26 + ord(letter) - 64
    value = row[index - 1] if index <= len(row) else None
    return "" if value is None or str(value).startswith("=") else str(value)


def _with_link(record: RawRecord, columns: TableColumns, links: Mapping[int, str]) -> RawRecord:
    """The record with the address behind its cell of links, or else its title, if it names no address itself."""
    if "://" in record.url or not any(links.values()):
        return record
    fields = [known.field if name and (known := known_name(name)) else "" for name in columns.names]
    order = ("url", "title", "text", "source_id", "")
    ranked = sorted(
        (order.index(fields[index]) if index < len(fields) and fields[index] in order else len(order), index)
        for index, link in links.items()
        if link
    )
    return replace(record, url=links[ranked[0][1]])


def _names(cells: Sequence[Any]) -> tuple[str, ...]:
    names = [str(cell).strip(_BLANKS) if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _unnamed(number: int, entry: Mapping[str, Any]) -> RawRecord | None:
    """The record of a row without title and text: its Chinese cells."""
    texts = [value for value in entry.values() if isinstance(value, str) and is_chinese(value)]
    return RawRecord(number=number, title="", text="\n".join(texts)) if texts else None


def _title(entry: Mapping[str, Any], text: str) -> str:
    """The first short Chinese cell of a row whose columns are unknown."""
    texts = (value.strip() for value in entry.values() if isinstance(value, str) and value != text)
    return next((value for value in texts if is_chinese(value) and len(value) <= _MAX_TITLE_CHARS), "")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
