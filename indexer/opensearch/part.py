"""A part of a load: the bodies of consecutive documents as they are sent, and what they add to the counts.

`documents.data` has each body as a zlib stream, without its last brace, because what depends on other documents is
added when it is sent. `documents.json` says for each document where that is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from indexer.opensearch.collection_counts import PartCounts
from indexer.opensearch.document_body import document_body
from indexer.opensearch.gram_counts import GramCounts
from indexer.opensearch.layout import stored_document
from indexer.record import IndexRecord
from indexer.segments.part_writer import mark_complete
from indexer.store.columns import RANKED_FIELDS

_DOCUMENTS: Final = "documents.data"
_ENTRIES: Final = "documents.json"
#: Says which index the part was sent to, and with what; not among the files that must be there.
_SENT: Final = "sent.json"
_LEVEL: Final = 1


class Entry(NamedTuple):
    """A document of a part: where its body is, whether its genre demotes it, and the lengths of its ranked fields."""

    id: str
    start: int
    size: int
    is_digest: bool
    lengths: list[int]


class BodyPartWriter:
    """Writes documents into a folder of its own; can be pickled before the first document."""

    def __init__(self, folder: Path, digest_genre: str) -> None:
        self._folder = folder
        self._digest_genre = digest_genre
        self._file: BinaryIO | None = None
        self._entries: list[Entry] = []
        self._counts = PartCounts()
        self._texts: dict[str, list[str]] = {field: [] for field in RANKED_FIELDS}

    def add(self, record: IndexRecord) -> None:
        """Append one document."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / _DOCUMENTS).open("wb")
        text = json.dumps(document_body(record), ensure_ascii=False, separators=(",", ":"))
        start = self._file.tell()
        size = self._file.write(zlib.compress(text[:-1].encode("utf-8"), _LEVEL))
        is_digest = record.document.genre == self._digest_genre
        lengths = [len(getattr(record, field)) for field in RANKED_FIELDS]
        self._entries.append(Entry(record.document.id, start, size, is_digest, lengths))
        self._counts.add(record)
        for field, texts in self._texts.items():
            texts.append(getattr(record, field))

    def close(self) -> None:
        """Complete all files; a part without documents is not written. Raises OSError."""
        if self._file is None:
            return
        self._file.close()
        (self._folder / _ENTRIES).write_text(json.dumps(self._entries), "ascii")
        self._counts.write(self._folder)
        grams = GramCounts()
        grams.add_texts(self._texts)
        grams.write(self._folder)
        mark_complete(self._folder)

    def cancel(self) -> None:
        """Close the file after an error; the caller removes the folder."""
        if self._file is not None:
            self._file.close()


class BodyPart:
    """A complete part; raises OSError where its files cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The value of the field `part` of its documents."""
        return self.folder.name

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The documents of the part by id, in order. Cached while the run lasts."""
        rows = json.loads((self.folder / _ENTRIES).read_text("ascii"))
        return {id: Entry(id, *rest) for id, *rest in rows}

    def text(self, id: str) -> tuple[str, str]:
        """Title and body of one of its documents."""
        entry = self.entries[id]
        with (self.folder / _DOCUMENTS).open("rb") as file:
            file.seek(entry.start)
            document = stored_document(json.loads(zlib.decompress(file.read(entry.size)) + b"}"))
        return document.title, document.body

    def bodies(self, added: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
        """The id and the body of each document, with the fields that are added to it."""
        with (self.folder / _DOCUMENTS).open("rb") as file:
            for entry in self.entries.values():
                further = json.dumps(added[entry.id], separators=(",", ":")).encode("ascii")
                yield entry.id, zlib.decompress(file.read(entry.size)) + b"," + further[1:]

    def sent(self) -> Any:
        """What `set_sent` was told last, None if nothing or if the run was killed before."""
        try:
            return json.loads((self.folder / _SENT).read_text("ascii"))
        except (OSError, ValueError):
            return None

    def set_sent(self, what: Any) -> None:
        """Remember what the part was sent to, and with what, as JSON; None if it must be sent again."""
        (self.folder / _SENT).write_text(json.dumps(what), "ascii")
