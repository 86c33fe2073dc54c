"""Decodes one JSON value as programs write it, with limits on depth and on the digits of a number.

Beyond the standard it reads NaN and Infinity, which Python writes, as missing values, line breaks and other control
characters inside strings, and a comma behind the last member.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from corpus.loaders.raw_record import LoadIssue

#: Exports hold no longer numbers, and Python's conversion takes time quadratic in the number of digits.
_MAX_DIGITS: Final = 400
#: Commas behind the last member that are passed over in one value; each takes the time of decoding up to it.
_MAX_COMMAS: Final = 64
#: Blanks between such a comma and the bracket, at most.
_CHARS_BEFORE_END: Final = 200
_BEFORE_END: Final = re.compile(r",[ \t\r\n]*[}\]]")


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


def bad_json(number: int | None, error: InvalidJson) -> LoadIssue:
    """The issue of a record that is not valid JSON."""
    message = f"not valid JSON at character {error.position + 1}: {error}"
    return LoadIssue(number=number, kind="bad_json", message=message)


class JsonDecoder:
    """Python's JSON decoder, restricted to a depth."""

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._too_deep = f"nested deeper than {max_depth} levels"
        self._decode = json.JSONDecoder(
            parse_constant=lambda name: None,
            parse_int=_integer,
            object_pairs_hook=_object,
            strict=False,
        ).raw_decode

    def decode(self, text: str, start: int) -> tuple[Any, int]:
        """Decode the value at a position; returns it and the position after it.

        Raises InvalidJson. An error costs time linear in the length of the text before it.
        """
        value, end = self._decode_without_commas(text, start)
        unusable, depth = _inspect(value, self._max_depth)
        if unusable is not None:
            raise InvalidJson(unusable.reason, start, end)
        if depth > self._max_depth:
            raise TooDeep(self._too_deep, start, end)
        return value, end

    def _decode_without_commas(self, text: str, start: int) -> tuple[Any, int]:
        """Decode with Python's decoder; a comma before a closing bracket is replaced by a blank."""
        for commas in range(_MAX_COMMAS + 1):
            try:
                found: tuple[Any, int] = self._decode(text, start)
                return found
            except json.JSONDecodeError as error:
                comma = text.rfind(",", max(start, error.pos - _CHARS_BEFORE_END), error.pos + 1)
                if commas == _MAX_COMMAS or comma < 0 or not _BEFORE_END.match(text, comma):
                    raise InvalidJson(error.msg, error.pos) from None
                text = f"{text[:comma]} {text[comma + 1 :]}"
            except RecursionError:
                break
        raise TooDeep(self._too_deep, start)


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
