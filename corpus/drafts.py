"""Turns raw records into documents, in two steps.

`make_drafts` cleans, dates and identifies a record on its own, or rejects it. `finish` does what needs the whole
collection: boilerplate and near-duplicates; then it finds sections, classification and facts.
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
_PLACEHOLDER_TITLES: Final = ("(unknown)", "undefined")
#: The rule of a record without a title; its first line is used as the title, and is not a copy to be removed.
_NO_TITLE: Final = "no_title"
_MAX_TITLE_CHARS: Final = 60
_PLAN: Final = re.compile("规划|计划|纲要|方案|要点")
#: Links with another scheme (javascript:, data:) are not shown.
_WEB_LINK: Final = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]+", re.IGNORECASE)


class Draft(NamedTuple):
    """A record after cleaning, before the steps that need the whole collection; a plain tuple, stored as JSON.

    Texts with the same `group` share boilerplate: it is the account, or the file's folder if no account is named.
    `rules` names what cleaning did.
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
    """A document, the boilerplate that was removed from it, and the rules that changed it, once for each change."""

    document: Document
    dropped: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaned:
    """Title and body of a record; `whole` is the body before a copy of the title was removed from it."""

    title: str
    body: str
    whole: str


def make_drafts(record: RawRecord, file: str, settings: Settings) -> Iterator[Draft | ImportIssue]:
    """The record's import issues, then its draft unless one of them is a rejection."""
    number = record.number if record.source_format == "article" else None
    cleaned = _clean(record)
    rejection = _rejection(cleaned, settings)
    if rejection is not None:
        kind, message = rejection
        yield rejected(file, number, kind, message)
        return
    draft = _draft(record, file, cleaned)
    for kind, message in _notes(record, cleaned, draft):
        yield noted(file, number, kind, message)
    yield draft


def _clean(record: RawRecord) -> _Cleaned:
    title = clean_line(record.title)
    whole = clean_text(record.text)
    body = drop_repeated_title(whole, title)
    return _Cleaned(title="" if title in _PLACEHOLDER_TITLES else title, body=body, whole=whole)


def _rejection(cleaned: _Cleaned, settings: Settings) -> tuple[str, str] | None:
    """Kind and message of the reason why a record is not indexed; None if it is."""
    placeholder = placeholder_in(cleaned.body) or placeholder_in(cleaned.whole)
    if placeholder is not None:
        return "placeholder", f"the exporter's placeholder {placeholder} instead of a text; export the article again"
    if not cleaned.title and not cleaned.body:
        return "no_title_no_text", "neither title nor text"
    length, limit = len(cleaned.body), settings.max_document_chars
    if length > limit:
        return "too_long", f"{length:,} characters, more than {limit:,} (max_document_chars)"
    return None


def _draft(record: RawRecord, file: str, cleaned: _Cleaned) -> Draft:
    title = cleaned.title or cleaned.body.split("\n", 1)[0][:_MAX_TITLE_CHARS]
    account = clean_line(record.account)
    date = parse_day(record.date)
    url = record.url.strip().replace("&amp;", "&")
    url = url if _WEB_LINK.fullmatch(url) else ""
    joined = join_spaced(cleaned.body)
    rules = (
        ("repeated_title", cleaned.body != cleaned.whole),
        ("joined_characters", joined != cleaned.body),
        (_NO_TITLE, not cleaned.title),
    )
    own_id = _identity(record, file, title, date, url, cleaned.body)
    return Draft(
        id=own_id,
        source_id=clean_line(record.source_id) or clean_line(record.stem) or own_id,
        title=title,
        account=account,
        group=account or str(PurePath(file).parent),
        date=date,
        url=url,
        body=joined,
        source_format=record.source_format,
        rules=tuple(rule for rule, is_applied in rules if is_applied),
    )


def _notes(record: RawRecord, cleaned: _Cleaned, draft: Draft) -> Iterator[tuple[str, str]]:
    """Kinds and messages of what the report says about a record that is indexed."""
    if not cleaned.title:
        yield "no_title", "no title; the first line of the text is used as the title"
    if not cleaned.body and record.source_format == "article":
        yield "no_text", "no text; found by its title only"
    if draft.date is None and record.date not in (None, ""):
        shown = str(record.date)[:40]
        yield "bad_date", f"the date {shown!r} cannot be read; indexed without a date (write YYYY-MM-DD)"
    if record.url.strip() and not draft.url:
        shown = record.url.strip().replace("&amp;", "&")[:40]
        yield "bad_link", f"the link {shown!r} is not a web address; indexed without a link"
    for key in record.repeated_keys:
        yield "repeated_key", f"the key {key[:40]!r} occurs more than once; its last value is used"
    if "\ufffd" in draft.body or "\ufffd" in draft.title:
        yield "bad_characters", "characters that are not valid text were replaced by U+FFFD"


def _identity(record: RawRecord, file: str, title: str, date: str | None, url: str, body: str) -> str:
    if record.source_format != "article":
        return document_id("file", str(PurePath(file).with_suffix("")), title)
    account, source_id = clean_line(record.account), clean_line(record.source_id)
    return document_id(*identity(url=url, account=account, source_id=source_id, title=title, date=date, body=body))


def trimmed(draft: Draft, boilerplate: AccountBoilerplate) -> Trimmed:
    """The text of a draft without boilerplate, credits and a copy of the title at its head and tail."""
    return trim(draft.body, "" if _NO_TITLE in draft.rules else draft.title, boilerplate)


def finish(
    draft: Draft, boilerplate: AccountBoilerplate, taxonomy: Taxonomy, cluster: Cluster | None = None
) -> Finished:
    """The document of a draft: trimmed, divided into sections, classified, with its facts."""
    is_article = draft.source_format == "article"
    text = trimmed(draft, boilerplate)
    state = state_of(text.body, is_all_trimmed=text.is_all_trimmed, is_article=is_article) if draft.body else "empty"
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
