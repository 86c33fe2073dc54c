"""Finds the documents that contain strings, by the positions of their bigrams, with NumPy.

For what looks up many strings at once while an index is built or listed; searches have `searcher.execution`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from indexer.analysis.tokens import string_grams
from indexer.postings.format import GramBlock
from indexer.postings.reader import PackedIndex, SegmentReader
from indexer.postings.varints import Numbers, Offsets, decode_numbers, distinct
from indexer.store.columns import BLOCK_SIZES

#: First characters whose gram blocks are remembered; then they are forgotten.
_REMEMBERED: Final = 64


class StringDocuments:
    """The live documents that contain strings, in one open generation."""

    def __init__(self, index: PackedIndex) -> None:
        self._index = index
        live = index.columns.live
        self._live = None if live is None else np.asarray(live, bool)
        self._documents = {field: np.asarray(index.columns[f"{field}_blocks"]) for field in BLOCK_SIZES}
        self._blocks: dict[tuple[str, str], dict[SegmentReader, GramBlock]] = {}

    def of(self, text: str, field: str) -> Offsets:
        """The numbers of the documents with a string of two or more Han characters in a text field, ascending."""
        positions = [self._positions(text, field, segment) for segment in self._index.segments]
        found = distinct(self._documents[field][np.concatenate(positions) // np.uint32(BLOCK_SIZES[field])])
        documents = found.astype(np.int64)
        return documents if self._live is None else documents[self._live[documents]]

    def _positions(self, text: str, field: str, segment: SegmentReader) -> Numbers:
        """The positions at which the string begins in one segment, ascending."""
        lists = []
        for gram, offset in string_grams(text, starts_whole=False, ends_whole=False):
            block = self._blocks_of(field, gram[0]).get(segment)
            found = block.find(ord(gram[1])) if block is not None else None
            if found is None:
                return np.empty(0, np.uint32)
            lists.append((found[1], found[0], offset))
        (_, raw, first), *others = sorted(lists, key=lambda entry: entry[0])
        positions = _decoded(raw) - np.uint32(first)
        for _, raw, offset in others:
            having = _decoded(raw)
            at = np.searchsorted(having, positions + np.uint32(offset))
            at[at == len(having)] = 0
            positions = positions[having[at] == positions + np.uint32(offset)]
        return positions + np.uint32(segment.first_position[field])

    def _blocks_of(self, field: str, character: str) -> dict[SegmentReader, GramBlock]:
        """The gram block of a first character in each segment that has one."""
        if (field, character) not in self._blocks:
            if len(self._blocks) >= _REMEMBERED:
                self._blocks.clear()
            found = self._index.find(f"{field}_grams", character)
            blocks = {segment: GramBlock.read(segment.postings, start, end) for segment, _, _, start, end in found}
            self._blocks[field, character] = blocks
        return self._blocks[field, character]


def _decoded(raw: memoryview[int]) -> Numbers:
    """The positions of one bigram."""
    return np.cumsum(decode_numbers(np.frombuffer(raw, np.uint8))[0], dtype=np.uint32)
