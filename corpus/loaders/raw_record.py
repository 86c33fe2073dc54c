"""What loaders return: records as they are in the source file, and issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import IO, Any, Final, NamedTuple

from corpus.document import SetAside, SourceFormat

_HASH_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record with the exporter's texts unchanged: entities are not decoded.

    `number` counts the records of a file from 1. `stem` is the name, without suffix, of a file that holds this record
    only; it does not identify it, because exporters call every page index.html. `repeated_keys` are the keys that
    occur more than once in a JSON object; the last value is used. `notices` are (kind, message) pairs for the report.

    `text` is what the document is about; `set_aside` is everything else that a reader of the record sees. `visible` is
    all visible text, rendered independently of both, so that the ledger finds what they lack; empty if they are
    complete.

    `source_hash` is a hash of all that the loader made the record of, its number apart; empty if there is none.
    """

    number: int
    title: str
    text: str
    source_id: str = ""
    account: str = ""
    date: Any = None
    url: str = ""
    source_format: SourceFormat = "article"
    repeated_keys: tuple[str, ...] = ()
    stem: str = ""
    notices: tuple[tuple[str, str], ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    visible: str = ""
    source_hash: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadIssue:
    """A record, or a part of the file, that could not be read; `number` is None if it concerns the whole file.

    `is_rejection` is False if nothing is lost that a reader would read.
    """

    number: int | None
    kind: str
    message: str
    is_rejection: bool = True


class KnownRecord(NamedTuple):
    """A record that was not made, because the caller of the loader knows its `source_hash`; `make` makes it."""

    number: int
    source_hash: bytes
    make: Callable[[], Item]


Item = RawRecord | LoadIssue
#: Tells whether the caller of a loader knows the record with this `source_hash`.
IsKnown = Callable[[bytes], bool]
#: (the text in pieces, stem of the file's name) → its records and issues, in the order of the file.
TextLoader = Callable[[Iterable[str], str], Iterable[Item | KnownRecord]]
#: The same for a binary file.
BytesLoader = Callable[[IO[bytes], str], Iterable[Item]]


def made(record: RawRecord | KnownRecord) -> RawRecord:
    """The record itself, made if it was known. Raises TypeError if there is none, though its text was known."""
    item = record.make() if isinstance(record, KnownRecord) else record
    if not isinstance(item, RawRecord):
        raise TypeError(f"a text that was known is no record: {item.message}")
    return item


def never_known(_: bytes) -> bool:
    """Knows no record: all are made."""
    return False


def source_hash(text: str, around: str = "") -> bytes:
    """A hash of the text that a record is made of, and of what stands around it in the file."""
    return blake2b(f"{around}\0{text}".encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()


def with_source_hash(item: Item, hashed: bytes) -> Item:
    """The item with the hash of its text, unless it has notices: these are told whenever a file is read."""
    return replace(item, source_hash=hashed) if isinstance(item, RawRecord) and not item.notices else item
