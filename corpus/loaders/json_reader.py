"""JSON decoded one value at a time, so that a broken place costs only what stands there."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_GARBAGE: Final = re.compile(r"[^,\[\]{}]+")
#: No export has such numbers, and Python takes time that grows with the square of their digits.
_MAX_DIGITS: Final = 400


class JsonFault(ValueError):
    """A place where the text is no JSON.

    `position` counts characters; `end` is where the broken value seems to end, None when it goes on to the end.
    """

    def __init__(self, message: str, position: int, end: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.end = end


class TooDeep(JsonFault):
    """A value that may well be JSON, but is nested deeper than the limit."""


class JsonReader:
    """A text and the means to read values from any place in it."""

    def __init__(self, text: str, max_depth: int) -> None:
        self._text = text
        self._max_depth = max_depth
        self._too_deep = f"nested deeper than {max_depth} levels"
        self._decoder = json.JSONDecoder(
            parse_constant=lambda name: _Unusable(f"{name} is no JSON number"),
            parse_int=_integer,
            object_pairs_hook=_object,
        )

    def at(self, position: int) -> str:
        """The character at a position; empty at the end."""
        return self._text[position : position + 1]

    def skip_space(self, position: int) -> int:
        """The position of the next character that is no blank."""
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def value(self, start: int, stop: int | None = None) -> tuple[Any, int]:
        """The value at a position, which ends at `stop` at the latest, and the position after it; raises JsonFault.

        A fault costs time that grows with all the text before it; with `stop`, only with what is between.
        """
        text, offset = (self._text, 0) if stop is None else (self._text[start:stop], start)
        try:
            value, end = self._decoder.raw_decode(text, start - offset)
        except json.JSONDecodeError as error:
            raise JsonFault(error.msg, error.pos + offset, stop or self.end_of(start)) from None
        except RecursionError:
            raise TooDeep(self._too_deep, start, stop or self.end_of(start)) from None
        end += offset
        unusable, depth = _survey(value, self._max_depth)
        if unusable is not None:
            raise JsonFault(unusable.reason, start, end)
        if depth > self._max_depth:
            raise TooDeep(self._too_deep, start, end)
        return value, end

    def members(self, start: int) -> Iterator[tuple[str, int]]:
        """The keys of the object at a position, each with the position of its value, as far as it can be read."""
        position = start
        try:
            while self.at(position) in ("{", ","):
                key, position = self.value(self.skip_space(position + 1))
                position = self.skip_space(position)
                if not isinstance(key, str) or self.at(position) != ":":
                    return
                position = self.skip_space(position + 1)
                yield key, position
                position = self.skip_space(self.value(position)[1])
        except JsonFault:
            return

    def end_of(self, start: int) -> int | None:
        """Where a value seems to end, broken as it may be: where its brackets close, outside of strings."""
        if self.at(start) not in ("[", "{"):
            garbage = _GARBAGE.match(self._text, start)
            return garbage.end() if garbage else start + (self.at(start) == "}")
        depth = 0
        for token in _TOKEN.finditer(self._text, start):
            if token[0] in ("[", "{"):
                depth += 1
            elif token[0] in ("]", "}"):
                depth -= 1
                if depth == 0:
                    return token.end()
        return None


class _Unusable:
    """Stands for something that Python's decoder lets pass, or would take long for, until its record is known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _WithRepeatedKeys(dict[str, Any]):
    """A JSON object in which some key stands twice; the last value counts."""

    keys_repeated: tuple[str, ...] = ()


def repeated_keys(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that stand twice or more often in an object of `JsonReader.value`."""
    return value.keys_repeated if isinstance(value, _WithRepeatedKeys) else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    found = _WithRepeatedKeys(value)
    counts = Counter(name for name, _ in pairs)
    found.keys_repeated = tuple(sorted(name for name, count in counts.items() if count > 1))
    return found


def _integer(digits: str) -> int | _Unusable:
    return int(digits) if len(digits) <= _MAX_DIGITS else _Unusable(f"a whole number of {len(digits):,} digits")


def _survey(value: Any, max_depth: int) -> tuple[_Unusable | None, int]:
    """The first unusable thing in a value, and how deep the value is, counted up to one more than the limit."""
    level = [value]
    for depth in range(max_depth + 1):
        unusable = next((child for child in level if isinstance(child, _Unusable)), None)
        parents = [child for child in level if isinstance(child, dict | list)]
        if unusable is not None or not parents:
            return unusable, depth
        level = [child for parent in parents for child in (parent.values() if isinstance(parent, dict) else parent)]
    return None, max_depth + 1
