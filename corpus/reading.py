"""Sources to documents: find the files, tell their format by content, load, clean, classify; a line for every fault."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from corpus.cleaning import clean_line, clean_text, drop_repeated_title, placeholder_in, says_little
from corpus.dates import parse_day
from corpus.document import Document, Problem, State, document_id
from corpus.encoding import UnknownEncoding, decode
from corpus.identity import account_key, article_key
from corpus.loaders import html, json_records, markdown, text
from corpus.loaders.raw import Fault, Loader, RawRecord
from corpus.sections import markdown_sections, numbered_sections
from corpus.settings import Settings
from corpus.taxonomy import Taxonomy

#: Bump when some document comes out otherwise: the next run then reads everything again.
READING_VERSION: Final = 1
#: What a folder is searched for; a file named on its own is read whatever its suffix.
SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".txt", ".md", ".markdown", ".html", ".htm")
_MAX_TITLE_CHARS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read; `name` is how reports call it: relative to the folder it was found in."""

    path: Path
    name: str
    size: int


def find_files(sources: Sequence[Path]) -> tuple[list[SourceFile], list[Problem]]:
    """All files of the sources, sorted, each once; a source that is not there is a problem, not an exception."""
    found: dict[Path, SourceFile] = {}
    problems = []
    for source in sources:
        try:
            paths = sorted(_walk(source)) if source.is_dir() else [source]
            if not source.exists():
                problems.append(_rejected(str(source), None, "missing", "no such file or folder"))
                continue
        except OSError as error:
            problems.append(_rejected(str(source), None, "unreadable", f"cannot be read: {error.strerror}"))
            continue
        for path in paths:
            name = str(path.relative_to(source)) if source.is_dir() else path.name
            try:
                status = path.stat()
            except OSError as error:
                problems.append(_rejected(name, None, "unreadable", f"cannot be read: {error.strerror}"))
                continue
            if not stat.S_ISREG(status.st_mode):
                problems.append(_rejected(name, None, "no_file", "not a regular file"))
            else:
                found.setdefault(path.resolve(), SourceFile(path=path, name=name, size=status.st_size))
        if source.is_dir() and not paths:
            message = f"no file here that could be read; known are {' '.join(SUFFIXES)}"
            problems.append(_rejected(str(source), None, "empty_folder", message))
    return list(found.values()), problems


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder; hidden ones and links to folders are passed over, so that no loop can arise."""
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                yield Path(directory, name)


def read_file(file: SourceFile, taxonomy: Taxonomy, settings: Settings) -> Iterator[Document | Problem]:
    """Documents and problems of one file, in file order; never raises for what the file holds."""
    if file.size > settings.max_file_bytes:
        megabytes = settings.max_file_bytes // 1024**2
        yield _rejected(file.name, None, "too_large", f"larger than {megabytes} MiB (max_file_bytes)")
        return
    try:
        content = decode(file.path.read_bytes())
    except OSError as error:
        yield _rejected(file.name, None, "unreadable", f"cannot be read: {error.strerror}")
        return
    except UnknownEncoding as error:
        yield _rejected(file.name, None, "unknown_encoding", str(error))
        return
    if not content.strip():
        yield _rejected(file.name, None, "empty_file", "the file is empty")
        return
    load = _loader_of(content, file.path.suffix.lower(), settings)
    items = load(content, file.path.stem)
    if not items:
        yield _rejected(file.name, None, "no_records", "no record in this file")
    for item in items:
        if isinstance(item, Fault):
            yield _rejected(file.name, item.number, item.kind, item.message)
        else:
            yield from _document(item, file, taxonomy, settings)


def _loader_of(content: str, suffix: str, settings: Settings) -> Loader:
    """The format by content where the suffix lies: real JSON exports are called .txt."""
    start = content.lstrip()[:2000]
    if suffix in (".json", ".jsonl", ".ndjson") or _begins_json(start):
        return partial(json_records.load, max_depth=settings.max_json_depth)
    if suffix in (".html", ".htm") or start[:15].lower().startswith(("<!doctype html", "<html", "<head", "<body")):
        return html.load
    if suffix in (".md", ".markdown") or markdown.looks_like_markdown(content):
        return markdown.load
    return text.load


def _begins_json(start: str) -> bool:
    inner = start[1:].lstrip()
    return (start[:1] == "[" and inner[:1] in ("{", "]")) or (start[:1] == "{" and inner[:1] in ('"', "}"))


def _document(
    record: RawRecord, file: SourceFile, taxonomy: Taxonomy, settings: Settings
) -> Iterator[Document | Problem]:
    number = None if record.form != "article" else record.number
    title = clean_line(record.title)
    body = clean_text(record.text)
    if title in ("(unknown)", "undefined"):
        title = ""
    body = drop_repeated_title(body, title or clean_line(record.title))
    placeholder = placeholder_in(body)
    if placeholder is not None:
        message = f"the exporter's placeholder {placeholder} instead of a text; export the article again"
        yield _rejected(file.name, number, "placeholder", message)
        return
    if not title and not body:
        yield _rejected(file.name, number, "no_title_no_text", "neither title nor text")
        return
    if len(body) > settings.max_document_chars:
        message = f"longer than {settings.max_document_chars:,} characters (max_document_chars)"
        yield _rejected(file.name, number, "too_long", message)
        return
    if not title:
        title = body.split("\n", 1)[0][:_MAX_TITLE_CHARS]
        yield _repaired(file.name, number, "no_title", "no title; the first line of the text stands in for it")
    if not body and record.form == "article":
        yield _repaired(file.name, number, "no_text", "no text; found by its title only")
    date = parse_day(record.date)
    if date is None and record.date not in (None, ""):
        message = f"the date {str(record.date)[:40]!r} cannot be read; indexed without a date (write YYYY-MM-DD)"
        yield _repaired(file.name, number, "bad_date", message)
    if "\ufffd" in body or "\ufffd" in title:
        yield _repaired(file.name, number, "bad_characters", "characters that are no text were replaced by U+FFFD")
    yield _assemble(record, file, title, body, date, taxonomy)


def _assemble(
    record: RawRecord, file: SourceFile, title: str, body: str, date: str | None, taxonomy: Taxonomy
) -> Document:
    account = clean_line(record.account)
    url = record.url.strip().replace("&amp;", "&")
    if record.form == "article":
        key = article_key(url) or (account_key(account), record.source_id or f"{title}\0{date}")
    else:
        key = ("file", file.path.stem, title)
    find_sections = markdown_sections if record.form == "markdown" else numbered_sections
    body, sections = find_sections(body)
    classified = taxonomy.classify(title, body)
    return Document(
        id=document_id(*key),
        source_id=record.source_id or document_id(*key),
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


def _rejected(file: str, record: int | None, kind: str, message: str) -> Problem:
    return Problem(file=file, record=record, kind=kind, message=message, is_rejection=True)


def _repaired(file: str, record: int | None, kind: str, message: str) -> Problem:
    return Problem(file=file, record=record, kind=kind, message=message, is_rejection=False)
