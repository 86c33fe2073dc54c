"""Loads PowerPoint presentations (.pptx): each slide with its title as a heading, its tables and its notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from corpus.document import SetAside
from corpus.loaders.package import BrokenPackage, Package
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import title_of

MAIN: Final = "ppt/presentation.xml"
_TITLES: Final = ("title", "ctrTitle")
#: Placeholders that repeat on every slide: day, footer, number of the slide.
_FOOTERS: Final = ("dt", "ftr", "sldNum", "hdr")
_BREAKS: Final = {"br": "\n", "tab": "\t"}


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record: the slides in their order, each followed by its notes; footers are set aside."""
    main = package.main_part(MAIN)
    slides = {relation.id: relation.part for relation in package.relations(main) if relation.kind == "slide"}
    order = [
        event.attributes.get("id", "")  # `r:id`; the other attribute `id` stands before it and is a number
        for event in package.events(main)
        if event.kind == "start" and event.name == "sldId"
    ]
    shown = [slides[identity] for identity in order if identity in slides]
    shown += [name for name in slides.values() if name not in shown]
    blocks: list[str] = []
    aside: list[str] = []
    notices: list[tuple[str, str]] = []
    title = ""
    for name in shown:
        try:
            for part in (name, *_related(package, name)):
                reader = _Slide(is_notes=part != name)
                for event in package.events(part):
                    reader.take(event.kind, event.name, event.attributes.get("type", ""), event.text)
                title = title or reader.title
                blocks += reader.blocks
                aside += reader.footers
        except BrokenPackage as error:
            notices.append(("unread_part", f"a slide cannot be read: {error}"))
    if not blocks:
        message = "the presentation holds no text; if its slides are pictures, recognise their text (OCR) first"
        yield LoadIssue(number=None, kind="no_title_no_text", message=message)
        return
    text = "\n\n".join(blocks)
    yield RawRecord(
        number=1,
        title=(title or title_of(text, stem)).replace("&", "&amp;"),
        text=text.replace("&", "&amp;"),
        source_format="markdown",
        stem=stem,
        set_aside=tuple(SetAside("page_header", line.replace("&", "&amp;")) for line in dict.fromkeys(aside)),
        notices=tuple(notices),
    )


def _related(package: Package, slide: str) -> list[str]:
    """The notes, diagrams and comments of a slide."""
    kinds = ("notesSlide", "diagramData", "chart", "comments")
    return [relation.part for relation in package.relations(slide) if relation.kind in kinds]


class _Slide:
    """Collects the blocks of a slide from XML events; a table row is one block."""

    def __init__(self, is_notes: bool) -> None:
        self.title = ""
        self.blocks: list[str] = []
        self.footers: list[str] = []
        self._is_notes = is_notes
        self._placeholder = ""
        self._pieces: list[str] = []
        self._is_text = False
        self._row: list[str] | None = None

    def take(self, kind: str, name: str, placeholder: str, text: str) -> None:
        """Process one event."""
        if kind == "text":
            if self._is_text:
                self._pieces.append(text)
        elif kind == "start":
            if name == "sp":
                self._placeholder = ""
            elif name == "ph":
                self._placeholder = placeholder
            elif name == "tr":
                self._row = []
            elif name in _BREAKS:
                self._pieces.append(_BREAKS[name])
            self._is_text = name in ("t", "v", "text")
        else:
            self._is_text = False
            if name in ("p", "v", "text"):
                self._end_of_paragraph()
            elif name == "tr" and self._row is not None:
                row, self._row = "\t".join(self._row), None
                self.blocks += [row] if row.strip() else []

    def _end_of_paragraph(self) -> None:
        text = "".join(self._pieces).strip()
        self._pieces.clear()
        if not text:
            return
        if self._placeholder in _FOOTERS:
            self.footers.append(text)
        elif self._row is not None:
            self._row.append(text)
        elif self._placeholder in _TITLES and not self._is_notes:
            line = " ".join(text.split())
            self.title = self.title or line
            self.blocks.append(f"# {line}")
        else:
            self.blocks.append(text)
