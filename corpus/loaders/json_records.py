"""Exports in JSON: an array, JSON Lines, an object that holds the array, or one object for one article.

Records before and after a broken place are kept; every lost one is named by its number. Texts of any length are read
through a window, a record at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from corpus.loaders.field_aliases import is_article, record_of
from corpus.loaders.json_reader import TOO_LONG, JsonReader, OutOfSight
from corpus.loaders.json_values import JsonDecoder, JsonFault, TooDeep, repeated_keys
from corpus.loaders.raw_record import Item, LoadIssue

_HOLDERS: Final = ("articles", "data", "items", "list")
#: No export has more members around its array; each of them costs a look.
_MAX_MEMBERS: Final = 1000
_AFTER_OBJECT: Final = "text after the end of the object"
_FEED_VERSION: Final = "jsonfeed.org"


def load(pieces: Iterable[str], stem: str, max_depth: int = 64) -> Iterator[Item]:
    """Records of a JSON text in any of the four shapes, made as they are asked for."""
    reader = JsonReader(pieces, max_depth)
    start = reader.skip_space(0)
    if reader.at(start) == "[":
        yield from _array(reader, start + 1)
        return
    value, end, fault = None, start, None
    try:
        try:
            value, end = reader.value(start, may_move=False)
        except OutOfSight:
            head = _start_of_held_array(reader, start)
            if head is not None:
                yield from _held_array(reader, *head)
                return
            value, end = reader.value(start)
    except JsonFault as error:
        fault = error
    if fault is None and not reader.at(reader.skip_space(end)):
        yield from _whole(value, stem)
        return
    first_line, _, _ = reader.sight[start:].partition("\n")
    if fault is None and end <= start + len(first_line):
        yield from _lines(reader, max_depth)
        return
    head = _start_of_held_array(reader, start)
    if head is not None:
        yield from _held_array(reader, *head)
        return
    # A broken object in many lines is one fault; in JSON Lines nearly every line begins an object.
    lines = [line for line in reader.sight.split("\n") if line.strip()]
    if sum(line.startswith("{") for line in lines) * 2 >= len(lines):
        yield from _lines(reader, max_depth)
    else:
        yield _bad_json(1, fault or JsonFault(_AFTER_OBJECT, end))


def _whole(value: Any, stem: str) -> Iterator[Item]:
    """The records of a text that is one value."""
    held = _held(value)
    if held is None:
        yield _record(1, value, stem)
    else:
        feed = _feed_name(value)
        yield from (_record(number, entry, feed=feed) for number, entry in enumerate(held, 1))


def _array(
    reader: JsonReader, start: int, *, is_held: bool = False, feed: str | None = None
) -> Generator[Item, None, int | None]:
    """Entries of an array whose bracket has been read. Only a record that never ends takes the later ones with it.

    Returns the position behind a held array, None when it had faults.
    """
    position = reader.skip_space(start)
    number, has_faults = 0, False
    while True:
        reader.keep = position
        if reader.at(position) in ("]", ""):
            if not reader.at(position):
                yield _truncated(None, f"the file ends within the array, after record {number}")
                return None
            position = reader.skip_space(position + 1)
            if is_held:
                return None if has_faults else position
            if reader.at(position) != "[":
                break
            position = reader.skip_space(position + 1)  # two exports in one file
            continue
        number += 1
        try:
            value, position = reader.value(position)
            yield _record(number, value, feed=feed)
        except JsonFault as fault:
            end = reader.end_of(position) if fault.end is None else fault.end
            if end is None:
                reason = f"not valid JSON at character {fault.position + 1}: {fault}"
                yield _truncated(number, f"{reason}; the file ends before this record does")
                return None
            yield _bad_json(number, fault)
            position, has_faults = end, True
        position = reader.skip_space(position)
        if reader.at(position) == ",":
            position = reader.skip_space(position + 1)
    if reader.at(position):
        yield _bad_json(None, JsonFault("text after the end of the array, which is unread", position))
    return None


def _held_array(reader: JsonReader, start: int, members: Mapping[str, Any]) -> Iterator[Item]:
    """The records of an array inside an object that is broken, or too long to be read as a whole."""
    position = yield from _array(reader, start, is_held=True, feed=_feed_name(members))
    if position is None:
        return
    try:
        rest = reader.members(position)
        while True:
            reader.keep = position
            try:
                key, position = next(rest)
            except StopIteration as end:
                position = end.value
                break
            if is_article({key: "…"}):
                message = f"the object around the records has a text of its own, {key!r}, which is unread"
                yield LoadIssue(number=None, kind="unread_text", message=message)
        if reader.at(position) != "}":
            raise JsonFault("Expecting ',' delimiter", position)
        position = reader.skip_space(position + 1)
        if reader.at(position):
            raise JsonFault(_AFTER_OBJECT, position)
    except TooDeep:
        return
    except JsonFault as fault:
        yield _bad_json(None, fault)


def _lines(reader: JsonReader, max_depth: int) -> Iterator[Item]:
    """One record a line; an empty line is passed over, a broken one costs only itself."""
    decoder = JsonDecoder(max_depth)
    for number, (position, whole) in enumerate(reader.lines(), 1):
        if whole is None:
            yield _bad_json(number, JsonFault(TOO_LONG, position))
            continue
        line = whole.strip()
        if not line:
            continue
        try:
            value, end = decoder.decode(line, 0)
            if end < len(line):
                raise JsonFault(_AFTER_OBJECT, end)
            yield _record(number, value)
        except JsonFault as fault:
            fault.position += position + len(whole) - len(whole.lstrip())
            yield _bad_json(number, fault)


def _held(value: Any) -> list[Any] | None:
    """The records that an object holds; None when it is itself an article, whatever lists it has."""
    if not isinstance(value, dict) or is_article(value):
        return None
    return next((value[holder] for holder in _HOLDERS if isinstance(value.get(holder), list)), None)


def _start_of_held_array(reader: JsonReader, start: int) -> tuple[int, dict[str, Any]] | None:
    """The position behind the bracket of the array of records in an object, and the members that stand before it."""
    before: dict[str, Any] = {}
    try:
        for key, position in islice(reader.members(start), _MAX_MEMBERS):
            if is_article({key: "…"}):
                return None
            if key in _HOLDERS and reader.at(position) == "[":
                return position + 1, before
            before[key] = reader.value(position)[0]
    except JsonFault:
        pass
    return None


def _feed_name(members: Mapping[str, Any]) -> str | None:
    """The name of the JSON Feed whose members these are; None for an export."""
    return str(members.get("title") or "") if _FEED_VERSION in str(members.get("version")) else None


def _truncated(number: int | None, message: str) -> LoadIssue:
    return LoadIssue(
        number=number, kind="truncated_json", message=f"{message}; what follows is unread, export it again"
    )


def _bad_json(number: int | None, fault: JsonFault) -> LoadIssue:
    return LoadIssue(
        number=number,
        kind="bad_json",
        message=f"not valid JSON at character {fault.position + 1}: {fault}",
    )


def _record(number: int, entry: Any, stem: str = "", *, feed: str | None = None) -> Item:
    if not isinstance(entry, dict):
        return LoadIssue(
            number=number, kind="no_record", message=f"an article must be a JSON object, not {_kind(entry)}"
        )
    return record_of(number, entry, stem, repeated_keys=repeated_keys(entry), feed=feed)


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
