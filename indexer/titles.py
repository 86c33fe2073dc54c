"""Keeps the normal forms of titles and their words, which completions are made of, in a file of each segment.

`titles.data` is a zlib stream of JSON lines, one for each document: the normal form and its words, as an array.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path
from typing import Final

from indexer.analysis.normalise import normalise
from indexer.errors import IndexDamaged
from indexer.record import IndexRecord

FILE: Final = "titles.data"
_PARTS_PER_TITLE: Final = 3
_MIN_PART_CHARACTERS: Final = 4
#: Where a part of a title begins, after a prefix such as 一图读懂|…, 【申报】…, 解读:… (in normal form).
_PART_STARTS: Final = re.compile(r"[|:】\]][【《\[ ]*")
#: Fast, because every run reads and some runs write the titles of all documents.
_LEVEL: Final = 1


class TitleWriter:
    """Appends titles; the file is complete after `close`."""

    def __init__(self, directory: Path) -> None:
        self._file = (directory / FILE).open("wb")
        self._stream = zlib.compressobj(_LEVEL)

    def add(self, record: IndexRecord) -> None:
        """Append the title of a document."""
        title = shown_title(record)
        self._append(json.dumps([title, *record.title_words], separators=(",", ":")))

    def add_all(self, directory: Path, is_live: Sequence[bool] | None) -> None:
        """Append the titles of a part or segment, without those of deleted documents; None if all are live."""
        lines: Iterator[str] = _lines(directory)
        for line in lines if is_live is None else compress(lines, is_live):
            self._append(line)

    def close(self) -> None:
        """Complete the file. Raises OSError if it cannot be written."""
        self._file.write(self._stream.flush())
        self._file.close()

    def cancel(self) -> None:
        """Close the file after an error; the caller removes the folder."""
        self._file.close()

    def _append(self, line: str) -> None:
        self._file.write(self._stream.compress(f"{line}\n".encode()))


def shown_title(record: IndexRecord) -> str:
    """The normal form of the title that hits show, which may be the first line of the body."""
    return record.title or normalise(record.document.title)


def title_starts(title: str) -> list[int]:
    """The offsets at which a title and its parts begin."""
    if not _PART_STARTS.search(title, 0, 256):
        return [0] if title else []
    ends = [match.end() for match in _PART_STARTS.finditer(title, 0, 256)]
    parts = [at for at in ends if at < 256 and len(title) - at >= _MIN_PART_CHARACTERS]
    return [0, *parts][:_PARTS_PER_TITLE]


def read_titles(directory: Path) -> Iterator[str]:
    """The normal form of the title of each document of a segment, in order. Raises IndexDamaged."""
    decode = json.JSONDecoder().raw_decode
    return (decode(line, len("["))[0] for line in _lines(directory))


def read_title_words(directory: Path) -> Iterator[tuple[str, list[str]]]:
    """The same, with the words of each title."""
    for line in _lines(directory):
        title, *words = json.loads(line)
        yield title, words


def _lines(directory: Path) -> Iterator[str]:
    try:
        content = zlib.decompress((directory / FILE).read_bytes())
    except (OSError, zlib.error) as error:
        raise IndexDamaged(f"{directory.name}/{FILE} cannot be read ({error})") from error
    return iter(content.decode().splitlines())
