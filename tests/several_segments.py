"""Writes a generation of several segments with deleted documents, and opens a searcher over it."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.document import Document
from corpus.settings import Settings
from indexer.analysis.tokens import Cutter
from indexer.completion_writer import write_completions
from indexer.postings.deleted_grams import count_grams, write_deleted_grams
from indexer.record import IndexRecord, make_record
from indexer.segments.part_writer import PartWriter
from indexer.segments.write_segment import SegmentSource, write_segment
from indexer.store.compose_columns import compose_columns
from indexer.store.generations import Generation, current
from indexer.store.stored_documents import Presets
from searcher.execution.embedded_engine import EmbeddedEngine
from searcher.execution.ranking import Parameters
from searcher.service import Searcher

if TYPE_CHECKING:
    from searcher.execution.embedded_engine import AnyArrays


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document as it lies in a segment."""

    document: Document
    is_deleted: bool = False


def write_segments(
    folder: Path, template: Path, segments: Sequence[Sequence[WrittenDocument]], cutter: Cutter
) -> Generation:
    """Write documents into the segments of a new folder; the rest of the generation is that of the index `template`."""
    folder.mkdir()
    source = current(template)
    os.link(source.path / "learned_words.data", folder / "learned_words.data")
    names = []
    deleted: Counter[int] = Counter()
    for number, written in enumerate(segments):
        names.append(f"seg-{number:06d}-00")
        part = PartWriter(folder / "part", Presets(b"", b""), 16)
        for one in written:
            record = make_record(one.document, cutter)
            part.add(record)
            if one.is_deleted:
                deleted += count_grams(texts_of(record))
        part.close()
        write_segment(folder / names[-1], [SegmentSource(folder=folder / "part")], 16)
        shutil.rmtree(folder / "part")
    every = [one for written in segments for one in written]
    live = [one.document for one in every if not one.is_deleted]
    clusters = {document.id: document.cluster for document in live if document.cluster is not None}
    compose_columns(folder, names, np.array([not one.is_deleted for one in every]), clusters, "汇编")
    if len(live) < len(every):
        write_deleted_grams(folder, deleted)
    write_completions(folder)
    return replace(source, path=folder, manifest=replace(source.manifest, documents=len(live)))


def texts_of(record: IndexRecord) -> dict[str, str]:
    """The normal forms of the fields that rank."""
    return {"title": record.title, "heading": record.heading, "body": record.body}


@dataclass(frozen=True, slots=True)
class OneGeneration:
    """A source of engines that has one generation."""

    generation: Generation
    arrays: AnyArrays

    def version(self) -> Hashable:
        """Nothing else is published."""
        return 1

    def open(self) -> EmbeddedEngine:
        """Open the generation."""
        return EmbeddedEngine(self.generation, Parameters(), self.arrays)


def searcher_over(generation: Generation, arrays: AnyArrays) -> Searcher:
    """A searcher over one generation with one implementation of the array operations."""
    return Searcher(OneGeneration(generation, arrays), Settings())
