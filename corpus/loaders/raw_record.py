"""What a loader hands on: one record as it stands in the file, and the faults it met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any

from corpus.document import SetAside, SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record with the exporter's texts untouched. `source_format` tells how its headings are to be found.

    `stem` is the name, without suffix, of a file that holds nothing else; not an identity, for exporters call every
    page index.html. Entities in the texts are not decoded yet. Where a key of a JSON object stands twice, the last
    value is here. `notices` are (kind, message) of what the reader of the report should know of a record that is
    there.

    `text` is what the document is about; `set_aside` is everything else that a reader of the record sees. `visible` is
    all visible text, rendered apart from both, so that the ledger finds what they lack; empty where they hold it all.
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
    """A record that could not be read, or what follows it; `number` is None when the whole file is meant."""

    number: int | None
    kind: str
    message: str


Item = RawRecord | LoadIssue
#: (the text in pieces, stem of the file's name) → its records and faults, in file order.
TextLoader = Callable[[Iterable[str], str], Iterable[Item]]
#: The same for a file that is no text.
BytesLoader = Callable[[IO[bytes], str], Iterable[Item]]
