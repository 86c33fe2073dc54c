"""Decides which of several records of one article is kept, and what of the others is kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from corpus.document import document_id
from corpus.drafts import Draft, only_in_copy, with_set_aside
from corpus.import_issue import ImportIssue, noted
from corpus.ledger import character_count


class Repeated(NamedTuple):
    """A record that is not kept because another one, with the number `kept`, is the same article.

    `is_set_aside` is True if the kept one has what only this one says.
    """

    kept: int
    is_set_aside: bool


class Resolution(NamedTuple):
    """What becomes of the records of one article: number → the draft that is kept, or why it is not."""

    kept: dict[int, Draft]
    repeated: dict[int, Repeated]


def resolve(drafts: Sequence[tuple[str, Draft]]) -> Resolution:
    """Decide about drafts that have the same id, given with the names of their files in reading order.

    The first one is kept, unless it says much less than another one. Files of one name that say different things are
    documents of their own, with ids of their own.
    """
    holders: dict[str, int] = {}
    kept: dict[int, Draft] = {}
    repeated: dict[int, Repeated] = {}
    for number, (file, draft) in enumerate(drafts):
        while (holder := holders.get(draft.id)) is not None and _is_another(draft, kept[holder]):
            draft = draft._replace(id=document_id(draft.id, file))
        if holder is None:
            holders[draft.id], kept[number] = number, draft
            continue
        winner, loser, first, second = holder, number, kept.pop(holder), draft
        if 2 * len(first.body) < len(second.body):
            winner, loser, first, second = loser, winner, second, first
        missed = only_in_copy(second, first)
        holders[draft.id] = winner
        kept[winner] = with_set_aside(first, "\n".join(missed)) if missed else first
        repeated[loser] = Repeated(winner, bool(missed))
    while stale := {number: end for number, end in repeated.items() if end.kept in repeated}:
        for number, end in stale.items():
            repeated[number] = end._replace(kept=repeated[end.kept].kept)
    return Resolution(kept, repeated)


def _is_another(draft: Draft, kept: Draft) -> bool:
    """True for the text of a file that says mostly other things than that of a file with the same name."""
    if draft.source_format == "article":
        return False
    return 2 * character_count(*only_in_copy(draft, kept)) > character_count(draft.body)


def repeated_issue(file: str, source_id: str, kept_file: str, *, is_set_aside: bool) -> ImportIssue:
    """The line of the report on a record that is not kept."""
    message = f"the same article as one in {kept_file}, which is kept: {source_id}"
    if is_set_aside:
        message += "; what only this one says is set aside there"
    return noted(file, None, "repeated", message)
