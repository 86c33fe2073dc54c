"""Reads JSON texts of any length through a sliding window, and finds where a broken value ends.

Positions count characters from the beginning of the text. The window keeps all text from the position that was given
to `forget_before` last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from corpus.loaders.json_values import InvalidJson, JsonDecoder

#: Characters of the first window, and added at a time: many records, and little compared with one long record.
WINDOW_CHARS: Final = 1 << 17
#: A longer value is not an article (documents have 2 million characters at most) and is not kept in memory.
MAX_VALUE_CHARS: Final = 1 << 25
TOO_LONG: Final = f"longer than {MAX_VALUE_CHARS:,} characters"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
#: A whole string, a bracket, or the quote of a string that does not end in the window.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_INSIDE: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_GARBAGE: Final = re.compile(r"[^,\[\]{}]*")
#: An error so close to the window's end may be caused by it (`tru`, `\ud83d\u`), as may a string without its end.
_CUT_CHARS: Final = 16
_UNTERMINATED: Final = "Unterminated string"


class JsonReader:
    """Reads values from any position of a text that is given in pieces; `window` is the part in memory."""

    def __init__(self, pieces: Iterable[str], max_depth: int) -> None:
        self._pieces = iter(pieces)
        self.decoder: Final = JsonDecoder(max_depth)
        self._text = ""
        self._base = 0
        self._is_last = False
        self._keep = 0
        self._more()

    @property
    def window(self) -> str:
        """The text in memory."""
        return self._text

    def text(self, start: int, end: int) -> str:
        """The text between two positions in the window."""
        return self._text[start - self._base : end - self._base]

    def forget_before(self, position: int) -> None:
        """Allow the window to drop the text before a position when it moves on."""
        self._keep = position

    def at(self, position: int) -> str:
        """The character at a position; empty at the end of the text."""
        while position - self._base >= len(self._text):
            if not self._more():
                return ""
        return self._text[position - self._base]

    def skip_space(self, position: int) -> int:
        """The position of the next character that is not blank, from a position on."""
        while True:
            match = _SPACE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if position < self._base + len(self._text) or not self._more():
                return position

    def value(self, start: int) -> tuple[Any, int]:
        """The value at a position and the position after it; raises InvalidJson."""
        while True:
            found = self.value_in_window(start)
            if found is not None:
                return found
            if len(self._text) - (start - self._base) > MAX_VALUE_CHARS:
                raise InvalidJson(TOO_LONG, start)
            self._more()

    def value_in_window(self, start: int) -> tuple[Any, int] | None:
        """The value at a position and the position after it; None if it may not end in the window.

        Raises InvalidJson.
        """
        self.at(start)
        try:
            value, end = self.decoder.decode(self._text, start - self._base)
        except InvalidJson as error:
            is_near_end = error.position > len(self._text) - _CUT_CHARS
            is_cut = error.end is None and (is_near_end or str(error).startswith(_UNTERMINATED))
            if is_cut and not self._is_last:
                return None
            raise error.shifted(self._base) from None
        # A number at the end of the window may have further digits.
        is_complete = self._is_last or end < len(self._text) or isinstance(value, dict | list | str)
        return (value, self._base + end) if is_complete else None

    def member(self, position: int) -> tuple[str | None, int]:
        """The key of an object's member and the position of its value; raises InvalidJson.

        `position` is that of the object's brace, or of the first character after a member that is not blank. After
        the last member, returns None and the position of the character there: a brace, unless the object is broken.
        """
        if self.at(position) not in ("{", ","):
            return None, position
        position = self.skip_space(position + 1)
        if self.at(position) == "}":
            return None, position
        key, position = self.value(position)
        position = self.skip_space(position)
        if not isinstance(key, str) or self.at(position) != ":":
            raise InvalidJson("Expecting ':' delimiter", position)
        return key, self.skip_space(position + 1)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Each line with its position, None for one that is too long; lines that were read are dropped from memory."""
        start = self._keep
        is_too_long = False
        rest = self._text[start - self._base :]
        while True:
            *lines, rest = rest.split("\n")
            for line in lines:
                yield start, None if is_too_long else line
                start, is_too_long = start + len(line) + 1, False
            if len(rest) > MAX_VALUE_CHARS:
                start, rest, is_too_long = start + len(rest), "", True
            self._text, self._base, self._keep = rest, start, start
            if not self._more():
                if rest or is_too_long:
                    yield start, None if is_too_long else rest
                return
            rest = self._text

    def end_of(self, start: int) -> int | None:
        """The position after a broken value: where its brackets close, outside strings; None if they never do."""
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
            self._keep = position
            if len(self._text) - (position - self._base) > MAX_VALUE_CHARS:
                end = self._end_of_string(position + 1)
                if end is None:
                    return None
                position = end
            elif not self._more():
                if position == self._base + len(self._text) or tokens is _BRACKET:
                    return None
                tokens = _BRACKET  # a string that never ends: brackets inside it may be those of the record

    def _end_of_string(self, position: int) -> int | None:
        """The position after the quote that ends a string, which is not kept in memory; None if it never ends."""
        while True:
            match = _INSIDE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if self._text.startswith('"', position - self._base):
                return position + 1
            self._keep = position
            if not self._more():
                return None

    def _end_of_garbage(self, start: int) -> int:
        """The position of the next comma or bracket; that after a stray closing brace."""
        position = start
        while True:
            match = _GARBAGE.match(self._text, position - self._base)
            position = self._base + match.end() if match else position
            if position < self._base + len(self._text):
                break
            self._keep = position
            if not self._more():
                break
        return position + (position == start and self.at(start) == "}")

    def _more(self) -> bool:
        """Move the window on: drop the text that may be forgotten, and add at least as much as is left.

        Returns True if there was more text. Doubling keeps the total cost of a long value linear.
        """
        if self._is_last:
            return False
        self._text = self._text[self._keep - self._base :]
        self._base = self._keep
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
