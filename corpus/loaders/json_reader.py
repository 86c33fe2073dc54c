"""A JSON text of any length read through a window, so that a broken place costs only what stands there.

Positions count characters from the beginning of the text. What lies before `keep` may be forgotten when the window
moves on; whoever reads sets `keep` to what is still needed.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Final

from corpus.loaders.json_values import JsonDecoder, JsonFault

#: Characters in sight at first, and added at a time: many records, and little beside what one long record takes.
WINDOW_CHARS: Final = 1 << 17
#: A longer value is no article (documents have 2 million characters at most), and would have to be held whole.
MAX_VALUE_CHARS: Final = 1 << 25
TOO_LONG: Final = f"longer than {MAX_VALUE_CHARS:,} characters"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
#: A whole string, a bracket, or the quote of a string whose end is not in sight.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_INSIDE: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_GARBAGE: Final = re.compile(r"[^,\[\]{}]*")
#: A fault so close to the window's end may be the window's (`tru`, `\ud83d\u`), as may a string without its end.
_CUT_CHARS: Final = 16
_UNTERMINATED: Final = "Unterminated string"


class OutOfSight(Exception):
    """A value that goes on behind the window."""


class JsonReader:
    """The window, and the means to read values from any place in it and behind it."""

    def __init__(self, pieces: Iterable[str], max_depth: int) -> None:
        self._pieces = iter(pieces)
        self._decoder = JsonDecoder(max_depth)
        self._text = ""
        self._base = 0
        self._is_last = False
        self.keep = 0
        self._more()

    @property
    def sight(self) -> str:
        """The window's text."""
        return self._text

    def at(self, position: int) -> str:
        """The character at a position; empty at the end."""
        while position - self._base >= len(self._text):
            if not self._more():
                return ""
        return self._text[position - self._base]

    def skip_space(self, position: int) -> int:
        """The position of the next character that is no blank."""
        while True:
            match = _SPACE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if position < self._base + len(self._text) or not self._more():
                return position

    def value(self, start: int, *, may_move: bool = True) -> tuple[Any, int]:
        """The value at a position and the position after it; raises JsonFault.

        With `may_move` false, raises OutOfSight for a value whose end is not in the window.
        """
        self.at(start)
        while True:
            base, length = self._base, len(self._text)
            try:
                value, end = self._decoder.decode(self._text, start - base)
            except JsonFault as fault:
                is_cut = fault.position > length - _CUT_CHARS or str(fault).startswith(_UNTERMINATED)
                if self._is_last or not is_cut or fault.end is not None:
                    end_known = None if fault.end is None else base + fault.end
                    raise type(fault)(str(fault), base + fault.position, end_known) from None
            else:
                if self._is_last or end < length or isinstance(value, dict | list | str):
                    return value, base + end
            if not may_move:
                raise OutOfSight
            if length - (start - base) > MAX_VALUE_CHARS:
                raise JsonFault(TOO_LONG, start)
            self._more()

    def members(self, start: int) -> Generator[tuple[str, int], None, int]:
        """The keys of an object, each with the position of its value; returns where they end; raises JsonFault.

        `start` is the place of the object's brace, or of the comma behind a member.
        """
        position = start
        while self.at(position) in ("{", ","):
            position = self.skip_space(position + 1)
            if self.at(position) == "}":
                break
            key, position = self.value(position)
            position = self.skip_space(position)
            if not isinstance(key, str) or self.at(position) != ":":
                raise JsonFault("Expecting ':' delimiter", position)
            position = self.skip_space(position + 1)
            yield key, position
            position = self.skip_space(self.value(position)[1])
        return position

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """The lines from `keep` on, each with its position; None for one that is too long. Nothing is kept."""
        start = self.keep
        is_too_long = False
        rest = self._text[start - self._base :]
        while True:
            *lines, rest = rest.split("\n")
            for line in lines:
                yield start, None if is_too_long else line
                start, is_too_long = start + len(line) + 1, False
            if len(rest) > MAX_VALUE_CHARS:
                start, rest, is_too_long = start + len(rest), "", True
            self._text, self._base, self.keep = rest, start, start
            if not self._more():
                if rest or is_too_long:
                    yield start, None if is_too_long else rest
                return
            rest = self._text

    def end_of(self, start: int) -> int | None:
        """Where a value seems to end, broken as it may be: where its brackets close, outside of strings."""
        if self.at(start) not in ("[", "{"):
            return self._end_of_garbage(start)
        depth, position, tokens = 0, start, _TOKEN
        while True:
            for token in tokens.finditer(self._text, position - self._base):
                mark = token[0]
                if mark in ("[", "{"):
                    depth += 1
                elif mark in ("]", "}"):
                    depth -= 1
                    if depth == 0:
                        return self._base + token.end()
                elif mark == '"':
                    position = self._base + token.start()
                    break
            else:
                position = self._base + len(self._text)
            self.keep = position
            if len(self._text) - (position - self._base) > MAX_VALUE_CHARS:
                end = self._end_of_string(position + 1)
                if end is None:
                    return None
                position = end
            elif not self._more():
                if position == self._base + len(self._text) or tokens is _BRACKET:
                    return None
                tokens = _BRACKET  # a string that never ends: the brackets in it may yet be those of the record

    def _end_of_string(self, position: int) -> int | None:
        """The position behind the quote that ends a string; nothing of it is kept."""
        while True:
            match = _INSIDE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if self._text.startswith('"', position - self._base):
                return position + 1
            self.keep = position
            if not self._more():
                return None

    def _end_of_garbage(self, start: int) -> int:
        position = start
        while True:
            match = _GARBAGE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if position < self._base + len(self._text):
                break
            self.keep = position
            if not self._more():
                break
        return position + (position == start and self.at(start) == "}")

    def _more(self) -> bool:
        """Move the window on: forget what lies before `keep`, and see as much again as is left of it, or more."""
        if self._is_last:
            return False
        self._text = self._text[self.keep - self._base :]
        self._base = self.keep
        wanted = max(WINDOW_CHARS, len(self._text))
        pieces, found = [self._text], 0
        for piece in self._pieces:
            pieces.append(piece)
            found += len(piece)
            if found >= wanted:
                break
        else:
            self._is_last = True
        self._text = "".join(pieces)
        return found > 0
