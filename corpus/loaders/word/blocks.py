"""Reads the XML of a Word part as blocks of text: paragraphs with their automatic numbers, and table rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from corpus.loaders.word.numbering import Numbering, to_level
from corpus.loaders.word.styles import Styles
from corpus.loaders.xml_events import Event

_MAX_LEVEL: Final = 6
_BREAKS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
#: The second version of a text box; text that was deleted or moved, and properties that were changed, with changes
#: tracked; readings above characters, which stand inside words.
_SKIPPED: Final = (
    *("Fallback", "del", "moveFrom", "rt"),
    *("pPrChange", "rPrChange", "sectPrChange", "tblPrChange", "trPrChange", "tcPrChange", "numberingChange"),
)
_NOTE_TYPES: Final = ("separator", "continuationSeparator", "continuationNotice")


class Block(NamedTuple):
    """A paragraph or a table row; `level` is that of a heading, 0 of the document's title, None of other text."""

    text: str
    level: int | None = None


class _Paragraph:
    """A paragraph that is being read; text boxes nest paragraphs."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.style = ""
        self.level: int | None = None
        self.num = ""
        self.list_level: int | None = None
        self.label: str | None = None
        self.is_deleted = False


class BlockReader:
    """Collects blocks from XML events; `chunk` gives the blocks of an embedded file (altChunk) by its relation."""

    def __init__(self, styles: Styles, numbering: Numbering, chunk: Callable[[str], Iterable[Block]]) -> None:
        self.blocks: list[Block] = []
        #: Readings above characters, which are no part of the line below.
        self.readings: list[str] = []
        self._styles = styles
        self._numbering = numbering
        self._chunk = chunk
        self._open: list[_Paragraph] = []
        self._path: list[str] = []
        self._skipped = 0
        self._is_text = self._is_hidden = False
        #: The table rows that are being read, outermost first, each with its cells.
        self._rows: list[list[list[str]]] = []

    def read(self, events: Iterable[Event]) -> None:
        """Process the events of a part."""
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        if event.kind == "start":
            self._path.append(event.name)
            if event.name == "del" and self._path[-2:-1] == ["rPr"] and self._open:
                self._open[-1].is_deleted = True
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
        elif self._skipped:
            if "rt" in self._path and self._path[-1] == "t":
                self.readings.append(event.text)
        elif self._is_text and not self._is_hidden and self._open:
            self._open[-1].pieces.append(event.text)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        parent = self._path[-2] if len(self._path) > 1 else ""
        value = attributes.get("val", "")
        if name == "t" or (name == "v" and parent == "pt"):
            self._is_text = True
        elif name in ("p", "pt"):  # pt: a value or name in a chart
            self._open.append(_Paragraph())
        elif name == "r":
            self._is_hidden = False
        elif name == "vanish" and parent == "rPr" and "r" in self._path[-3:] and value not in ("0", "false"):
            self._is_hidden = True
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append([])
        elif name == "altChunk":
            for block in self._chunk(attributes.get("id", "")):
                self._put(*block)
        elif self._open:
            self._in_paragraph(self._open[-1], name, parent, attributes)

    def _in_paragraph(self, paragraph: _Paragraph, name: str, parent: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "pStyle":
            paragraph.style = value
        elif name == "outlineLvl" and (level := to_level(value)) >= 0:
            paragraph.level = level + 1
        elif name == "numId" and parent == "numPr":
            paragraph.num = value
        elif name == "ilvl" and parent == "numPr":
            paragraph.list_level = to_level(value)
        elif name in _BREAKS and parent != "tabs":
            paragraph.pieces.append(_BREAKS[name])
        elif name == "textpath":  # a watermark
            paragraph.pieces.append(attributes.get("string", ""))

    def _end(self, name: str) -> None:
        if name in ("t", "v"):
            self._is_text = False
        elif name == "pPr" and self._open and self._path[-1:] == ["p"]:
            self._open[-1].label = self._label(self._open[-1])
        elif name in ("p", "pt") and self._open:
            paragraph = self._open.pop()
            text = escaped("".join(paragraph.pieces).strip())
            label = self._label(paragraph) if paragraph.label is None else paragraph.label
            if paragraph.level is None:
                paragraph.level = self._styles.level(paragraph.style)
            self._put(f"{label}{text}".strip(), paragraph.level if text else None)
        elif name == "tr" and self._rows:
            cells = (" ".join(cell) for cell in self._rows.pop())
            self._put("\t".join(cells).strip(), None)

    def _label(self, paragraph: _Paragraph) -> str:
        """Count a paragraph of a list, and return its number; a paragraph's own list counts before its style's."""
        if paragraph.is_deleted:
            return ""
        num, owner, level = self._styles.list_of(paragraph.style or self._styles.default)
        if not paragraph.num and level is None and num:
            level = self._numbering.level_of_style(num, owner)
        if paragraph.list_level is not None:
            level = paragraph.list_level
        num = paragraph.num or num
        return self._numbering.label(num, max(level or 0, 0)) if num else ""

    def _put(self, text: str, level: int | None = None) -> None:
        if not text:
            return
        if self._rows:
            if self._rows[-1]:
                self._rows[-1][-1].append(text)
            return
        if level is not None:
            text, level = " ".join(text.split()), min(level, _MAX_LEVEL)
        self.blocks.append(Block(text, level))


def escaped(text: str) -> str:
    """The text with & as &amp;, as in web pages: cleaning decodes entities once."""
    return text.replace("&", "&amp;")


def _is_separator(event: Event) -> bool:
    """True for the separators that Word stores among the notes."""
    return event.name in ("footnote", "endnote") and event.attributes.get("type") in _NOTE_TYPES
