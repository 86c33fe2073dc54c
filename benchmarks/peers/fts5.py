"""SQLite's FTS5 twice: over words made ready, and over trigrams of the text itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, Final

from benchmarks.documents import BenchmarkDocument, read
from benchmarks.peers import FACET_VALUES, TOP, Answer, StoredHit
from benchmarks.queries import Question
from benchmarks.tokens import words

_FILE: Final = "index.sqlite"
#: As much as tantivy and Kesou may fill while they index, in KiB.
_CACHE_KIB: Final = 128 * 1024
_MAPPED_BYTES: Final = 4_000_000_000
_RANK: Final = "bm25(found, 2.0, 1.0)"
_FACETS: Final = ("account", "type", "month")
_TABLES: Final = """
    create table document (number integer primary key, id text, title text, account text, date text, text text);
    create table facet (number integer primary key, account text, type text, month text, day integer);
"""
#: The columns of an answer besides its rank; facets of every hit, fields of the best.
_COUNTED: Final = "select account, type, month from found join facet on facet.number = found.rowid where "
_BEST: Final = "select found.rowid from found where "
_BEST_FILTERED: Final = "select found.rowid from found join facet on facet.number = found.rowid where "


class WordIndex:
    """The unicode61 tokenizer over words with blanks between them."""

    title = "SQLite FTS5, words"
    most_documents: int | None = None
    notes: tuple[str, ...] = ("FTS5's facets are counted in Python over the columns of all matching rows.",)
    create = "create virtual table found using fts5(title, text, tokenize='unicode61', content='')"
    is_trigram = False

    @property
    def version(self) -> str:
        """SQLite's."""
        return sqlite3.sqlite_version

    def index(self, documents: Path, directory: Path) -> None:
        """One transaction, then FTS5's own `optimize`."""
        directory.mkdir(parents=True)
        database = sqlite3.connect(directory / _FILE)
        database.execute(f"pragma cache_size = -{_CACHE_KIB}")
        database.executescript(_TABLES)
        database.execute(self.create)
        insert = database.cursor().execute
        for number, document in enumerate(read(documents), 1):
            fields = (document.id, document.title, document.account, document.date, document.text)
            insert("insert into document values (?, ?, ?, ?, ?, ?)", (number, *fields))
            facets = (document.account, document.type, document.month, document.day)
            insert("insert into facet values (?, ?, ?, ?, ?)", (number, *facets))
            insert("insert into found (rowid, title, text) values (?, ?, ?)", (number, *self.indexed(document)))
        database.execute("insert into found (found) values ('optimize')")
        database.execute("create index facet_day on facet (day)")
        database.execute("create index facet_account on facet (account)")
        database.commit()
        database.close()

    def indexed(self, document: BenchmarkDocument) -> tuple[str, str]:
        """What FTS5 sees of title and text."""
        return " ".join(words(document.title)), " ".join(words(document.text))

    def open(self, directory: Path) -> Fts5Reader:
        """Connect and read the schema."""
        return Fts5Reader(directory / _FILE, self.is_trigram)


class TrigramIndex(WordIndex):
    """The trigram tokenizer: any string of three and more characters."""

    title = "SQLite FTS5, trigram"
    notes = (
        "FTS5 trigram cannot ask for a term of fewer than three characters; its times are those of the questions it "
        "can answer, and its ratios compare the same questions.",
    )
    create = (
        "create virtual table found using fts5(title, text, tokenize='trigram', content='document', "
        "content_rowid='number')"
    )
    is_trigram = True

    def indexed(self, document: BenchmarkDocument) -> tuple[str, str]:
        """The text as it stands."""
        return document.title, document.text


class Fts5Reader:
    """One connection, its file mapped."""

    def __init__(self, path: Path, is_trigram: bool) -> None:
        self._is_trigram = is_trigram
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._database.execute(f"pragma mmap_size = {_MAPPED_BYTES}")
        self._database.execute(f"pragma cache_size = -{_CACHE_KIB}")
        self._database.execute("select count(*) from sqlite_master").fetchone()

    def search(self, query: Question) -> Answer | None:
        """Ten rows by rank, their fields, then the facet columns of every matching row."""
        expression = self._expression(query)
        if expression is None:
            return None
        where, values = _where(query, expression)
        is_filtered = len(values) > 1
        best = f"{_BEST_FILTERED if is_filtered else _BEST}{where} order by {_RANK} limit {TOP}"
        hits = tuple(self._hit(number) for (number,) in self._database.execute(best, values))
        rows = self._database.execute(_COUNTED + where, values).fetchall()
        facets = {
            name: dict(Counter(row[place] for row in rows).most_common(FACET_VALUES))
            for place, name in enumerate(_FACETS)
        }
        return Answer(total=len(rows), hits=hits, facets=facets)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _expression(self, query: Question) -> str | None:
        terms = (query.text,) if self._is_trigram and query.match == "phrase" else query.terms
        if self._is_trigram and any(len(term) < 3 for term in terms):
            return None
        if query.match == "string" and not self._is_trigram:
            return None
        quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
        return {"any": " OR ", "all": " AND ", "phrase": " + ", "string": " "}[query.match].join(quoted)

    def _hit(self, number: int) -> StoredHit:
        fields = "select id, title, account, date, text from document where number = ?"
        id, title, account, date, text = self._database.execute(fields, (number,)).fetchone()
        return StoredHit(id=id, title=title, account=account, date=date, text=text)


def _where(query: Question, expression: str) -> tuple[str, list[Any]]:
    where = "found match ?"
    values: list[Any] = [expression]
    if query.account is not None:
        where += " and facet.account = ?"
        values.append(query.account)
    if query.date_from is not None and query.date_to is not None:
        where += " and facet.day between ? and ?"
        values += [date.fromisoformat(day).toordinal() for day in (query.date_from, query.date_to)]
    return where, values
