"""Reads JSON Lines: one record a line, or over several lines if none of the later ones begins an object."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from corpus.loaders.json_reader import TOO_LONG, JsonReader
from corpus.loaders.json_values import InvalidJson, bad_json
from corpus.loaders.raw_record import IsKnown, Item, KnownRecord, source_hash, with_source_hash

_AFTER_OBJECT: Final = "text after the end of the object"
#: Lines that are read together, at most, to find the end of a record.
_MAX_LINES: Final = 10_000
_Line = tuple[int, int, str | None]


def records_of_lines(
    reader: JsonReader, record: Callable[[int, Any], Item], is_known: IsKnown
) -> Iterator[Item | KnownRecord]:
    """The records, numbered by their first lines; blank lines are skipped, a broken line costs only itself.

    A line that is one record and known is not decoded.
    """
    lines = ((number, position, line) for number, (position, line) in enumerate(reader.lines(), 1))
    waiting: deque[_Line] = deque()
    while True:
        first = waiting.popleft() if waiting else next(lines, None)
        if first is None:
            return
        number, position, line = first
        if line is None:
            yield bad_json(number, InvalidJson(TOO_LONG, position))
            continue
        if not line.strip():
            continue
        hashed = source_hash(line)
        if is_known(hashed):
            yield KnownRecord(number, hashed, partial(_record_of_line, reader, record, number, line))
            continue
        values, error = _values(reader, line)
        if error is None and len(values) == 1:
            yield with_source_hash(record(number, values[0]), hashed)
            continue
        if error is not None and not values and _begins_object(line):
            _take_continuation(waiting, lines)
            more = [text for _, _, text in _until_object(waiting)]
            if more:
                joined, still = _values(reader, "\n".join((line.rstrip("\n"), *(text.rstrip("\n") for text in more))))
                if still is None:
                    values, error = joined, None
                    for _ in more:
                        waiting.popleft()
        yield from (record(number, value) for value in values)
        if error is not None:
            yield bad_json(number, error.shifted(position))


def _record_of_line(reader: JsonReader, record: Callable[[int, Any], Item], number: int, line: str) -> Item:
    (value,), _ = _values(reader, line)
    return record(number, value)


def _take_continuation(waiting: deque[_Line], lines: Iterator[_Line]) -> None:
    """Read on up to a line that begins an object."""
    if any(_begins_object(line) for _, _, line in waiting):
        return
    for following in lines:
        waiting.append(following)
        if _begins_object(following[2]) or len(waiting) > _MAX_LINES:
            return


def _until_object(waiting: deque[_Line]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for number, position, line in waiting:
        if line is None or _begins_object(line):
            break
        found.append((number, position, line))
    return found


def _begins_object(line: str | None) -> bool:
    return line is None or line.startswith("{")


def _values(reader: JsonReader, text: str) -> tuple[list[Any], InvalidJson | None]:
    """The values that a text consists of, with or without commas between them, and what is wrong behind the last."""
    values: list[Any] = []
    at = len(text) - len(text.lstrip())
    length = len(text.rstrip())
    while at < length:
        try:
            value, at = reader.decoder.decode(text, at)
        except InvalidJson as error:
            return values, InvalidJson(_AFTER_OBJECT, at) if values else error
        values.append(value)
        rest = text[at:].lstrip()
        rest = rest.removeprefix(",").lstrip()
        at = len(text) - len(rest)
    return values, None
