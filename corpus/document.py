"""What a document is: the frozen record every loader makes and every later step reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: full: text and title; empty: a title only; image_only: what is left of the text says nothing.
State = Literal["full", "empty", "image_only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and the stretch of body below it (up to the next heading); start and length count characters.

    `path` holds the titles from the outermost heading down to this one.
    """

    level: int
    title: str
    path: tuple[str, ...]
    page: int | None
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article, report or plan, cleaned. `date` is YYYY-MM-DD or None; `id` is ours, see `document_id`."""

    id: str
    source_id: str
    title: str
    account: str
    date: str | None
    url: str
    body: str
    program_types: tuple[str, ...]
    genre: str
    state: State = "full"
    sections: tuple[Section, ...] = field(default=())


def document_id(*identity: str) -> str:
    """Sixteen hex digits, the same for the same identity in every run on every machine.

    What is the identity of a document: see `corpus.identity`.
    """
    import hashlib  # deferred: searches read documents, and never name one

    return hashlib.blake2b("\0".join(identity).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
