"""Loads OFD files, the Chinese standard of fixed pages (GB/T 33190): the lines of each page, joined to paragraphs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from corpus.document import SetAside
from corpus.loaders.package import BrokenPackage, Package
from corpus.loaders.pdf_lines import joined_pages
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import title_of
from corpus.outline.page_marks import with_page_marks

MAIN: Final = "OFD.xml"
#: A small hostile file can declare any number of pages.
_MAX_PAGES: Final = 20_000
#: Parts of one line differ in height by less than this share of the size of their characters.
_SAME_LINE: Final = 0.5
_DEFAULT_SIZE: Final = 4.0


class _Part(NamedTuple):
    """A piece of text on a page: where it begins and ends, in millimetres, and the size of its characters."""

    text: str
    left: float
    right: float
    base: float
    size: float


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record for each document in the file, with a page mark at the beginning of each page."""
    roots = [_resolved(MAIN, text) for name, _, text in _elements(package, MAIN, ("DocRoot",))]
    for number, root in enumerate(roots, 1):
        yield _document(package, root, number, stem)
    if not roots:
        yield LoadIssue(number=None, kind="no_title_no_text", message="the OFD file holds no document")


def _document(package: Package, root: str, number: int, stem: str) -> Item:
    pages: list[str] = []
    templates: list[str] = []
    for name, location, _ in _elements(package, root, ("Page", "TemplatePage")):
        (pages if name == "Page" else templates).append(_resolved(root, location))
    notices = []
    texts = []
    for page in list(dict.fromkeys(pages))[:_MAX_PAGES]:
        try:
            texts.append("\n".join(_lines(_parts(package, page))))
        except BrokenPackage as error:
            notices.append(("unread_part", f"a page cannot be read: {error}"))
    text, starts, set_aside = joined_pages(texts)
    if not text.strip():
        message = "the pages of the OFD file are pictures without text; recognise their text (OCR) first"
        return LoadIssue(number=None, kind="pages_without_text", message=message)
    drawn = [line for template in dict.fromkeys(templates) for line in _lines(_parts(package, template))]
    aside = (*set_aside, SetAside("page_header", "\n".join(drawn).replace("&", "&amp;"))) if drawn else set_aside
    return RawRecord(
        number=number,
        title=title_of(text, stem),
        text=with_page_marks(text, starts).replace("&", "&amp;"),
        source_format="text",
        stem=stem,
        set_aside=aside,
        notices=tuple(notices),
    )


def _elements(package: Package, part: str, names: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Name, location and text of the elements with these names."""
    name = location = text = ""
    for event in package.events(part):
        if event.kind == "start":
            name, location, text = event.name, event.attributes.get("BaseLoc", ""), ""
        elif event.kind == "text":
            text += event.text
        elif event.name == name and name in names:
            yield name, location, text.strip()
            name = ""


def _parts(package: Package, page: str) -> Iterator[_Part]:
    """The pieces of text of a page, in the order of the file."""
    left = top = width = 0.0
    size = _DEFAULT_SIZE
    x = y = 0.0
    pieces: list[str] | None = None
    for event in package.events(page):
        if event.kind == "start" and event.name == "TextObject":
            left, top, width, _ = (*_numbers(event.attributes.get("Boundary", "")), *[0.0] * 4)[:4]
            size = next(iter(_numbers(event.attributes.get("Size", ""))), 0.0) or _DEFAULT_SIZE
        elif event.kind == "start" and event.name == "TextCode":
            x = next(iter(_numbers(event.attributes.get("X", ""))), x)
            y = next(iter(_numbers(event.attributes.get("Y", ""))), y)
            pieces = []
        elif event.kind == "text" and pieces is not None:
            pieces.append(event.text)
        elif event.kind == "end" and event.name == "TextCode" and pieces is not None:
            text = " ".join("".join(pieces).split())
            pieces = None
            if text:
                yield _Part(text, left + x, left + width, top + y, size)


def _lines(parts: Iterable[_Part]) -> Iterator[str]:
    """The lines of a page: consecutive pieces at one height, with a blank where a gap is as wide as a character."""
    line, last = "", None
    for part in parts:
        if last is not None and abs(part.base - last.base) < _SAME_LINE * max(part.size, last.size):
            line += (" " if part.left - last.right > part.size else "") + part.text
        else:
            if line:
                yield line
            line = part.text
        last = part
    if line:
        yield line


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split()[:4]]
    except ValueError:
        return []


def _resolved(part: str, reference: str) -> str:
    """The name of the part that a reference in another part means; a leading slash means the root of the file."""
    path = posixpath.join("/", posixpath.dirname(part), reference.strip())
    return posixpath.normpath(path).lstrip("/")
