"""Documents and published states for tests of the layout in OpenSearch."""

from __future__ import annotations

from typing import Any

from corpus.document import Document
from indexer.opensearch.published_state import FieldLengths, PublishedGeneration, PublishedState
from indexer.store.manifest import FORMAT_VERSION, Manifest


def document(id: str, **fields: Any) -> Document:
    """A document with an id and some fields."""
    given: dict[str, Any] = {
        "source_id": "1",
        "title": "",
        "account": "东岸科创",
        "date": None,
        "url": "",
        "body": "",
        "program_types": ("无",),
        "genre": "其他",
    }
    return Document(id=id, **(given | fields))


def state(generation: int) -> PublishedState:
    """A published state."""
    manifest = Manifest(
        format=FORMAT_VERSION,
        generation=generation,
        engine="opensearch",
        fingerprint="1",
        dictionary="2",
        documents=3,
        characters=30,
        date_from=None,
        date_to="2025-03-01",
        created="2025-03-02T00:00:00+00:00",
        sources="",
        listed_ns=1,
        no_type="无",
    )
    return PublishedState(
        manifest=manifest,
        lengths={name: FieldLengths(characters=10, documents=3) for name in ("title", "heading", "body")},
        learned_words=generation,
        completions=generation,
        completion_pieces=1,
        generations=(PublishedGeneration(number=generation, published="2025-03-02T00:00:00+00:00"),),
    )
