"""The catalogue of a generation: which files, records and documents it was made of, in an SQLite file.

A run copies the catalogue of the generation before and changes the copy; a published catalogue never changes. Rows of
records keep their numbers as long as the record is found somewhere, also when it moves within a file or to another one.

Texts are stored as UTF-8 in blobs, because names of files and texts of exports may hold lone surrogates.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

FILE_NAME: Final = "catalogue.sqlite"

#: records: `place` counts those of a file from 0, `shown` is the number that reports show. `source_hash` is that of the
#: text in the file that the record was made of, NULL if it is not used. `article` is the id that the
#: record itself has, NULL if it is rejected; `document` the id of the document that it became, NULL if it repeats the
#: record `kept` or is not resolved yet.
#: file_issues: `place` is the number of records before the issue. repeats: articles with several records.
#: documents: `asked` and `endings` are what its text asked of boilerplate, `hash` that of all that is indexed.
_SCHEMA: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, name BLOB NOT NULL, position INTEGER NOT NULL,
    stamp TEXT, digest BLOB, is_retried INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE records (
    number INTEGER PRIMARY KEY, file INTEGER NOT NULL, place INTEGER NOT NULL, shown INTEGER, hash BLOB NOT NULL,
    source_hash BLOB,
    article TEXT, source_id BLOB, account BLOB, lines BLOB,
    document TEXT, kept INTEGER, is_set_aside INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX records_by_place ON records (file, place);
CREATE INDEX records_by_article ON records (article);
CREATE INDEX records_by_hash ON records (hash);
CREATE TABLE file_issues (
    file INTEGER NOT NULL, place INTEGER NOT NULL, shown INTEGER, kind TEXT NOT NULL, message BLOB NOT NULL,
    is_rejection INTEGER NOT NULL
);
CREATE INDEX file_issues_by_file ON file_issues (file);
CREATE TABLE record_issues (
    record INTEGER NOT NULL, is_numbered INTEGER NOT NULL, kind TEXT NOT NULL, message BLOB NOT NULL,
    is_rejection INTEGER NOT NULL
);
CREATE INDEX record_issues_by_record ON record_issues (record);
CREATE TABLE repeats (article TEXT PRIMARY KEY, members TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE boilerplate (account BLOB PRIMARY KEY, lines BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, record INTEGER NOT NULL, date TEXT, asked BLOB, endings BLOB, rules TEXT NOT NULL,
    is_empty INTEGER NOT NULL, read INTEGER NOT NULL, indexed INTEGER NOT NULL, set_aside INTEGER NOT NULL,
    unaccounted INTEGER NOT NULL, characters INTEGER NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX documents_by_record ON documents (record);
CREATE TABLE sketches (id TEXT PRIMARY KEY, date TEXT, digest BLOB NOT NULL, sketch BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE verdicts (
    earlier TEXT NOT NULL, later TEXT NOT NULL, similarity REAL NOT NULL, PRIMARY KEY (earlier, later)
) WITHOUT ROWID;
"""
#: The documents that a run adds or deletes; only these can differ from those of the generation before.
#: Queries begin with it (CROSS JOIN), because it is small.
_TOUCHED: Final = """
CREATE TEMP TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TRIGGER added AFTER INSERT ON main.documents BEGIN INSERT OR IGNORE INTO touched VALUES (new.id); END;
CREATE TEMP TRIGGER deleted AFTER DELETE ON main.documents BEGIN INSERT OR IGNORE INTO touched VALUES (old.id); END;
"""


class Catalogue:
    """The catalogue that a run makes in a folder, and that of the generation before, if there is one."""

    def __init__(self, folder: Path, previous: Path | None, *, is_continued: bool) -> None:
        """Start with a copy of the previous catalogue if it is continued, else with an empty one."""
        path = folder / FILE_NAME
        if previous is not None and is_continued:
            shutil.copyfile(previous, path)
        self.database = sqlite3.connect(path.absolute().as_uri(), isolation_level=None, uri=True)
        self.has_previous = previous is not None
        # A run that does not end is not published: nothing has to be kept for it.
        self.execute("PRAGMA journal_mode = OFF")
        self.execute("PRAGMA synchronous = OFF")
        if previous is not None:
            self.execute("ATTACH ? AS previous", f"{previous.absolute().as_uri()}?mode=ro&immutable=1")
        is_new = not is_continued or previous is None
        if is_new:
            self.database.executescript(_SCHEMA)
        self.database.executescript(_TOUCHED)
        if is_new and previous is not None:
            self.execute("INSERT INTO touched SELECT id FROM previous.documents")
        self.execute("BEGIN")

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Execute one statement of SQL."""
        return self.database.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute one statement with many rows of values."""
        self.database.executemany(statement, rows)

    def column(self, statement: str, *values: Any) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.execute(statement, *values)]

    def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row, None without a row."""
        row = self.execute(statement, *values).fetchone()
        return row[0] if row else None

    def finish(self, facts: Mapping[str, str]) -> None:
        """Write what must be equal for the next run to continue this catalogue, and close it."""
        self.execute_many("INSERT OR REPLACE INTO facts VALUES (?, ?)", sorted(facts.items()))
        self.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Close the files; after an error the catalogue is useless."""
        with suppress(sqlite3.Error):
            self.database.close()


def read_facts(path: Path) -> dict[str, str] | None:
    """What a published catalogue was made with; None if it cannot be read."""
    return _read(path, "SELECT name, value FROM facts")


def document_hashes(path: Path) -> dict[str, bytes] | None:
    """The documents of a published catalogue: id → hash of all that is indexed; None if it cannot be read."""
    return _read(path, "SELECT id, hash FROM documents")


def catalogue_damage(path: Path) -> str | None:
    """What is wrong with a published catalogue, None if it is sound; reads all of it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (state,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            return None if state == "ok" else str(state)
    except sqlite3.Error as error:
        return str(error)


def _read(path: Path, statement: str) -> dict[str, Any] | None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return dict(database.execute(statement).fetchall())
    except sqlite3.Error:
        return None


def packed(text: str) -> bytes:
    """A text as it is stored."""
    return text.encode("utf-8", "surrogatepass")


def unpacked(stored: bytes) -> str:
    """The text that was stored."""
    return stored.decode("utf-8", "surrogatepass")


def packed_list(items: Iterable[Any]) -> bytes | None:
    """A list as it is stored: JSON, NULL if it is empty."""
    listed = list(items)
    return packed(json.dumps(listed, ensure_ascii=False)) if listed else None


def unpacked_list(stored: bytes | None) -> list[Any]:
    """The list that was stored; tuples became lists."""
    return json.loads(unpacked(stored)) if stored else []
