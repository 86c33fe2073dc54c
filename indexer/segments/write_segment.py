"""Makes one segment of parts and of other segments: merges their posting lists, copies their stored documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from indexer.postings.merge import ListSource, Renumbering
from indexer.postings.merge_task import MergeTask, merge, plan_tasks
from indexer.postings.rows import RowFile
from indexer.postings.segment_lists import read_segment
from indexer.postings.whoosh_writer import GRAM_FIELDS, SEGMENT_PREFIX, Pieces, field_numbers, write_whoosh_files
from indexer.store.columns import BLOCK_SIZES, WORD_FIELDS, ColumnReader
from indexer.store.compose_columns import merge_columns
from indexer.store.stored_documents import DocumentWriter, Presets
from indexer.titles import TitleWriter

Mask = npt.NDArray[np.bool_]
T = TypeVar("T")
R = TypeVar("R")


class Map(Protocol):
    """The built-in `map` for one iterable, or one that calls the function in worker processes; results in order."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
        """The results of the function for all items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSource:
    """A part or a segment to be merged; `live` tells which of its documents are not deleted, None if all are."""

    folder: Path
    live: Mask | None = None


#: Memory per posting while a task decodes, sorts and encodes postings, and that of the encoded lists it holds.
_BYTES_PER_POSTING: Final = 80
_ENCODED_BYTES: Final = 8
#: More postings at a time are not merged faster.
_MAX_POSTINGS: Final = 1 << 20


def write_segment(folder: Path, sources: Sequence[SegmentSource], memory_mb: float, run: Map = map) -> None:
    """Write the live documents of all sources, renumbered in their order, as a segment into a new folder.

    There must be a live document. The preset dictionaries are those of the first source.

    `run` may be a map that works in processes, of which each then needs about `memory_mb`. Raises OSError if any of it
    cannot be written, IndexDamaged if a source cannot be read.
    """
    folder.mkdir()
    columns = [ColumnReader(source.folder) for source in sources]
    live = [
        np.ones(reader.max_document, bool) if source.live is None else source.live
        for source, reader in zip(sources, columns, strict=True)
    ]
    header = {"prefix": SEGMENT_PREFIX, "fields": field_numbers()}
    merge_columns(folder, [source.folder for source in sources], np.concatenate(live), header)
    _copy_documents(folder, sources)
    planned = _plan(folder, sources, columns, live, memory_mb)
    for reader in columns:
        reader.close()
    tasks = [task for field in planned.values() for task in field]
    merged = run(merge, tasks)
    tables = iter(merged)
    pieces: dict[str, Pieces] = {
        name: ((next(tables), task.piece) for task in field) for name, field in planned.items()
    }
    write_whoosh_files(folder, pieces)


def _copy_documents(folder: Path, sources: Sequence[SegmentSource]) -> None:
    """Append the stored documents and the titles of all sources."""
    presets = Presets.of_segment(sources[0].folder)
    documents, titles = DocumentWriter(folder, presets), TitleWriter(folder)
    try:
        for source in sources:
            is_live = None if source.live is None else source.live.tolist()
            documents.add_all(source.folder, is_live)
            titles.add_all(source.folder, is_live)
        documents.close()
        titles.close()
    except BaseException:
        documents.cancel()
        titles.cancel()
        raise


def _plan(
    folder: Path,
    sources: Sequence[SegmentSource],
    columns: Sequence[ColumnReader],
    live: Sequence[Mask],
    memory_mb: float,
) -> dict[str, list[MergeTask]]:
    """The tasks for each field of the term table whose lists are merged, in the order of their numbers."""
    memory = int(memory_mb * 1024 * 1024)
    limit = min(_MAX_POSTINGS, max(1, memory // 2 // _BYTES_PER_POSTING))
    lists: dict[str, list[tuple[ListSource, Renumbering]]] = {name: [] for name in (*WORD_FIELDS, *GRAM_FIELDS)}
    first_document, first_block = 0, dict.fromkeys(BLOCK_SIZES, 0)
    for source, reader, is_live in zip(sources, columns, live, strict=True):
        for name, run_position, found in _lists(source.folder, reader):
            text = GRAM_FIELDS.get(name, name)
            renumbering = Renumbering(
                run_position=run_position,
                first_document=first_document,
                first_position=first_block[text] * BLOCK_SIZES[text],
                live=source.live,
                columns=source.folder,
            )
            lists[name].append((found, renumbering))
        first_document += int(is_live.sum())
        for text in first_block:
            first_block[text] += int(is_live[np.asarray(reader[f"{text}_blocks"])].sum())
    return {
        name: list(
            plan_tasks(
                GRAM_FIELDS.get(name, name),
                lists[name],
                folder,
                is_gram=name in GRAM_FIELDS,
                postings=max(limit, memory // 2 // _ENCODED_BYTES),
                limit=limit,
            )
        )
        for name in field_numbers()
        if name in lists
    }


def _lists(folder: Path, columns: ColumnReader) -> Iterator[tuple[str, int, ListSource]]:
    """Field of the term table, position at which the lists begin to count, and lists: several runs for a part."""
    header: dict[str, Any] = columns.header
    if "prefix" in header:
        numbers: dict[str, int] = header["fields"]
        grams = {numbers[name]: name for name in GRAM_FIELDS}
        words = {numbers[name]: name for name in WORD_FIELDS}
        for name, found in read_segment(folder / header["prefix"], grams, words).items():
            yield name, 0, found
        return
    for name, text in GRAM_FIELDS.items():
        for run, position in header["gram_runs"][text]:
            yield name, position, RowFile(folder / run)
    for name in WORD_FIELDS:
        for run in header["word_runs"][name]:
            yield name, 0, RowFile(folder / run)
