"""What a loader hands on: one record as it stands in the file, and the faults it met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["article", "markdown", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record with the exporter's texts untouched. `form` tells how its headings are to be found.

    `stem` is the name, without suffix, of a file that holds nothing else; not an identity, for exporters call every
    page index.html. Entities in the texts are not decoded yet. Where a key of a JSON object stands twice, the last
    value is here.
    """

    number: int
    title: str
    text: str
    source_id: str = ""
    account: str = ""
    date: Any = None
    url: str = ""
    form: Form = "article"
    repeated_keys: tuple[str, ...] = ()
    stem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A record that could not be read, or what follows it; `number` is None when the whole file is meant."""

    number: int | None
    kind: str
    message: str


#: (text, stem of the file's name) → its records and faults, in file order.
Item = RawRecord | Fault
Loader = Callable[[str, str], "Iterable[Item]"]
