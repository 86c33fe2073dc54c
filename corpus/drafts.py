"""Turns raw records into documents, in two steps.

`make_drafts` cleans, dates and identifies a record on its own, or rejects it. `finish` does what needs the whole
collection: it removes boilerplate; then it finds sections, classification and facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NamedTuple

from corpus.cleaning.boilerplate import AccountBoilerplate, EndLine, lines_about_medium
from corpus.cleaning.completeness import state_of
from corpus.cleaning.original_text import original_texts, removed_texts, seams
from corpus.cleaning.placeholders import placeholder_in
from corpus.cleaning.text import clean_line, clean_text, drop_repeated_title, join_spaced
from corpus.cleaning.trim import Trimmed, trim
from corpus.document import Document, SetAside, SourceFormat, document_id
from corpus.facts.find import find_facts
from corpus.identity import identity
from corpus.import_issue import ImportIssue, noted, rejected
from corpus.ledger import CharacterCounts, character_count, is_same_text, missing_lines
from corpus.loaders.raw_record import RawRecord
from corpus.outline.sections import find_sections
from corpus.publication_date import parse_day
from corpus.settings import Settings
from corpus.sources.reading import read_records
from corpus.sources.source_file import SourceFile
from corpus.taxonomy.classify import Taxonomy

#: What exporters write as the title of an article that they could not read.
_PLACEHOLDER_TITLES: Final = ("(unknown)", "undefined")
#: The rule of a record without a title; its first line is used as the title, and is not a copy to be removed.
_NO_TITLE: Final = "no_title"
_MAX_TITLE_CHARS: Final = 60
#: Characters that the report shows of a text that is lost.
_SHOWN_CHARS: Final = 80
#: What outlines take out of the middle of a text.
_PAGE: Final = re.compile(
    r"[-—–\[【(（第\s]{0,3}(?:page)?\s?\d{1,4}\s?[^\w\n]{0,2}(?:页[^\n]{0,9})?|\{\d{1,4}\} ?-{10,200}", re.I
)
_PLAN: Final = re.compile("规划|计划|纲要|方案|要点")
#: Links with another scheme (javascript:, data:) are not shown.
_WEB_LINK: Final = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]+", re.IGNORECASE)


class Draft(NamedTuple):
    """A record after cleaning, before the steps that need the whole collection; a plain tuple.

    `title_copy` is the title as the text began with it. `set_aside` is the record's. `read` counts the characters of
    the record, `unaccounted` those that are lost. `rules` names what cleaning did. `end_lines` are the lines about the
    medium at both ends of the body.
    """

    id: str
    source_id: str
    title: str
    account: str
    date: str | None
    url: str
    body: str
    source_format: SourceFormat
    rules: tuple[str, ...]
    title_copy: str = ""
    set_aside: tuple[SetAside, ...] = ()
    read: int = 0
    unaccounted: int = 0
    end_lines: tuple[EndLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A document, the rules that changed it, once for each change, and what became of its characters."""

    document: Document
    rules: tuple[str, ...]
    characters: CharacterCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaned:
    """Title and body of a record, and what is set aside; `whole` is the body before a copy of the title was removed.

    `read` counts the characters of them all, `lost` holds those beyond a limit, `replaced` counts those that are none.
    """

    title: str
    body: str
    whole: str
    set_aside: tuple[SetAside, ...]
    read: int
    lost: tuple[str, ...]
    replaced: int

    @property
    def title_copy(self) -> str:
        """The title as the text began with it."""
        return self.whole[: len(self.whole) - len(self.body)].strip() if self.whole.endswith(self.body) else ""


def read_drafts(file: SourceFile, settings: Settings) -> Iterator[Draft | ImportIssue]:
    """The drafts and import issues of one file, in the order of the file."""
    for item in read_records(file, settings):
        if isinstance(item, ImportIssue):
            yield item
        else:
            yield from make_drafts(item, file.name, settings)


def make_drafts(record: RawRecord, file: str, settings: Settings) -> Iterator[Draft | ImportIssue]:
    """The record's import issues, then its draft unless one of them is a rejection."""
    number = record.number if record.source_format == "article" else None
    cleaned = _clean(record, settings.max_document_chars)
    rejection = _rejection(cleaned, settings)
    if rejection is not None:
        kind, message = rejection
        yield rejected(file, number, kind, message)
        return
    draft = _draft(record, file, cleaned)
    for kind, message in _notes(record, cleaned, draft):
        yield noted(file, number, kind, message)
    yield draft


def _clean(record: RawRecord, max_chars: int) -> _Cleaned:
    title = clean_line(record.title)
    whole = clean_text(record.text)
    body = drop_repeated_title(whole, title)
    set_aside = [SetAside(reason, text) for reason, raw in record.set_aside if (text := clean_text(raw))]
    if missed := record.visible and missing_lines(clean_text(record.visible), (title, whole, *_texts(set_aside))):
        set_aside.append(SetAside("other", "\n".join(missed)))
    title = "" if title in _PLACEHOLDER_TITLES else title
    read = character_count(title, whole, *_texts(set_aside))
    kept, lost = _limited(set_aside, max_chars)
    replaced = whole.count("\ufffd") - record.text.count("\ufffd")
    return _Cleaned(title=title, body=body, whole=whole, set_aside=kept, read=read, lost=tuple(lost), replaced=replaced)


