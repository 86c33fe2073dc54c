"""What a query means, whatever engine answers it: terms that must occur, and terms that must not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A string in normal form.

    A literal one (quoted, or under --exact) is found anywhere; another one must not begin or end within a run of
    letters or digits. The empty string stands for a term without content: no document has it. start and end are
    its place in the query as typed.
    """

    text: str
    is_literal: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All of `wanted` in any order, none of `unwanted`. Without any wanted term every document is meant."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]
