"""Whoosh as its tutorials show it, with jieba's ChineseAnalyzer."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import jieba
from jieba.analyse import ChineseAnalyzer
from whoosh import fields, index, sorting
from whoosh import query as queries
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

from benchmarks.documents import read
from benchmarks.peers import FACET_VALUES, TOP, Answer, StoredHit
from benchmarks.queries import Question

_WEIGHTS: Final = {"title": 2.0, "text": 1.0}
_FACETS: Final = ("account", "type", "month")


class StockWhoosh:
    """Writer, parser, collectors and facets as they come."""

    title = "Whoosh + jieba"
    most_documents: int | None = 10_000
    notes = (
        "Stock Whoosh makes its own tokens (ChineseAnalyzer: search mode, stop words left out, stems), so its totals "
        "differ; that analyzer counts positions in characters, so that phrases of two words find nothing, and fast. It "
        "indexes some tens of documents a second and is measured up to 10,000 unless --all-sizes is given.",
    )

    @property
    def version(self) -> str:
        """Whoosh's and jieba's."""
        return f"{version('Whoosh')} + jieba {version('jieba')}"

    def index(self, documents: Path, directory: Path) -> None:
        """One writer, one commit."""
        jieba.setLogLevel(60)
        analyzer = ChineseAnalyzer()
        schema = fields.Schema(
            id=fields.ID(stored=True, unique=True),
            title=fields.TEXT(analyzer=analyzer, stored=True),
            text=fields.TEXT(analyzer=analyzer, stored=True),
            account=fields.ID(stored=True, sortable=True),
            type=fields.ID(stored=True, sortable=True),
            month=fields.ID(sortable=True),
            date=fields.DATETIME(stored=True, sortable=True),
        )
        directory.mkdir(parents=True)
        writer = index.create_in(str(directory), schema).writer()
        for document in read(documents):
            writer.add_document(
                id=document.id,
                title=document.title,
                text=document.text,
                account=document.account,
                type=document.type,
                month=document.month,
                date=datetime.fromisoformat(document.date),
            )
        writer.commit()

    def open(self, directory: Path) -> WhooshReader:
        """Open the index and a searcher."""
        jieba.setLogLevel(60)
        return WhooshReader(index.open_dir(str(directory)))


class WhooshReader:
    """One searcher."""

    def __init__(self, opened: Any) -> None:
        self._index = opened
        self._searcher = opened.searcher()
        names = list(_WEIGHTS)
        self._parsers = {
            match: MultifieldParser(names, opened.schema, fieldboosts=_WEIGHTS, group=group)
            for match, group in (("any", OrGroup), ("all", AndGroup), ("phrase", AndGroup))
        }

    def search(self, query: Question) -> Answer | None:
        """Parsed by Whoosh's parser, grouped by Whoosh's facets, counted by len()."""
        if query.match == "string":
            return None
        text = f'"{query.text}"' if query.match == "phrase" else " ".join(query.terms)
        grouping = sorting.Facets()
        for name in _FACETS:
            grouping.add_facet(name, sorting.FieldFacet(name, maptype=sorting.Count))
        parsed = self._parsers[query.match].parse(text)
        results = self._searcher.search(parsed, limit=TOP, filter=_filter(query), groupedby=grouping)
        hits = tuple(_hit(result.fields()) for result in results[:TOP])
        facets = {name: _largest(results.groups(name)) for name in _FACETS}
        return Answer(total=len(results), hits=hits, facets=facets)

    def close(self) -> None:
        """Close searcher and index."""
        self._searcher.close()
        self._index.close()


def _filter(query: Question) -> Any:
    filters = []
    if query.account is not None:
        filters.append(queries.Term("account", query.account))
    if query.date_from is not None and query.date_to is not None:
        days = datetime.fromisoformat(query.date_from), datetime.fromisoformat(query.date_to)
        filters.append(queries.DateRange("date", *days))
    return queries.And(filters) if filters else None


def _largest(groups: dict[str, int]) -> dict[str, int]:
    return dict(sorted(groups.items(), key=lambda entry: (-entry[1], entry[0]))[:FACET_VALUES])


def _hit(stored: dict[str, Any]) -> StoredHit:
    return StoredHit(
        id=stored["id"],
        title=stored["title"],
        account=stored["account"],
        date=stored["date"].date().isoformat(),
        text=stored["text"],
    )
