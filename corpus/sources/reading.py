"""Reads the records of a source file: detects format and encoding from the content and calls the loader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final

from corpus.import_issue import ImportIssue, noted, rejected, too_slow
from corpus.loaders import feed, html, json_records, office, table, text
from corpus.loaders.markdown import markdown_file
from corpus.loaders.raw_record import (
    BytesLoader,
    IsKnown,
    Item,
    KnownRecord,
    LoadIssue,
    RawRecord,
    TextLoader,
    never_known,
)
from corpus.publication_date import day_in_name, parse_day
from corpus.settings import Settings
from corpus.sources.conversion import FAILED, NEEDS_OFFICE, ConversionTooSlow, is_old_office, saved_as
from corpus.sources.encoding import UnknownEncoding, detect, other_format, pieces
from corpus.sources.file_bytes import FileBytes, TooLarge
from corpus.sources.source_file import SourceFile
from corpus.sources.suffixes import DOCUMENTS, SAVE_IT
from corpus.workers import internal_error

#: How much of a file is read to detect its format.
_HEAD_BYTES: Final = 512
_START_CHARS: Final = 2000
#: Cleaning shortens texts, above all HTML; a text longer than the limit by this factor cannot fit.
_SHRINKS: Final = 32
#: A text that begins with a tag is HTML, whatever its suffix; comments may precede the tag.
_BEGINS_HTML: Final = re.compile(
    r"(?:<!--(?:(?!-->).)*-->|<\?xml[^<>]*>|\s)*<(?:!doctype\s+html|(?:html|head|body|div|section|article|p|h1)\b)",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS_WHOLE_PAGE: Final = re.compile(r"\s*<(?:!doctype\s+html|html\b)", re.IGNORECASE)
#: An OpenDocument file that is one XML file.
_BEGINS_ODF: Final = re.compile(r"(?:<\?xml[^<>]*>)?\s*<office:document\b")
#: Settings and lists of packages, which lie beside texts.
_OF_PROGRAMS: Final = re.compile(
    r"(?:package(?:-lock)?|npm-shrinkwrap|[tj]sconfig[\w.-]*|composer|bower|lerna|renovate|vercel|turbo|nx|deno"
    r"|angular|firebase|babel\.config|\.?(?:eslintrc|prettierrc|babelrc|stylelintrc))\.json|.*\.lock",
    re.IGNORECASE,
)
_BEGINS_XML: Final = re.compile(r"\s*<(?:\?xml|rss|feed|rdf:RDF)\b")


def read_records(file: SourceFile, settings: Settings) -> Iterator[RawRecord | ImportIssue]:
    """The records and issues of one file, in the order of the file; raises nothing for its content."""
    return (item for item in read_new_records(file, settings, never_known) if not isinstance(item, KnownRecord))


def read_new_records(
    file: SourceFile, settings: Settings, is_known: IsKnown
) -> Iterator[RawRecord | KnownRecord | ImportIssue]:
    """The same; records of JSON exports that are known by the hash of their text are not made."""
    is_empty = True
    try:
        content = _converted(file)
        if content is None:
            yield rejected(file.name, None, "broken_file", FAILED.format(saved_as(file.suffix)))
            return
        file_bytes = FileBytes(content, settings.max_file_bytes, is_stream=True)
        head = file_bytes.head(_HEAD_BYTES)
        load_bytes = office.loader_of(head, settings.max_file_bytes, file.suffix)
        if file.suffix in DOCUMENTS and not load_bytes and not (other_format(head) or is_old_office(head)):
            message = f"the content is no {file.suffix} file; it is read as the text that it is"
            yield noted(file.name, None, "other_format", message)
        for item in _items(file, file_bytes, head, load_bytes, settings, is_known):
            is_empty = False
            if isinstance(item, LoadIssue) and _OF_PROGRAMS.fullmatch(file.path.name):
                yield noted(file.name, None, "no_text_for_readers", "a file of a program without text for readers")
                return
            if isinstance(item, LoadIssue):
                make = rejected if item.is_rejection else noted
                yield make(file.name, item.number, item.kind, item.message)
            elif isinstance(item, KnownRecord):
                yield item
            else:
                yield from _record_notes(item, file.name)
                yield _with_day_of_name(item)
        if file_bytes.damage:
            message = f"the compressed file {file_bytes.damage}; what follows is unread, copy or download it again"
            yield rejected(file.name, None, "damaged", message)
        elif is_empty:
            yield rejected(file.name, None, "no_records", "the file holds no record")
    except OSError as error:
        yield rejected(file.name, None, "unreadable", f"cannot be read: {error.strerror}")
    except TooLarge as error:
        yield rejected(file.name, None, "too_large", str(error))
    except ConversionTooSlow as error:
        yield too_slow(file.name, None, str(error))
    except UnknownEncoding as error:
        yield rejected(file.name, None, "unknown_encoding", str(error))
    except UnicodeDecodeError:
        yield rejected(file.name, None, "changed", "the file changed while it was read; index it again")
    except Exception as error:
        yield rejected(file.name, None, "crashed", f"it {internal_error(error).reason}")


def _converted(file: SourceFile) -> SourceFile | None:
    """The file in a format that can be read; None if it cannot be converted."""
    if file.convert is None:
        return file
    path = file.convert()
    return SourceFile(path=path, name=file.name, size=path.stat().st_size) if path else None


def _with_day_of_name(record: RawRecord) -> RawRecord:
    """The record of a whole file with the day of the file's name, if it has none of its own."""
    if record.stem and parse_day(record.date) is None and (day := day_in_name(record.stem)):
        return replace(record, date=day)
    return record


