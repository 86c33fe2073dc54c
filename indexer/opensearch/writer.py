"""Writes a generation into an OpenSearch cluster: into a new index, or as further versions in the one that answers.

Parts are sent when all are made, because the cluster of a document depends on all others. Nothing that is written is
seen before the generation is published, for no reader asks for versions since a later generation than its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from corpus.document import Cluster, Document
from corpus.settings import Settings
from indexer.analysis.segment import Segmenter
from indexer.completions import FILE as COMPLETIONS
from indexer.errors import IndexDamaged
from indexer.learning.write_learned_words import link_words
from indexer.opensearch import indices, versions
from indexer.opensearch.bulk import Action, BulkLoad, index, table, update
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.cluster_lock import ClusterLock
from indexer.opensearch.collection_counts import (
    WordCounter,
    read_clusters,
    read_titles,
    read_word_counts,
    write_clusters,
    write_titles,
    write_word_counts,
)
from indexer.opensearch.gram_counts import GramCounts, PendingTables, first_characters, tables
from indexer.opensearch.helper_tables import GenerationTables
from indexer.opensearch.layout import (
    HEAD_SOURCE,
    WHOLE_SOURCE,
    completions_id,
    grams_id,
    index_name,
    learned_words_id,
    stored_document,
    version_id,
    visible_at,
)
from indexer.opensearch.part import BodyPart, BodyPartWriter
from indexer.opensearch.prepared_text import plain_text
from indexer.opensearch.published_state import FieldLengths, PublishedGeneration, PublishedState
from indexer.store.columns import RANKED_FIELDS, SIMILARITY_PARTS, WORD_FIELDS
from indexer.store.generations import Generation
from indexer.store.manifest import Manifest
from indexer.store.publishing import UNFINISHED, publish

#: The value of `part` of versions that were written anew because their cluster changed.
_OTHER_CLUSTER: Final = "clusters"
#: Documents that are read again before a generation is published.
_SAMPLES: Final = 20
#: What is taken off the counts for a document.
_COUNTED_FIELDS: Final = (
    *RANKED_FIELDS,
    *(f"{field}_words" for field in WORD_FIELDS),
    *(f"{field}_length" for field in RANKED_FIELDS),
)


class OpenSearchWriter:
    """The `GenerationWriter` of a cluster; see there."""

    def __init__(
        self,
        client: OpenSearchClient,
        lock: ClusterLock,
        published: indices.Published | None,
        number: int,
        folder: Path,
        settings: Settings,
        segmenter: Segmenter,
        digest_genre: str,
        previous: Generation | None,
        *,
        keeps_documents: bool,
    ) -> None:
        """`number` is that of the new generation, `previous` the local one that `published` is equal to."""
        self._client = client
        self._lock = lock
        self._published = published
        self._number = number
        self._folder = folder
        self._settings = settings
        self._alias = settings.opensearch_index
        self._segmenter = segmenter
        self._digest_genre = digest_genre
        self._previous = previous if published is not None else None
        self._kept = published if keeps_documents else None
        self._index = self._kept.index if self._kept is not None else index_name(self._alias, number)
        self._parts: list[BodyPart] = []
        self._deleted: list[str] = []
        self._clusters: Mapping[str, Cluster] = {}
        self._pending = PendingTables(settings.index_dir, self._index)
        self._documents = 0
        self._state: partial[PublishedState] | None = None

    def set_sample(self, documents: Sequence[Document]) -> None:
        """Nothing: the cluster compresses documents by itself."""

    def part(self, folder: Path) -> BodyPartWriter:
        """A part to be written, by any process, into a folder that need not exist."""
        return BodyPartWriter(folder, self._digest_genre)

    def add_part(self, folder: Path) -> None:
        """Add the documents of a complete part after those that were added before."""
        if folder.is_dir():
            self._parts.append(BodyPart(folder))

    def delete(self, ids: Collection[str]) -> None:
        """Delete documents of the previous generation; those added in this run stay."""
        self._deleted = sorted(ids) if self._kept is not None else []

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of a document that was added or that stays; no document is added afterwards."""
        if id in self._part_of:
            return self._part_of[id].text(id)
        source = next(self._sources([id], WHOLE_SOURCE), None)
        if source is None:
            raise IndexDamaged(f"the document {id} is missing in the index {self._index}")
        document = stored_document(source)
        return document.title, document.body

    def set_clusters(self, clusters: Mapping[str, Cluster]) -> None:
        """The cluster of each document of the new generation that has near-duplicates, by id."""
        self._clusters = clusters

    def finish(self) -> None:
        """Send all documents, and make what belongs to the whole generation."""
        before = self._kept.state.manifest.documents if self._kept is not None else 0
        self._documents = before - len(self._deleted) + len(self._part_of)
        if not self._documents:
            return
        self._prepare_index()
        with BulkLoad(self._client, self._index) as load:
            self._send_parts(load)
            removed = list(self._sources(self._deleted, _COUNTED_FIELDS))
            load.send(self._ends(removed))
            load.send(self._versions_in_other_clusters())
            load.wait()
            write_clusters(self._folder, self._clusters)
            indices.refresh(self._client, self._index)
            load.send(self._count(removed))
            self._state = self._tables(load, removed)
        indices.complete_index(self._client, self._index)

    def publish(self, manifest: Manifest, report: Mapping[str, Any]) -> None:
        """Verify what was written, and publish it locally and in the cluster, so that a later run can repair."""
        if self._state is None:
            raise ValueError("there is no document to be published")
        state = self._state(manifest=manifest)
        try:
            self._verify()
        except IndexDamaged:
            for part in self._parts:
                part.set_sent(None)  # the next run sends all of them again
            raise
        publish(
            self._settings.index_dir,
            self._folder,
            manifest,
            report,
            keep=self._settings.keep_generations,
            mode=self._settings.index_permissions,
            before_current=lambda: self._publish_in_cluster(state),
        )

    def cancel(self) -> None:
        """Nothing: what was sent is used again or removed by the next run."""

    @cached_property
    def _part_of(self) -> dict[str, BodyPart]:
        """The part of each document that was added. Cached when no document is added any more."""
        return {id: part for part in self._parts for id in part.entries}

    @property
    def _generation_before(self) -> int:
        """The generation that the index has already, 0 if none."""
        return self._kept.state.generation if self._kept is not None else 0

    def _sources(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Documents of the generation before."""
        return versions.sources_of(self._client, self._index, ids, self._generation_before, fields)

    def _prepare_index(self) -> None:
        """Create the index, or rid one that is there of what is neither published nor of this run."""
        if self._kept is None:
            if indices.create_index(self._client, self._index, self._settings, self._documents):
                return
        elif (state := self._kept.state).generations:
            oldest = versions.oldest_read(state.generations, self._settings.keep_generations)
            versions.purge(self._client, self._index, versions.no_longer_read(oldest))
            tables = {learned_words_id(state.learned_words)}
            tables |= {completions_id(state.completions, piece) for piece in range(state.completion_pieces)}
            versions.remove_tables(self._client, self._index, tables)
        own = {part.name for part in self._parts}
        with suppress(FileNotFoundError):
            for folder in (self._settings.index_dir / UNFINISHED).iterdir():
                if folder.name not in own:  # what was sent of it is removed now
                    BodyPart(folder).set_sent(None)
        versions.remove_left_overs(self._client, self._index, self._generation_before, own, set(self._deleted))

    def _send_parts(self, load: BulkLoad) -> None:
        """Send the documents of all parts that are not in the index as they are now."""
        uuid = indices.uuid_of(self._client, self._index)
        for part in self._parts:
            added = {id: self._added_fields(id, entry.is_digest, part.name) for id, entry in part.entries.items()}
            what = [uuid, json.dumps(added)]
            if part.sent() != what:
                load.send(index(version_id(id, self._number), body) for id, body in part.bodies(added))
                load.wait()
                part.set_sent(what)

    def _added_fields(self, id: str, is_digest: bool, part: str) -> dict[str, Any]:
        """What a document has beside what depends on it alone."""
        fields: dict[str, Any] = {"since": self._number, "part": part}
        cluster = self._clusters.get(id)
        fields["demoted"] = is_digest or (cluster is not None and cluster.earliest != id)
        if cluster is not None:
            fields["cluster_earliest"] = cluster.earliest
            fields["cluster_similarity"] = round(cluster.similarity * SIMILARITY_PARTS)
        return fields

    def _ends(self, ended: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
        """Marks versions as those that this generation has no longer."""
        return (update(version_id(source["id"], source["since"]), {"doc": {"until": self._number}}) for source in ended)

    def _versions_in_other_clusters(self) -> Iterator[Action]:
        """Writes documents that stay anew if their cluster is another one, and ends their versions before."""
        if self._kept is None or self._previous is None:
            return
        old = read_clusters(self._previous.path)
        changed = {id for id in old.keys() | self._clusters.keys() if old.get(id) != self._clusters.get(id)}
        staying = sorted(changed - self._part_of.keys() - set(self._deleted))
        for source in self._sources(staying, ("*",)):
            yield from self._ends([source])
            for name in ("until", "cluster_earliest", "cluster_similarity"):
                source.pop(name, None)
            is_digest = source.get("genre") == [self._digest_genre]
            source |= self._added_fields(source["id"], is_digest, _OTHER_CLUSTER)
            yield index(version_id(source["id"], self._number), json.dumps(source, ensure_ascii=False).encode("utf-8"))

    def _count(self, removed: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
        """Write the counts of the generation; returns what sends the tables of bigrams that changed."""
        before = [self._previous.path] if self._kept is not None and self._previous is not None else []
        gone = {source["id"] for source in removed}
        folders = [part.folder for part in self._parts]
        kept_titles = (title for folder in before for title in read_titles(folder, gone))
        new_titles = (title for folder in folders for title in read_titles(folder))
        write_titles(self._folder, (title for titles in (kept_titles, new_titles) for title in titles))
        words, changes = WordCounter(), GramCounts()
        for source in removed:
            words.add(source.get("title_words", "").split(), source.get("body_words", "").split(), sign=-1)
        word_counts = [read_word_counts(folder) for folder in (*before, *folders)]
        write_word_counts(self._folder, [*word_counts, words.counts()])
        if removed:
            texts = {field: [plain_text(source.get(field, "")) for source in removed] for field in RANKED_FIELDS}
            changes.add_texts(texts, sign=-1)
        for folder in folders:
            changes.add_file(folder)
        codes = first_characters(changes) | self._pending.codes()
        self._pending.set(codes)
        for folder in before:
            changes.add_file(folder)
        changes.write(self._folder)
        return (table(grams_id(character), content) for character, content in tables(changes, codes))

    def _tables(self, load: BulkLoad, removed: Sequence[Mapping[str, Any]]) -> partial[PublishedState]:
        """Send the tables that belong to the generation; returns what makes its state with the manifest.

        Tables of words stay those of the generation before where the same words would be learned.
        """
        state = self._kept.state if self._kept is not None else None
        tables_of = GenerationTables(self._client, self._index, self._number, self._folder)
        previous = self._previous
        ids = [int(id, 16) for id in (*self._deleted, *self._part_of)]
        has_same_words = previous is not None and previous.manifest.dictionary == self._segmenter.fingerprint
        learned = self._number
        if state and previous and has_same_words and link_words(previous.path, self._folder, min(ids, default=1 << 64)):
            learned = state.learned_words
        else:
            load.send([tables_of.learn(self._segmenter)])
        folder = previous.path if previous is not None and (previous.path / COMPLETIONS).exists() else None
        pieces = tables_of.complete(self._documents, folder if state else None, len(ids))
        load.send(pieces)
        generations = state.generations if state else ()
        now = PublishedGeneration(number=self._number, published=datetime.now(UTC).isoformat(timespec="seconds"))
        oldest = versions.oldest_read((*generations, now), self._settings.keep_generations)
        return partial(
            PublishedState,
            lengths=self._lengths(state, removed),
            learned_words=learned,
            completions=self._number,
            completion_pieces=len(pieces),
            generations=tuple(each for each in (*generations, now) if each.number >= oldest),
        )

    def _lengths(self, state: PublishedState | None, removed: Sequence[Mapping[str, Any]]) -> dict[str, FieldLengths]:
        """The lengths of the ranked fields in all documents."""
        added = [entry.lengths for part in self._parts for entry in part.entries.values()]
        found = {}
        for place, field in enumerate(RANKED_FIELDS):
            new = [lengths[place] for lengths in added]
            old = [source[f"{field}_length"] for source in removed]
            known = state.lengths[field] if state is not None else FieldLengths(characters=0, documents=0)
            found[field] = FieldLengths(
                characters=known.characters + sum(new) - sum(old),
                documents=known.documents + len(list(filter(None, new))) - len(list(filter(None, old))),
            )
        return found

    def _verify(self) -> None:
        """Raise IndexDamaged unless the index has as many documents as it should, and those that were sent."""
        indices.refresh(self._client, self._index)
        there = versions.count(self._client, self._index, visible_at(self._number))
        if there != self._documents:
            raise IndexDamaged(f"{self._documents} documents were written, {there} are in the index {self._index}")
        ids = sorted(self._part_of)
        some = ids[:: len(ids) // _SAMPLES + 1]
        found = versions.sources_of(self._client, self._index, some, self._number, HEAD_SOURCE)
        if [stored_document(source).id for source in found] != some:
            raise IndexDamaged(f"documents that were written are not in the index {self._index}")

    def _publish_in_cluster(self, state: PublishedState) -> None:
        """Let readers see the generation, by one request."""
        self._lock.confirm()
        indices.set_state(self._client, self._index, state)
        if self._kept is None:
            indices.point_alias(self._client, self._alias, self._index)
        self._pending.clear()
        if self._kept is None:
            indices.delete_old_indices(self._client, self._alias, self._index)
