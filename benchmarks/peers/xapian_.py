"""Xapian, given words ready-made; Debian's python3-xapian serves where the environment has none of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from benchmarks.documents import read
from benchmarks.peers import FACET_VALUES, TOP, Answer, StoredHit
from benchmarks.queries import Question
from benchmarks.tokens import words

_DEBIAN: Final = "/usr/lib/python3/dist-packages"
_FACETS: Final = ("account", "type", "month")
_DAY: Final = len(_FACETS)
_PREFIXES: Final = {"title": "S", "text": "Z"}
_ACCOUNT: Final = "XA"
_TITLE_WEIGHT: Final = 2.0
#: Xapian's limit for a term, in bytes; Han characters take three.
_MAX_TERM_BYTES: Final = 240


def _import_xapian() -> Any:
    """xapian, from Debian's packages if need be, without letting any other of those packages in."""
    try:
        return import_module("xapian")
    except ImportError:
        sys.path.append(_DEBIAN)
        try:
            return import_module("xapian")
        finally:
            sys.path.remove(_DEBIAN)


xapian: Final = _import_xapian()


class Xapian:
    """A C++ library, probabilistic by tradition."""

    title = "Xapian"
    most_documents: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The library's."""
        return str(xapian.version_string())

    def index(self, documents: Path, directory: Path) -> None:
        """One writable database, flushed as Xapian sees fit, one commit at the end."""
        directory.parent.mkdir(parents=True, exist_ok=True)
        database = xapian.WritableDatabase(str(directory), xapian.DB_CREATE_OR_OVERWRITE)
        for document in read(documents):
            entry = xapian.Document()
            for name, prefix in _PREFIXES.items():
                for position, word in enumerate(words(getattr(document, name))):
                    if len(word.encode()) <= _MAX_TERM_BYTES:
                        entry.add_posting(prefix + word, position)
            entry.add_boolean_term(_ACCOUNT + document.account)
            for slot, name in enumerate(_FACETS):
                entry.add_value(slot, getattr(document, name))
            entry.add_value(_DAY, xapian.sortable_serialise(document.day))
            entry.set_data(json.dumps(asdict(document), ensure_ascii=False))
            database.add_document(entry)
        database.commit()
        database.close()

    def open(self, directory: Path) -> XapianReader:
        """Open the database."""
        return XapianReader(xapian.Database(str(directory)))


class XapianReader:
    """One open database."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._documents = database.get_doccount()

    def search(self, query: Question) -> Answer | None:
        """All matches are looked at, so that total and facets are exact."""
        if query.match == "string":
            return None
        enquire = xapian.Enquire(self._database)
        enquire.set_query(_filtered(_query(query), query))
        spies = [xapian.ValueCountMatchSpy(slot) for slot in range(len(_FACETS))]
        for spy in spies:
            enquire.add_matchspy(spy)
        matches = enquire.get_mset(0, TOP, self._documents)
        hits = tuple(_hit(match.document.get_data()) for match in matches)
        facets = {
            name: {value.term.decode(): value.termfreq for value in spy.top_values(FACET_VALUES)}
            for name, spy in zip(_FACETS, spies, strict=True)
        }
        return Answer(total=matches.get_matches_estimated(), hits=hits, facets=facets)

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _query(query: Question) -> Any:
    make = xapian.Query
    if query.match == "phrase":
        size = len(query.terms)
        in_title, in_text = (
            make(make.OP_PHRASE, [prefix + term for term in query.terms], size) for prefix in _PREFIXES.values()
        )
        return make(make.OP_OR, make(make.OP_SCALE_WEIGHT, in_title, _TITLE_WEIGHT), in_text)
    each = [
        make(
            make.OP_OR,
            make(make.OP_SCALE_WEIGHT, make(_PREFIXES["title"] + term), _TITLE_WEIGHT),
            make(_PREFIXES["text"] + term),
        )
        for term in query.terms
    ]
    return make(make.OP_AND if query.match == "all" else make.OP_OR, each)


def _filtered(asked: Any, query: Question) -> Any:
    make = xapian.Query
    if query.account is not None:
        asked = make(make.OP_FILTER, asked, make(_ACCOUNT + query.account))
    if query.date_from is not None and query.date_to is not None:
        days = (date.fromisoformat(day).toordinal() for day in (query.date_from, query.date_to))
        asked = make(make.OP_FILTER, asked, make(make.OP_VALUE_RANGE, _DAY, *map(xapian.sortable_serialise, days)))
    return asked


def _hit(data: bytes) -> StoredHit:
    stored = json.loads(data)
    return StoredHit(**{name: stored[name] for name in ("id", "title", "account", "date", "text")})
