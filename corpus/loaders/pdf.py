"""Loads the text of PDF files with PDFium (pypdfium2, an optional extra), with lines joined to paragraphs.

PDFium rather than pypdf: it knows the predefined encodings of Chinese fonts, tells which glyphs have no character,
keeps words whole (0.998 of the strings of printed pages against 0.945), and takes an eighth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from time import monotonic
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from corpus.loaders.pdf_lines import joined_pages
from corpus.loaders.pdf_noise import UNKNOWN, is_plausible, pages_without_noise
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.titles import is_title, title_of
from corpus.loaders.workbook import MISSING
from corpus.outline.page_marks import with_page_marks

if TYPE_CHECKING:
    import pypdfium2

#: A page with fewer characters is a picture, perhaps with a page number.
_MIN_PAGE_CHARS: Final = 10
#: More than any document has; a small hostile file can declare any number of pages.
MAX_PAGES: Final = 20_000
_MAX_CHARS: Final = 1 << 26
#: Pages may share one stream that unpacks to a gigabyte; the text of 20,000 ordinary pages takes a minute.
MAX_SECONDS: Final = 900.0
#: A title in the file's properties is used if the first characters contain it: it is often that of a template.
_TITLE_PAGES_CHARS: Final = 3000
_MAX_NAMED_PAGES: Final = 10
_ENCRYPTED: Final = "the PDF is encrypted; save it without a password and try again"
_PICTURES: Final = "the pages of the PDF are pictures without text; recognise their text (OCR) first"
_NOISE: Final = "the fonts of the PDF do not tell which characters they show; recognise their text (OCR) first"
_BROKEN: Final = "cannot be read as a PDF; save it again as PDF and try again"
_BLANK_PAGES: Final = "pages with hardly any text: {}; where they are pictures, what they show is not found"
_NOISY_PAGES: Final = "pages with text that cannot be decoded, which is left out: {}; recognise their text (OCR) first"
_BROKEN_PAGES: Final = "pages that cannot be read: {}; save the file again as PDF and try again"


class _Texts(NamedTuple):
    """The texts of pages, and the numbers, from 1, of pages that are damaged."""

    pages: list[str]
    broken: list[int]
    title: str


def load(content: IO[bytes], stem: str) -> Iterator[Item]:
    """One record: the text of all pages, with a page mark at the beginning of each."""
    try:
        import pypdfium2  # deferred: an extra, and slow to load
    except ImportError:
        yield LoadIssue(number=None, kind="missing_library", message=MISSING.format("PDF"))
        return
    try:
        with closing(pypdfium2.PdfDocument(content)) as document:
            texts = _texts(document)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower() or "security" in str(error).lower()
        kind, message = ("encrypted", _ENCRYPTED) if is_locked else ("broken_file", _BROKEN)
        yield LoadIssue(number=None, kind=kind, message=message)
        return
    if texts is None:
        limits = f"{MAX_PAGES:,} pages or {_MAX_CHARS:,} characters, or takes more than {MAX_SECONDS:.0f} seconds"
        message = f"the PDF has more than {limits}; split it and try again"
        yield LoadIssue(number=None, kind="too_long", message=message)
        return
    yield _item(texts, stem)


def _item(texts: _Texts, stem: str) -> Item:
    pages, noisy = pages_without_noise(texts.pages)
    blank = [number for number, text in enumerate(pages, 1) if len("".join(text.split())) < _MIN_PAGE_CHARS]
    if len(blank) == len(pages):
        kind, message = ("pages_without_text", _PICTURES)
        if noisy:
            kind, message = ("undecodable_text", _NOISE)
        elif texts.broken:
            kind, message = ("broken_file", _BROKEN)
        return LoadIssue(number=None, kind=kind, message=message)
    text, starts, set_aside = joined_pages(pages)
    silent = [number for number in blank if number not in noisy and number not in texts.broken]
    named = (
        ("pages_without_text", _BLANK_PAGES, silent),
        ("undecodable_text", _NOISY_PAGES, noisy),
        ("damaged_part", _BROKEN_PAGES, texts.broken),
    )
    return RawRecord(
        number=1,
        title=texts.title if is_title(texts.title) and _begins_with(texts.title, text) else title_of(text, stem),
        text=with_page_marks(text, starts),
        source_format="text",
        stem=stem,
        notices=tuple((kind, message.format(_shown(numbers))) for kind, message, numbers in named if numbers),
        set_aside=set_aside,
    )


def _texts(document: pypdfium2.PdfDocument) -> _Texts | None:
    """The text of each page; None if there are too many pages or characters, or it takes too long."""
    import pypdfium2

    if len(document) > MAX_PAGES:
        return None
    pages: list[str] = []
    broken = []
    length = 0
    latest = monotonic() + MAX_SECONDS
    for index in range(len(document)):
        try:
            with closing(document[index]) as page, closing(page.get_textpage()) as text_page:
                pages.append(_text(text_page))
        except pypdfium2.PdfiumError:
            pages.append("")
            broken.append(index + 1)
        length += len(pages[-1])
        if length > _MAX_CHARS or monotonic() > latest:
            return None
    return _Texts(pages, broken, document.get_metadata_value("Title").strip())


def _text(page: pypdfium2.PdfTextPage) -> str:
    """The text of a page; U+FFFD for glyphs of which the font does not tell the character.

    PDFium gives the code of such a glyph, which may well be the character: it ignores wide ranges of ToUnicode.
    """
    from pypdfium2 import raw

    count = page.count_chars()
    guessed = [index for index in range(count) if raw.FPDFText_HasUnicodeMapError(page, index) == 1]
    if not guessed:
        return str(page.get_text_bounded())
    characters = [chr(raw.FPDFText_GetUnicode(page, index)) for index in range(count)]
    if not is_plausible("".join(characters[index] for index in guessed)):
        for index in guessed:
            characters[index] = UNKNOWN
    return "".join(characters)


def _begins_with(title: str, text: str) -> bool:
    """True if the beginning of the text contains the title, blanks aside."""
    return bool(title) and "".join(title.split()) in "".join(text[:_TITLE_PAGES_CHARS].split())


def _shown(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:_MAX_NAMED_PAGES])) + (" …" if len(numbers) > _MAX_NAMED_PAGES else "")
