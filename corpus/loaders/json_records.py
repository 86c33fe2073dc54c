"""Loads JSON exports: an array, JSON Lines, an object that holds an array, or one object for one article.

A broken record costs only itself: the records before and after it are read, and its number is reported. Files of any
length are read through a window, one record at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from corpus.loaders.field_aliases import is_article, record_of
from corpus.loaders.json_reader import TOO_LONG, JsonReader
from corpus.loaders.json_values import InvalidJson, TooDeep, repeated_keys
from corpus.loaders.raw_record import Item, LoadIssue

#: The keys under which exporters put the array of records.
_HOLDERS: Final = ("articles", "data", "items", "list")
#: No export has more members before its array; each of them takes time.
_MAX_MEMBERS: Final = 1000
_AFTER_OBJECT: Final = "text after the end of the object"
_AFTER_ARRAY: Final = "text after the end of the array, which is unread"
_FEED_VERSION: Final = "jsonfeed.org"


def load(pieces: Iterable[str], stem: str, max_depth: int = 64) -> Iterator[Item]:
    """The records of a JSON text in any of the four shapes, read as they are asked for."""
    reader = JsonReader(pieces, max_depth)
    start = reader.skip_space(0)
    if reader.at(start) == "[":
        return _arrays(reader, start)
    try:
        first = reader.value_in_window(start)
        if first is None and (held := _find_held_array(reader, start)):
            return _held_array(reader, held)
        value, end = first or reader.value(start)
    except InvalidJson as error:
        return _broken_object(reader, start, error)
    if not reader.at(reader.skip_space(end)):
        return _whole(value, stem)
    if "\n" not in reader.window[start:end]:
        return _lines(reader)
    return _broken_object(reader, start, InvalidJson(_AFTER_OBJECT, end))


def _broken_object(reader: JsonReader, start: int, error: InvalidJson) -> Iterator[Item]:
    """The records of a text whose first value is invalid, or is not the only one."""
    held = _find_held_array(reader, start)
    if held is not None:
        return _held_array(reader, held)
    # A broken object over many lines is one issue; in JSON Lines nearly every line begins an object.
    lines = [line for line in reader.window.split("\n") if line.strip()]
    if sum(line.startswith("{") for line in lines) * 2 >= len(lines):
        return _lines(reader)
    return iter([_bad_json(1, error)])


def _whole(value: Any, stem: str) -> Iterator[Item]:
    """The records of a text that is one value: an object with an array of records, or one record."""
    if isinstance(value, dict) and not is_article(value):
        held = next((value[key] for key in _HOLDERS if isinstance(value.get(key), list)), None)
        if held is not None:
            feed = _feed_name(value)
            return (_record(number, entry, feed=feed) for number, entry in enumerate(held, 1))
    return iter([_record(1, value, stem)])


def _lines(reader: JsonReader) -> Iterator[Item]:
    """One record a line; blank lines are skipped, a broken line costs only itself."""
    for number, (position, line) in enumerate(reader.lines(), 1):
        if line is None:
            yield _bad_json(number, InvalidJson(TOO_LONG, position))
        elif content := line.strip():
            try:
                value, end = reader.decoder.decode(content, 0)
                if end < len(content):
                    raise InvalidJson(_AFTER_OBJECT, end)
                yield _record(number, value)
            except InvalidJson as error:
                yield _bad_json(number, error.shifted(position + len(line) - len(line.lstrip())))


def _arrays(reader: JsonReader, bracket: int) -> Iterator[Item]:
    """The records of an array, and of the arrays that directly follow it: exports that were joined to one file."""
    array = _ArrayReader(reader)
    yield from array.records(bracket)
    while array.end is not None and reader.at(array.end) == "[":
        yield from array.records(array.end)
    if array.end is not None and reader.at(array.end):
        yield _bad_json(None, InvalidJson(_AFTER_ARRAY, array.end))


class _ArrayReader:
    """Reads arrays of records and counts the records; only a record that never ends costs the later ones.

    After `records`, `end` is the position of the first character after the array that is not blank, None if the array
    never ends; `has_broken_records` is True if a record was not valid JSON.
    """

    def __init__(self, reader: JsonReader, feed: str | None = None) -> None:
        self._reader = reader
        self._feed = feed
        self._number = 0
        self.end: int | None = None
        self.has_broken_records = False

    def records(self, bracket: int) -> Iterator[Item]:
        """The records of the array whose opening bracket is at a position."""
        reader = self._reader
        self.end = None
        position: int | None = reader.skip_space(bracket + 1)
        while position is not None:
            reader.forget_before(position)
            if reader.at(position) == "]":
                self.end = reader.skip_space(position + 1)
                return
            if not reader.at(position):
                yield _truncated(None, f"the file ends within the array, after record {self._number}")
                return
            self._number += 1
            item, position = self._record(position)
            yield item

    def _record(self, start: int) -> tuple[Item, int | None]:
        """The record at a position, and the position of the next one; None if the record never ends."""
        reader = self._reader
        end: int | None
        try:
            value, end = reader.value(start)
            item = _record(self._number, value, feed=self._feed)
        except InvalidJson as error:
            self.has_broken_records = True
            end = reader.end_of(start) if error.end is None else error.end
            if end is None:
                reason = f"not valid JSON at character {error.position + 1}: {error}"
                return _truncated(self._number, f"{reason}; the file ends before this record does"), None
            item = _bad_json(self._number, error)
        end = reader.skip_space(end)
        return item, reader.skip_space(end + 1) if reader.at(end) == "," else end


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldArray:
    """An array of records inside an object: the position of its bracket, and the members before it."""

    bracket: int
    members: Mapping[str, Any]


def _find_held_array(reader: JsonReader, start: int) -> _HeldArray | None:
    """The array of records in the object at a position; None for an object that is an article or holds no array."""
    members: dict[str, Any] = {}
    end = start
    with suppress(InvalidJson):
        for _ in range(_MAX_MEMBERS):
            key, position = reader.member(reader.skip_space(end))
            if key is None or is_article({key: "…"}):
                break
            if key in _HOLDERS and reader.at(position) == "[":
                return _HeldArray(bracket=position, members=members)
            members[key], end = reader.value(position)
    return None


def _held_array(reader: JsonReader, held: _HeldArray) -> Iterator[Item]:
    """The records of an array inside an object that is broken, or too long to be decoded as a whole."""
    array = _ArrayReader(reader, _feed_name(held.members))
    yield from array.records(held.bracket)
    if array.end is None or array.has_broken_records:
        return
    try:
        yield from _after_held_array(reader, array.end)
    except TooDeep:
        return
    except InvalidJson as error:
        yield _bad_json(None, error)


def _after_held_array(reader: JsonReader, position: int) -> Iterator[Item]:
    """An issue for each member after the array that is a text of its own; raises InvalidJson."""
    key, position = reader.member(position)
    while key is not None:
        if is_article({key: "…"}):
            message = f"the object around the records has a text of its own, {key!r}, which is unread"
            yield LoadIssue(number=None, kind="unread_text", message=message)
        reader.forget_before(position)
        _, end = reader.value(position)
        key, position = reader.member(reader.skip_space(end))
    if reader.at(position) != "}":
        raise InvalidJson("Expecting ',' delimiter", position)
    position = reader.skip_space(position + 1)
    if reader.at(position):
        raise InvalidJson(_AFTER_OBJECT, position)


def _feed_name(members: Mapping[str, Any]) -> str | None:
    """The name of the JSON Feed that has these members; None for an export."""
    return str(members.get("title") or "") if _FEED_VERSION in str(members.get("version")) else None


def _truncated(number: int | None, message: str) -> LoadIssue:
    message = f"{message}; what follows is unread, export it again"
    return LoadIssue(number=number, kind="truncated_json", message=message)


def _bad_json(number: int | None, error: InvalidJson) -> LoadIssue:
    message = f"not valid JSON at character {error.position + 1}: {error}"
    return LoadIssue(number=number, kind="bad_json", message=message)


def _record(number: int, entry: Any, stem: str = "", *, feed: str | None = None) -> Item:
    if not isinstance(entry, dict):
        message = f"an article must be a JSON object, not {_type_name(entry)}"
        return LoadIssue(number=number, kind="no_record", message=message)
    return record_of(number, entry, stem, repeated_keys=repeated_keys(entry), feed=feed)


def _type_name(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
