"""Checks a generation: each file by its checksum, the counts of all files, and some documents of each segment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from indexer.catalogue.database import FILE_NAME, catalogue_damage, document_hashes
from indexer.completions import CompletionTable
from indexer.errors import IndexDamaged
from indexer.postings.format import GramBlock, decode_positions
from indexer.postings.reader import PackedIndex, SegmentReader
from indexer.record import IndexRecord, make_record
from indexer.run_report import RunReport
from indexer.store.columns import BLOCK_SIZES, ColumnReader
from indexer.store.generations import Generation, generation_number
from indexer.store.manifest import Manifest, read_manifest
from indexer.store.stored_documents import DocumentReader
from indexer.store.verification import damaged_files
from indexer.upkeep.reports import CheckReport

#: Documents of each segment that are read and looked up.
_SAMPLES: Final = 20
_LOOKED_UP: Final = ("title", "body")
#: Damaged files are found by their checksums; what is wrong beside that need not be listed in full.
_MAX_DAMAGES: Final = 50


def check_generation(folder: Path) -> CheckReport:
    """Check the generation in a folder; raises ReindexNeeded and IndexUnreadable."""
    number = generation_number(folder.name)
    try:
        manifest, files = read_manifest(folder)
    except IndexDamaged as error:
        return CheckReport(generation=number, damages=(error.damage,))
    damages = [
        f"{folder.name}/{name} is missing or does not match its checksum" for name in damaged_files(folder, files)
    ]
    report = Generation(path=folder, manifest=manifest, stamps={})
    checked: dict[str, Any] = {}
    try:
        if not damages:  # else nothing can be read safely
            checked["unaccounted"] = _check_report(report.report(), manifest)
            checked["samples"] = _check_documents(folder, manifest, damages)
            _check_catalogue(folder)
    except IndexDamaged as error:
        damages.append(error.damage)
    return CheckReport(
        generation=number,
        documents=manifest.documents,
        files=len(files),
        bytes=sum(entry.size for entry in files.values()),
        damages=tuple(damages[:_MAX_DAMAGES]),
        **checked,
    )


def _check_report(content: dict[str, Any], manifest: Manifest) -> int:
    """The characters that the run report says are unaccounted for; raises IndexDamaged if its counts disagree."""
    report = RunReport.from_dict(content)
    indexed = sum(file.indexed for file in report.by_file)
    if not manifest.documents == report.indexed == indexed:
        raise IndexDamaged(
            f"the manifest has {manifest.documents} documents, the run report {report.indexed}, its files {indexed}"
        )
    return report.ledger.unaccounted


def _check_documents(folder: Path, manifest: Manifest, damages: list[str]) -> int:
    """Compare the counts, and look samples up; returns their number. Raises IndexDamaged."""
    CompletionTable(folder).close()
    with closing(PackedIndex(folder)) as index:
        columns = index.columns
        live = columns.max_document if columns.live is None else sum(columns.live)
        if not manifest.documents == columns.documents == live:
            raise IndexDamaged(
                f"the manifest has {manifest.documents} documents, the columns {columns.documents}, {live} are live"
            )
        if sum(entry.documents for entry in columns.segments) != columns.max_document:
            raise IndexDamaged("the segments and the columns have different numbers of documents")
        samples = 0
        with DocumentReader(folder, columns) as stored:
            for segment, number in _samples(index):
                samples += 1
                if not _is_found(index, segment, number, stored):
                    damages.append(f"document {number} of {folder.name} is not found by its own characters")
    return samples


def _check_catalogue(folder: Path) -> None:
    """Raise IndexDamaged if the catalogue cannot be read, or has other documents than the index."""
    name = f"{folder.name}/{FILE_NAME}"
    if damage := catalogue_damage(folder / FILE_NAME):
        raise IndexDamaged(f"{name} cannot be read ({damage})")
    hashes = document_hashes(folder / FILE_NAME)
    if hashes is None:
        raise IndexDamaged(f"{name} has no documents")
    known = {int(id, 16) for id in hashes}
    with closing(ColumnReader(folder)) as columns:
        live = columns.live
        indexed = {id for number, id in enumerate(columns["ids"]) if live is None or live[number]}
    if known != indexed:
        raise IndexDamaged(f"{name} and the index differ in {len(known ^ indexed):,} documents")


def _samples(index: PackedIndex) -> Iterator[tuple[SegmentReader, int]]:
    """Live documents of each segment, evenly spaced, with its first and last one."""
    live = index.columns.live
    for segment, entry in zip(index.segments, index.columns.segments, strict=True):
        numbers = range(entry.first_document, entry.first_document + entry.documents)
        alive = [number for number in numbers if live is None or live[number]]
        places = {at * (len(alive) - 1) // max(_SAMPLES - 1, 1) for at in range(_SAMPLES)} if alive else ()
        for place in sorted(places):
            yield segment, alive[place]


def _is_found(index: PackedIndex, segment: SegmentReader, number: int, stored: DocumentReader) -> bool:
    """True if the stored document has the id of the columns, and its texts are found by their first characters."""
    document = stored.read(number)
    if int(document.id, 16) != index.columns["ids"][number]:
        return False
    record = make_record(document, _NoWords())
    return all(_has_bigram(index, segment, number, field, record) for field in _LOOKED_UP)


def _has_bigram(index: PackedIndex, segment: SegmentReader, number: int, field: str, record: IndexRecord) -> bool:
    """True if the posting list of the first two characters of a field has the document, or the field is shorter."""
    text: str = getattr(record, field)
    if len(text) < 2:
        return True
    size, blocks = BLOCK_SIZES[field], index.columns[f"{field}_blocks"]
    for found in index.find(f"{field}_grams", text[0]):
        if found.segment is segment:
            bigram = GramBlock.read(segment.postings, found.start, found.end).find(ord(text[1]))
            positions = decode_positions(bigram[0]) if bigram is not None else ()
            return any(blocks[(segment.first_position[field] + at) // size] == number for at in positions)
    return False


class _NoWords:
    """Cuts nothing, because only characters are looked up."""

    def cut(self, runs: object) -> list[str]:
        """No words."""
        return []
