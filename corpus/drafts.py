"""From a loader's raw record to a document: cleaned, dated, identified, classified; or to the reason why not.

Two steps, for what is boilerplate only the other texts of an account can tell: `make_drafts` does all that a record
needs on its own, `finish` the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NamedTuple

from corpus.cleaning.boilerplate import AccountBoilerplate
from corpus.cleaning.completeness import state_of
from corpus.cleaning.original_text import original_texts
from corpus.cleaning.text import clean_line, clean_text, drop_repeated_title, join_spaced, placeholder_in
from corpus.cleaning.trim import Trimmed, trim
from corpus.document import Cluster, Document, SourceFormat, document_id
from corpus.facts.find import find_facts
from corpus.identity import identity
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.loaders.raw_record import RawRecord
from corpus.outline.sections import find_sections
from corpus.publication_date import parse_day
from corpus.settings import Settings
from corpus.taxonomy.classify import Taxonomy

#: What exporters write as the title of an article that they could not read.
_NO_TITLES: Final = ("(unknown)", "undefined")
#: The rule of a record whose first line stands in for its title: that line is no copy of it.
_NO_TITLE: Final = "no_title"
_MAX_TITLE_CHARS: Final = 60
_PLAN: Final = re.compile("规划|计划|纲要|方案|要点")
#: Any other scheme (javascript:, data:) has no business in a link that we show.
_WEB_LINK: Final = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]+", re.IGNORECASE)


class Draft(NamedTuple):
    """A record as far as it can be cleaned on its own; a plain tuple, for it waits in a file.

    `group` is whose texts share boilerplate: the account, or the folder of a file that names none.
    """

    id: str
    source_id: str
    title: str
    account: str
    group: str
    date: str | None
    url: str
    body: str
    source_format: SourceFormat
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A document, the boilerplate that was dropped from it, and the rules that repaired it, once for each time."""

    document: Document
    dropped: tuple[str, ...]
    rules: tuple[str, ...]


def make_drafts(record: RawRecord, file: str, settings: Settings) -> Iterator[Draft | ImportIssue]:
    """The record's issues, then its draft unless one of them is a rejection."""
    number = record.number if record.source_format == "article" else None
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
    is_untitled = not title
    if is_untitled:
        title = body.split("\n", 1)[0][:_MAX_TITLE_CHARS]
        yield noted(file, number, "no_title", "no title; the first line of the text stands in for it")
    if not body and record.source_format == "article":
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
    joined = join_spaced(body)
    rules = (
        *(["repeated_title"] if body != whole else []),
        *(["joined_characters"] if joined != body else []),
        *([_NO_TITLE] if is_untitled else []),
    )
    own_id = _identity(record, file, title, date, url, body)
    account = clean_line(record.account)
    yield Draft(
        id=own_id,
        source_id=clean_line(record.source_id) or clean_line(record.stem) or own_id,
        title=title,
        account=account,
        group=account or str(PurePath(file).parent),
        date=date,
        url=url,
        body=joined,
        source_format=record.source_format,
        rules=rules,
    )


def _identity(record: RawRecord, file: str, title: str, date: str | None, url: str, body: str) -> str:
    if record.source_format != "article":
        return document_id("file", str(PurePath(file).with_suffix("")), title)
    account, source_id = clean_line(record.account), clean_line(record.source_id)
    return document_id(*identity(url=url, account=account, source_id=source_id, title=title, date=date, body=body))


def trimmed(draft: Draft, boilerplate: AccountBoilerplate) -> Trimmed:
    """The text of a draft without its edges."""
    return trim(draft.body, "" if _NO_TITLE in draft.rules else draft.title, boilerplate)


def finish(
    draft: Draft, boilerplate: AccountBoilerplate, taxonomy: Taxonomy, cluster: Cluster | None = None
) -> Finished:
    """The document of a draft, without the boilerplate of its account."""
    is_article = draft.source_format == "article"
    text = trimmed(draft, boilerplate)
    state = state_of(text.body, is_bare=text.is_bare, is_article=is_article) if draft.body else "empty"
    body, sections = find_sections(text.body, draft.source_format, draft.title)
    classified = taxonomy.classify(draft.title, "\n".join((*text.notes, body)))
    facts = find_facts(draft.title, body, draft.date, reposted_from=text.reposted_from, source=text.source)
    document = Document(
        id=draft.id,
        source_id=draft.source_id,
        title=draft.title,
        account=draft.account,
        date=draft.date,
        url=draft.url,
        body=body,
        program_types=classified.program_types,
        genre=classified.genre,
        state=state,
        sections=sections,
        notes=text.notes,
        original_texts=() if draft.source_format == "markdown" else original_texts(text.body, body),
        is_untitled=_NO_TITLE in draft.rules,
        kind="article" if is_article else "plan" if _PLAN.search(draft.title) else "report",
        facts=facts,
        cluster=cluster,
    )
    return Finished(document=document, dropped=text.dropped, rules=(*draft.rules, *text.rules))
