"""Stored documents of one generation in a cluster: those of a page are fetched together when the first is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from corpus.document import Document
from indexer.errors import IndexDamaged
from indexer.opensearch.layout import HEAD_SOURCE, WHOLE_SOURCE, stored_document
from searcher.execution.lru_cache import LruCache, document_characters
from searcher.execution.opensearch.generation_searches import GenerationSearches

#: Documents, and heads, that are fetched together.
_WHOLE_AT_ONCE: Final = 20
_HEADS_AT_ONCE: Final = 200
#: Numbers whose `_id` is remembered; those of others are searched for.
_REMEMBERED: Final = 200_000
_CACHED_HEADS: Final = 5_000
#: Characters of documents read last that are kept.
_CACHED_CHARACTERS: Final = 10_000_000


def id_of(number: int) -> str:
    """The id of the document with a number."""
    return f"{number:016x}"


class DocumentCache:
    """Reads documents by number, which is their id; threads may share it."""

    def __init__(self, searches: GenerationSearches) -> None:
        self._searches = searches
        #: For each number the `_id`s that were found with it, and its place among them.
        self._pages: LruCache[tuple[Sequence[str], int]] = LruCache(_REMEMBERED)
        self._heads: LruCache[Document] = LruCache(_CACHED_HEADS)
        self._documents: LruCache[Document] = LruCache(_CACHED_CHARACTERS)

    def expect(self, keys: Sequence[str]) -> list[int]:
        """The numbers of documents with these `_id`s, which are likely to be read in this order."""
        numbers = [int(key.partition("-")[0], 16) for key in keys]
        for at, number in enumerate(numbers):
            self._pages.put(number, (keys, at))
        return numbers

    def head(self, number: int) -> Document:
        """A document without texts; raises IndexDamaged."""
        return self._read(number, self._heads, HEAD_SOURCE, _HEADS_AT_ONCE)

    def read(self, number: int) -> Document:
        """A whole document; raises IndexDamaged."""
        return self._read(number, self._documents, WHOLE_SOURCE, _WHOLE_AT_ONCE)

    def source(self, number: int, fields: Sequence[str]) -> Mapping[str, Any]:
        """Some fields of a document; raises IndexDamaged."""
        [source] = self._searches.get(self._page(number, 1), fields)
        if source is None:
            raise _missing(number)
        return source

    def _read(self, number: int, cache: LruCache[Document], fields: Sequence[str], at_once: int) -> Document:
        found = cache.find(number)
        if found is not None:
            return found
        for source in self._searches.get(self._page(number, at_once), fields):
            if source is not None:
                document = stored_document(source)
                one = int(document.id, 16)
                cache.put(one, document, 1 if cache is self._heads else document_characters(document))
                found = document if one == number else found
        if found is None:
            raise _missing(number)
        return found

    def _page(self, number: int, size: int) -> Sequence[str]:
        """The `_id` of a document, and of those that are likely to be read after it."""
        page = self._pages.find(number)
        if page is None:
            query = {"term": {"id": id_of(number)}}
            [answer] = self._searches.search([self._searches.body(query, size=1, _source=False)])
            found = [str(hit["_id"]) for hit in answer["hits"]["hits"]]
            if not found:
                raise _missing(number)
            self.expect(found)
            return found
        keys, at = page
        return keys[at : at + size]


def _missing(number: int) -> IndexDamaged:
    return IndexDamaged(f"the document {id_of(number)} is missing")
