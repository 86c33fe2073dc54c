"""tantivy, given words ready-made: Count and TopDocs collectors, facets as aggregations over fast fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import tantivy

from benchmarks.documents import read
from benchmarks.peers import FACET_VALUES, TOP, Answer, StoredHit
from benchmarks.queries import Question
from benchmarks.tokens import words

_TITLE_WEIGHT: Final = 2.0
_FACETS: Final = ("account", "type", "month")
#: Every segment gives more values than there are, so that the sums are exact.
_SEGMENT_VALUES: Final = 65_000
#: A hundred of the text, with the blanks between the words.
_SNIPPET_CHARACTERS: Final = 150
_AGGREGATIONS: Final = {
    name: {"terms": {"field": name, "size": FACET_VALUES, "segment_size": _SEGMENT_VALUES}} for name in _FACETS
}


class Tantivy:
    """A Rust library of Lucene's design."""

    title = "tantivy"
    most_documents: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The Python package's, which follows the library's."""
        return version("tantivy")

    def index(self, documents: Path, directory: Path) -> None:
        """Threads and memory at their defaults; segments are merged as tantivy sees fit."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("title_words", tokenizer_name="whitespace")
        builder.add_text_field("text_words", stored=True, tokenizer_name="whitespace")  # snippets are made of it
        builder.add_bytes_field("title", stored=True)
        for name in ("id", "account", "type", "month", "date"):
            is_facet = name in _FACETS
            builder.add_text_field(name, stored=True, fast=is_facet, tokenizer_name="raw", index_option="basic")
        builder.add_unsigned_field("day", indexed=True, fast=True)
        directory.mkdir(parents=True)
        writer = tantivy.Index(builder.build(), path=str(directory)).writer()
        for document in read(documents):
            entry = tantivy.Document()
            for name in ("id", "account", "type", "month", "date"):
                entry.add_text(name, getattr(document, name))
            for name in ("title", "text"):
                entry.add_text(f"{name}_words", " ".join(words(getattr(document, name))))
            entry.add_bytes("title", document.title.encode())
            entry.add_unsigned("day", document.day)
            writer.add_document(entry)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, directory: Path) -> TantivyReader:
        """Map the files."""
        return TantivyReader(tantivy.Index.open(str(directory)))


class TantivyReader:
    """One searcher."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, query: Question) -> Answer | None:
        """A list of hits."""
        return self._answer(query, _stored_words)

    def search_with_snippets(self, query: Question) -> Answer | None:
        """A page of hits, each with the best fragment of tantivy's own generator, of about a hundred characters."""

        def snippet(stored: Any) -> str:
            return str(generator.snippet_from_doc(stored).to_html())

        generator = tantivy.SnippetGenerator.create(self._searcher, self._query(query), self._schema, "text_words")
        generator.set_max_num_chars(_SNIPPET_CHARACTERS)
        return self._answer(query, snippet)

    def _answer(self, query: Question, text: Callable[[Any], str]) -> Answer | None:
        """Two passes over the same query: hits with their count, then the facets."""
        if query.match == "string":
            return None
        asked = self._query(query)
        found: Any = self._searcher.search(asked, TOP, count=True)  # the stubs do not know its count
        counted = self._searcher.aggregate(asked, _AGGREGATIONS)
        facets = {
            name: {str(bucket["key"]): int(bucket["doc_count"]) for bucket in counted[name]["buckets"]}
            for name in _FACETS
        }
        documents = (self._searcher.doc(address) for _, address in found.hits)
        hits = tuple(_hit(document, text(document)) for document in documents)
        return Answer(total=int(found.count), hits=hits, facets=facets)

    def close(self) -> None:
        """The files are released with the object."""
        del self._searcher

    def _query(self, query: Question) -> tantivy.Query:
        must, should = tantivy.Occur.Must, tantivy.Occur.Should
        if query.match == "phrase":
            terms: list[Any] = list(query.terms)
            title, text = (
                tantivy.Query.phrase_query(self._schema, f"{name}_words", terms) for name in ("title", "text")
            )
            asked = _in_either(title, text)
        else:
            occur = must if query.match == "all" else should
            asked = tantivy.Query.boolean_query([(occur, self._term(term)) for term in query.terms])
        filters = self._filters(query)
        if not filters:
            return asked
        silent = [(must, tantivy.Query.const_score_query(each, 0.0)) for each in filters]
        return tantivy.Query.boolean_query([(must, asked), *silent])

    def _term(self, term: str) -> tantivy.Query:
        title, text = (tantivy.Query.term_query(self._schema, f"{name}_words", term) for name in ("title", "text"))
        return _in_either(title, text)

    def _filters(self, query: Question) -> list[tantivy.Query]:
        filters = []
        if query.account is not None:
            filters.append(tantivy.Query.term_query(self._schema, "account", query.account))
        if query.date_from is not None and query.date_to is not None:
            first, last = (date.fromisoformat(day).toordinal() for day in (query.date_from, query.date_to))
            kind = tantivy.FieldType.Unsigned
            filters.append(tantivy.Query.range_query(self._schema, "day", kind, first, last))
        return filters


def _in_either(title: tantivy.Query, text: tantivy.Query) -> tantivy.Query:
    should = tantivy.Occur.Should
    heavier = tantivy.Query.boost_query(title, _TITLE_WEIGHT)
    return tantivy.Query.boolean_query([(should, heavier), (should, text)])


def _stored_words(stored: Any) -> str:
    return str(stored["text_words"][0])


def _hit(stored: Any, text: str) -> StoredHit:
    return StoredHit(
        id=stored["id"][0],
        title=bytes(stored["title"][0]).decode(),
        account=stored["account"][0],
        date=stored["date"][0],
        text=text,
    )
