"""Loads RSS 2.0, RSS 1.0 and Atom feeds, one entry at a time; other XML is rejected."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Final

from corpus.loaders.field_aliases import record_of
from corpus.loaders.raw_record import Item, LoadIssue
from corpus.loaders.xml_events import BrokenXml, Event, xml_events

_ROOTS: Final = ("rss", "feed", "RDF")
_ENTRIES: Final = ("item", "entry")
#: Extensions that use the names of core elements, and are ignored: media:title, itunes:summary.
_FOREIGN: Final = ("http://search.yahoo.com/mrss/", "http://www.itunes.com/dtds/podcast-1.0.dtd")
#: Element → key of a record; the first element of an entry that has a value is used.
_PARTS: Final = {
    "title": "title",
    "link": "link",
    "guid": "id",
    "id": "id",
    "pubDate": "pubDate",
    "published": "date",
    "date": "date",
    "updated": "update_time",
    "encoded": "content_html",
    "content": "content_html",
    "description": "summary",
    "summary": "summary",
    "name": "author",
    "creator": "author",
    "author": "author",
}


def load(pieces: Iterable[str], stem: str) -> Iterator[Item]:
    """One record for each entry; entries before invalid XML are kept."""
    reader = _Feed()
    try:
        for event in xml_events(pieces):
            entry = reader.take(event)
            if entry is not None:
                yield record_of(reader.number, entry, feed=reader.title)
    except BrokenXml as error:
        unread = "; what follows is unread" if reader.number else ""
        yield LoadIssue(number=None, kind="bad_xml", message=f"not valid XML: {error}{unread}; download it again")
    except _NoFeed as error:
        message = f"an XML file with the root <{error}>; of XML only RSS and Atom feeds are read"
        yield LoadIssue(number=None, kind="unknown_format", message=message)


class _NoFeed(Exception):
    """The XML is not a feed; the exception's text is the name of its root."""


class _Feed:
    """Collects the entries of a feed from XML events."""

    def __init__(self) -> None:
        self.title = ""
        self.number = 0
        self._path: list[str] = []
        self._entry: dict[str, str] | None = None
        #: The depth of the element whose text is being read, 0 for none, and its text so far.
        self._depth = 0
        self._text: list[str] = []

    def take(self, event: Event) -> dict[str, str] | None:
        """Process one event; returns an entry that it completes."""
        if event.kind == "text":
            if self._depth:
                inside = len(self._path) > self._depth
                self._text.append(html.escape(event.text) if inside else event.text)
        elif event.kind == "start":
            self._start(event)
        else:
            return self._end(event)
        return None

    def _start(self, event: Event) -> None:
        if not self._path and event.name not in _ROOTS:
            raise _NoFeed(event.name[:40])
        self._path.append(event.name)
        if self._depth:  # XHTML inside an Atom entry
            self._text.append(f"<{event.name}>")
        elif event.name in _ENTRIES and self._entry is None:
            self._entry = {}
            self.number += 1
        elif event.space not in _FOREIGN and event.name in _PARTS and (event.name != "author" or not _is_atom(event)):
            self._depth, self._text = len(self._path), []
            if event.name == "link" and event.attributes.get("rel", "alternate") == "alternate":
                self._text.append(event.attributes.get("href", ""))

    def _end(self, event: Event) -> dict[str, str] | None:
        if len(self._path) == self._depth:
            self._put(_PARTS[event.name], "".join(self._text).strip())
            self._depth = 0
        elif self._depth:
            self._text.append(f"</{event.name}>")
        self._path.pop()
        if event.name in _ENTRIES and self._entry is not None and not self._depth:
            entry, self._entry = self._entry, None
            return entry
        return None

    def _put(self, name: str, value: str) -> None:
        if self._entry is not None:
            if value and not self._entry.get(name):
                self._entry[name] = value
        elif name == "title" and not self.title:
            self.title = value


def _is_atom(event: Event) -> bool:
    """True for Atom, whose author holds elements; in RSS it is a text."""
    return event.space == "http://www.w3.org/2005/Atom"
