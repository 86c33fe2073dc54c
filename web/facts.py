"""Deadlines of a document as hits and article pages show them: days left, and which one to show first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from corpus.document import Facts
from corpus.publication_date import SHANGHAI


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline: ISO date or date and time, its text on the page, and the days left, None if it is past."""

    moment: str
    text: str
    days_left: int | None


def deadlines(facts: Facts, now: datetime | None = None) -> tuple[Deadline, ...]:
    """The deadlines in their order, with days left from now in Shanghai; a date without a time ends at midnight."""
    now = (now or datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    return tuple(Deadline(moment, moment.replace("T", " "), _days_left(moment, now)) for moment in facts.deadlines)


def main_deadline(found: tuple[Deadline, ...]) -> Deadline | None:
    """The deadline to show where there is room for one: the next one, else the last past one."""
    future = [deadline for deadline in found if deadline.days_left is not None]
    return future[0] if future else found[-1] if found else None


def _days_left(moment: str, now: datetime) -> int | None:
    day, _, time = moment.partition("T")
    left = (date.fromisoformat(day) - now.date()).days
    is_past = left < 0 or (left == 0 and time != "" and time <= f"{now:%H:%M}")
    return None if is_past else left
