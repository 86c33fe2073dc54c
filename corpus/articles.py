"""From a loader's raw record to a document: cleaned, dated, identified, classified; or to the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from corpus.cleaning import clean_line, clean_text, drop_repeated_title, placeholder_in, says_little
from corpus.dates import parse_day
from corpus.document import Document, State, document_id
from corpus.identity import identity
from corpus.loaders.raw import RawRecord
from corpus.problem import Problem, noted, rejected
from corpus.sections import find_sections
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy

#: What exporters write as the title of an article that they could not read.
_NO_TITLES: Final = ("(unknown)", "undefined")
_MAX_TITLE_CHARS: Final = 60
#: Any other scheme (javascript:, data:) has no business in a link that we show.
_WEB_LINK: Final = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]+", re.IGNORECASE)


def make_document(record: RawRecord, file: str, taxonomy: Taxonomy, settings: Settings) -> Iterator[Document | Problem]:
    """The record's problems, then its document unless one of them is a rejection."""
    number = record.number if record.form == "article" else None
    title = clean_line(record.title)
    whole = clean_text(record.text)
    body = drop_repeated_title(whole, title)
    if title in _NO_TITLES:
        title = ""
    placeholder = placeholder_in(body) or placeholder_in(whole)
    if placeholder is not None:
        message = f"the exporter's placeholder {placeholder} instead of a text; export the article again"
        yield rejected(file, number, "placeholder", message)
        return
    if not title and not body:
        yield rejected(file, number, "no_title_no_text", "neither title nor text")
        return
    if len(body) > settings.max_document_chars:
        message = f"{len(body):,} characters, more than {settings.max_document_chars:,} (max_document_chars)"
        yield rejected(file, number, "too_long", message)
        return
    if not title:
        title = body.split("\n", 1)[0][:_MAX_TITLE_CHARS]
        yield noted(file, number, "no_title", "no title; the first line of the text stands in for it")
    if not body and record.form == "article":
        yield noted(file, number, "no_text", "no text; found by its title only")
    date = parse_day(record.date)
    if date is None and record.date not in (None, ""):
        message = f"the date {str(record.date)[:40]!r} cannot be read; indexed without a date (write YYYY-MM-DD)"
        yield noted(file, number, "bad_date", message)
    url = record.url.strip().replace("&amp;", "&")
    if url and not _WEB_LINK.fullmatch(url):
        yield noted(file, number, "bad_link", f"the link {url[:40]!r} is no web address; indexed without a link")
        url = ""
    for key in record.repeated_keys:
        yield noted(file, number, "repeated_key", f"the key {key[:40]!r} stands more than once; its last value counts")
    if "\ufffd" in body or "\ufffd" in title:
        yield noted(file, number, "bad_characters", "characters that are no text were replaced by U+FFFD")
    yield _assemble(record, file, title, body, date, url, taxonomy)


def _assemble(
    record: RawRecord, file: str, title: str, body: str, date: str | None, url: str, taxonomy: Taxonomy
) -> Document:
    account = clean_line(record.account)
    source_id = clean_line(record.source_id)
    if record.form == "article":
        key = identity(url=url, account=account, source_id=source_id, title=title, date=date, body=body)
    else:
        key = ("file", str(PurePath(file).with_suffix("")), title)
    body, sections = find_sections(body, record.form, title)
    classified = taxonomy.classify(title, body)
    return Document(
        id=document_id(*key),
        source_id=source_id or clean_line(record.stem) or document_id(*key),
        title=title,
        account=account,
        date=date,
        url=url,
        body=body,
        program_types=classified.program_types,
        genre=classified.genre,
        state=_state(body, record),
        sections=sections,
    )


def _state(body: str, record: RawRecord) -> State:
    if not body:
        return "empty"
    return "image_only" if record.form == "article" and says_little(body) else "full"
