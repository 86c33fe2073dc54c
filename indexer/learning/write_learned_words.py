"""Learns the words of a generation from its documents, or takes them over from the generation before.

They depend on the documents only, not on the history of the index. Of a large collection a sample is looked at, so that
time and memory are bounded: the documents with the lowest ids, which are hashes. A run that changes none of these links
the file of the generation before.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import numpy as np

from corpus.document import Document
from indexer.errors import IndexDamaged
from indexer.learned_words import FILE, LearnedWords, write_words
from indexer.learning.learn import TaggedCutter, learn_words
from indexer.store.columns import ColumnReader
from indexer.store.stored_documents import DocumentReader

#: Bump this if other words may be learned from the same documents.
VERSION: Final = 2

#: Characters looked at: 0.5 s and 120 MB, because a run that changes one of a hundred documents must not cost more than
#: a twentieth of making them all. In 20,000 texts, 8 million characters have 798 words, 4 million 431, 3 million 316.
SAMPLE_CHARACTERS: Final = 3_000_000
#: Of a longer text only the beginning, so that no book is most of the sample.
MAX_TEXT_CHARACTERS: Final = 100_000
#: Greater than every id of a document.
NO_ID: Final = (1 << 64) - 1


def write_learned_words(
    directory: Path, cutter: TaggedCutter, previous: Path | None = None, lowest_changed: int = 0
) -> None:
    """Write the file of a generation whose segments and columns are complete.

    `previous` is the folder of the generation before if it was cut by the same dictionary; `lowest_changed` the lowest
    id among the documents that were added or deleted since.
    """
    if previous is not None and link_words(previous, directory, lowest_changed):
        return
    columns = ColumnReader(directory)
    with closing(columns), DocumentReader(directory, columns) as stored:
        numbers, last_id = _sample(columns)
        texts = {number: sample_text(stored.read(number)) for number in sorted(numbers)}
    write_words(directory, learn_words([texts[number] for number in numbers], cutter), VERSION, last_id)


def link_words(previous: Path, directory: Path, lowest_changed: int) -> bool:
    """True if the words of a generation are also those of the next one; then they are linked into its folder."""
    with suppress(IndexDamaged, OSError), closing(LearnedWords(previous)) as words:
        if words.version == VERSION and words.last_id < lowest_changed:
            os.link(previous / FILE, directory / FILE)
            return True
    return False


def _sample(columns: ColumnReader) -> tuple[list[int], int]:
    """The numbers of the documents that are looked at, in the order of their ids, and the greatest id."""
    live = slice(None) if columns.live is None else np.flatnonzero(columns.live)
    numbers = np.arange(columns.max_document)[live]
    ids = np.asarray(columns["ids"])[live]
    order = np.argsort(ids)
    lengths = np.minimum(np.array(columns["body_lengths"], np.int64)[live], MAX_TEXT_CHARACTERS)[order]
    count = int(np.searchsorted(np.cumsum(lengths), SAMPLE_CHARACTERS)) + 1
    last_id = int(ids[order[count - 1]]) if count <= len(order) else NO_ID
    return numbers[order[:count]].tolist(), last_id


def sample_text(document: Document) -> str:
    """Title and body of a document, as words are learned from them."""
    title = "" if document.is_untitled else document.title
    return f"{title}\0{document.body[:MAX_TEXT_CHARACTERS]}"
