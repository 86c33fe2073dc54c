"""Loads Word documents (.docx, .docm): paragraphs with automatic numbers, headings by their styles, tables and notes.

No library is used: the order of the paragraphs and the names of their styles come from expat as a stream, without
entities; none of the libraries counts lists as Word does. Page headers, comments and diagrams are set aside.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from typing import Final

from corpus.document import SetAside, SetAsideReason, SourceFormat
from corpus.loaders.html import load as load_html
from corpus.loaders.mht import Archive, BrokenArchive, decoded, read_archive, with_address
from corpus.loaders.package import BrokenPackage, Package, Relation
from corpus.loaders.page.tree import text_of_html
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import is_numbered, is_title, official_title, title_of
from corpus.loaders.word.blocks import Block, BlockReader, escaped
from corpus.loaders.word.numbering import Numbering
from corpus.loaders.word.styles import Styles

MAIN_PART: Final = "word/document.xml"
_NOTES: Final = ("footnotes", "endnotes")
#: Kinds of parts that readers see beside the text.
_ASIDES: Final[tuple[tuple[tuple[str, ...], SetAsideReason], ...]] = (
    (("header", "footer"), "page_header"),
    (("comments", "diagramData", "chart"), "other"),
)
_EMPTY: Final = "the Word document holds no text; if its pages are pictures, recognise their text (OCR) first"
_SAVE_IT: Final = "open the document in Word, save it as a new .docx and try again"
#: Documents embedded in embedded documents.
_MAX_EMBEDDED: Final = 3
#: What an embedded file costs at least, in bytes.
_MIN_COST: Final = 1 << 12
_RTF: Final = b"{\\rtf"
_ARCHIVE: Final = re.compile(rb"\s{0,20}(?:MIME-Version|Content-Type|From|Subject|Date)\s?:", re.IGNORECASE)
_HTML: Final = re.compile(rb"(?:\xef\xbb\xbf|\s){0,20}<")
_TITLE_BLOCKS: Final = 30


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record: the document with its notes at the end; its headings, if any, are marked as in Markdown."""
    document = _Document(package)
    if document.page:
        yield from with_address(load_html(document.page.html, stem), document.page.url, document.set_aside)
        return
    blocks = document.blocks
    if not blocks:
        yield LoadIssue(number=None, kind="no_title_no_text", message=_EMPTY)
        return
    title, blocks = _title(blocks, stem)
    source_format: SourceFormat = "markdown" if any(block.level for block in blocks) else "text"
    yield RawRecord(
        number=1,
        title=title,
        text="\n\n".join(f"{'#' * block.level} {block.text}" if block.level else block.text for block in blocks),
        source_format=source_format,
        stem=stem,
        set_aside=document.set_aside,
        notices=document.notices,
    )


def _title(blocks: list[Block], stem: str) -> tuple[str, list[Block]]:
    """The title, and the blocks; a heading that is the title and the only one is no heading.

    The title is the paragraphs in the style of titles, the title of an official document before the first heading, or
    the first heading, unless that is numbered and text stands before it.
    """
    styled = next((index for index, block in enumerate(blocks) if block.level == 0), None)
    if styled is not None and is_title(blocks[styled].text):
        lines = []
        for block in blocks[styled:]:
            if block.level != 0:
                break
            lines.append(block.text)
        return official_title(lines) or lines[0], blocks
    headings = [index for index, block in enumerate(blocks) if block.level and is_title(block.text)]
    if not headings:
        return title_of("\n".join(block.text for block in blocks[:_TITLE_BLOCKS]), stem), blocks
    before = [block.text for block in blocks[: headings[0]]][:_TITLE_BLOCKS]
    heading = blocks[headings[0]].text
    official = official_title(before)
    if official or (before and is_numbered(heading)):
        return official or title_of("\n".join(before), stem), blocks
    if len(headings) == 1 and not before:
        blocks = [block._replace(level=None) if block.text == heading else block for block in blocks]
    return heading, blocks


