"""Counts the live documents of each word of a generation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.postings.merge import Renumbering, chunks, merge_words, sums_by_term
from indexer.postings.segment_lists import read_segment
from indexer.store.columns import ColumnReader

#: Postings decoded at a time.
_POSTINGS: Final = 1 << 19


def word_counts(
    directory: Path, columns: ColumnReader, live: npt.NDArray[np.bool_], field: str
) -> Iterator[tuple[str, int]]:
    """Each word that live documents have in a field, with their number, in the order of code points.

    `directory` is the folder of the generation, `live` tells which documents are, by their numbers in it.
    """
    sources = []
    for segment in columns.segments:
        lists = read_segment(directory / segment.name / segment.prefix, {}, {segment.fields[field]: field})[field]
        own = live[segment.first_document : segment.first_document + segment.documents]
        renumbering = Renumbering(
            run_position=0,
            first_document=segment.first_document,
            first_position=0,
            live=None if own.all() else own,
            columns=directory / segment.name,
        )
        sources.append((lists, renumbering))
    codes = np.unique(np.concatenate([lists.leading for lists, _ in sources]))
    ranks = [np.searchsorted(codes, lists.leading) for lists, _ in sources]
    totals = sums_by_term(ranks, [lists.postings for lists, _ in sources], len(codes))
    for low, high in chunks(totals, _POSTINGS):
        bounds = int(codes[low]), int(codes[high - 1]) + 1
        for found in merge_words([(lists.extent(*bounds), own) for lists, own in sources], _POSTINGS):
            for word, count in zip(found.rows.words, found.rows.counts.tolist(), strict=True):
                yield word.decode("utf-8", "surrogatepass"), count
