"""Loads JSON exports: an array, JSON Lines, an object that holds arrays, or one object for one article.

A broken record costs only itself: the records before and after it are read, and its number is reported. Files of any
length are read through a window, one record at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from corpus.loaders.field_aliases import account_of, is_article, is_chinese, is_entry, record_of
from corpus.loaders.json_lines import records_of_lines
from corpus.loaders.json_reader import JsonReader
from corpus.loaders.json_values import InvalidJson, TooDeep, bad_json, repeated_keys
from corpus.loaders.raw_record import (
    IsKnown,
    Item,
    KnownRecord,
    LoadIssue,
    RawRecord,
    never_known,
    source_hash,
    with_source_hash,
)

#: The keys under which exporters and web APIs put the array of records, or an object with it: data.list.
_HOLDERS: Final = frozenset(
    (
        *("articles", "data", "items", "list", "rows", "results", "result", "records", "RECORDS", "posts", "docs"),
        *("documents", "entries", "news", "hits", "response", "payload", "publish_list", "app_msg_list", "messages"),
        *(
            "edges",
            "nodes",
            "pages",
            "value",
            "article_list",
            "articleList",
            "文章",
            "文章列表",
            "数据",
            "列表",
            "记录",
        ),
    )
)
#: No export has more members before its array; each of them takes time.
_MAX_MEMBERS: Final = 1000
#: Objects around objects around the array.
_MAX_HOLDERS: Final = 6
_AFTER_OBJECT: Final = "text after the end of the object"
_AFTER_ARRAY: Final = "text after the end of the array, which is unread"
_NO_NAMES: Final = ("unnamed_text", "no key is known as its title or text; all its Chinese texts are indexed")
_FEED_VERSION: Final = "jsonfeed.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the objects around records say of them all: the name of the feed, None for an export, and the account."""

    feed: str | None = None
    account: str = ""

    def inside(self, members: Mapping[str, Any]) -> _Around:
        """The same inside an object that has these members besides the records."""
        feed = self.feed
        if feed is None and _FEED_VERSION in str(members.get("version")):
            feed = str(members.get("title") or "")
        return _Around(feed=feed, account=account_of(members) or self.account)


_ALONE: Final = _Around()


def load(
    pieces: Iterable[str], stem: str, max_depth: int = 64, is_known: IsKnown = never_known
) -> Iterator[Item | KnownRecord]:
    """The records of a JSON text in any of the four shapes, read as they are asked for.

    Known records of JSON Lines and of arrays are not made.
    """
    reader = JsonReader(pieces, max_depth)
    start = reader.skip_space(0)
    if reader.at(start) == "[":
        return _arrays(reader, start, is_known)
    try:
        first = reader.value_in_window(start)
        if first is None and (held := _find_held_array(reader, start)):
            return _held_array(reader, held, is_known)
        value, end = first or reader.value(start)
    except InvalidJson as error:
        return _broken_object(reader, start, error, is_known)
    if not reader.at(reader.skip_space(end)):
        return _whole(value, stem)
    return records_of_lines(reader, _record, is_known)


def _broken_object(
    reader: JsonReader, start: int, error: InvalidJson, is_known: IsKnown
) -> Iterator[Item | KnownRecord]:
    """The records of a text whose first value is invalid, or is not the only one."""
    held = _find_held_array(reader, start)
    if held is not None:
        return _held_array(reader, held, is_known)
    # A broken object over many lines is one issue; in JSON Lines nearly every line begins an object.
    lines = [line for line in reader.window.split("\n") if line.strip()]
    if sum(line.startswith("{") for line in lines) * 2 >= len(lines):
        return records_of_lines(reader, _record, is_known)
    return iter([bad_json(1, error)])


def _whole(value: Any, stem: str) -> Iterator[Item]:
    """The records of a text that is one value: an object with arrays of records, or one record."""
    entries = list(_entries(value, _ALONE, 0))
    if len(entries) == 1 and entries[0][0] is value:
        return iter([_record(1, value, stem)])
    if entries:
        return (_record(number, entry, around=around) for number, (entry, around) in enumerate(entries, 1))
    if isinstance(value, dict) and _holds_list(value) and not any(value[key] for key in _HOLDERS & value.keys()):
        return iter(())
    return iter([_other(value, stem)])


def _entries(value: Any, around: _Around, depth: int) -> Iterator[tuple[Any, _Around]]:
    """The entries inside a value, each with what stands around it; an array with an entry is one of entries only."""
    if isinstance(value, dict):
        if is_article(value) or (is_entry(value) and not any(key in _HOLDERS for key in value)):
            yield value, around
        elif depth < _MAX_HOLDERS:
            inside = around.inside(value)
            found = [entry for inner in value.values() for entry in _entries(inner, inside, depth + 1)]
            yield from found or ([(value, around)] if is_entry(value) and not _holds_list(value) else [])
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        if any(isinstance(entry, dict) and is_entry(entry) for entry in value):
            yield from ((entry, around) for entry in value)
        elif depth < _MAX_HOLDERS:
            for entry in value:
                yield from _entries(entry, around, depth + 1)


def _holds_list(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(key), list) for key in _HOLDERS)


def _other(value: Any, stem: str) -> Item:
    """The record of a value without title and text: all its texts for readers; a note where there are none."""
    if not isinstance(value, dict):
        return _record(1, value)
    item = _record(1, value, stem)
    if isinstance(item, RawRecord):
        return item
    texts = [text for text in _texts(value) if is_chinese(text)]
    if not texts:
        return replace(item, kind="no_text_for_readers", is_rejection=False)
    return RawRecord(number=1, title="", text="\n".join(texts), stem=stem, notices=(_NO_NAMES,))


