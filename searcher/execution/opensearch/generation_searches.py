"""Searches in one generation of an index in a cluster: complete answers or an error, several in one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.layout import visible_at
from searcher.execution.opensearch.queries import Query

# Any: bodies and answers are JSON.
Body = dict[str, Any]


class GenerationSearches:
    """The searches of one generation; threads may share it."""

    def __init__(
        self, client: OpenSearchClient, index: str, generation: int, check_kept: Callable[[], None] = lambda: None
    ) -> None:
        """`check_kept` is called before each request; it raises IndexMissing once the generation is deleted."""
        self._client = client
        self._check_kept = check_kept
        self._index = index
        self._visible = visible_at(generation)

    def body(self, query: Query, **options: Any) -> Body:
        """The body of a search for live documents; `options` are the other parts of a body."""
        return {"query": {"bool": {"must": [query], "filter": [self._visible]}}, "track_total_hits": True, **options}

    def count_body(self, query: Query) -> Body:
        """The body of a search that only counts."""
        return {"query": {"bool": {"filter": [self._visible, query]}}, "track_total_hits": True, "size": 0}

    def search(self, bodies: Sequence[Body]) -> list[Any]:
        """The answer to each search, from all shards; raises IndexerError."""
        if not bodies:
            return []
        self._check_kept()
        return self._client.search_each(self._index, bodies)

    def counts(self, queries: Sequence[Query]) -> list[int]:
        """How many documents match each query."""
        return [total(answer) for answer in self.search([self.count_body(query) for query in queries])]

    def get(self, ids: Sequence[str], fields: Sequence[str]) -> list[Mapping[str, Any] | None]:
        """Some fields of the `_source` of documents or tables by `_id`, None for those that are not there."""
        if not ids:
            return []
        self._check_kept()
        path = f"/{quoted(self._index)}/_mget"
        body, included = {"ids": list(ids)}, ",".join(fields)
        found = self._client.ask("POST", path, body, realtime="false", _source_includes=included)["docs"]
        for each in found:
            if "error" in each:
                raise self._client.explained(503, each)
        return [each.get("_source") if each.get("found") else None for each in found]


def total(answer: Mapping[str, Any]) -> int:
    """How many documents a search found."""
    return int(answer["hits"]["total"]["value"])
