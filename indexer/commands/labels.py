"""Hand-made labels of program types and genres, and the accuracy of the rules measured on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.document import Document
from indexer.errors import IndexerError


class LabelsError(IndexerError):
    """The file of labels cannot be used; the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Program types and genre that a person gave a document; None if they gave none."""

    program_types: frozenset[str] | None
    genre: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document whose classification differs from its label: missed and extra program types, and the genres."""

    source_id: str
    title: str
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    genre: str
    labelled_genre: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of correct, missed and extra values; a ratio without cases is 1."""

    correct: int
    missed: int
    extra: int

    @property
    def precision(self) -> float:
        """The share of the assigned values that the labels have."""
        return _share(self.correct, self.correct + self.extra)

    @property
    def recall(self) -> float:
        """The share of the labelled values that were assigned."""
        return _share(self.correct, self.correct + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _share(2 * self.correct, 2 * self.correct + self.missed + self.extra)


class Comparison:
    """Compares documents with their labels and counts the agreement."""

    def __init__(self, labels: Mapping[str, Label]) -> None:
        self._labels = labels
        self._correct: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._extra: Counter[str] = Counter()
        self._found: set[str] = set()
        self.documents = 0
        self.genres = self.correct_genres = 0
        self.differences: list[Difference] = []

    def add(self, document: Document) -> None:
        """Compare a document with its label; a document without a label is ignored."""
        label = self._labels.get(document.source_id)
        if label is None:
            return
        self.documents += 1
        self._found.add(document.source_id)
        assigned = frozenset(document.program_types)
        labelled = assigned if label.program_types is None else label.program_types
        if label.program_types is not None:
            self._correct.update(assigned & labelled)
            self._missed.update(labelled - assigned)
            self._extra.update(assigned - labelled)
        is_other_genre = label.genre is not None and label.genre != document.genre
        self.genres += label.genre is not None
        self.correct_genres += label.genre == document.genre
        if assigned != labelled or is_other_genre:
            difference = Difference(
                source_id=document.source_id,
                title=document.title,
                missed=tuple(sorted(labelled - assigned)),
                extra=tuple(sorted(assigned - labelled)),
                genre=document.genre,
                labelled_genre=label.genre if is_other_genre else None,
            )
            self.differences.append(difference)

    @property
    def not_found(self) -> tuple[str, ...]:
        """The labelled ids that no document has."""
        return tuple(id for id in self._labels if id not in self._found)

    @property
    def genre_accuracy(self) -> float:
        """The share of the labelled genres that were assigned."""
        return _share(self.correct_genres, self.genres)

    @property
    def total(self) -> Score:
        """Micro-average: all program types of all documents together."""
        return Score(self._correct.total(), self._missed.total(), self._extra.total())

    def by_type(self) -> Iterator[tuple[str, Score]]:
        """The score of each assigned or labelled program type, the most frequently labelled first."""
        labelled = self._correct + self._missed
        for value in sorted(labelled | self._extra, key=lambda value: (-labelled[value], value)):
            yield value, Score(self._correct[value], self._missed[value], self._extra[value])


def read_labels(path: Path) -> dict[str, Label]:
    """The labels of a file of JSON lines, by source id.

    Each object has `aid` or `source_id`, and at least one of `program_type` (or `program_types`: a string or a list of
    strings) and `genre`. Raises LabelsError.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(f"cannot read the labels {path}: {error}") from error
    labels = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            source_id, label = _label(line, f"{path.name}, line {number}")
            labels[source_id] = label
    if not labels:
        raise LabelsError(f"{path.name} has no labels; write one JSON object a line")
    return labels


def _label(line: str, where: str) -> tuple[str, Label]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LabelsError(f"{where}: not valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise LabelsError(f'{where}: write an object such as {{"aid": "…", "program_type": ["…"], "genre": "…"}}')
    source_id = row.get("source_id", row.get("aid"))
    if not isinstance(source_id, str | int) or isinstance(source_id, bool):
        raise LabelsError(f"{where}: the object needs aid or source_id")
    genre = row.get("genre")
    if genre is not None and not isinstance(genre, str):
        raise LabelsError(f"{where}: genre must be a string")
    types = _types(row, where)
    if types is None and genre is None:
        raise LabelsError(f"{where}: the object needs program_type or genre")
    return str(source_id), Label(program_types=types, genre=genre)


def _types(row: Mapping[str, Any], where: str) -> frozenset[str] | None:
    value = row.get("program_types", row.get("program_type"))
    if value is None:
        return None
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise LabelsError(f"{where}: program_type must be a string or a list of strings")
    return frozenset(values)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
