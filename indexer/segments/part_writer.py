"""Writes a part of a segment: the sorted runs, columns and stored documents of consecutive documents.

Parts are independent of each other, so that worker processes write them side by side and a build that was interrupted
goes on with those that are complete. write_segment.py makes one segment of them.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, Final

from indexer.postings.invert import RUN_POSITIONS, GramInverter, WordInverter
from indexer.record import IndexRecord
from indexer.store.column_writer import ColumnWriter, narrow_array
from indexer.store.columns import BLOCK_SIZES, RANKED_FIELDS, WORD_FIELDS
from indexer.store.stored_documents import DocumentWriter, Presets
from indexer.titles import TitleWriter

#: The last file that is written: size and CRC-32 of each of the others.
COMPLETE: Final = "part.json"
#: Approximate memory per posting while postings are collected, sorted and encoded.
_BYTES_PER_POSTING: Final = 60


class PartWriter:
    """Writes documents into a folder of its own, in about `memory_mb`; can be pickled before the first document."""

    def __init__(self, folder: Path, presets: Presets, memory_mb: float) -> None:
        self._folder = folder
        self._presets = presets
        self._postings = max(1, int(memory_mb * 1024 * 1024) // _BYTES_PER_POSTING)
        self._files: _Files | None = None

    def add(self, record: IndexRecord) -> None:
        """Append one document; documents are numbered from 0 in this order."""
        if self._files is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._files = _Files(self._folder, self._presets, self._postings)
        self._files.add(record)

    def close(self) -> None:
        """Complete all files; a part without documents is not written. Raises OSError."""
        if self._files is None:
            return
        self._files.close()
        mark_complete(self._folder)

    def cancel(self) -> None:
        """Close all files after an error; the caller removes the folder."""
        if self._files is not None:
            self._files.cancel()


def mark_complete(folder: Path) -> None:
    """Write the last file of a part, of whatever engine; raises OSError."""
    checksums = {path.name: _checksum(path) for path in sorted(folder.iterdir())}
    temporary = folder / f"{COMPLETE}.new"
    temporary.write_text(json.dumps(checksums), "utf-8")
    temporary.replace(folder / COMPLETE)


def is_complete(folder: Path) -> bool:
    """True if the folder holds a part as it was written, every byte of it."""
    try:
        checksums: dict[str, Any] = json.loads((folder / COMPLETE).read_text("utf-8"))
        return all(_checksum(folder / name) == checksum for name, checksum in checksums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _checksum(path: Path) -> list[int]:
    """Size and CRC-32."""
    content = path.read_bytes()
    return [len(content), zlib.crc32(content)]


class _Files:
    """The open files and collected postings of a part."""

    def __init__(self, folder: Path, presets: Presets, postings: int) -> None:
        self._folder = folder
        self._words = {name: WordInverter(folder / f"{name}.words", postings) for name in WORD_FIELDS}
        self._grams = {
            name: GramInverter(folder / f"{name}.grams", size, min(postings, RUN_POSITIONS))
            for name, size in BLOCK_SIZES.items()
        }
        self._columns = ColumnWriter()
        self._documents = DocumentWriter(folder, presets)
        self._titles = TitleWriter(folder)

    def add(self, record: IndexRecord) -> None:
        self._words["title"].add(record.title_words)
        self._words["body"].add(record.body_words)
        for name, inverter in self._grams.items():
            inverter.add(getattr(record, name))
        self._columns.add(record.document)
        self._documents.add(record.document)
        self._titles.add(record)

    def close(self) -> None:
        self._documents.close()
        self._titles.close()
        arrays = {}
        for name, inverter in self._grams.items():
            inverter.flush()
            arrays[f"{name}_blocks"] = inverter.block_documents()
            if name in RANKED_FIELDS:
                arrays[f"{name}_lengths"] = narrow_array(inverter.lengths)
        for words in self._words.values():
            words.flush()
        runs = {
            "gram_runs": {name: inverter.runs for name, inverter in self._grams.items()},
            "word_runs": {name: inverter.runs for name, inverter in self._words.items()},
        }
        self._columns.write(self._folder, arrays, runs)

    def cancel(self) -> None:
        self._documents.cancel()
        self._titles.cancel()
