"""Loads RSS 2.0, RSS 1.0 and Atom feeds, one entry at a time; other XML is rejected.

Each entry is parsed on its own, so that a fault costs no other entry. An entry that is not well formed is repaired, as
other readers of feeds do: entities of HTML, a bare &, control characters. What still is not well formed is read by its
known tags.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from corpus.loaders.feed_entries import FeedEntries
from corpus.loaders.feed_repair import repaired
from corpus.loaders.field_aliases import is_chinese, record_of
from corpus.loaders.raw_record import Item, LoadIssue
from corpus.loaders.xml_events import BrokenXml, DeclaresTypes, Event, xml_events

_ROOTS: Final = ("rss", "feed", "RDF")
_ENTRIES: Final = ("item", "entry")
#: Elements that hold elements, and no text of their own.
_HOLDERS: Final = ("source", "group", "image")
#: Extensions that use the names of core elements, and are not taken for them: media:title, itunes:summary.
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
_TAG: Final = re.compile(r"<[^<>]{1,2000}>")
_NAMED_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z\d]{0,20})\b[^<>]{0,2000}>")
_ALONE: Final = {"br", "img", "hr"}
_BROKEN: Final = ("bad_xml", "its XML is not well formed; read as far as its tags tell")
_KNOWN: Final = "|".join(_PARTS)
#: An element of an entry up to its end, or the next element.
_ELEMENT: Final = re.compile(
    rf"<(?:[\w.-]{{1,40}}:)?({_KNOWN})\b([^<>]{{0,2000}})>(.*?)"
    rf"(?:</(?:[\w.-]{{1,40}}:)?\1\s*>|(?=<(?:[\w.-]{{1,40}}:)?(?:{_KNOWN})\b[^<>]{{0,2000}}>)|\Z)",
    re.DOTALL,
)
_HREF: Final = re.compile(r"""\shref\s*=\s*(["'])(.*?)\1""")


def load(pieces: Iterable[str], stem: str) -> Iterator[Item]:
    """One record for each entry."""
    entries = FeedEntries(pieces)
    channel = _Feed()
    try:
        _read_head(channel, entries.head)
        if not entries.has_entries:
            for _ in xml_events([repaired(entries.head)]):
                pass
    except BrokenXml as error:
        message = f"not valid XML: {error}; download it again"
        yield LoadIssue(number=None, kind="bad_xml", message=message)
        return
    except _NoFeed as error:
        message = f"an XML file with the root <{error}>; of XML only RSS and Atom feeds are read"
        has_text = is_chinese(entries.head) or entries.has_entries
        yield LoadIssue(number=None, kind="unknown_format", message=message, is_rejection=has_text)
        return
    for number, chunk in enumerate(entries, 1):
        if chunk is None:
            yield LoadIssue(number=number, kind="too_long", message="its entry is longer than any article")
            continue
        entry, is_broken = _entry(entries.start_tag, chunk)
        yield record_of(number, entry, feed=channel.title, notices=(_BROKEN,) if is_broken else ())
        if is_broken and entries.is_cut:
            message = f"the file ends within entry {number}; what follows is missing, download it again"
            yield LoadIssue(number=None, kind="bad_xml", message=message)


def _read_head(channel: _Feed, head: str) -> None:
    """Read the name of a feed from what stands before its first entry, where no element is closed yet."""
    try:
        for event in xml_events([repaired(head)]):
            channel.take(event)
    except DeclaresTypes:
        raise
    except BrokenXml:
        return


def _entry(start_tag: str, chunk: str) -> tuple[dict[str, str], bool]:
    """The entry of a part of a feed, and True if it is broken."""
    for text in (chunk, repaired(chunk)):
        feed = _Feed()
        with suppress(BrokenXml):
            for event in xml_events([start_tag, text, "</kesou>"]):
                found = feed.take(event)
                if found is not None:
                    return found, False
    return _lenient_entry(chunk), True


def _lenient_entry(chunk: str) -> dict[str, str]:
    """The entry of a text that is no XML: what stands between known tags, and all other text beside it."""
    entry: dict[str, str] = {}
    rest: list[str] = []
    at = 0
    for element in _ELEMENT.finditer(chunk):
        rest.append(chunk[at : element.start()])
        at = element.end()
        inner = element[3].replace("<![CDATA[", "").replace("]]>", "")
        href = _HREF.search(element[2]) if element[1] == "link" else None
        if href is not None or not _TAG.search(inner):
            value = html.unescape(href[2] if href else inner)
        else:
            value = _without_stray_tags(inner)
        name = _PARTS[element[1]]
        entry[name if name not in entry else f"other:{at}"] = value.strip()
    rest.append(chunk[at:])
    entry["other:rest"] = "\n".join(line for text in rest for line in _TAG.sub("\n", text).split("\n") if line.strip())
    return entry


def _without_stray_tags(markup: str) -> str:
    """The markup without tags that are opened and never closed, or closed and never opened."""
    opened = {tag[2].lower() for tag in _NAMED_TAG.finditer(markup) if not tag[1]}
    closed = {tag[2].lower() for tag in _NAMED_TAG.finditer(markup) if tag[1]}
    stray = (opened ^ closed) - _ALONE
    return _NAMED_TAG.sub(lambda tag: "" if tag[2].lower() in stray else tag[0], markup)


class _NoFeed(Exception):
    """The XML is not a feed; the exception's text is the name of its root."""


class _Feed:
    """Collects the title and the entries of a feed from XML events."""

    def __init__(self) -> None:
        self.title = ""
        self._path: list[str] = []
        self._entry: dict[str, str] | None = None
        #: The depth of the element whose text is being read, 0 for none, its key, and its text so far.
        self._depth = 0
        self._key = ""
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
        if not self._path and event.name not in (*_ROOTS, "kesou"):
            raise _NoFeed(event.name[:40])
        self._path.append(event.name)
        if self._depth:  # XHTML inside an Atom entry
            self._text.append(f"<{event.name}>")
        elif event.name in _ENTRIES and self._entry is None:
            self._entry = {}
        elif event.name != "author" or not _is_atom(event):
            is_part = event.space not in _FOREIGN and event.name in _PARTS
            if not is_part and self._entry is None:
                return
            if not is_part and event.name in _HOLDERS:
                return
            self._key = _PARTS[event.name] if is_part else f"other:{event.name}"
            self._depth, self._text = len(self._path), []
            if event.name == "link" and event.attributes.get("rel", "alternate") == "alternate":
                self._text.append(event.attributes.get("href", ""))

    def _end(self, event: Event) -> dict[str, str] | None:
        if len(self._path) == self._depth:
            self._put(self._key, "".join(self._text).strip())
            self._depth = 0
        elif self._depth:
            self._text.append(f"</{event.name}>")
        self._path.pop()
        if event.name in _ENTRIES and self._entry is not None and not self._depth:
            entry, self._entry = self._entry, None
            return entry
        return None

    def _put(self, name: str, value: str) -> None:
        if self._entry is None:
            if name == "title" and not self.title:
                self.title = value
        elif value and (not self._entry.get(name) or name.startswith("other:")):
            before = self._entry.get(name)
            self._entry[name] = f"{before}\n{value}" if before else value


def _is_atom(event: Event) -> bool:
    """True for Atom, whose author holds elements; in RSS it is a text."""
    return event.space == "http://www.w3.org/2005/Atom"
