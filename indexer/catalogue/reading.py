"""Brings the catalogue up to date with the source files: reads those that changed, and cleans only records that did.

A file whose size and times are those of the last run is not opened. A record of another file is known by a hash of all
that cleaning depends on: it keeps its row when it moves, and is not cleaned again.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from corpus.drafts import Draft
from corpus.import_issue import ImportIssue
from corpus.loaders.raw_record import made
from corpus.record_reading import (
    Cleaned,
    Event,
    FileStart,
    KnownSource,
    ReadRecord,
    clean,
    read_cleaned,
    record_hash,
)
from corpus.settings import Settings
from corpus.sources.file_bytes import digest_of
from corpus.sources.reading import read_new_records
from corpus.sources.source_file import SourceFile
from corpus.sources.stamps import is_before
from corpus.spool import Spool
from indexer.catalogue.database import Catalogue, packed, packed_list
from indexer.errors import IndexerError

#: Faults that can go away while the file stays as it is: it is read again by every run.
RETRIED: Final = ("unreadable", "changed", "crashed")
#: A file or record that was too slow costs its time once more: it is tried again only when all files are read again,
#: as after a change of settings or of libraries, and when contents are compared.
_SLOW: Final = "too_slow"
_HASH_BYTES: Final = 16


class DraftStore:
    """The drafts that a run made, by the number of their records, in a temporary file."""

    def __init__(self, folder: Path) -> None:
        self._spool: Spool[Draft] = Spool(folder)
        self._numbers: dict[int, int] = {}
        self.close = self._spool.close

    def __contains__(self, record: int) -> bool:
        return record in self._numbers

    def __getitem__(self, record: int) -> Draft:
        return self._spool[self._numbers[record]]

    def __setitem__(self, record: int, draft: Draft) -> None:
        self._numbers[record] = self._spool.append(draft)


class FileChanged(IndexerError):
    """A file is not as it was when the run read it first."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} changed again and again while it was read: index it when it is complete")


