"""Reads source files into cleaned records, in worker processes; records that are known already are not cleaned.

A worker opens the files that hold one document or little. Of all others, the records are read here and cleaned there.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

from corpus.drafts import Draft, make_drafts
from corpus.import_issue import ImportIssue, rejected, too_slow
from corpus.loaders import office
from corpus.loaders.raw_record import KnownRecord, RawRecord, made
from corpus.settings import Settings
from corpus.sources.archive import BROKEN
from corpus.sources.file_bytes import digest_of
from corpus.sources.reading import read_new_records, read_records
from corpus.sources.source_file import SourceFile
from corpus.sources.suffixes import COMPRESSED, DOCUMENTS
from corpus.workers import Lost, internal_error, ordered_map, worker_count

_HASH_BYTES: Final = 16
#: A worker opens any file up to this size: its records fit into memory.
_SMALL_BYTES: Final = 1 << 20
#: What a compressed file may hold, compared with its size, in that respect.
_EXPANSION: Final = 20
#: Members of archives are sent to workers as bytes, up to this size.
_MAX_SENT_BYTES: Final = 1 << 26
#: Files that hold one document, whatever their size.
_ONE_DOCUMENT: Final = frozenset(
    (".html", ".htm", ".xhtml", ".mht", ".mhtml", ".md", ".markdown", *office.MAILS, *DOCUMENTS)
) - frozenset((".xlsx", ".ods"))
#: Work for some tenths of a second.
_BATCH_BYTES: Final = 1 << 18
#: Opening a file takes as long as reading so many bytes.
_BYTES_TO_OPEN: Final = 1 << 12


class Cleaned(NamedTuple):
    """What cleaning makes of a record: issues, and a draft unless one of them is a rejection."""

    issues: tuple[ImportIssue, ...]
    draft: Draft | None


class FileStart(NamedTuple):
    """The beginning of a file, with the digest of its bytes before they were read; None if they cannot be read."""

    digest: bytes | None


class ReadRecord(NamedTuple):
    """A record: its hash, its number in reports, and what cleaning makes of it; None if the record is known.

    `source_hash` is that of the raw record; empty in small files, which are read as a whole.
    """

    hash: bytes
    shown: int | None
    cleaned: Cleaned | None
    source_hash: bytes = b""


class KnownSource(NamedTuple):
    """What is known of a record by its `source_hash`: its hash, and True if reports show its number."""

    hash: bytes
    is_numbered: bool


class KnownRecords(Protocol):
    """The records of which the outcome of cleaning is known."""

    def has(self, record: bytes, /) -> bool:
        """True if the record with this hash is known; it is then not cleaned."""

    def sources(self, file: int, /) -> Mapping[bytes, KnownSource]:
        """The records of a numbered file that need not even be made, by their `source_hash`."""


Event = FileStart | ImportIssue | ReadRecord


class _Task(NamedTuple):
    """A file to read, or a record of a file to clean."""

    name: str
    file: SourceFile | None
    record: RawRecord | None


class _Key(NamedTuple):
    """What this process keeps of a task: the file and its number, and the event unless a worker reads the file."""

    number: int
    file: SourceFile
    event: Event | None = None
    record: RawRecord | KnownRecord | None = None


def read_cleaned(
    files: Sequence[tuple[int, SourceFile]], settings: Settings, known: KnownRecords
) -> Iterator[tuple[int, Event]]:
    """The events of numbered files, in the order of the files: start, then issues and records in their order.

    `known` is asked for a record when all events before it have been taken, and may change its mind then. Events do not
    depend on the number of workers.
    """
    results = ordered_map(
        partial(_worker, settings),
        _items(files, settings, known),
        workers=_workers(files, settings),
        weigh=_weight,
        batch_weight=_BATCH_BYTES,
        max_seconds=settings.max_file_seconds,
    )
    for key, result in results:
        for event in _events(key, result):
            if not isinstance(event, ReadRecord):
                yield key.number, event
            elif known.has(event.hash):
                yield key.number, event._replace(cleaned=None)
            elif event.cleaned is None and key.record is not None:  # it was known when it was read
                yield key.number, event._replace(cleaned=clean(made(key.record), key.file.name, settings))
            else:
                yield key.number, event


def _events(key: _Key, result: list[Event] | Cleaned | Lost | None) -> Iterator[Event]:
    """What a worker made of a file or record, or what became of these."""
    name = key.file.name
    if isinstance(key.event, ReadRecord):
        if isinstance(result, Lost):
            result = Cleaned((_lost(name, key.event.shown, result),), None)
        yield key.event._replace(cleaned=result) if isinstance(result, Cleaned) else key.event
    elif key.event is not None:
        yield key.event
    elif isinstance(result, Lost):
        yield FileStart(_digest(key.file))
        yield _lost(name, None, result)
    elif isinstance(result, list):
        yield from result


def clean(record: RawRecord, file: str, settings: Settings) -> Cleaned:
    """Clean one record of a file; raises nothing for its content."""
    try:
        items = list(make_drafts(record, file, settings))
    except Exception as error:
        return Cleaned((_lost(file, _shown(record), internal_error(error)),), None)
    issues = tuple(item for item in items if isinstance(item, ImportIssue))
    return Cleaned(issues, next((item for item in items if isinstance(item, Draft)), None))


def record_hash(record: RawRecord, file: str) -> bytes:
    """A hash of all that cleaning a record depends on, settings apart, but not of its number."""
    name = "" if record.source_format == "article" else file
    values = (
        *(name, record.title, record.text, record.source_id, record.account, record.date, record.url),
        *(record.source_format, record.repeated_keys, record.stem, record.set_aside, record.visible),
    )
    whole = json.dumps(values, ensure_ascii=False, default=repr).encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=_HASH_BYTES).digest()


def _workers(files: Iterable[tuple[int, SourceFile]], settings: Settings) -> int:
    """No more workers than there are batches; none for little text, because starting them takes longer."""
    most = worker_count(settings.workers)
    weight = 0.0
    for _, file in files:
        weight += file.size + _BYTES_TO_OPEN
        if file.suffix in DOCUMENTS:  # whose readers may crash
            weight += _BATCH_BYTES
        if weight >= most * _BATCH_BYTES:
            return most
    return 1 if weight < _BATCH_BYTES else min(most, max(2, int(weight / _BATCH_BYTES)))


def _weight(task: _Task) -> float:
    return (len(task.record.text) if task.record else 0) + (task.file.size + _BYTES_TO_OPEN if task.file else 0)


def _items(
    files: Iterable[tuple[int, SourceFile]], settings: Settings, known: KnownRecords
) -> Iterator[tuple[_Key, _Task | None]]:
    for number, file in files:
        sent = _for_worker(file)
        if sent is not None:
            yield _Key(number, file), _Task(file.name, sent, None)
            continue
        yield _Key(number, file, FileStart(_digest(file))), None
        sources = known.sources(number)
        for item in read_new_records(file, settings, sources.__contains__):
            if isinstance(item, ImportIssue):
                yield _Key(number, file, item), None
                continue
            if isinstance(item, KnownRecord):
                hashed, is_numbered = sources[item.source_hash]
                event = ReadRecord(hashed, item.number if is_numbered else None, None, item.source_hash)
            else:
                event = ReadRecord(record_hash(item, file.name), _shown(item), None, item.source_hash)
            task = None if known.has(event.hash) else _Task(file.name, None, made(item))
            yield _Key(number, file, event, item), task


def _for_worker(file: SourceFile) -> SourceFile | None:
    """The file as it is sent to a worker that reads it; None if it is read here."""
    size = file.size * (_EXPANSION if file.path.suffix.lower() in COMPRESSED else 1)
    if file.convert is not None or not (size <= _SMALL_BYTES or file.suffix in _ONE_DOCUMENT):
        return None
    if file.opener is None:
        return file
    if file.size > _MAX_SENT_BYTES:
        return None
    try:
        with file.open() as content:
            raw = content.read(_MAX_SENT_BYTES + 1)
    except (OSError, *BROKEN):  # reading it here reports what is wrong
        return None
    return replace(file, opener=partial(io.BytesIO, raw)) if len(raw) == file.size else None


def _worker(settings: Settings) -> Callable[[_Task], list[Event] | Cleaned]:
    """The function of a worker process."""

    def work(task: _Task) -> list[Event] | Cleaned:
        if task.record is not None:
            return clean(task.record, task.name, settings)
        return list(_read_whole(task.file, settings)) if task.file is not None else []

    return work


def _read_whole(file: SourceFile, settings: Settings) -> Iterator[Event]:
    yield FileStart(_digest(file))
    for item in read_records(file, settings):
        if isinstance(item, ImportIssue):
            yield item
        else:
            yield ReadRecord(record_hash(item, file.name), _shown(item), clean(item, file.name, settings))


def _shown(record: RawRecord) -> int | None:
    return record.number if record.source_format == "article" else None


def _digest(file: SourceFile) -> bytes | None:
    try:
        return digest_of(file)
    except OSError:
        return None


def _lost(file: str, number: int | None, lost: Lost) -> ImportIssue:
    if lost.kind == "too_slow":
        return too_slow(file, number, f"it {lost.reason}")
    return rejected(file, number, lost.kind, f"it {lost.reason}")
