"""Makes the documents of drafts and writes them in parts, in worker processes; finished parts outlive a killed run.

A part is named after a hash of all that it is made of. A run that finds it complete in the folder of unfinished work
does not make it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from corpus.cleaning.boilerplate import Boilerplate
from corpus.document import Document
from corpus.drafts import Draft, finish
from corpus.errors import KesouError
from corpus.near_duplicates import Sketcher, TextSketch
from corpus.taxonomy.classify import Taxonomy
from corpus.workers import Lost, internal_error, ordered_map
from indexer.analysis.tokens import Cutter
from indexer.catalogue.documents import DocumentRow, Maker, PendingDraft
from indexer.generation_writer import DocumentPart
from indexer.segments.part_writer import is_complete
from indexer.store.publishing import remove
from indexer.store.write_failures import first_failure

#: Work for about a second: less makes more runs to merge, more keeps workers waiting for the last part.
_PART_CHARS: Final = 1 << 20
#: What the catalogue gets of the documents of a part.
_ROWS: Final = "rows.json"
_HASH_BYTES: Final = 16


class MadePart(NamedTuple):
    """The documents made of consecutive drafts; `folder` has those to be written, None if there are none.

    `is_reused` is True if an earlier run made it.
    """

    documents: list[tuple[DocumentRow, TextSketch]]
    folder: Path | None
    is_reused: bool


class LostDocument(NamedTuple):
    """A document that cannot be made; `record` is the number of its record in the catalogue."""

    record: int
    lost: Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMaking:
    """All that parts are made with.

    `folder` is that of unfinished work, `rules` a digest of all rules that documents depend on, `new_part` makes the
    writer of a part.
    """

    folder: Path
    rules: str
    taxonomy: Taxonomy
    cutter: Cutter
    boilerplate: Boilerplate
    new_part: Callable[[Path], DocumentPart]
    workers: int


class _Task(NamedTuple):
    drafts: list[PendingDraft]
    part: DocumentPart
    folder: Path


def make_parts(
    making: PartMaking, pending: Iterable[PendingDraft], *, has_lost: bool
) -> Iterator[MadePart | LostDocument]:
    """The parts of all drafts, in order; they do not depend on the number of workers.

    A part that ends its process twice, or in an internal error, is made again in halves, and so on: only the documents
    that do so alone are lost. Few drafts are made in this process, unless one of them was lost before (`has_lost`).
    Raises OSError if a part cannot be written.
    """
    making.folder.mkdir(mode=0o700, exist_ok=True)
    chunks = _chunks(pending)
    first = list(islice(chunks, 2))
    # A part that was begun has perhaps killed the run that began it: it must not be made in this process.
    is_begun = any((making.folder / _name(making, drafts)).exists() for drafts in first)
    is_alone = len(first) < 2 and not (is_begun or has_lost)
    for drafts, made in _outcomes(making, chain(first, chunks), 1 if is_alone else making.workers):
        yield from _without_lost(making, drafts) if isinstance(made, Lost) else (made,)


def _without_lost(making: PartMaking, drafts: list[PendingDraft]) -> Iterator[MadePart | LostDocument]:
    """The parts of drafts that cannot be made as one part."""
    middle = (len(drafts) + 1) // 2
    # All outcomes are taken at once, so that no more processes are started while these are there.
    for some, made in list(_outcomes(making, filter(None, (drafts[:middle], drafts[middle:])), making.workers)):
        if not isinstance(made, Lost):
            yield made
        elif len(some) == 1:
            yield LostDocument(some[0].record, made)
        else:
            yield from _without_lost(making, some)


def _outcomes(
    making: PartMaking, chunks: Iterable[list[PendingDraft]], workers: int
) -> Iterator[tuple[list[PendingDraft], MadePart | Lost]]:
    """Chunks of drafts, each with its part."""
    setup = partial(_maker, making.taxonomy, making.cutter, making.boilerplate)
    for (drafts, folder), made in ordered_map(setup, _tasks(making, chunks), workers=workers):
        yield drafts, MadePart(_read_rows(folder), folder, is_reused=True) if made is None else made


def _tasks(
    making: PartMaking, chunks: Iterable[list[PendingDraft]]
) -> Iterator[tuple[tuple[list[PendingDraft], Path], _Task | None]]:
    """Drafts and folder of each part; one that is complete is no task."""
    for drafts in chunks:
        folder = making.folder / _name(making, drafts)
        yield (drafts, folder), None if is_complete(folder) else _Task(drafts, making.new_part(folder), folder)


def finished_sample(making: PartMaking, drafts: Iterable[Draft]) -> list[Document]:
    """The documents of some drafts, without those that cannot be made."""
    found = []
    for draft in drafts:
        with suppress(Exception):  # making the part tells of it
            found.append(finish(draft, making.boilerplate.of(draft.account), making.taxonomy).document)
    return found


def _chunks(pending: Iterable[PendingDraft]) -> Iterator[list[PendingDraft]]:
    chunk: list[PendingDraft] = []
    characters = 0
    for item in pending:
        chunk.append(item)
        characters += len(item.draft.body)
        if characters >= _PART_CHARS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _maker(taxonomy: Taxonomy, cutter: Cutter, boilerplate: Boilerplate) -> Callable[[_Task], MadePart | Lost]:
    """The function of a worker process."""
    maker = Maker(taxonomy=taxonomy, cutter=cutter, sketcher=Sketcher())

    def make(task: _Task) -> MadePart | Lost:
        remove(task.folder)
        task.folder.mkdir()
        documents, is_empty = [], True
        try:
            for item in task.drafts:
                lines = boilerplate.of(item.draft.account)
                made = maker.make(item.record, item.draft, lines, item.old_hash)
                documents.append((made.row, made.sketch))
                if made.record is not None:
                    task.part.add(made.record)
                    is_empty = False
            text = json.dumps(documents, ensure_ascii=False, default=_plain)
            (task.folder / _ROWS).write_text(text, "utf-8", "surrogatepass")
            task.part.close()
        except BaseException as error:
            task.part.cancel()
            if not isinstance(error, Exception) or isinstance(error, KesouError) or first_failure(error):
                raise
            return internal_error(error)
        return MadePart(documents, None if is_empty else task.folder, is_reused=False)

    return make


def _name(making: PartMaking, drafts: Iterable[PendingDraft]) -> str:
    """The name of a part: a hash of its drafts, of the boilerplate of their accounts, and of the rules."""
    whole = blake2b(making.rules.encode(), digest_size=_HASH_BYTES)
    for item in drafts:
        lines = sorted(making.boilerplate.lines(item.draft.account))
        line = json.dumps((item.record, item.draft, item.old_hash, lines), ensure_ascii=False, default=_plain)
        whole.update(line.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _read_rows(folder: Path) -> list[tuple[DocumentRow, TextSketch]]:
    rows = json.loads((folder / _ROWS).read_text("utf-8", "surrogatepass"), object_hook=_bytes)
    return [(DocumentRow(*row), TextSketch(*sketch)) for row, sketch in rows]


def _plain(value: Any) -> Any:
    """Bytes as JSON has them."""
    return {"hex": value.hex()}


def _bytes(found: dict[str, str]) -> bytes:
    return bytes.fromhex(found["hex"])
