"""What loaders return: records as they are in the source file, and issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any

from corpus.document import SetAside, SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record with the exporter's texts unchanged: entities are not decoded.

    `number` counts the records of a file from 1. `stem` is the name, without suffix, of a file that holds this record
    only; it does not identify it, because exporters call every page index.html. `repeated_keys` are the keys that
    occur more than once in a JSON object; the last value is used. `notices` are (kind, message) pairs for the report.

    `text` is what the document is about; `set_aside` is everything else that a reader of the record sees. `visible` is
    all visible text, rendered independently of both, so that the ledger finds what they lack; empty if they are
    complete.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadIssue:
    """A record, or a part of the file, that could not be read; `number` is None if it concerns the whole file.

    `is_rejection` is False if nothing is lost that a reader would read.
    """

    number: int | None
    kind: str
    message: str
    is_rejection: bool = True


Item = RawRecord | LoadIssue
#: (the text in pieces, stem of the file's name) → its records and issues, in the order of the file.
TextLoader = Callable[[Iterable[str], str], Iterable[Item]]
#: The same for a binary file.
BytesLoader = Callable[[IO[bytes], str], Iterable[Item]]
