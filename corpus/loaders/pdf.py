"""Loads the text of PDF files with pypdf (an optional extra), with lines joined to paragraphs.

pypdf rather than pdfminer.six: it keeps the cells of a table row on one line, keeps the order of the page's content
stream, takes a fraction of the time, and has no dependencies.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final

from corpus.loaders.pdf_lines import joined_pages
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import title_of
from corpus.loaders.workbook import MISSING
from corpus.outline.page_marks import with_page_marks

#: A page with fewer characters is a picture, perhaps with a page number.
_MIN_PAGE_CHARS: Final = 10
#: More than any document has; a small hostile file can declare any number of pages.
MAX_PAGES: Final = 20_000
_MAX_CHARS: Final = 1 << 26
#: A title in the file's properties is used if the first characters contain it: it is often that of a template.
_TITLE_PAGES_CHARS: Final = 3000
_MAX_NAMED_PAGES: Final = 10
_ENCRYPTED: Final = "the PDF is encrypted; save it without a password and try again"
_PICTURES: Final = "the pages of the PDF are pictures without text; recognise their text (OCR) first"


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """One record: the text of all pages, with a page mark at the beginning of each."""
    try:
        import pypdf  # deferred: an extra, and slow to load
    except ImportError:
        yield LoadIssue(number=None, kind="missing_library", message=MISSING.format("PDF"))
        return
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # pypdf logs every irregularity
    try:
        reader = pypdf.PdfReader(content)
        if reader.is_encrypted and not reader.decrypt(""):
            yield LoadIssue(number=None, kind="encrypted", message=_ENCRYPTED)
            return
        texts = _texts(reader.pages)
        title_in_properties = str((reader.metadata and reader.metadata.get("/Title")) or "").strip()
    except pypdf.errors.DependencyError:  # AES needs another library
        yield LoadIssue(number=None, kind="encrypted", message=_ENCRYPTED)
        return
    except Exception as error:  # pypdf raises many exceptions for damaged or hostile files
        message = f"cannot be read as a PDF ({type(error).__name__}); save it again as PDF and try again"
        yield LoadIssue(number=None, kind="broken_file", message=message)
        return
    if texts is None:
        message = f"the PDF has more than {MAX_PAGES:,} pages or {_MAX_CHARS:,} characters; split it and try again"
        yield LoadIssue(number=None, kind="too_long", message=message)
        return
    blank = [number for number, text in enumerate(texts, 1) if len("".join(text.split())) < _MIN_PAGE_CHARS]
    if len(blank) == len(texts):
        yield LoadIssue(number=None, kind="pages_without_text", message=_PICTURES)
        return
    text, starts, set_aside = joined_pages(texts)
    yield RawRecord(
        number=1,
        title=title_in_properties if _begins_with(title_in_properties, text) else title_of(text, stem),
        text=with_page_marks(text, starts),
        source_format="text",
        stem=stem,
        set_aside=set_aside,
        notices=(("pages_without_text", _blank_pages(blank)),) if blank else (),
    )


def _texts(pages: Iterable[Any]) -> list[str] | None:
    """The text of each page; None if there are too many pages or characters."""
    texts: list[str] = []
    length = 0
    for page in pages:
        texts.append(page.extract_text())
        length += len(texts[-1])
        if len(texts) > MAX_PAGES or length > _MAX_CHARS:
            return None
    return texts


def _begins_with(title: str, text: str) -> bool:
    """True if the beginning of the text contains the title, blanks aside."""
    return bool(title) and "".join(title.split()) in "".join(text[:_TITLE_PAGES_CHARS].split())


def _blank_pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MAX_NAMED_PAGES])) + (" …" if len(numbers) > _MAX_NAMED_PAGES else "")
    return f"pages with hardly any text: {shown}; where they are pictures, what they show is not found"
