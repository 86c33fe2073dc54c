"""The published state: what the mapping of an index in OpenSearch says of the generation that readers see.

It is the entry `kesou` of `_meta`. A mapping is changed by one request, and read together with the name of the index,
so that a reader finds out at once which generation of which index answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from corpus.value import Value, as_dict
from indexer.errors import IndexDamaged, ReindexNeeded
from indexer.opensearch.layout import LAYOUT_VERSION
from indexer.store.manifest import Manifest

_ENTRY: Final = "kesou"


class FieldLengths(Value, kw_only=True):
    """The characters of a field in all documents of a generation, and the number of documents that have any."""

    characters: int
    documents: int

    @property
    def mean(self) -> float:
        """The mean length over the documents that have any; never zero."""
        return self.characters / self.documents if self.characters else 1.0


class PublishedGeneration(Value, kw_only=True):
    """A generation that readers may still see, and when it was published (ISO 8601, UTC)."""

    number: int
    published: str


class PublishedState(Value, kw_only=True):
    """The generation that answers; `manifest` is that of the local folder of the machine that indexes.

    `lengths` are those of the ranked fields. `learned_words` is the generation whose table of learned words serves,
    `completions` that of the completions, which have `completion_pieces` pieces. `generations` are those whose
    documents are kept, the newest last.
    """

    manifest: Manifest
    lengths: Mapping[str, FieldLengths]
    learned_words: int
    completions: int
    completion_pieces: int
    generations: tuple[PublishedGeneration, ...]

    @property
    def generation(self) -> int:
        """The number of the generation."""
        return self.manifest.generation

    def to_meta(self) -> dict[str, Any]:
        """The `_meta` of a mapping."""
        content = as_dict(self) | {"lengths": {name: as_dict(own) for name, own in self.lengths.items()}}
        return {_ENTRY: {"layout": LAYOUT_VERSION, **content}}


def unpublished_meta() -> dict[str, Any]:
    """The `_meta` of an index that no generation was published in yet."""
    return {_ENTRY: {"layout": LAYOUT_VERSION}}


def has_this_layout(meta: Mapping[str, Any]) -> bool:
    """True if an index was created with the layout of this version."""
    entry = meta.get(_ENTRY)
    return isinstance(entry, Mapping) and entry.get("layout") == LAYOUT_VERSION


def state_of(meta: Mapping[str, Any], index: str) -> PublishedState | None:
    """The state in the `_meta` of an index, None if nothing was published; raises ReindexNeeded, IndexDamaged."""
    if not has_this_layout(meta):
        raise ReindexNeeded(f"the index {index} was built by another version of Kesou")
    content = {name: value for name, value in meta[_ENTRY].items() if name != "layout"}
    if not content:
        return None
    try:
        content["manifest"] = Manifest(**content["manifest"])
        content["lengths"] = {name: FieldLengths(**own) for name, own in content["lengths"].items()}
        content["generations"] = tuple(PublishedGeneration(**each) for each in content["generations"])
        return PublishedState(**content)
    except (TypeError, KeyError, AttributeError) as error:
        raise IndexDamaged(f"the published state of the index {index} cannot be read") from error
