"""Assigns program types (计划类型) and a genre (体裁) to a document by the triggers of the rule files.

A document has four positions, the most reliable first: title, lead (the first sentences after a repeated title),
headings (short lines and numbered items) and body. `rule_file.py` says what a trigger is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.taxonomy.rule_file import POSITIONS, Rules, Trigger, read_rules
from corpus.taxonomy.text_positions import ClassifiedText


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that decided for a value, and the position (one of POSITIONS) where they were found."""

    kind: Literal["type", "genre"]
    value: str
    position: str
    text: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What a document is; program_types has the main one first and is never empty."""

    program_types: tuple[str, ...]
    genre: str
    evidence: tuple[Evidence, ...]


class Taxonomy:
    """Classifies documents; one object may be shared by threads."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._genre_triggers = _by_position(rules.genre_triggers)
        self._type_triggers = {
            genre: _by_position([t for t in rules.type_triggers if not t.genres or genre in t.genres])
            for genre in rules.genres
        }

    @classmethod
    def load(cls, *own: Path) -> Taxonomy:
        """The packaged rules and those of users' own files; raises TaxonomyError."""
        return cls(read_rules(*own))

    def classify(self, title: str, body: str) -> Classification:
        """Program types and genre of a document; never raises, and takes time linear in the text."""
        text = ClassifiedText(title, body)
        genre_evidence = self._genre(text)
        genre = genre_evidence.value if genre_evidence else self.rules.default_genre
        evidence: list[Evidence] = []
        for position, triggers in self._type_triggers[genre]:
            known = {item.value for item in evidence}
            first: dict[str, re.Match[str]] = {}
            for trigger, match in text.matches(position, triggers):
                if trigger.value not in known:
                    first[trigger.value] = min(match, first.get(trigger.value, match), key=_start)
            ordered = sorted(first.items(), key=lambda item: _start(item[1]))
            evidence += [Evidence("type", value, position, match.group()) for value, match in ordered]
        types = tuple(item.value for item in evidence) or (self.rules.no_type,)
        return Classification(types, genre, (*evidence, *([genre_evidence] if genre_evidence else [])))

    def _genre(self, text: ClassifiedText) -> Evidence | None:
        """The first trigger that holds: all triggers on the title by priority, then all on the lead, and so on."""
        for position, triggers in self._genre_triggers:
            for trigger, match in text.matches(position, triggers):
                return Evidence("genre", trigger.value, position, match.group())
        return None


def _start(match: re.Match[str]) -> int:
    return match.start()


def _by_position(triggers: Iterable[Trigger]) -> list[tuple[str, list[Trigger]]]:
    """The positions that triggers look at, the most reliable first, each with its triggers in their order."""
    table = [(position, [trigger for trigger in triggers if position in trigger.positions]) for position in POSITIONS]
    return [(position, found) for position, found in table if found]