def _texts(set_aside: Iterable[SetAside]) -> list[str]:
    return [text for _, text in set_aside]


def _limited(set_aside: Iterable[SetAside], max_chars: int) -> tuple[tuple[SetAside, ...], list[str]]:
    """What is set aside, up to so many characters, and the texts beyond them."""
    kept, lost = [], []
    for reason, text in set_aside:
        if text[:max_chars]:
            kept.append(SetAside(reason, text[:max_chars]))
        if text[max_chars:]:
            lost.append(text[max_chars:])
        max_chars = max(max_chars - len(text), 0)
    return tuple(kept), lost


def _rejection(cleaned: _Cleaned, settings: Settings) -> tuple[str, str] | None:
    """Kind and message of the reason why a record is not indexed; None if it is."""
    texts = (cleaned.body, cleaned.whole, f"{cleaned.title}\n{cleaned.body}".strip())
    placeholder = next((found for text in texts if (found := placeholder_in(text))), None)
    if placeholder is not None:
        return "placeholder", f"the placeholder {placeholder} instead of a text; export the article again"
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
        date=date,
        url=url,
        body=joined,
        source_format=record.source_format,
        rules=tuple(rule for rule, is_applied in rules if is_applied),
        title_copy=cleaned.title_copy,
        set_aside=cleaned.set_aside,
        read=cleaned.read,
        unaccounted=character_count(*cleaned.lost) + cleaned.replaced,
        end_lines=lines_about_medium(joined) if account else (),
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
    if cleaned.lost:
        shown = " ".join(" ".join(text[:_SHOWN_CHARS].split()) for text in cleaned.lost)
        yield "unaccounted", f"{character_count(*cleaned.lost):,} characters are not in the index: {shown}"


def _identity(record: RawRecord, file: str, title: str, date: str | None, url: str, body: str) -> str:
    if record.source_format != "article":
        return document_id("file", str(PurePath(file).with_suffix("")), title)
    account, source_id = clean_line(record.account), clean_line(record.source_id)
    return document_id(*identity(url=url, account=account, source_id=source_id, title=title, date=date, body=body))


def only_in_copy(copy: Draft, kept: Draft) -> list[str]:
    """The lines of one draft that another one of the same article lacks."""
    held = (kept.title, kept.body, kept.title_copy, *_texts(kept.set_aside))
    return missing_lines("\n".join((copy.title, copy.body, *_texts(copy.set_aside))), held)


def with_set_aside(draft: Draft, text: str) -> Draft:
    """The draft with another text that is set aside."""
    set_aside = (*draft.set_aside, SetAside("other", text))
    return draft._replace(set_aside=set_aside, read=draft.read + character_count(text))


def finish(draft: Draft, boilerplate: AccountBoilerplate, taxonomy: Taxonomy) -> Finished:
    """The document of a draft: trimmed, divided into sections, classified, with its facts."""
    is_article = draft.source_format == "article"
    is_untitled = _NO_TITLE in draft.rules
    text = trim(draft.body, "" if is_untitled else draft.title, boilerplate)
    state = state_of(text.body, is_all_trimmed=text.is_all_trimmed, is_article=is_article) if draft.body else "empty"
    body, sections = find_sections(text.body, draft.source_format, draft.title)
    originals = () if draft.source_format == "markdown" else original_texts(text.body, body)
    classified = taxonomy.classify(draft.title, "\n".join((*text.notes, body)))
    facts = find_facts(draft.title, body, draft.date, reposted_from=text.reposted_from, source=text.source)
    joints = seams("\n".join(filter(None, (draft.title_copy, draft.body))), text.body)
    set_aside = _set_aside(draft, text, body, (*joints, *originals))
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
        original_texts=originals,
        set_aside=set_aside,
        seams=joints,
        is_untitled=is_untitled,
        kind="article" if is_article else "plan" if _PLAN.search(draft.title) else "report",
        facts=facts,
    )
    characters = CharacterCounts(
        read=draft.read,
        indexed=character_count("" if is_untitled else draft.title, body, *text.notes),
        set_aside=character_count(*_texts(set_aside)),
        unaccounted=draft.unaccounted,
    )
    return Finished(document=document, rules=(*draft.rules, *text.rules), characters=characters)


def _set_aside(draft: Draft, text: Trimmed, body: str, joints: Iterable[str]) -> tuple[SetAside, ...]:
    """All that was read and is no part of the text any more, by reason; what nothing else explains comes last."""
    found = [SetAside("page_title", copy) for copy in (draft.title_copy, text.title_copy) if copy]
    if text.dropped:
        found.append(SetAside("boilerplate", "\n".join(text.dropped)))
    is_whole = is_same_text(text.body, body)
    removed = [] if is_whole else [piece for piece in removed_texts(text.body, body) if character_count(piece)]
    pages = [piece for piece in removed if _PAGE.fullmatch(piece)]
    if pages:
        found.append(SetAside("page_number", " ".join(pages)))
    found += draft.set_aside
    others = []
    if text.body != draft.body:
        others += missing_lines(draft.body, (draft.title, text.body, *text.notes, *joints, *_texts(found)))
    if is_whole or character_count(text.body) == character_count(body, *removed):
        others += [piece for piece in removed if not _PAGE.fullmatch(piece)]
    else:
        others += missing_lines(text.body, (body, *joints, *_texts(found)))
    if others:
        found.append(SetAside("other", "\n".join(others)))
    return tuple(found)
