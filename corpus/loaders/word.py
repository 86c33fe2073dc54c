"""Loads Word documents (.docx): paragraphs, headings by their styles, tables and notes.

No library is used: the order of the paragraphs and the names of their styles come from expat as a stream, without
entities. Automatic numbering is not rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from corpus.document import SourceFormat
from corpus.loaders.package import Package
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.text import title_of
from corpus.loaders.xml_events import Event

_DOCUMENT: Final = "word/document.xml"
#: Word stores `heading 1` in every language; some writers store the visible name.
_HEADING: Final = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)
_TITLES: Final = ("title", "标题")
_MAX_LEVEL: Final = 6
_OUTLINE_LEVELS: Final = 9
_BREAKS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
#: The second version of a text box, and text that was deleted or moved with changes tracked.
_SKIPPED: Final = ("Fallback", "del", "moveFrom")
_NOTES: Final = ("footnotes.xml", "endnotes.xml")
_NOTE_TYPES: Final = ("separator", "continuationSeparator", "continuationNotice")


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record: the document with its notes at the end; its headings, if any, are marked as in Markdown."""
    main = package.main_part(_DOCUMENT)
    folder = main.rpartition("/")[0]
    reader = _BlockReader(_levels(package, f"{folder}/styles.xml"))
    for part in (main, *(f"{folder}/{name}" for name in _NOTES)):
        for event in package.events(part):
            reader.take(event)
    text = "\n\n".join(reader.blocks)
    if not text.strip():
        message = "the Word document holds no text; if its pages are pictures, recognise their text (OCR) first"
        yield LoadIssue(number=None, kind="no_title_no_text", message=message)
        return
    title = reader.title or reader.first_heading or title_of(text, stem)
    source_format: SourceFormat = "markdown" if reader.first_heading else "text"
    yield RawRecord(number=1, title=title, text=text, source_format=source_format, stem=stem)


def _levels(package: Package, part: str) -> Mapping[str, int]:
    """Style → heading level, 0 for the document's title; a style inherits the level of its base."""
    levels: dict[str, int] = {}
    bases: dict[str, str] = {}
    style = ""
    for event in package.events(part):
        if event.kind != "start":
            continue
        value = event.attributes.get("val", "")
        if event.name == "style":
            style = event.attributes.get("styleId", "")
        elif event.name == "name" and value.casefold() in _TITLES:
            levels[style] = 0
        elif event.name == "name" and (heading := _HEADING.fullmatch(value)):
            levels[style] = int(heading[1])
        elif event.name == "outlineLvl" and value.isdecimal() and int(value) < _OUTLINE_LEVELS:
            levels.setdefault(style, int(value) + 1)
        elif event.name == "basedOn":
            bases[style] = value
    for style in bases:
        seen = {style}
        base = bases[style]
        while base in bases and base not in levels and base not in seen:
            seen.add(base)
            base = bases[base]
        if levels.get(base):
            levels.setdefault(style, levels[base])
    return levels


class _Paragraph:
    """A paragraph that is being read; text boxes nest paragraphs."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.level: int | None = None


class _BlockReader:
    """Collects blocks of text, paragraphs and table rows, from XML events."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        self.blocks: list[str] = []
        self.title = ""
        self.first_heading = ""
        self._levels = levels
        self._open: list[_Paragraph] = []
        self._path: list[str] = []
        self._skipped = 0
        self._is_text = self._is_hidden = False
        #: The table rows that are being read, outermost first, each with its cells.
        self._rows: list[list[list[str]]] = []

    def take(self, event: Event) -> None:
        """Process one event."""
        if event.kind == "start":
            self._path.append(event.name)
            if self._skipped or event.name in _SKIPPED or _is_separator(event):
                self._skipped += 1
            else:
                self._start(event.name, event.attributes)
        elif event.kind == "end":
            self._path.pop()
            if self._skipped:
                self._skipped -= 1
            else:
                self._end(event.name)
        elif self._is_text and not self._skipped and not self._is_hidden and self._open:
            self._open[-1].pieces.append(event.text)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        parent = self._path[-2] if len(self._path) > 1 else ""
        value = attributes.get("val", "")
        if name == "t":
            self._is_text = True
        elif name == "p":
            self._open.append(_Paragraph())
        elif name == "r":
            self._is_hidden = False
        elif name == "vanish" and parent == "rPr" and "r" in self._path[-3:] and value not in ("0", "false"):
            self._is_hidden = True
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append([])
        elif self._open and name == "pStyle":
            self._open[-1].level = self._levels.get(value, self._open[-1].level)
        elif self._open and name == "outlineLvl" and value.isdecimal() and int(value) < _OUTLINE_LEVELS:
            self._open[-1].level = int(value) + 1
        elif self._open and name in _BREAKS and parent != "tabs":
            self._open[-1].pieces.append(_BREAKS[name])

    def _end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "p" and self._open:
            paragraph = self._open.pop()
            self._put("".join(paragraph.pieces).strip(), paragraph.level)
        elif name == "tr" and self._rows:
            cells = (" ".join(cell) for cell in self._rows.pop())
            self._put("\t".join(cells).strip(), None)

    def _put(self, text: str, level: int | None) -> None:
        if not text:
            return
        if self._rows:
            if self._rows[-1]:
                self._rows[-1][-1].append(text)
            return
        if level is not None:
            text = " ".join(text.split())
            if level == 0:
                self.title = self.title or text
            else:
                self.first_heading = self.first_heading or text
                text = f"{'#' * min(level, _MAX_LEVEL)} {text}"
        self.blocks.append(text)


def _is_separator(event: Event) -> bool:
    """True for the separators that Word stores among the notes."""
    return event.name in ("footnote", "endnote") and event.attributes.get("type") in _NOTE_TYPES
