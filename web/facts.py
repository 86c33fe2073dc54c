"""What a document says of itself, as hits and article pages show it: above all which deadlines are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from corpus.document import Facts
from corpus.publication_date import SHANGHAI


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment as the document has it (ISO), as it is shown, and the days until then; None when it is past."""

    moment: str
    text: str
    days_left: int | None


def deadlines(facts: Facts, now: datetime | None = None) -> tuple[Deadline, ...]:
    """The deadlines in their order, seen from now in Shanghai. A day without a time lasts until its end."""
    now = (now or datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    return tuple(Deadline(moment, moment.replace("T", " "), _days_left(moment, now)) for moment in facts.deadlines)


def telling_deadline(found: tuple[Deadline, ...]) -> Deadline | None:
    """The one to name where there is room for one: the next to come, else the last that is past."""
    coming = [deadline for deadline in found if deadline.days_left is not None]
    return coming[0] if coming else found[-1] if found else None


def _days_left(moment: str, now: datetime) -> int | None:
    day, _, time = moment.partition("T")
    left = (date.fromisoformat(day) - now.date()).days
    is_past = left < 0 or (left == 0 and time != "" and time <= f"{now:%H:%M}")
    return None if is_past else left
