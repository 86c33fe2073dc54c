"""Composes columns of several segments: those of a generation, and those of a segment that others are merged to.

In a generation deleted documents keep their places, so that the numbers in posting lists stay as they are; counts,
means and dictionaries leave them out. A merged segment leaves out deleted documents altogether.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from corpus.document import Cluster
from corpus.value import as_dict
from indexer.errors import IndexTooLarge
from indexer.store.column_writer import write_columns
from indexer.store.columns import (
    BLOCK_SIZES,
    ENCODED_FIELDS,
    RANKED_FIELDS,
    SIMILARITY_PARTS,
    ColumnReader,
    SegmentEntry,
)

#: Posting lists hold positions as numbers of 32 bits.
_MAX_POSITIONS: Final = 1 << 32

Numbers = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


def compose_columns(
    directory: Path, segments: Sequence[str], live: Mask, clusters: Mapping[str, Cluster], digest_genre: str
) -> None:
    """Write the columns of a generation into its folder, which has the folders `segments`.

    `live` is True for each document that is not deleted, by global number; `clusters` has, by id, the cluster of each
    live document that has copies. Documents of `digest_genre` and copies of earlier documents are demoted in rankings.
    """
    readers = [ColumnReader(directory / name) for name in segments]
    entries = _segment_entries(segments, readers)
    columns = _Composition(readers, live)
    arrays, header = columns.encoded()
    ids, lengths = columns.joined("ids"), {field: columns.joined(f"{field}_lengths") for field in RANKED_FIELDS}
    cluster, similarity, is_copy = _cluster_columns(ids, live, clusters)
    genres: list[str] = header["dictionaries"]["genre"]
    is_digest = arrays["genre"] == (genres.index(digest_genre) if digest_genre in genres else -1)
    arrays |= {"ids": ids, "days": columns.joined("days"), "demoted": (is_digest | is_copy).astype(np.uint8)}
    arrays |= {"cluster": cluster, "similarity": similarity}
    if not live.all():
        arrays["live"] = live.astype(np.uint8)
    for field in BLOCK_SIZES:
        arrays[f"{field}_blocks"] = columns.blocks(field)
    documents = int(live.sum())
    for field, numbers in lengths.items():
        arrays[f"{field}_lengths"] = _narrow(numbers)
        having = int(np.count_nonzero(numbers[live]))
        header[f"{field}_mean"] = int(numbers[live].sum(dtype=np.uint64)) / max(having, 1)
    header |= {"documents": documents, "segments": [as_dict(entry) for entry in entries]}
    write_columns(directory, {name: numbers.data for name, numbers in arrays.items()}, header)
    for reader in readers:
        reader.close()


def merge_columns(directory: Path, sources: Sequence[Path], live: Mask, header: Mapping[str, Any]) -> None:
    """Write the columns of a new segment: the live documents of the folders `sources`, renumbered in their order.

    `header` is added to that of the file.
    """
    readers = [ColumnReader(source) for source in sources]
    columns = _Composition(readers, live)
    arrays, own_header = columns.encoded()
    for name in ("ids", "days", *(f"{field}_lengths" for field in RANKED_FIELDS)):
        arrays[name] = columns.joined(name)
    arrays = {name: numbers[live] for name, numbers in arrays.items()}
    new_numbers = np.cumsum(live, dtype=np.uint32) - np.uint32(1)
    for field in BLOCK_SIZES:
        blocks = columns.blocks(field)
        arrays[f"{field}_blocks"] = new_numbers[blocks[live[blocks]]]
    write = {name: numbers.data for name, numbers in arrays.items()}
    write_columns(directory, write, {**own_header, "documents": int(live.sum()), **header})
    for reader in readers:
        reader.close()


def _segment_entries(names: Sequence[str], readers: Sequence[ColumnReader]) -> list[SegmentEntry]:
    """Where the documents and the blocks of each segment begin."""
    entries = []
    first_document, first_block = 0, dict.fromkeys(BLOCK_SIZES, 0)
    for name, reader in zip(names, readers, strict=True):
        entries.append(
            SegmentEntry(
                name=name,
                prefix=reader.header["prefix"],
                fields=reader.header["fields"],
                first_document=first_document,
                documents=reader.max_document,
                first_block=dict(first_block),
            )
        )
        first_document += reader.max_document
        for field in first_block:
            first_block[field] += len(reader[f"{field}_blocks"])
    return entries


class _Composition:
    """The columns of several segments as one."""

    def __init__(self, readers: Sequence[ColumnReader], live: Mask) -> None:
        self._readers = readers
        self._live = live

    def joined(self, name: str) -> Numbers:
        """The values of one array for all documents."""
        return np.concatenate([np.asarray(reader[name]) for reader in self._readers])

    def blocks(self, field: str) -> Numbers:
        """The document of each block of positions of a text field; raises IndexTooLarge."""
        if sum(len(reader[f"{field}_blocks"]) for reader in self._readers) * BLOCK_SIZES[field] > _MAX_POSITIONS:
            raise IndexTooLarge(_MAX_POSITIONS)
        first = 0
        parts = []
        for reader in self._readers:
            parts.append(np.asarray(reader[f"{field}_blocks"]) + np.uint32(first))
            first += reader.max_document
        return np.concatenate(parts)

    def encoded(self) -> tuple[dict[str, Numbers], dict[str, Any]]:
        """The dictionary-encoded columns, and their dictionaries and combinations for the header."""
        arrays: dict[str, Numbers] = {}
        dictionaries: dict[str, list[str]] = {}
        combinations: dict[str, list[list[int]]] = {}
        for column, spec in ENCODED_FIELDS.items():
            numbers, used = self._combinations(column)
            dictionaries[column] = sorted({"", *(value for values in used for value in values)})
            ordinals = {value: ordinal for ordinal, value in enumerate(dictionaries[column])}
            encoded = [[ordinals[value] for value in values] for values in used]
            if spec.is_multi_valued:
                combinations[column] = encoded
            else:
                numbers = np.array([first for first, *_ in encoded], np.uint32)[numbers]
            arrays[column] = _narrow(numbers)
        return arrays, {"dictionaries": dictionaries, "combinations": combinations}

    def _combinations(self, column: str) -> tuple[Numbers, list[tuple[str, ...]]]:
        """The number of each document's combination of values, and the combinations that live documents have.

        They are numbered in order of first occurrence. A deleted document has the first one.
        """
        seen: dict[tuple[str, ...], int] = {}
        parts = []
        first = 0
        for reader in self._readers:
            own = np.asarray(reader[column])
            live = self._live[first : first + len(own)]
            first += len(own)
            values = reader.dictionaries[column]
            known = reader.combinations.get(column) or [[ordinal] for ordinal in range(len(values))]
            number_of = np.zeros(len(known), np.uint32)
            used, first_uses = np.unique(own[live], return_index=True)
            for number in used[np.argsort(first_uses)].tolist():
                number_of[number] = seen.setdefault(tuple(values[ordinal] for ordinal in known[number]), len(seen))
            parts.append(np.where(live, number_of[own], np.uint32(0)))
        return np.concatenate(parts), list(seen) or [("",)]


def _cluster_columns(ids: Numbers, live: Mask, clusters: Mapping[str, Cluster]) -> tuple[Numbers, Numbers, Mask]:
    """The number of the earliest document of each one's cluster plus one, the similarity to it, and who is a copy."""
    numbers = np.flatnonzero(live)
    numbers = numbers[np.argsort(ids[numbers])]
    known = ids[numbers]
    members = numbers[np.searchsorted(known, np.array([int(id, 16) for id in clusters], np.uint64))]
    earliest = np.array([int(cluster.earliest, 16) for cluster in clusters.values()], np.uint64)
    leaders = numbers[np.searchsorted(known, earliest)]
    cluster, similarity, is_copy = (
        np.zeros(len(ids), np.uint32),
        np.zeros(len(ids), np.uint16),
        np.zeros(len(ids), bool),
    )
    cluster[members] = leaders + 1
    similarity[members] = [round(found.similarity * SIMILARITY_PARTS) for found in clusters.values()]
    is_copy[members] = members != leaders
    return cluster, similarity, is_copy


def _narrow(numbers: Numbers) -> Numbers:
    """The array with 16-bit numbers if all fit, else with 32-bit numbers."""
    return numbers.astype(np.uint16 if int(numbers.max(initial=0)) < 1 << 16 else np.uint32)
