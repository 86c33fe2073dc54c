"""Selects the loader of files that are no plain text (Office, PDF, e-books, mails) by their first bytes.

Loaders are imported when a file needs them: most runs have few formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import IO, Final

from corpus.loaders.raw_record import BytesLoader, Item, LoadIssue

#: Suffixes of mails, whose attachments are read too.
MAILS: Final = (".eml",)
#: The header lines of a mail or web archive, up to the one that both have; and what tells web archives.
_MESSAGE: Final = re.compile(rb"(?:[\w-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)*?mime-version:", re.IGNORECASE)
_WEB_ARCHIVE: Final = re.compile(rb"multipart/related|^from: *<?saved by|^snapshot-", re.IGNORECASE | re.MULTILINE)
_PDF: Final = b"%PDF-"
#: An empty archive begins with the second signature.
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")


def loader_of(head: bytes, max_bytes: int, suffix: str = "") -> BytesLoader | None:
    """The loader for a file with these first bytes; None if it may be a text. `max_bytes` limits unpacked packages."""
    is_message = _MESSAGE.match(head)
    if is_message and _WEB_ARCHIVE.search(head):
        from corpus.loaders import mht

        return mht.load
    if is_message or suffix in MAILS:
        from corpus.loaders import mail

        return mail.load
    if _PDF in head:  # some writers put blanks before the signature
        from corpus.loaders import pdf

        return pdf.load if head.lstrip().startswith(_PDF) else None
    return partial(_load_package, max_bytes=max_bytes) if head.startswith(_ZIP) else None


def _load_package(content: IO[bytes], stem: str, *, max_bytes: int) -> Iterator[Item]:
    """The records of a Word or Excel file; other ZIP files are rejected."""
    from corpus.loaders import epub, odf, ofd, slides, workbook
    from corpus.loaders.package import BrokenPackage, Package
    from corpus.loaders.word import document as word

    try:
        package = Package(content, max_bytes)
        if any(name.startswith("xl/") for name in package.names):
            yield from workbook.load(content, stem)
        elif slides.MAIN in package:
            yield from slides.load(package, stem)
        elif package.main_part("word/document.xml") in package:
            yield from word.load(package, stem)
        elif ofd.MAIN in package:
            yield from ofd.load(package, stem)
        elif epub.is_epub(package):
            yield from epub.load(package, stem)
        elif odf.is_odf(package):
            yield from odf.load(package, stem)
        else:
            message = "a ZIP archive; unpack it and give the folder as a source"
            yield LoadIssue(number=None, kind="unknown_format", message=message)
    except BrokenPackage as error:
        yield LoadIssue(number=None, kind="broken_file", message=f"cannot be read as an Office file: {error}")
