"""Checks before a run that the disk has room for what it writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from corpus.sources.source_file import SourceFile
from corpus.sources.suffixes import COMPRESSED, DOCUMENTS
from indexer.errors import IndexerError, IndexNotWritable
from indexer.store.generations import current
from indexer.store.write_failures import MEGABYTE, write_failures

#: Bytes for each byte of UTF-8 text (measured): drafts, parts, the segment made of them, and the catalogue.
_BYTES_PER_TEXT_BYTE: Final = 1 + 3 + 2.5 + 0.3
#: The share of text in documents, most of whose bytes are pictures and fonts.
_TEXT_OF_DOCUMENTS: Final = 0.05
#: How much text a byte of a compressed file holds.
_EXPANSION: Final = 4


@contextmanager
def enough_space(index: Path, files: Iterable[SourceFile]) -> Iterator[None]:
    """Raise IndexNotWritable if the disk of the index has too little room for documents of these files.

    The same if it fills up nevertheless while they are indexed.
    """
    needed = int(sum(map(_text_bytes, files)) * _BYTES_PER_TEXT_BYTE)
    with suppress(OSError):  # writing reports what is wrong
        free = shutil.disk_usage(index).free
        if free < needed:
            raise IndexNotWritable(
                f"the disk has too little room: about {needed // MEGABYTE + 1:,} MB are needed in {index},"
                f" {free // MEGABYTE:,} MB are free; make room, or choose another folder with --index"
            )
    with write_failures(index, needed + _remade_bytes(index)):
        yield


def _remade_bytes(index: Path) -> int:
    """The size of what every run makes anew: the files of a generation that are in none of its segments."""
    try:
        generation = current(index)
        return sum(path.stat().st_size for path in generation.path.iterdir() if path.is_file())
    except (IndexerError, OSError):
        return 0


def _text_bytes(file: SourceFile) -> float:
    if file.suffix in DOCUMENTS:
        return file.size * _TEXT_OF_DOCUMENTS
    return file.size * (_EXPANSION if file.path.suffix.lower() in COMPRESSED else 1)
