"""Exports in JSON: an array, JSON Lines, an object that holds the array, or one object for one article.

Records before and after a broken place are kept; every lost one is named by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from corpus.loaders.html import text_of_html
from corpus.loaders.json_reader import JsonFault, JsonReader, TooDeep, repeated_keys
from corpus.loaders.raw import Fault, Item, RawRecord

#: The names that exporters give to the same thing, best first; a record's first one with a value counts.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "source_id": ("文章标识符aid", "aid", "id", "ID", "msgid"),
    "title": ("标题title", "title", "标题"),
    "url": ("链接url", "url", "link", "content_url", "链接", "文章链接", "原文链接"),
    "date": (
        *("时间time", "date", "publish_time", "update_time", "create_time", "time", "datetime"),
        *("发布时间", "发布日期", "创建时间", "date_published", "pubDate"),
    ),
    "account": (
        *("公众号名称", "account", "account_name", "_accountName", "nickname", "nick_name"),
        *("mp_name", "mpName", "公众号"),
    ),
    "text": ("finalContent", "content", "content_text", "text", "正文", "文章内容", "body"),
    "html": ("content_html", "content_noencode"),
}
_HOLDERS: Final = ("articles", "data", "items", "list")
_AFTER_OBJECT: Final = "text after the end of the object"
_HTML_TAG: Final = re.compile(r"<(?:p|div|section|br|span|img|h[1-6])\b[^<>]{0,2000}>", re.IGNORECASE)


def load(text: str, stem: str, max_depth: int = 64) -> Iterable[Item]:
    """Records of a JSON text in any of the four shapes; those of arrays and lines are made as they are asked for."""
    reader = JsonReader(text, max_depth)
    start = reader.skip_space(0)
    if text.startswith("[", start):
        return _array(reader, start + 1)
    value, end, fault = None, start, None
    try:
        value, end = reader.value(start)
    except JsonFault as error:
        fault = error
    if fault is None and reader.skip_space(end) == len(text):
        held = _held(value)
        return (
            [_record(1, value, stem)]
            if held is None
            else [_record(number, entry) for number, entry in enumerate(held, 1)]
        )
    line_end = text.find("\n", start)
    if fault is None and end <= (line_end if line_end >= 0 else len(text)):
        return _lines(reader, text)
    array = _start_of_held_array(reader, start)
    if array is not None:
        items = list(_array(reader, array, is_held=True))
        # The object is two levels deeper than its records: that alone is no fault.
        if not isinstance(fault, TooDeep) and not any(isinstance(item, Fault) for item in items):
            items.append(_bad_json(None, fault or JsonFault(_AFTER_OBJECT, end)))
        return items
    # A broken object in many lines is one fault; in JSON Lines nearly every line begins an object.
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(line.startswith("{") for line in lines) * 2 >= len(lines):
        return _lines(reader, text)
    return [_bad_json(1, fault or JsonFault(_AFTER_OBJECT, end))]


def _array(reader: JsonReader, start: int, *, is_held: bool = False) -> Iterator[Item]:
    """Entries of an array whose bracket has been read. Only a record that never ends takes the later ones with it."""
    position = reader.skip_space(start)
    number, has_faults = 0, False
    while True:
        if reader.at(position) in ("]", ""):
            if not reader.at(position):
                yield _truncated(None, f"the file ends within the array, after record {number}")
                return
            position = reader.skip_space(position + 1)
            if is_held or reader.at(position) != "[":
                break
            position = reader.skip_space(position + 1)  # two exports in one file
            continue
        number += 1
        # Where one record is broken, many may be: from then on each is cut out before it is decoded.
        stop = reader.end_of(position) if has_faults and reader.at(position) != '"' else None
        try:
            value, position = reader.value(position, stop)
            yield _record(number, value)
        except JsonFault as fault:
            if fault.end is None:
                reason = f"not valid JSON at character {fault.position + 1}: {fault}"
                yield _truncated(number, f"{reason}; the file ends before this record does")
                return
            yield _bad_json(number, fault)
            position, has_faults = fault.end, True
        position = reader.skip_space(position)
        if reader.at(position) == ",":
            position = reader.skip_space(position + 1)
    if not is_held and reader.at(position):
        yield _bad_json(None, JsonFault("text after the end of the array, which is unread", position))


def _lines(reader: JsonReader, text: str) -> Iterator[Item]:
    """One record a line; an empty line is passed over, a broken one costs only itself."""
    position = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            start, stop = position + len(line) - len(line.lstrip()), position + len(line.rstrip())
            try:
                value, end = reader.value(start, stop)
                if end < stop:
                    raise JsonFault(_AFTER_OBJECT, end)
                yield _record(number, value)
            except JsonFault as fault:
                yield _bad_json(number, fault)
        position += len(line) + 1


def _held(value: Any) -> list[Any] | None:
    """The records that an object holds; None when it is itself an article, whatever lists it has."""
    if not isinstance(value, dict) or _is_article(value):
        return None
    return next((value[holder] for holder in _HOLDERS if isinstance(value.get(holder), list)), None)


def _start_of_held_array(reader: JsonReader, start: int) -> int | None:
    """The position behind the bracket of the array of records in an object too broken to be read as a whole."""
    for key, position in reader.members(start):
        if _is_article({key: "…"}):
            return None
        if key in _HOLDERS and reader.at(position) == "[":
            return position + 1
    return None


def _is_article(entry: Mapping[str, Any]) -> bool:
    return _first(entry, ALIASES["text"]) is not None or _first(entry, ALIASES["html"]) is not None


def _truncated(number: int | None, message: str) -> Fault:
    return Fault(number=number, kind="truncated_json", message=f"{message}; what follows is unread, export it again")


def _bad_json(number: int | None, fault: JsonFault) -> Fault:
    return Fault(
        number=number,
        kind="bad_json",
        message=f"not valid JSON at character {fault.position + 1}: {fault}",
    )


def _record(number: int, entry: Any, stem: str = "") -> Item:
    if not isinstance(entry, dict):
        return Fault(number=number, kind="no_record", message=f"an article must be a JSON object, not {_kind(entry)}")
    found = {name: _first(entry, aliases) for name, aliases in ALIASES.items()}
    if found["title"] is None and found["text"] is None and found["html"] is None:
        keys = ", ".join(sorted(key[:40] for key in entry)[:8]) or "none"
        message = f"neither title nor text; its keys are: {keys}"
        return Fault(number=number, kind="no_title_no_text", message=message)
    text = str(found["text"] or "")
    if not text.strip() and found["html"]:
        text = text_of_html(str(found["html"]))
    elif _HTML_TAG.search(text):
        text = text_of_html(text)
    return RawRecord(
        number=number,
        source_id=str(found["source_id"] if found["source_id"] is not None else ""),
        title=str(found["title"] or ""),
        account=str(found["account"] or ""),
        date=found["date"],
        url=str(found["url"] or ""),
        text=text,
        repeated_keys=repeated_keys(entry),
        stem=stem,
    )


def _first(entry: Mapping[str, Any], aliases: tuple[str, ...]) -> Any:
    """The first alias with a value that is neither empty nor a structure."""
    for alias in aliases:
        value = entry.get(alias)
        if value not in (None, "") and not isinstance(value, dict | list):
            return value
    return None


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
