"""Finds versions of documents for the machine that indexes: those of some ids, left-overs, and what nobody reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from indexer.opensearch.bulk import BulkLoad, delete, update
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.indices import refresh
from indexer.opensearch.layout import GENERATION_TABLES, version_id, visible_at
from indexer.opensearch.published_state import PublishedGeneration

#: Documents of one answer, when all of them are read.
_PAGE: Final = 250
#: A reader that opened a generation may ask it until so long after the next one.
_READ_FOR: Final = timedelta(minutes=15)
#: Tables of old generations that are removed by a run; the next one removes more.
_TABLES: Final = 1000
#: Values of one clause: the server's own limit is 65,536.
_TERMS: Final = 50_000
#: Removes `until`: the version stays after all.
_STAYS: Final = {"script": {"source": "ctx._source.remove('until')"}}

Query = Mapping[str, Any]


def sources(client: OpenSearchClient, index: str, query: Query, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Some fields of all documents that match, in the order of their ids; `since` is always one."""
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "query": query,
            "size": _PAGE,
            "_source": [*fields, "id", "since"],
            "sort": ["id", "since"],
            "track_total_hits": False,
        }
        if after is not None:
            body["search_after"] = after
        hits = client.search(index, body)["hits"]["hits"]
        yield from (hit["_source"] for hit in hits)
        if len(hits) < _PAGE:
            return
        after = hits[-1]["sort"]


def sources_of(
    client: OpenSearchClient, index: str, ids: Iterable[str], generation: int, fields: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Some fields of the versions that a generation has of some documents; ids that it does not have are left out."""
    for some in _groups(ids, _PAGE):
        yield from sources(client, index, both({"terms": {"id": some}}, visible_at(generation)), fields)


def count(client: OpenSearchClient, index: str, query: Query) -> int:
    """The number of documents that match; raises ClusterUnavailable if a shard does not answer."""
    body = {"query": query, "size": 0, "track_total_hits": True}
    return int(client.search(index, body)["hits"]["total"]["value"])


def both(*queries: Query) -> dict[str, Any]:
    """The query for documents that match all of some queries."""
    return {"bool": {"filter": list(queries)}}


def remove_left_overs(
    client: OpenSearchClient, index: str, published: int, parts: Collection[str], deleted: Collection[str]
) -> None:
    """Undo what runs wrote that were not published, but for documents of `parts` and the deletion of `deleted`."""
    refresh(client, index)
    written: dict[str, Any] = {"range": {"since": {"gt": published}}}
    if parts:
        own = [{"terms": {"part": some}} for some in _groups(sorted(parts), _TERMS)]
        written = {"bool": {"filter": [written], "must_not": own}}
    ended = {"range": {"until": {"gt": published}}}
    with BulkLoad(client, index) as load:
        load.send(map(delete, _ids(client, index, written)))
        marked = sources(client, index, both(visible_at(published), ended), ())
        load.send(update(version_id(one["id"], one["since"]), _STAYS) for one in marked if one["id"] not in deleted)


def oldest_read(generations: Sequence[PublishedGeneration], keep: int) -> int:
    """The oldest generation that is kept: one of the last `keep`, or that a reader may still ask."""
    now = datetime.now(UTC)
    oldest = generations[-1].number
    for place in range(len(generations) - 2, -1, -1):
        until = datetime.fromisoformat(generations[place + 1].published) + _READ_FOR
        if len(generations) - place <= keep or now < until:
            oldest = generations[place].number
    return oldest


def no_longer_read(oldest: int) -> dict[str, Any]:
    """The query for versions that no generation has from the oldest one on that is kept."""
    return {"range": {"until": {"lte": oldest}}}


def purge(client: OpenSearchClient, index: str, query: Query) -> None:
    """Delete all documents that match, for good."""
    with BulkLoad(client, index) as load:
        load.send(map(delete, _ids(client, index, query)))


def remove_tables(client: OpenSearchClient, index: str, kept: Collection[str]) -> None:
    """Delete the tables that belong to a generation, but for some `_id`s."""
    kinds = [{"prefix": {"part": prefix}} for prefix in GENERATION_TABLES]
    body = {"query": {"bool": {"should": kinds}}, "size": _TABLES, "_source": ["part"]}
    hits = client.search(index, body)["hits"]["hits"]
    with BulkLoad(client, index) as load:
        load.send(delete(hit["_id"]) for hit in hits if hit["_id"] not in kept)


def _groups(values: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(values)
    while group := list(islice(iterator, size)):
        yield group


def _ids(client: OpenSearchClient, index: str, query: Query) -> Iterator[str]:
    """The `_id` of every version that matches."""
    return (version_id(one["id"], one["since"]) for one in sources(client, index, query, ()))
