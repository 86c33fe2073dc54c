"""Loads e-books (.epub): the chapters in reading order as one document, with their headings as sections."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from corpus.document import SetAside
from corpus.loaders.mht import decoded
from corpus.loaders.package import BrokenPackage, Package
from corpus.loaders.page.tree import Element, line_of, parse, text_of
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
#: Fonts may be obscured by these methods; a book with any other method is protected against reading.
_FONT_METHODS: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGE_TYPES: Final = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml")
_CONTENTS_TYPE: Final = "application/x-dtbncx+xml"
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
#: A book has some hundred files at most.
_MAX_CHAPTERS: Final = 10_000


@dataclass(slots=True)
class _Book:
    """What the package document says; `pages` are the names of the chapters in reading order."""

    titles: list[str] = field(default_factory=list)
    creators: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)


def is_epub(package: Package) -> bool:
    """True if the package is an e-book."""
    return _CONTAINER in package


def load(package: Package, stem: str) -> Iterator[Item]:
    """One record: the book; the table of contents and the book's description are set aside."""
    if _is_protected(package):
        message = "the book is protected against copying (DRM); get it without protection and try again"
        yield LoadIssue(number=None, kind="encrypted", message=message)
        return
    book = _read_package_document(package)
    labels, notices = {}, []
    for name in book.contents:
        if name in package:
            labels.update(_labels(package, name))
    blocks = []
    for name in book.pages[:_MAX_CHAPTERS]:
        try:
            chapter = "" if name in book.contents else _chapter(package, name, labels.get(name, ""))
        except BrokenPackage as error:
            notices.append(("unread_part", f"a chapter cannot be read: {error}"))
            continue
        if chapter.strip():
            blocks.append(chapter)
    if len(book.pages) > _MAX_CHAPTERS:
        notices.append(("unread_part", f"only the first {_MAX_CHAPTERS:,} chapters are read"))
    if not blocks:
        message = "the book holds no text; if its pages are pictures, recognise their text (OCR) first"
        yield LoadIssue(number=None, kind="no_title_no_text", message=message)
        return
    aside = [SetAside("contents", "\n".join(labels.values())), SetAside("other", "\n".join(book.others))]
    yield RawRecord(
        number=1,
        title=book.titles[0] if book.titles else stem,
        account="、".join(dict.fromkeys(book.creators)),
        date=book.dates[0] if book.dates else None,
        text="\n\n".join(blocks),
        source_format="markdown",
        stem=stem,
        set_aside=tuple(part for part in aside if part.text.strip()),
        notices=tuple(notices),
    )


def _is_protected(package: Package) -> bool:
    if _ENCRYPTION not in package:
        return False
    methods = _named(_tree(package, _ENCRYPTION), "encryptionmethod")
    return any(str(method.get("algorithm") or "") not in _FONT_METHODS for method in methods)


def _read_package_document(package: Package) -> _Book:
    """The metadata and the reading order; without a package document, all pages in the order of their names."""
    roots = [str(root.get("full-path") or "") for root in _named(_tree(package, _CONTAINER), "rootfile")]
    name = next((root for root in roots if root in package), "")
    book = _Book()
    if not name:
        book.pages = sorted(part for part in package.names if part.lower().endswith((".xhtml", ".html", ".htm")))
        return book
    folder = posixpath.dirname(name)
    parts: dict[str, str] = {}
    pages: list[str] = []
    tree = _tree(package, name)
    for item in _named(tree, "item"):
        part = _resolved(folder, str(item.get("href") or ""))
        parts[str(item.get("id") or "")] = part
        kind = str(item.get("media-type") or "")
        if kind == _CONTENTS_TYPE or "nav" in str(item.get("properties") or "").split():
            book.contents.append(part)
        elif kind in _PAGE_TYPES:
            pages.append(part)
    order = [parts.get(str(reference.get("idref") or ""), "") for reference in _named(tree, "itemref")]
    # Pages outside the reading order are opened by links (notes, annexes).
    book.pages = list(dict.fromkeys(part for part in (*order, *pages) if part))
    for kind, found in (("title", book.titles), ("creator", book.creators), ("date", book.dates)):
        found += [line for tag in _named(tree, kind) if (line := _line(tag))]
    for kind in ("description", "publisher", "contributor", "subject", "identifier"):
        book.others += [line for tag in _named(tree, kind) if (line := _line(tag))]
    book.others += book.titles[1:]
    return book


def _labels(package: Package, name: str) -> dict[str, str]:
    """Chapter → its first label in the table of contents."""
    folder = posixpath.dirname(name)
    labels: dict[str, str] = {}
    tree = _tree(package, name)
    for point in _named(tree, "navpoint"):
        content, label = _named(point, "content"), _named(point, "text")
        if content and label:
            labels.setdefault(_resolved(folder, str(content[0].get("src") or "")), line_of(label[0]))
    for link in _named(tree, "a"):
        labels.setdefault(_resolved(folder, str(link.get("href") or "")), line_of(link))
    return labels


def _chapter(package: Package, name: str, label: str) -> str:
    """The text of a chapter with its headings marked; the label of the contents if it has none."""
    tree = _tree(package, name)
    headings = tree.find_all(_HEADINGS)
    for heading in headings:
        line = line_of(heading).replace("&amp;", "&")
        heading.clear()
        if line:
            heading.append(f"{'#' * int(heading.name[1])} {line}")
    text = text_of(tree)
    return f"# {label}\n\n{text}" if label and not headings else text


def _tree(package: Package, name: str) -> Element:
    # Old books declare document types, and many are no well-formed XML: they are read as a browser reads pages.
    return parse(decoded(package.read(name)))


def _named(tree: Element, name: str) -> list[Element]:
    """The elements with this local name, in any namespace."""
    return [tag for tag in tree.find_all(True) if tag.name.rpartition(":")[2] == name]


def _line(tag: Element) -> str:
    return " ".join(tag.get_text().split())


def _resolved(folder: str, reference: str) -> str:
    """The name of the part that a reference means, without its fragment."""
    return posixpath.normpath(posixpath.join(folder, unquote(reference.partition("#")[0])))
