"""Loads OpenDocument files (.odt, .odp, .ods, .fodt): headings by outline level, lists, tables, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from corpus.document import SetAside, SetAsideReason
from corpus.loaders.package import Package
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import title_of
from corpus.loaders.xml_events import BrokenXml, Event, xml_events

_CONTENT: Final = "content.xml"
_STYLES: Final = "styles.xml"
_META: Final = "meta.xml"
_TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_STYLE: Final = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
_DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
_MAX_LEVEL: Final = 6
#: Blanks in a row are stored as a number.
_MAX_BLANKS: Final = 100
#: Elements whose paragraphs are set aside, and why.
_ASIDES: Final[dict[tuple[str, str], SetAsideReason]] = {
    **{(_STYLE, name): "page_header" for name in ("header", "footer", "header-left", "footer-left", "header-first")},
    (_STYLE, "footer-first"): "page_header",
    (_STYLE, "master-page"): "page_header",
    (_TEXT, "table-of-content"): "contents",
}
#: Text that was deleted with changes tracked, and templates of contents lists.
_SKIPPED: Final = ("tracked-changes", "table-of-content-source", "binary-data")
#: Fields whose value is known when a slide is shown; until then they hold `<number>` and the like.
_FIELDS: Final = ("page-number", "page-count", "date", "time", "footer", "header", "date-time")
_COMMENTS: Final = ("annotation",)


def is_odf(package: Package) -> bool:
    """True if the package is an OpenDocument file."""
    return _CONTENT in package


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record: the document; headers, footers, contents lists and comments are set aside."""
    reader = _BlockReader()
    for part in (_META, _STYLES, _CONTENT):
        for event in package.events(part):
            reader.take(event)
    yield reader.item(stem)


def load_flat(content: Iterable[str], stem: str) -> Iterator[Item]:
    """The same for a document that is one XML file."""
    reader = _BlockReader()
    try:
        for event in xml_events(content):
            reader.take(event)
    except BrokenXml as error:
        yield LoadIssue(number=None, kind="bad_xml", message=f"not valid XML: {error}; save it again as .odt")
        return
    yield reader.item(stem)


class _Paragraph:
    """A paragraph that is being read; notes, comments and text boxes nest paragraphs."""

    def __init__(self, level: int, is_title: bool) -> None:
        self.level = level
        self.is_title = is_title
        self.pieces: list[str] = []


class _BlockReader:
    """Collects blocks of text, paragraphs and table rows, from XML events."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._notes: list[str] = []
        self._aside: list[SetAside] = []
        self._title = self._first_heading = self._meta_title = ""
        self._title_styles = {"Title"}
        self._has_sections = False
        self._open: list[_Paragraph] = []
        self._path: list[tuple[str, str]] = []
        self._skipped = 0
        #: The table rows that are being read, outermost first, each with its cells.
        self._rows: list[list[list[str]]] = []

    def item(self, stem: str) -> Item:
        """The record of what was read."""
        text = "\n\n".join((*self._blocks, *self._notes))
        if not text.strip():
            message = "the document holds no text; if its pages are pictures, recognise their text (OCR) first"
            return LoadIssue(number=None, kind="no_title_no_text", message=message)
        title = self._title or self._first_heading or title_of(text.replace("&amp;", "&"), stem)
        if self._meta_title and self._meta_title != title:
            self._aside.append(SetAside("other", self._meta_title))
        return RawRecord(
            number=1,
            title=title.replace("&", "&amp;"),
            text=text,
            source_format="markdown" if self._has_sections else "text",
            stem=stem,
            set_aside=tuple(dict.fromkeys(self._aside)),
        )

    def take(self, event: Event) -> None:
        """Process one event."""
        if event.kind == "start":
            self._path.append((event.space, event.name))
            if self._skipped or event.name in _SKIPPED:
                self._skipped += 1
            else:
                self._start(event)
        elif event.kind == "end":
            self._path.pop()
            if self._skipped:
                self._skipped -= 1
            else:
                self._end(event)
        elif self._skipped:
            return
        elif self._path and self._path[-1] == (_DUBLIN_CORE, "title") and not self._open:
            self._meta_title += event.text
        elif self._open and not self._is_between() and not self._is_unknown_field(event.text):
            # As in HTML, line breaks of the source are blanks.
            self._open[-1].pieces.append(" ".join(event.text.split("\n")))

    def _is_unknown_field(self, text: str) -> bool:
        return text.startswith("<") and self._path[-1][1] in _FIELDS

    def _is_between(self) -> bool:
        """True between the paragraphs of a note or comment, where XML may be indented."""
        return self._path[-1][1] in ("note", "note-body", "annotation", "text-box", "frame", "table", "table-row")

    def _start(self, event: Event) -> None:
        attributes = event.attributes
        if event.space == _TEXT and event.name in ("p", "h"):
            level = attributes.get("outline-level", "1") if event.name == "h" else ""
            is_title = attributes.get("style-name", "") in self._title_styles
            self._open.append(_Paragraph(int(level) if level.isdecimal() else 0, is_title))
        elif event.space == _STYLE and event.name == "style":
            if attributes.get("parent-style-name") in self._title_styles:
                self._title_styles.add(attributes.get("name", ""))
        elif event.name == "table-row":
            self._rows.append([])
        elif event.name == "table-cell" and self._rows:
            self._rows[-1].append([])
        elif self._open and event.space == _TEXT:
            if event.name == "s":
                count = attributes.get("c", "1")
                self._open[-1].pieces.append(" " * min(int(count) if count.isdecimal() else 1, _MAX_BLANKS))
            elif event.name in ("tab", "line-break"):
                self._open[-1].pieces.append("\t" if event.name == "tab" else "\n")

    def _end(self, event: Event) -> None:
        if event.space == _TEXT and event.name in ("p", "h") and self._open:
            paragraph = self._open.pop()
            text = "".join(paragraph.pieces).strip()
            if text:
                self._put(text, paragraph)
        elif event.name == "table-row" and self._rows:
            row = "\t".join(" ".join(cell) for cell in self._rows.pop()).strip()
            if row:
                self._put(row, None)

    def _put(self, text: str, paragraph: _Paragraph | None) -> None:
        reason = next((_ASIDES[place] for place in self._path if place in _ASIDES), None)
        names = {name for _, name in self._path}
        if reason is None and not names.isdisjoint(_COMMENTS):
            reason = "other"
        escaped = text.replace("&", "&amp;")  # cleaning decodes entities once
        if reason is not None:
            self._aside.append(SetAside(reason, escaped))
        elif "note-body" in names:
            self._notes.append(escaped)
        elif self._rows:
            if self._rows[-1]:
                self._rows[-1][-1].append(text)
            else:
                self._rows[-1].append([text])
        elif paragraph is not None and paragraph.level:
            line = " ".join(escaped.split())
            self._first_heading = self._first_heading or " ".join(text.split())
            self._has_sections = True
            self._blocks.append(f"{'#' * min(paragraph.level, _MAX_LEVEL)} {line}")
        else:
            if paragraph is not None and paragraph.is_title and not self._title:
                self._title = " ".join(text.split())
            self._blocks.append(escaped)