class _Budget:
    """How many bytes of embedded files are read for one document: a part may be referred to any number of times."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes

    def spend(self, count: int) -> None:
        """Raises BrokenPackage if nothing is left."""
        self._left -= count
        if self._left < 0:
            raise BrokenPackage("the embedded parts together are too large")


class _Document:
    """The blocks of a Word package, and what it sets aside; `page` is the embedded web page that it consists of."""

    def __init__(self, package: Package, depth: int = 0, budget: _Budget | None = None) -> None:
        self.set_aside: tuple[SetAside, ...] = ()
        self.notices: tuple[tuple[str, str], ...] = ()
        self._package = package
        self._depth = depth
        self._budget = budget or _Budget(package.max_bytes)
        self._pages: list[Archive] = []
        self._embedded_blocks = 0
        main = package.main_part(MAIN_PART)
        self._folder = posixpath.dirname(main)
        self._relations = list(package.relations(main)) or self._guessed()
        self._styles = Styles(package.events(self._part("styles")))
        numbering = Numbering(package.events(self._part("numbering")))
        numbering.link_styles(self._styles.lists)
        reader = BlockReader(self._styles, numbering, self._embedded)
        for part in (main, *map(self._part, _NOTES)):
            reader.read(package.events(part))
        self.blocks = reader.blocks
        self._aside("other", reader.readings)
        for kinds, reason in _ASIDES:
            for relation in self._relations:
                if relation.kind in kinds:
                    self._aside(reason, self._texts(relation.part))

    @property
    def page(self) -> Archive | None:
        """The embedded web page, if the document holds nothing else."""
        is_only = len(self._pages) == 1 and len(self.blocks) == self._embedded_blocks
        return self._pages[0] if is_only else None

    def _part(self, kind: str) -> str:
        """The part of a kind that the document names; a missing one is looked for by its usual name."""
        named = next((relation.part for relation in self._relations if relation.kind == kind), "")
        return named if named in self._package else f"{self._folder}/{kind}.xml"

    def _guessed(self) -> list[Relation]:
        """The parts beside the document, for a package without a list of them."""
        kinds = [kind for kinds, _ in _ASIDES for kind in kinds]
        found = [(kind, name) for name in sorted(self._package.names) for kind in kinds if f"/{kind}" in name]
        return [Relation("", kind, name) for kind, name in found if posixpath.dirname(name) == self._folder]

    def _note(self, message: str) -> None:
        notice = ("damaged_part", message)
        if notice not in self.notices:
            self.notices += (notice,)

    def _texts(self, part: str) -> list[str]:
        reader = BlockReader(self._styles, Numbering(()), self._embedded)
        try:
            reader.read(self._package.events(part))
        except BrokenPackage as error:
            self._note(f"a part of the Word document is not read: {error}")
        return [block.text for block in reader.blocks]

    def _aside(self, reason: SetAsideReason, lines: list[str]) -> None:
        """Set aside the lines, unless an equal part has been: most headers are stored once for each section."""
        entry = SetAside(reason, "\n".join(lines))
        if lines and entry not in self.set_aside:
            self.set_aside += (entry,)

    def _embedded(self, relation_id: str) -> list[Block]:
        """The blocks of an embedded file: a web page, a web archive, a text or another Word document."""
        part = next((relation.part for relation in self._relations if relation.id == relation_id), "")
        blocks: list[Block] = []
        try:
            self._budget.spend(_MIN_COST)
            raw = self._package.read(part)
            self._budget.spend(len(raw))
            if raw.startswith(b"PK") and self._depth < _MAX_EMBEDDED:
                inner_package = Package(io.BytesIO(raw), self._package.max_bytes)
                self._budget.spend(inner_package.unpacked_bytes)
                inner = _Document(inner_package, self._depth + 1, self._budget)
                self.set_aside += inner.set_aside
                self.notices += inner.notices
                blocks = inner.blocks
            elif raw.startswith((_RTF, b"PK")):
                raise BrokenPackage(f"{part} is in a format that cannot be read; {_SAVE_IT}")
            else:
                blocks = self._embedded_text(part, raw)
        except (BrokenPackage, BrokenArchive) as error:
            self._note(f"an embedded part of the Word document is not read: {error}")
        self._embedded_blocks += len(blocks)
        return blocks

    def _embedded_text(self, part: str, raw: bytes) -> list[Block]:
        if _ARCHIVE.match(raw):
            page = read_archive(raw)
        elif _HTML.match(raw):
            page = Archive(decoded(raw), "", ())
        else:
            return [Block(text) for line in decoded(raw).splitlines() if (text := escaped(line.strip()))]
        self._pages.append(page)
        for frame in page.frames:
            self._aside("other", [text_of_html(frame)])
        lines = (line.strip() for line in text_of_html(page.html).splitlines())
        return [Block(line) for line in lines if line]
