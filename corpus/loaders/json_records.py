"""Exports in JSON: an array, JSON Lines, an object that holds the array, or one object for one article.

Records before and after a broken place are kept; every lost one is named by its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corpus.loaders.html import text_of_html
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
_HTML_TAG: Final = re.compile(r"<(?:p|div|section|br|span|img|h[1-6])\b[^<>]{0,2000}>", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\r\n]*")


class JsonFault(ValueError):
    """A place where the text is no JSON; `position` counts characters."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def load(text: str, stem: str, max_depth: int = 64) -> list[Item]:
    """Records of a JSON text in any of the four shapes."""
    reader = _Reader(text, max_depth)
    start = _SPACE.match(text).end()  # type: ignore[union-attr]  # the pattern matches the empty string
    if text.startswith("[", start):
        return list(reader.array(start + 1))
    try:
        value, end = reader.value(start)
    except JsonFault:
        value, end = None, start
    if isinstance(value, dict) and _SPACE.fullmatch(text, end):
        for holder in _HOLDERS:
            if isinstance(value.get(holder), list):
                return [_record(number, entry) for number, entry in enumerate(value[holder], 1)]
        return [_record(1, value, stem)]
    if value is None and "\n" not in text.strip():
        held = re.match(r'\s*\{\s*"(?:' + "|".join(_HOLDERS) + r')"\s*:\s*\[', text)
        return list(reader.array(held.end())) if held else [reader.fault(1, start)]
    return list(reader.lines())


class _Reader:
    """Decodes one value at a time, so that a broken place costs only what stands there."""

    def __init__(self, text: str, max_depth: int) -> None:
        self._text = text
        self._max_depth = max_depth
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def value(self, start: int) -> tuple[Any, int]:
        """The value at a position and the position after it; raises JsonFault."""
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            raise JsonFault(error.msg, error.pos) from None
        except RecursionError:
            raise JsonFault("nested too deeply", start) from None
        except ValueError as error:
            raise JsonFault(str(error).split(";")[0], start) from None
        if _depth_exceeds(value, self._max_depth):
            raise JsonFault(f"nested deeper than {self._max_depth} levels", start)
        return value, end

    def fault(self, number: int, start: int) -> Fault:
        """What is wrong at a position, said with its character number."""
        try:
            self.value(start)
        except JsonFault as fault:
            return _bad_json(number, fault)
        return Fault(number=number, kind="bad_json", message="not valid JSON: text after the end of the object")

    def array(self, start: int) -> Iterator[Item]:
        """Entries of an array whose bracket has been read; what follows a broken entry is reported as unread."""
        position = _SPACE.match(self._text, start).end()  # type: ignore[union-attr]
        number = 0
        while not self._text.startswith("]", position):
            number += 1
            try:
                value, position = self.value(position)
                yield _record(number, value)
                position = _SPACE.match(self._text, position).end()  # type: ignore[union-attr]
                if self._text.startswith(",", position):
                    position = _SPACE.match(self._text, position + 1).end()  # type: ignore[union-attr]
                elif not self._text.startswith("]", position):
                    cut = position >= len(self._text)
                    raise JsonFault("the array is not closed" if cut else "expected , or ]", position)
            except JsonFault as fault:
                if fault.position >= len(self._text) or position >= len(self._text):
                    message = f"the file ends within the array ({number} records begun); export it again"
                    yield Fault(number=number, kind="truncated_json", message=message)
                else:
                    yield _bad_json(number, fault, "; this and all later records of the file are unread")
                return

    def lines(self) -> Iterator[Item]:
        """One record a line; an empty line is passed over, a broken one costs only itself."""
        position = 0
        for number, line in enumerate(self._text.split("\n"), 1):
            if line.strip():
                indent = len(line) - len(line.lstrip())
                try:
                    value, end = self.value(position + indent)
                    if end < position + len(line.rstrip()):
                        raise JsonFault("text after the end of the object", end)
                    yield _record(number, value)
                except JsonFault as fault:
                    yield _bad_json(number, fault)
            position += len(line) + 1


def _bad_json(number: int, fault: JsonFault, consequence: str = "") -> Fault:
    return Fault(
        number=number,
        kind="bad_json",
        message=f"not valid JSON at character {fault.position + 1}: {fault}{consequence}",
    )


def _record(number: int, entry: Any, stem: str = "") -> Item:
    if not isinstance(entry, dict):
        return Fault(number=number, kind="no_record", message=f"an article must be a JSON object, not {_kind(entry)}")
    found = {name: _first(entry, aliases) for name, aliases in ALIASES.items()}
    if found["title"] is None and found["text"] is None and found["html"] is None:
        keys = ", ".join(sorted(map(str, entry))[:8]) or "none"
        message = f"neither title nor text; its keys are: {keys}"
        return Fault(number=number, kind="no_title_no_text", message=message)
    text = str(found["text"] or "")
    if not text.strip() and found["html"]:
        text = text_of_html(str(found["html"]))
    elif _HTML_TAG.search(text):
        text = text_of_html(text)
    return RawRecord(
        number=number,
        source_id=str(found["source_id"] if found["source_id"] is not None else stem),
        title=str(found["title"] or ""),
        account=str(found["account"] or ""),
        date=found["date"],
        url=str(found["url"] or ""),
        text=text,
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


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return any(isinstance(value, dict | list) for value in level)
