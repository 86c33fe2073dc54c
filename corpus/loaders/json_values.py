"""One JSON value decoded from a text: strictly, with the faults of its place, and never too deep or too big."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

#: No export has such numbers, and Python takes time that grows with the square of their digits.
_MAX_DIGITS: Final = 400


class JsonFault(ValueError):
    """A place where the text is no JSON.

    `position` counts characters; `end` is where the value ends, None where it could not be decoded to its end.
    """

    def __init__(self, message: str, position: int, end: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        self.end = end


class TooDeep(JsonFault):
    """A value that may well be JSON, but is nested deeper than the limit."""


class JsonDecoder:
    """Python's decoder, held to the standard and to a depth."""

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._too_deep = f"nested deeper than {max_depth} levels"
        self._decode = json.JSONDecoder(
            parse_constant=lambda name: _Unusable(f"{name} is no JSON number"),
            parse_int=_integer,
            object_pairs_hook=_object,
        ).raw_decode

    def decode(self, text: str, start: int) -> tuple[Any, int]:
        """The value at a position and the position after it, both counted in this text.

        Raises JsonFault, whose `end` is the value's where it could be decoded. A fault costs time that grows with all
        the text before it.
        """
        try:
            value, end = self._decode(text, start)
        except json.JSONDecodeError as error:
            raise JsonFault(error.msg, error.pos) from None
        except RecursionError:
            raise TooDeep(self._too_deep, start) from None
        unusable, depth = _survey(value, self._max_depth)
        if unusable is not None:
            raise JsonFault(unusable.reason, start, end)
        if depth > self._max_depth:
            raise TooDeep(self._too_deep, start, end)
        return value, end


class _Unusable:
    """Stands for something that Python's decoder lets pass, or would take long for, until its record is known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _WithRepeatedKeys(dict[str, Any]):
    """A JSON object in which some key stands twice; the last value counts."""

    keys_repeated: tuple[str, ...] = ()


def repeated_keys(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that stand twice or more often in an object of `JsonDecoder.decode`."""
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
