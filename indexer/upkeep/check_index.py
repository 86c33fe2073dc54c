"""Checks an index in a cluster: shards, counts, tables, and some documents, which must be found by their characters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from indexer.errors import IndexDamaged
from indexer.opensearch import versions
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.indices import Published, refresh
from indexer.opensearch.layout import (
    TEXT_FIELDS,
    WHOLE_SOURCE,
    completions_id,
    having,
    learned_words_id,
    stored_document,
    visible_at,
)
from indexer.opensearch.prepared_text import plain_text
from indexer.record import normal_texts
from indexer.store.columns import RANKED_FIELDS
from indexer.upkeep.reports import CheckReport

_SAMPLES: Final = 20
_LOOKED_UP: Final = ("title", "body")


def check_index(client: OpenSearchClient, published: Published) -> CheckReport:
    """Check what readers see; raises what the client raises, but not if shards are missing."""
    name, state = published.index, published.state
    manifest = state.manifest
    health = client.ask("GET", f"/_cluster/health/{quoted(name)}", level="shards")
    size = client.ask("GET", f"/{quoted(name)}/_stats/store")["_all"]["total"]["store"]["size_in_bytes"]
    report = CheckReport(generation=manifest.generation, documents=manifest.documents, bytes=size)
    if health["status"] == "red":
        missing = health["indices"][name]["number_of_shards"] - health["indices"][name]["active_primary_shards"]
        damage = f"{missing} of the shards of {name} have no copy on a node that runs: start the missing nodes"
        return replace(report, damages=(damage,))
    refresh(client, name)
    damages = [*_wrong_counts(client, published), *_missing_tables(client, published)]
    samples = 0
    for source in _samples(client, published):
        samples += 1
        if not _is_sound(client, published, source):
            damages.append(f"document {source.get('id')} of {name} is not found by its own characters")
    return replace(report, samples=samples, damages=tuple(damages))


def _wrong_counts(client: OpenSearchClient, published: Published) -> list[str]:
    """Where the numbers of documents and characters are not those that were published."""
    state = published.state
    sums = {name: {"sum": {"field": f"{name}_length"}} for name in RANKED_FIELDS}
    body = {"query": visible_at(state.generation), "size": 0, "track_total_hits": True, "aggs": sums}
    answer = client.search(published.index, body)
    there = answer["hits"]["total"]["value"]
    if there != state.manifest.documents:
        return [f"generation {state.generation} has {state.manifest.documents} documents, {there} are in the index"]
    return [
        f"the {name} texts of generation {state.generation} have {lengths.characters} characters, those in the index"
        f" {found:.0f}"
        for name, lengths in state.lengths.items()
        if (found := answer["aggregations"][name]["value"]) != lengths.characters
    ]


def _missing_tables(client: OpenSearchClient, published: Published) -> list[str]:
    """The tables of the generation that are not there."""
    state = published.state
    pieces = [completions_id(state.completions, piece) for piece in range(state.completion_pieces)]
    ids = [learned_words_id(state.learned_words), *pieces]
    found = client.ask("POST", f"/{quoted(published.index)}/_mget", {"ids": ids}, _source="part")
    return [f"{each['_id']} of {published.index} is missing" for each in found["docs"] if not each.get("found")]


def _samples(client: OpenSearchClient, published: Published) -> list[Any]:
    """Random documents."""
    query = {"function_score": {"query": visible_at(published.state.generation), "random_score": {}}}
    body = {"query": query, "size": _SAMPLES, "_source": [*WHOLE_SOURCE, *TEXT_FIELDS]}
    answer = client.search(published.index, body)
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def _is_sound(client: OpenSearchClient, published: Published, source: dict[str, Any]) -> bool:
    """True if a stored document has the texts that are indexed, and is found by their first two characters."""
    try:
        document = stored_document(source)
    except IndexDamaged:
        return False
    texts = normal_texts(document)._asdict()
    if document.id != source["id"] or any(plain_text(source.get(name, "")) != text for name, text in texts.items()):
        return False
    own: list[dict[str, Any]] = [visible_at(published.state.generation), {"term": {"id": document.id}}]
    own += [having(name, texts[name][:2]) for name in _LOOKED_UP if len(texts[name]) > 1]
    return versions.count(client, published.index, versions.both(*own)) == 1