class FileReader:
    """Reads source files into the catalogue and the drafts of new records into a store.

    `listed_ns` is when the sources of the last run were listed: what changed about then is in doubt. All files are in
    doubt if `is_verified`; all are read if `is_read_again`.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        drafts: DraftStore,
        settings: Settings,
        *,
        listed_ns: int = 0,
        is_verified: bool = False,
        is_read_again: bool = False,
    ) -> None:
        self._catalogue = catalogue
        self._drafts = drafts
        self._settings = settings
        self._listed_ns = listed_ns
        self._is_verified = is_verified
        self._is_read_again = is_read_again
        self._files: dict[int, SourceFile] = {}
        self._to_read: list[int] = []
        self._next_record = 0
        #: Rows of records whose place is not known yet, by hash, in the order of their places.
        self._unplaced: dict[bytes, list[_Row]] = defaultdict(list)
        #: The records of files that need not be made, by the file and the hash of their text.
        self._sources: dict[int, dict[bytes, KnownSource]] = {}
        #: Faults that are tried again, of records in files that are read, and the files that have them by themselves.
        self._retried = (*RETRIED, _SLOW) if is_verified or is_read_again else RETRIED
        self._slow_files: set[int] = set(catalogue.column(_SLOW_FILES)) if is_verified else set()
        #: Hashes of records that could not be cleaned for such a reason: they are cleaned again.
        self._failed: set[bytes] = set()
        #: True once a file, its place in the order or a record differs.
        self.is_changed = False

    def compare(self, files: Sequence[SourceFile]) -> list[SourceFile]:
        """Make the files of the catalogue these; the files that must be read."""
        self._to_read = self._compare(files)
        return [self._files[number] for number in self._to_read]

    def read(self, progress: Callable[[int], None]) -> None:
        """Read those files; `progress` is called with the bytes of the files that were read, after each."""
        self._next_record = (self._catalogue.value("SELECT MAX(number) FROM records") or 0) + 1
        for number in self._to_read:
            self._unplace(number)
        to_read = [(number, self._files[number]) for number in self._to_read]
        done = 0
        # The digest is that before reading: if the file changes meanwhile, the next run sees that.
        for number, events in groupby(read_cleaned(to_read, self._settings, self), itemgetter(0)):
            self._put_file(number, (event for _, event in events))
            done += self._files[number].size
            progress(done)
        self._delete([row.number for rows in self._unplaced.values() for row in rows])
        self._unplaced.clear()
        self._sources.clear()

    def file_name(self, record: int) -> str:
        """The name of the file that a record is in."""
        return self._files[self._catalogue.value("SELECT file FROM records WHERE number = ?", record)].name

    def _compare(self, files: Sequence[SourceFile]) -> list[int]:
        """Update the rows of files; the numbers of those to read."""
        catalogue = self._catalogue
        rows = "SELECT key, number, position, stamp, digest, is_retried FROM files"
        known = {key: _File(*row) for key, *row in catalogue.execute(rows)}
        following = max((file.number for file in known.values()), default=0) + 1
        repeated: Counter[str] = Counter()
        to_read: list[int] = []
        moved: list[tuple[int, int]] = []
        for position, file in enumerate(files):
            repeated[file.name] += 1
            key = packed(f"{file.name}\0{repeated[file.name]}")
            row = known.pop(key, None)
            if row is None:
                row, following = _File(following, position, None, None, 0), following + 1
                values = (row.number, key, packed(file.name), position)
                catalogue.execute("INSERT INTO files (number, key, name, position) VALUES (?, ?, ?, ?)", *values)
                self.is_changed = True
            elif row.position != position:
                moved.append((position, row.number))
            self._files[row.number] = file
            if not self._is_same(file, row):
                to_read.append(row.number)
        self.is_changed |= bool(moved or known)
        catalogue.execute_many("UPDATE files SET position = ? WHERE number = ?", moved)
        for row in known.values():
            self._unplace(row.number)
            catalogue.execute("DELETE FROM file_issues WHERE file = ?", row.number)
            catalogue.execute("DELETE FROM files WHERE number = ?", row.number)
        return to_read

    def _is_same(self, file: SourceFile, row: _File) -> bool:
        """True if the file need not be read, because its times or else its bytes are those of the last run."""
        if row.digest is None or row.is_retried or self._is_read_again or row.number in self._slow_files:
            return False
        is_old = file.stamp is not None and is_before(file.stamp.newest_ns, self._listed_ns)
        if is_old and not self._is_verified and row.stamp == _stamp_text(file):
            return True
        size = f"{file.stamp.size} " if file.stamp and file.opener is None else ""
        if (row.stamp and not row.stamp.startswith(size)) or _digest(file) != row.digest:
            return False
        if row.stamp != _stamp_text(file):
            self._catalogue.execute("UPDATE files SET stamp = ? WHERE number = ?", _stamp_text(file), row.number)
        return True

    def _unplace(self, file: int) -> None:
        """Take the records of a file for lost until they are found again."""
        rows = "SELECT hash, number, file, place, shown, source_hash FROM records WHERE file = ? ORDER BY place"
        sources = self._sources[file] = {}
        for record, *row in self._catalogue.execute(rows, file):
            found = _Row(*row)
            self._unplaced[record].append(found)
            if found.source_hash and not self._is_read_again:
                sources[found.source_hash] = KnownSource(record, found.shown is not None)
        failed = self._catalogue.execute(_FAILED, file)
        self._failed.update(record for record, kind in failed if kind in self._retried)

    def has(self, record: bytes, /) -> bool:
        """True if the record with this hash need not be cleaned."""
        return record in self._unplaced and record not in self._failed

    def sources(self, file: int, /) -> Mapping[bytes, KnownSource]:
        """The records of a file that need not be made, by the hash of their text."""
        return self._sources[file]

    def _put_file(self, number: int, events: Iterable[Event]) -> None:
        """Put what was read of a file into the catalogue."""
        catalogue = self._catalogue
        old_issues = catalogue.execute(f"{_FILE_ISSUES} WHERE file = ?", number).fetchall()
        issues: list[tuple[object, ...]] = []
        digest, place, is_retried = None, 0, False
        for event in events:
            if isinstance(event, FileStart):
                digest = event.digest
            elif isinstance(event, ImportIssue):
                issues.append((number, place, event.record, event.kind, packed(event.message), event.is_rejection))
            else:
                self._place(event, number, place)
                place += 1
                is_retried |= _has_failed(event)
        if issues != old_issues:
            self.is_changed = True
            catalogue.execute("DELETE FROM file_issues WHERE file = ?", number)
            catalogue.execute_many("INSERT INTO file_issues VALUES (?, ?, ?, ?, ?, ?)", issues)
        is_retried |= any(kind in RETRIED for _, _, _, kind, *_ in issues)
        values = (_stamp_text(self._files[number]), digest, is_retried, number)
        catalogue.execute("UPDATE files SET stamp = ?, digest = ?, is_retried = ? WHERE number = ?", *values)

    def _place(self, record: ReadRecord, file: int, place: int) -> None:
        """Find the row of a record, or make one of a record that is not known."""
        if record.cleaned is None or (record.hash in self._unplaced and self._fails_as_before(record)):
            rows = self._unplaced[record.hash]
            row = rows.pop(0)
            if not rows:
                del self._unplaced[record.hash]
            found = _Row(row.number, file, place, record.shown, record.source_hash or None)
            if row != found:
                self.is_changed |= row[:4] != found[:4]
                statement = "UPDATE records SET file = ?, place = ?, shown = ?, source_hash = ? WHERE number = ?"
                self._catalogue.execute(statement, *found[1:], row.number)
            return
        self.is_changed = True
        added = _Row(self._next_record, file, place, record.shown, record.source_hash or None)
        self._add(added, record.hash, record.cleaned)
        self._next_record += 1

    def _fails_as_before(self, record: ReadRecord) -> bool:
        """True if a record that was cleaned again has become no draft again, for the same reasons."""
        before = self._unplaced[record.hash][0].number
        old = self._catalogue.execute("SELECT kind, message FROM record_issues WHERE record = ?", before)
        cleaned = record.cleaned
        new = [(issue.kind, packed(issue.message)) for issue in cleaned.issues] if cleaned else []
        return cleaned is not None and cleaned.draft is None and old.fetchall() == new

    def _add(self, row: _Row, hashed: bytes, cleaned: Cleaned) -> None:
        record, draft = row.number, cleaned.draft
        values: tuple[object, ...] = (None, None, None, None)
        if draft is not None:
            values = (draft.id, packed(draft.source_id), packed(draft.account), packed_list(draft.end_lines))
            self._drafts[record] = draft
        self._catalogue.execute(
            "INSERT INTO records (number, file, place, shown, source_hash, hash, article, source_id, account, lines)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(*row, hashed, *values),
        )
        self._catalogue.execute_many(
            "INSERT INTO record_issues VALUES (?, ?, ?, ?, ?)",
            (
                (record, issue.record is not None, issue.kind, packed(issue.message), issue.is_rejection)
                for issue in cleaned.issues
            ),
        )

    def _delete(self, numbers: Iterable[int]) -> None:
        rows = [(number,) for number in numbers]
        self.is_changed |= bool(rows)
        self._catalogue.execute_many("DELETE FROM records WHERE number = ?", rows)
        self._catalogue.execute_many("DELETE FROM record_issues WHERE record = ?", rows)
        self._catalogue.execute_many("DELETE FROM documents WHERE record = ?", rows)

    def read_again(self, records: Iterable[int]) -> None:
        """Put the drafts of unchanged records into the store; raises FileChanged."""
        wanted: dict[int, dict[int, tuple[int, bytes]]] = defaultdict(dict)
        for number in records:
            file, place, hashed = self._catalogue.execute(
                "SELECT file, place, hash FROM records WHERE number = ?", number
            ).fetchone()
            wanted[file][place] = number, hashed
        for file_number, places in wanted.items():
            sources = self._catalogue.column("SELECT source_hash FROM records WHERE file = ?", file_number)
            self._read_places(self._files[file_number], places, set(sources) - {None})

    def _read_places(self, file: SourceFile, places: dict[int, tuple[int, bytes]], sources: set[bytes]) -> None:
        items = read_new_records(file, self._settings, sources.__contains__)
        for place, item in enumerate(item for item in items if not isinstance(item, ImportIssue)):
            if place in places:
                number, hashed = places.pop(place)
                record = made(item)
                draft = clean(record, file.name, self._settings).draft
                if draft is None or record_hash(record, file.name) != hashed:
                    break
                self._drafts[number] = draft
                if not places:
                    return
        raise FileChanged(file.name)


#: Records that have become no draft.
_FAILED: Final = """
SELECT hash, kind FROM records JOIN record_issues ON record = records.number WHERE file = ? AND article IS NULL
"""
_SLOW_FILES: Final = """
SELECT file FROM file_issues WHERE kind = 'too_slow'
UNION SELECT file FROM records JOIN record_issues ON record = records.number WHERE kind = 'too_slow'
"""
_FILE_ISSUES: Final = "SELECT file, place, shown, kind, message, is_rejection FROM file_issues"


class _File(NamedTuple):
    """A file of the last run."""

    number: int
    position: int
    stamp: str | None
    digest: bytes | None
    is_retried: int


class _Row(NamedTuple):
    """Where a record is or was, and the hash of its text."""

    number: int
    file: int
    place: int
    shown: int | None
    source_hash: bytes | None


def _has_failed(record: ReadRecord) -> bool:
    """True if the record could not be cleaned for a reason that can go away."""
    return record.cleaned is not None and any(issue.kind in RETRIED for issue in record.cleaned.issues)


def _stamp_text(file: SourceFile) -> str | None:
    """What is equal as long as a file is unchanged; its path is in it as a hash, because an index contains no paths."""
    if file.stamp is None:
        return None
    path = blake2b(os.fsencode(file.path), digest_size=_HASH_BYTES).hexdigest()
    return " ".join(map(str, (*file.stamp, path)))


def _digest(file: SourceFile) -> bytes | None:
    """The digest of the file's bytes; None if they cannot be read."""
    try:
        return digest_of(file)
    except OSError:
        return None