def _record_notes(record: RawRecord, file: str) -> Iterator[ImportIssue]:
    number = record.number if record.source_format == "article" or record.number > 1 else None
    return (noted(file, number, kind, message) for kind, message in record.notices)


def _items(
    file: SourceFile,
    file_bytes: FileBytes,
    head: bytes,
    load_bytes: BytesLoader | None,
    settings: Settings,
    is_known: IsKnown,
) -> Iterator[Item | KnownRecord]:
    """The records of the file, read by the loader for its first bytes, its first characters or its suffix."""
    if load_bytes:
        file_bytes.limit(settings.max_file_bytes)
        with file_bytes.seekable() as content:
            yield from load_bytes(content, file.stem)
        return
    if is_old_office(head):
        yield LoadIssue(number=None, kind="needs_office", message=NEEDS_OFFICE.format(saved_as(file.suffix)))
        return
    other = other_format(head)
    if other:
        yield LoadIssue(number=None, kind="unknown_format", message=f"a file in {other} format; {SAVE_IT}")
        return

    def is_cut() -> bool:
        return file_bytes.damage is not None

    encoding = detect(file_bytes.chunks, is_cut)
    content_pieces = pieces(file_bytes.chunks, encoding, is_cut)
    start = ""
    for piece in content_pieces:
        start += piece
        if len(start.lstrip()) >= _START_CHARS:
            break
    if not start.strip():
        if not file_bytes.damage:
            yield LoadIssue(number=None, kind="empty_file", message="the file is empty")
        return
    beginning = start.lstrip()[:_START_CHARS]
    load_text = _stream_loader(beginning, file.suffix, settings, is_known)
    if load_text is None:
        file_bytes.limit(settings.max_file_bytes)
        load_text = partial(_load_whole, start=beginning, suffix=file.suffix, max_chars=settings.max_document_chars)
    yield from load_text(chain([start], content_pieces), file.stem)


def _stream_loader(start: str, suffix: str, settings: Settings, is_known: IsKnown) -> TextLoader | None:
    """The loader of a text of any length; None for a text that is one document.

    The content decides before the suffix, because real JSON exports are called .txt.
    """
    has_json_above = suffix in markdown_file.SUFFIXES and markdown_file.begins_with_object(start)
    if suffix in (".json", ".jsonl", ".ndjson") or (_begins_json(start) and not has_json_above):
        return partial(json_records.load, max_depth=settings.max_json_depth, is_known=is_known)
    if not _is_page(start, suffix):
        if _BEGINS_ODF.match(start):
            return None
        if suffix in (".xml", ".rss", ".atom") or _BEGINS_XML.match(start):
            return feed.load
        is_text = suffix not in markdown_file.SUFFIXES
        if suffix in (".csv", ".tsv") or (is_text and table.is_table(start)):
            return table.load
    return None


def _load_whole(content: Iterable[str], stem: str, *, start: str, suffix: str, max_chars: int) -> Iterator[Item]:
    """The one document of an HTML page, a Markdown file or a plain text."""
    found, length = [], 0
    for piece in content:
        found.append(piece)
        length += len(piece)
        if length > max_chars * _SHRINKS:
            message = f"far more than {max_chars:,} characters (max_document_chars)"
            yield LoadIssue(number=None, kind="too_long", message=message)
            return
    whole = "".join(found)
    del found
    if _BEGINS_ODF.match(start):
        from corpus.loaders import odf  # deferred: few files are of this format

        yield from odf.load_flat([whole], stem)
    elif _is_page(start, suffix):
        yield from html.load(whole, stem)
    elif suffix in markdown_file.SUFFIXES or markdown_file.looks_like_markdown(whole):
        yield from markdown_file.load(whole, stem)
    else:
        yield from text.load(whole, stem)


def _is_page(start: str, suffix: str) -> bool:
    """True for HTML; Markdown may begin with a tag, as README files do, but not with that of a whole page."""
    is_html = _BEGINS_WHOLE_PAGE if suffix in markdown_file.SUFFIXES else _BEGINS_HTML
    return suffix in (".html", ".htm") or bool(is_html.match(start))


def _begins_json(start: str) -> bool:
    inner = start[1:].lstrip()
    return (start[:1] == "[" and inner[:1] in ("{", "]")) or (start[:1] == "{" and inner[:1] in ('"', "}"))
