"""Makes the documents that a run lacks, and keeps in the catalogue what the next run must know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final, NamedTuple

from corpus.cleaning.boilerplate import AccountBoilerplate
from corpus.cleaning.text import printable
from corpus.document import Cluster
from corpus.drafts import Draft, finish
from corpus.near_duplicates import Duplicates, Sketcher, TextSketch
from corpus.taxonomy.classify import Taxonomy
from corpus.workers import Lost
from indexer.analysis.tokens import Cutter
from indexer.catalogue.database import Catalogue, packed, packed_list
from indexer.record import IndexRecord, make_record

_HASH_BYTES: Final = 16
#: Documents of the generation before that this one does not have, or has with other contents.
_GONE: Final = """
SELECT old.id FROM touched CROSS JOIN previous.documents AS old USING (id) LEFT JOIN documents USING (id)
WHERE documents.id IS NULL OR documents.hash != old.hash
"""


#: Import issues of records that became drafts, but no documents.
_LOST: Final = "crashed"
_LOST_RECORDS: Final = """
FROM record_issues WHERE kind = ? AND record IN (SELECT number FROM records WHERE article IS NOT NULL)
"""


class DocumentRow(NamedTuple):
    """What the catalogue has of a document; `hash` is that of all that is indexed of it.

    `characters` is None for a document that is as it was.
    """

    id: str
    record: int
    date: str | None
    asked: bytes | None
    endings: bytes | None
    rules: str
    is_empty: bool
    read: int
    indexed: int
    set_aside: int
    unaccounted: int
    characters: int | None
    hash: bytes


class PendingDraft(NamedTuple):
    """A draft of which a document is to be made, and written unless it is what the hash says.

    `record` is the number of its record in the catalogue.
    """

    record: int
    draft: Draft
    old_hash: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDocument:
    """A document of a run: its row and sketch, and what is to be indexed, None if it is as it was."""

    row: DocumentRow
    sketch: TextSketch
    record: IndexRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes documents of drafts; a process needs one."""

    taxonomy: Taxonomy
    cutter: Cutter
    sketcher: Sketcher

    def make(self, number: int, draft: Draft, boilerplate: AccountBoilerplate, old_hash: bytes | None) -> MadeDocument:
        """The document of the record with this number, analysed unless its hash is the old one."""
        finished = finish(draft, boilerplate, self.taxonomy)
        document, counts = finished.document, finished.characters
        hashed = blake2b(repr(document).encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
        record = make_record(document, self.cutter) if hashed != old_hash else None
        row = DocumentRow(
            id=document.id,
            record=number,
            date=document.date,
            asked=packed_list(sorted(boilerplate.asked)),
            endings=packed_list(sorted(boilerplate.asked_endings)),
            rules=" ".join(sorted(finished.rules)),
            is_empty=document.state == "empty",
            read=counts.read,
            indexed=counts.indexed,
            set_aside=counts.set_aside,
            unaccounted=counts.unaccounted,
            characters=record.characters if record else None,
            hash=hashed,
        )
        return MadeDocument(row=row, sketch=self.sketcher.sketch(document.title, document.body), record=record)


class DocumentTable:
    """The documents of the catalogue."""

    def __init__(self, catalogue: Catalogue, *, is_continued: bool) -> None:
        self._catalogue = catalogue
        self._is_continued = is_continued

    def old_hash(self, id: str) -> bytes | None:
        """The hash of a document that the generation has already; None if it must be written."""
        if not self._is_continued:
            return None
        found: bytes | None = self._catalogue.value("SELECT hash FROM previous.documents WHERE id = ?", id)
        return found

    def pending(self, record: int, draft: Draft) -> PendingDraft:
        """The draft of a record as a task."""
        return PendingDraft(record, draft, self.old_hash(draft.id))

    def add(self, row: DocumentRow, sketch: TextSketch) -> None:
        """Add a document, or keep it."""
        if row.characters is None:
            characters = self._catalogue.value("SELECT characters FROM previous.documents WHERE id = ?", row.id)
            row = row._replace(characters=characters)
        places = ", ".join("?" * len(row))
        self._catalogue.execute(f"INSERT INTO documents VALUES ({places})", *row)  # noqa: S608 - question marks only
        self._catalogue.execute(
            "INSERT OR REPLACE INTO sketches VALUES (?, ?, ?, ?)",
            row.id,
            row.date,
            sketch.digest,
            sketch.sketch,
        )

    def add_lost(self, record: int, lost: Lost) -> None:
        """Name a document that cannot be made; the next run tries it again."""
        message = packed(printable(f"it {lost.reason}"))
        self._catalogue.execute(
            "INSERT INTO record_issues SELECT number, shown IS NOT NULL, ?, ?, 1 FROM records WHERE number = ?",
            *(_LOST, message, record),
        )

    def has_lost(self) -> bool:
        """True if there are documents that could not be made."""
        return bool(self._catalogue.value(f"SELECT COUNT(*) {_LOST_RECORDS}", _LOST))

    def forget_lost(self) -> bool:
        """Forget which documents could not be made, because all of them are tried again; True if there were some."""
        return self._catalogue.execute(f"DELETE {_LOST_RECORDS}", _LOST).rowcount > 0

    @cached_property
    def gone(self) -> list[str]:
        """The ids of documents to be deleted from the generation before, because they are gone or changed.

        No document is added afterwards.
        """
        return self._catalogue.column(_GONE) if self._is_continued else []

    def clusters(self, text_of: Callable[[str], tuple[str, str]]) -> Mapping[str, Cluster]:
        """The clusters of all documents, by id. Texts are compared only if one of them changed."""
        catalogue = self._catalogue
        catalogue.execute(
            "DELETE FROM sketches WHERE id IN (SELECT id FROM touched) AND id NOT IN (SELECT id FROM documents)"
        )
        changed = set(self.gone)
        rows = catalogue.execute("SELECT earlier, later, similarity FROM verdicts")
        old = {(earlier, later): similarity for earlier, later, similarity in rows}
        duplicates = Duplicates({pair: found for pair, found in old.items() if changed.isdisjoint(pair)})
        for id, date, *sketch in catalogue.execute("SELECT id, date, digest, sketch FROM sketches ORDER BY id"):
            duplicates.add(id, date, TextSketch(*sketch))
        found = duplicates.clusters(text_of)
        new = duplicates.verdicts
        catalogue.execute_many("DELETE FROM verdicts WHERE earlier = ? AND later = ?", old.keys() - new.keys())
        catalogue.execute_many(
            "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)",
            ((*pair, similarity) for pair, similarity in new.items() if old.get(pair) != similarity),
        )
        return found
