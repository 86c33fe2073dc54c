"""The indices of an alias: which one answers with which published state, and how one is created, completed, swapped."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from corpus.settings import Settings
from corpus.value import Value
from indexer.errors import ClusterRefused, IndexDamaged, IndexerError
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.layout import generation_of, index_body
from indexer.opensearch.published_state import PublishedState, has_this_layout, state_of, unpublished_meta

#: 1.5 million texts of 1,100 characters take about 20 GB.
DOCUMENTS_PER_SHARD: Final = 1_500_000
#: How long creating an index waits for all copies of its shards.
_SHARDS_SECONDS: Final = 60


class Published(Value, kw_only=True):
    """What readers see: the index that the alias names, and its state."""

    index: str
    state: PublishedState


def read_published(client: OpenSearchClient, alias: str) -> Published | None:
    """What an alias names, None if there is no such alias or nothing was published.

    Raises ReindexNeeded for the layout of another version, IndexDamaged, ClusterRefused if the name is that of an index
    of somebody else.
    """
    answer = client.ask("GET", f"/{quoted(alias)}/_mapping", ignored=(404,))
    if answer.get("status") == 404:
        return None
    if len(answer) > 1:
        raise IndexDamaged(f"the alias {alias} names several indices: {', '.join(sorted(answer))}")
    ((index, content),) = answer.items()
    if index == alias:
        raise ClusterRefused(
            f"{alias} is an index in the OpenSearch cluster and not an alias: choose another opensearch_index",
            "not_an_alias",
            None,
        )
    return _published(index, content)


def published_in(client: OpenSearchClient, index: str) -> Published | None:
    """What was published last in an index, whether an alias names it or not; None if nothing was.

    Raises ReindexNeeded, IndexDamaged.
    """
    return _published(index, client.ask("GET", f"/{quoted(index)}/_mapping")[index])


def _published(index: str, content: Mapping[str, Any]) -> Published | None:
    """What the answer that has the mapping of an index says."""
    state = state_of(content["mappings"].get("_meta", {}), index)
    return Published(index=index, state=state) if state is not None else None


def indices_of(client: OpenSearchClient, alias: str) -> dict[str, int]:
    """All indices of an alias with the generations that created them, also such as never were published."""
    names = client.ask("GET", f"/{quoted(alias)}-*", ignored=(404,), expand_wildcards="open,closed")
    found = {name: generation_of(name, alias) for name in names}
    return {name: number for name, number in found.items() if number is not None}


def last_published(client: OpenSearchClient, alias: str) -> int:
    """The highest generation that was published in any index of an alias, 0 if none was."""
    found = client.ask("GET", f"/{quoted(alias)}-*/_mapping", ignored=(404,))
    numbers = [0]
    for name, content in found.items():
        if generation_of(name, alias) is not None:
            with suppress(IndexerError):
                published = _published(name, content)
                numbers.append(published.state.generation if published is not None else 0)
    return max(numbers)


def create_index(client: OpenSearchClient, name: str, settings: Settings, documents: int) -> bool:
    """Create an index for so many documents, which nobody searches before it is published; False if it is there.

    One that is there and has another layout or other settings is deleted first.
    """
    shards = settings.opensearch_shards or 1 + documents // DOCUMENTS_PER_SHARD
    replicas = settings.opensearch_replicas if settings.opensearch_replicas >= 0 else min(1, data_nodes(client) - 1)
    there = client.ask("GET", f"/{quoted(name)}", ignored=(404,)).get(name)
    if there is not None:
        own = there["settings"]["index"]
        if has_this_layout(there["mappings"].get("_meta", {})) and int(own["number_of_shards"]) == shards:
            return False
        client.ask("DELETE", f"/{quoted(name)}", ignored=(404,))
    body = index_body(shards, max(replicas, 0), unpublished_meta())
    body["settings"]["refresh_interval"] = "-1"
    waiting: dict[str, Any] = {"timeout": f"{_SHARDS_SECONDS}s", "request_timeout": 2 * _SHARDS_SECONDS}
    client.ask("PUT", f"/{quoted(name)}", body, wait_for_active_shards="all", **waiting)
    return True


def data_nodes(client: OpenSearchClient) -> int:
    """How many nodes hold data."""
    return int(client.ask("GET", "/_cluster/health")["number_of_data_nodes"])


def uuid_of(client: OpenSearchClient, index: str) -> str:
    """What tells an index from another one of the same name that was there before."""
    answer = client.ask("GET", f"/{quoted(index)}/_settings/index.uuid")
    return str(answer[index]["settings"]["index"]["uuid"])


def refresh(client: OpenSearchClient, index: str) -> None:
    """Let searches see all that was written."""
    client.ask("POST", f"/{quoted(index)}/_refresh")


def set_state(client: OpenSearchClient, index: str, state: PublishedState) -> None:
    """Let an index say that it has a generation: what publishes a generation of an index that readers see already."""
    client.ask("PUT", f"/{quoted(index)}/_mapping", {"_meta": state.to_meta()})


def complete_index(client: OpenSearchClient, index: str) -> None:
    """Prepare a loaded index for readers and restarts: refresh as usual again, and flush."""
    body = {"index": {"refresh_interval": None}}
    client.ask("PUT", f"/{quoted(index)}/_settings", body)
    client.ask("POST", f"/{quoted(index)}/_flush")


def point_alias(client: OpenSearchClient, alias: str, index: str) -> None:
    """Let an alias name an index and no other, at once for all readers."""
    actions: list[Mapping[str, Any]] = [
        {"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}},
        {"add": {"index": index, "alias": alias, "is_write_index": True}},
    ]
    client.ask("POST", "/_aliases", {"actions": actions})


def delete_old_indices(client: OpenSearchClient, alias: str, current: str) -> None:
    """Delete all indices of an alias but the current one and the newest one before it."""
    numbers = indices_of(client, alias)
    older = sorted((name for name in numbers if numbers[name] < numbers[current]), key=numbers.__getitem__)
    for name in numbers:
        if name not in {current, *older[-1:]}:
            client.ask("DELETE", f"/{quoted(name)}", ignored=(404,))