def _texts(value: Any) -> Iterator[str]:
    """All texts inside a value, in their order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, str):
            yield one


def _arrays(reader: JsonReader, bracket: int, is_known: IsKnown) -> Iterator[Item | KnownRecord]:
    """The records of an array, and of the arrays that directly follow it: exports that were joined to one file."""
    array = _ArrayReader(reader, is_known)
    yield from array.records(bracket)
    while array.end is not None and reader.at(array.end) == "[":
        yield from array.records(array.end)
    if array.end is not None and reader.at(array.end):
        yield bad_json(None, InvalidJson(_AFTER_ARRAY, array.end))


class _ArrayReader:
    """Reads arrays of records and counts the records; only a record that never ends costs the later ones.

    After `records`, `end` is the position of the first character after the array that is not blank, None if the array
    never ends; `has_broken_records` is True if a record was not valid JSON.
    """

    def __init__(self, reader: JsonReader, is_known: IsKnown, around: _Around = _ALONE) -> None:
        self._reader = reader
        self._is_known = is_known
        self._around = around
        self._number = 0
        self.end: int | None = None
        self.has_broken_records = False

    def records(self, bracket: int) -> Iterator[Item | KnownRecord]:
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

    def _record(self, start: int) -> tuple[Item | KnownRecord, int | None]:
        """The record at a position, and the position of the next one; None if the record never ends."""
        reader = self._reader
        item: Item | KnownRecord
        end: int | None
        try:
            value, end = reader.value(start)
            item = self._known_or_made(value, reader.text(start, end))
        except InvalidJson as error:
            self.has_broken_records = True
            end = reader.end_of(start) if error.end is None else error.end
            if end is None:
                reason = f"not valid JSON at character {error.position + 1}: {error}"
                return _truncated(self._number, f"{reason}; the file ends before this record does"), None
            item = bad_json(self._number, error)
        end = reader.skip_space(end)
        return item, reader.skip_space(end + 1) if reader.at(end) == "," else end

    def _known_or_made(self, value: Any, text: str) -> Item | KnownRecord:
        hashed = source_hash(text, repr(self._around))
        make = partial(_record, self._number, value, around=self._around)
        return KnownRecord(self._number, hashed, make) if self._is_known(hashed) else with_source_hash(make(), hashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldArray:
    """An array of records inside objects: the position of its bracket, and how many objects are around it."""

    bracket: int
    around: _Around
    depth: int = 1


def _find_held_array(reader: JsonReader, start: int, around: _Around = _ALONE, depth: int = 1) -> _HeldArray | None:
    """The array of records in the object at a position; None for an object that is an article or holds no array."""
    members: dict[str, Any] = {}
    end = start
    with suppress(InvalidJson):
        for _ in range(_MAX_MEMBERS):
            key, position = reader.member(reader.skip_space(end))
            if key is None or is_article({key: "…"}):
                break
            if key in _HOLDERS and reader.at(position) == "[":
                return _HeldArray(bracket=position, around=around.inside(members), depth=depth)
            if key in _HOLDERS and reader.at(position) == "{" and depth < _MAX_HOLDERS:
                held = _find_held_array(reader, position, around.inside(members), depth + 1)
                if held is not None:
                    return held
            members[key], end = reader.value(position)
    return None


def _held_array(reader: JsonReader, held: _HeldArray, is_known: IsKnown) -> Iterator[Item | KnownRecord]:
    """The records of an array inside an object that is broken, or too long to be decoded as a whole."""
    array = _ArrayReader(reader, is_known, held.around)
    yield from array.records(held.bracket)
    if array.end is None or array.has_broken_records:
        return
    try:
        yield from _after_held_array(reader, array, held)
    except TooDeep:
        return
    except InvalidJson as error:
        yield bad_json(None, error)


def _after_held_array(reader: JsonReader, array: _ArrayReader, held: _HeldArray) -> Iterator[Item | KnownRecord]:
    """The records of further arrays, and an issue for each member that is a text; raises InvalidJson."""
    position, depth = array.end or 0, held.depth
    members: dict[str, Any] = {}
    while depth:
        key, position = reader.member(position)
        while key is not None:
            reader.forget_before(position)
            if key in _HOLDERS and reader.at(position) == "[":
                yield from array.records(position)
                if array.end is None:
                    return
                position = array.end
            else:
                if is_article({key: "…"}):
                    message = f"the object around the records has a text of its own, {key!r}, which is unread"
                    yield LoadIssue(number=None, kind="unread_text", message=message)
                members[key], end = reader.value(position)
                position = reader.skip_space(end)
            key, position = reader.member(position)
        if reader.at(position) != "}":
            raise InvalidJson("Expecting ',' delimiter", position)
        position = reader.skip_space(position + 1)
        depth -= 1
    if account_of(members) and not held.around.account:
        message = "the object names the account behind its records; put it before them and import the file again"
        yield LoadIssue(number=None, kind="unread_account", message=message)
    if reader.at(position):
        raise InvalidJson(_AFTER_OBJECT, position)


def _truncated(number: int | None, message: str) -> LoadIssue:
    message = f"{message}; what follows is unread, export it again"
    return LoadIssue(number=number, kind="truncated_json", message=message)


def _record(number: int, entry: Any, stem: str = "", *, around: _Around = _ALONE) -> Item:
    if not isinstance(entry, dict):
        message = f"an article must be a JSON object, not {_type_name(entry)}"
        return LoadIssue(number=number, kind="no_record", message=message)
    repeated = repeated_keys(entry)
    return record_of(number, entry, stem, repeated_keys=repeated, feed=around.feed, account=around.account)


def _type_name(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
