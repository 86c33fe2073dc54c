"""Decodes one JSON value strictly: standard numbers only, with limits on depth and on the digits of a number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

#: Exports hold no longer numbers, and Python's conversion takes time quadratic in the number of digits.
_MAX_DIGITS: Final = 400


class InvalidJson(ValueError):
    """The text is not valid JSON at `position`, which counts characters.

    `end` is the position after the value; None if the value could not be decoded to its end.
    """

    def __init__(self, message: str, position: int, end: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.end = end

    def shifted(self, offset: int) -> InvalidJson:
        """The same error, with positions that count from `offset` characters earlier."""
        return type(self)(str(self), self.position + offset, None if self.end is None else self.end + offset)


class TooDeep(InvalidJson):
    """The value is nested deeper than the limit; it may be valid otherwise."""


class JsonDecoder:
    """Python's JSON decoder, restricted to the standard and to a depth."""

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._too_deep = f"nested deeper than {max_depth} levels"
        self._decode = json.JSONDecoder(
            parse_constant=lambda name: _Unusable(f"{name} is no JSON number"),
            parse_int=_integer,
            object_pairs_hook=_object,
        ).raw_decode

    def decode(self, text: str, start: int) -> tuple[Any, int]:
        """Decode the value at a position; returns it and the position after it.

        Raises InvalidJson. An error costs time linear in the length of the text before it.
        """
        try:
            value, end = self._decode(text, start)
        except json.JSONDecodeError as error:
            raise InvalidJson(error.msg, error.pos) from None
        except RecursionError:
            raise TooDeep(self._too_deep, start) from None
        unusable, depth = _inspect(value, self._max_depth)
        if unusable is not None:
            raise InvalidJson(unusable.reason, start, end)
        if depth > self._max_depth:
            raise TooDeep(self._too_deep, start, end)
        return value, end


class _Unusable:
    """Replaces a value that Python's decoder accepts and we reject, so that decoding goes on to the record's end."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _WithRepeatedKeys(dict[str, Any]):
    """A JSON object in which a key occurs more than once; the last value is kept."""

    keys_repeated: tuple[str, ...] = ()


def repeated_keys(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that occur more than once in an object decoded by `JsonDecoder`, sorted."""
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


def _inspect(value: Any, max_depth: int) -> tuple[_Unusable | None, int]:
    """The first unusable value inside a value, and the value's depth, counted up to one more than the limit."""
    level = [value]
    for depth in range(max_depth + 1):
        parents = []
        for child in level:
            if isinstance(child, dict | list):
                parents.append(child)
            elif isinstance(child, _Unusable):
                return child, depth
        if not parents:
            return None, depth
        level = [child for parent in parents for child in (parent.values() if isinstance(parent, dict) else parent)]
    return None, max_depth + 1
