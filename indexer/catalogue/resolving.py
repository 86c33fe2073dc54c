"""Finds the documents that a run must make: those of new records, and those whose boilerplate changed.

Afterwards each record that is kept names its document, and the documents that are as they were have a row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from corpus.cleaning.boilerplate import Boilerplate, EndLine, LineCounter, is_asked
from corpus.repeated import resolve
from indexer.catalogue.database import Catalogue, packed, packed_list, unpacked, unpacked_list
from indexer.catalogue.reading import DraftStore, FileReader

_PENDING: Final = """
SELECT records.number FROM records
JOIN files ON files.number = records.file LEFT JOIN documents ON documents.record = records.number
WHERE records.document IS NOT NULL AND documents.id IS NULL ORDER BY files.position, records.place
"""
_REPEATED: Final = """
SELECT records.article, records.number FROM records JOIN files ON files.number = records.file
WHERE records.article IN (SELECT article FROM records GROUP BY article HAVING COUNT(*) > 1)
ORDER BY files.position, records.place
"""
_LINES: Final = """
SELECT account, lines, COUNT(*) FROM records WHERE document IS NOT NULL AND account != x'' GROUP BY account, lines
"""
_ASKED: Final = """
SELECT records.account, documents.id, documents.asked, documents.endings FROM documents
JOIN records ON records.number = documents.record
WHERE documents.asked IS NOT NULL OR documents.endings IS NOT NULL
"""


class Resolver:
    """Decides which records are documents, and which of these must be made anew."""

    def __init__(self, catalogue: Catalogue, drafts: DraftStore, reader: FileReader) -> None:
        self._catalogue = catalogue
        self._drafts = drafts
        self._reader = reader

    def resolve(self) -> Boilerplate:
        """Resolve what changed, and count boilerplate; returns it. Raises FileChanged."""
        self._resolve_repeated()
        self._catalogue.execute(
            "UPDATE records SET document = article"
            " WHERE document IS NULL AND kept IS NULL AND article NOT IN (SELECT article FROM repeats)"
        )
        self._catalogue.execute(
            "DELETE FROM documents WHERE NOT EXISTS"
            " (SELECT 1 FROM records WHERE number = documents.record AND document = documents.id)"
        )
        boilerplate = self._count_lines()
        self._prepare()
        return boilerplate

    def pending(self) -> list[int]:
        """The records of which documents are to be made, in reading order; the store has their drafts."""
        return self._catalogue.column(_PENDING)

    def _resolve_repeated(self) -> None:
        """Resolve the articles whose records are not those of the last run, or not in the same order."""
        catalogue = self._catalogue
        found = self._repeated()
        known = {article: json.loads(members) for article, members in catalogue.execute("SELECT * FROM repeats")}
        stale = [article for article in {*found, *known} if found.get(article) != known.get(article)]
        for article in stale:
            catalogue.execute(
                "DELETE FROM documents WHERE record IN (SELECT number FROM records WHERE article = ?)", article
            )
            catalogue.execute(
                "UPDATE records SET document = NULL, kept = NULL, is_set_aside = 0 WHERE article = ?", article
            )
            catalogue.execute("DELETE FROM repeats WHERE article = ?", article)
        groups = {article: found[article] for article in stale if article in found}
        catalogue.execute_many(
            "INSERT INTO repeats VALUES (?, ?)", ((article, json.dumps(group)) for article, group in groups.items())
        )
        self._resolve(groups.values(), is_new=True)

    def _repeated(self) -> dict[str, list[int]]:
        """Articles with several records, and these in reading order."""
        found: dict[str, list[int]] = defaultdict(list)
        for article, number in self._catalogue.execute(_REPEATED):
            found[article].append(number)
        return found

    def _resolve(self, groups: Iterable[list[int]], *, is_new: bool) -> None:
        """Replace the drafts of the records that are kept by what is indexed; write the outcome if it is new."""
        groups = list(groups)
        self._reader.read_again(number for group in groups for number in group if number not in self._drafts)
        for group in groups:
            resolution = resolve([(self._reader.file_name(number), self._drafts[number]) for number in group])
            for at, draft in resolution.kept.items():
                self._drafts[group[at]] = draft
            if is_new:
                self._catalogue.execute_many(
                    "UPDATE records SET document = ? WHERE number = ?",
                    ((draft.id, group[at]) for at, draft in resolution.kept.items()),
                )
                self._catalogue.execute_many(
                    "UPDATE records SET kept = ?, is_set_aside = ? WHERE number = ?",
                    ((group[end.kept], end.is_set_aside, group[at]) for at, end in resolution.repeated.items()),
                )

    def _count_lines(self) -> Boilerplate:
        """Count the boilerplate of all accounts; drop the documents of which it changed."""
        catalogue = self._catalogue
        counter = LineCounter()
        for account, lines, count in catalogue.execute(_LINES):
            counter.add(unpacked(account), _lines(lines), count)
        found = counter.boilerplate()
        known = {unpacked(account): _lines(lines) for account, lines in catalogue.execute("SELECT * FROM boilerplate")}
        accounts = {*known, *found.accounts}
        changed = {account: found.lines(account) ^ set(known.get(account, ())) for account in accounts}
        changed = {account: lines for account, lines in changed.items() if lines}
        if changed:
            self._drop_trimmed_by(changed)
            catalogue.execute("DELETE FROM boilerplate")
            catalogue.execute_many(
                "INSERT INTO boilerplate VALUES (?, ?)",
                ((packed(account), packed_list(sorted(found.lines(account)))) for account in sorted(found.accounts)),
            )
        return found

    def _drop_trimmed_by(self, changed: Mapping[str, frozenset[EndLine]]) -> None:
        """Drop the documents that may be trimmed otherwise: changed are the lines of each account."""
        affected = [
            (id,)
            for account, id, asked, endings in self._catalogue.execute(_ASKED).fetchall()
            if is_asked(_lines(asked), unpacked_list(endings), changed.get(unpacked(account), ()))
        ]
        self._catalogue.execute_many("DELETE FROM documents WHERE id = ?", affected)

    def _prepare(self) -> None:
        """Get the drafts of documents that are made anew though their records are not new."""
        missing = [record for record in self.pending() if record not in self._drafts]
        groups: dict[str, list[int]] = {}
        single = []
        for record in missing:
            article = self._catalogue.value("SELECT article FROM records WHERE number = ?", record)
            members = self._catalogue.value("SELECT members FROM repeats WHERE article = ?", article)
            if members:
                groups[article] = json.loads(members)
            else:
                single.append(record)
        self._reader.read_again(single)
        self._resolve(groups.values(), is_new=False)


def _lines(stored: bytes | None) -> tuple[EndLine, ...]:
    return tuple((end, line) for end, line in unpacked_list(stored))
