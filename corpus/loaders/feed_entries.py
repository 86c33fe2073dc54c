"""Divides the text of a feed into what stands before its first entry and its entries, as it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

#: No article is longer; a longer part of a feed is passed over.
_MAX_ENTRY_CHARS: Final = 1 << 25
#: The start of an entry, and what may hold one that is none.
_STARTS: Final = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s/>])|<!\[CDATA\[|<!--")
_ENDS: Final = {"<!--": re.compile("-->"), "<![CDATA[": re.compile(r"\]\]>|<!\[CDATA\[")}
_CLOSED: Final = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>")
#: Where a feed begins: what stands before it, blanks or the warnings of a program, is not of the feed.
_BEGINNING: Final = re.compile(r"<(?:\?xml|rss|feed|rdf:RDF)\b|<!DOCTYPE")
#: The longest text that a start is recognised by, which may be cut at the end of a piece.
_TAIL_CHARS: Final = 64
_SPACES: Final = re.compile(r"""\sxmlns(?::([\w.-]+))?\s*=\s*("[^"<]{0,500}"|'[^'<]{0,500}')""")
_PREFIXES: Final = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_WELL_KNOWN: Final = {
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
}


class FeedEntries:
    """`head` is the text before the first entry, from its first tag on; iterate over it for the entries.

    `start_tag` is an element that declares all prefixes that the last entry uses, so that it can be parsed inside it;
    `is_cut` is True if the text ends within the last entry.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text = ""
        self._is_last = False
        #: Marks whose end does not stand in the rest of the text, which is not searched for it again.
        self._endless: set[str] = set()
        end = self._next_start(0)
        self.has_entries = end is not None
        head = self._text if end is None else self._text[:end]
        begin = _BEGINNING.search(head)
        self.head = head[begin.start() if begin else 0 :]
        self._text = "" if end is None else self._text[end:]
        self._declared = {prefix or "": space for prefix, space in _SPACES.findall(self.head)}
        self.start_tag = ""
        self.is_cut = False

    def __iter__(self) -> Iterator[str | None]:
        """The text of each entry with what follows it; None for one that is too long."""
        while self._text:
            is_long = False
            end = self._next_start(1)
            while end is None and not self._is_last:
                is_long = True
                self._text = self._text[-_TAIL_CHARS:]
                end = self._next_start(0)
            chunk, self._text = (self._text, "") if end is None else (self._text[:end], self._text[end:])
            closed = None if is_long else _CLOSED.search(chunk)
            self.is_cut = not closed and not is_long and not self._text
            self.start_tag = self._start_tag(chunk)
            yield None if is_long else chunk[: _last_end(chunk)] if closed else chunk

    def _start_tag(self, chunk: str) -> str:
        spaces = dict(self._declared)
        for prefix in set(_PREFIXES.findall(chunk)) - {"xml", "xmlns"}:
            spaces.setdefault(prefix, f'"{_WELL_KNOWN.get(prefix, "unknown:" + prefix)}"')
        declared = "".join(f" xmlns{':' + prefix if prefix else ''}={space}" for prefix, space in spaces.items())
        return f"<kesou{declared}>"

    def _next_start(self, at: int) -> int | None:
        """Where the next entry begins, from a position on; None if none begins in the rest, or within the limit."""
        while True:
            match = _STARTS.search(self._text, at)
            if match is None:
                at = max(at, len(self._text) - _TAIL_CHARS)
            elif match[0] not in _ENDS:
                return match.start()
            elif match[0] in self._endless:
                at = match.end()
                continue
            else:
                end = _ENDS[match[0]].search(self._text, match.end())
                if end is not None:
                    # A second mark of CDATA inside the first says that the first is never closed.
                    at = end.start() if end[0].startswith("<") else end.end()
                    continue
                if self._is_last:
                    self._endless.add(match[0])
                    at = match.end()
                    continue
                at = match.start()
            if self._is_last or len(self._text) > _MAX_ENTRY_CHARS:
                return None
            self._more()

    def _more(self) -> None:
        """Add as much text as there is, so that the total cost of searching a long entry again is linear."""
        pieces, found = [self._text], 0
        for piece in self._pieces:
            pieces.append(piece)
            found += len(piece)
            if found >= len(self._text):
                break
        else:
            self._is_last = True
        self._text = "".join(pieces)


def _last_end(chunk: str) -> int:
    """Where the end tag of an entry ends; the text behind it belongs to the feed."""
    end = 0
    for match in _CLOSED.finditer(chunk):
        end = match.end()
    return end
