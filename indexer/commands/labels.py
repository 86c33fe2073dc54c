"""Hand-made labels, and how well the rules agree with them."""

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
    """The file of labels cannot be used; the message names the line and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a reader says a document is; None where they did not say."""

    program_types: frozenset[str] | None
    genre: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document that the rules see otherwise: types they miss, types they add, and the genre that it should have."""

    source_id: str
    title: str
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    genre: str
    genre_wanted: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """Values given and wanted; the shares are 1 where there was nothing to get wrong."""

    right: int
    missed: int
    extra: int

    @property
    def precision(self) -> float:
        """The share of the given values that is wanted."""
        return _share(self.right, self.right + self.extra)

    @property
    def recall(self) -> float:
        """The share of the wanted values that is given."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return _share(2 * self.right, 2 * self.right + self.missed + self.extra)


class Comparison:
    """Counts, document by document, where the rules agree with the labels."""

    def __init__(self, labels: Mapping[str, Label]) -> None:
        self._labels = labels
        self._right: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._extra: Counter[str] = Counter()
        self._found: set[str] = set()
        self.documents = 0
        self.genres = self.genres_right = 0
        self.differences: list[Difference] = []

    def add(self, document: Document) -> None:
        """Compare a document; one without a label does not count."""
        label = self._labels.get(document.source_id)
        if label is None:
            return
        self.documents += 1
        self._found.add(document.source_id)
        given = frozenset(document.program_types)
        wanted = given if label.program_types is None else label.program_types
        if label.program_types is not None:
            self._right.update(given & wanted)
            self._missed.update(wanted - given)
            self._extra.update(given - wanted)
        is_other_genre = label.genre is not None and label.genre != document.genre
        self.genres += label.genre is not None
        self.genres_right += label.genre == document.genre
        if given != wanted or is_other_genre:
            difference = Difference(
                source_id=document.source_id,
                title=document.title,
                missed=tuple(sorted(wanted - given)),
                extra=tuple(sorted(given - wanted)),
                genre=document.genre,
                genre_wanted=label.genre if is_other_genre else None,
            )
            self.differences.append(difference)

    @property
    def not_found(self) -> tuple[str, ...]:
        """The ids that labels name and no document has."""
        return tuple(id for id in self._labels if id not in self._found)

    @property
    def genre_accuracy(self) -> float:
        """The share of the genres that agree."""
        return _share(self.genres_right, self.genres)

    @property
    def total(self) -> Score:
        """All program types together, each value of each document counted once."""
        return Score(self._right.total(), self._missed.total(), self._extra.total())

    def by_type(self) -> Iterator[tuple[str, Score]]:
        """Each program type that was given or wanted, the frequent ones first."""
        wanted = self._right + self._missed
        for value in sorted(wanted | self._extra, key=lambda value: (-wanted[value], value)):
            yield value, Score(self._right[value], self._missed[value], self._extra[value])


def read_labels(path: Path) -> dict[str, Label]:
    """The labels of a file of JSON lines, by source id.

    An object has `aid` or `source_id`, and `program_type` or `program_types` (a text or a list of texts), or `genre`,
    or both. Raises LabelsError.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(f"the labels {path} cannot be read: {error}") from error
    labels = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            source_id, label = _label(line, f"{path.name}, line {number}")
            labels[source_id] = label
    if not labels:
        raise LabelsError(f"{path.name}: no labels in this file; write one JSON object a line")
    return labels


def _label(line: str, where: str) -> tuple[str, Label]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LabelsError(f"{where}: no JSON object: {error}") from error
    if not isinstance(row, dict):
        raise LabelsError(f'{where}: write an object such as {{"aid": "…", "program_type": ["…"], "genre": "…"}}')
    source_id = row.get("source_id", row.get("aid"))
    if not isinstance(source_id, str | int) or isinstance(source_id, bool):
        raise LabelsError(f"{where}: aid or source_id is missing")
    genre = row.get("genre")
    if genre is not None and not isinstance(genre, str):
        raise LabelsError(f"{where}: genre is no text")
    types = _types(row, where)
    if types is None and genre is None:
        raise LabelsError(f"{where}: neither program_type nor genre")
    return str(source_id), Label(program_types=types, genre=genre)


def _types(row: Mapping[str, Any], where: str) -> frozenset[str] | None:
    value = row.get("program_types", row.get("program_type"))
    if value is None:
        return None
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise LabelsError(f"{where}: program_type is no list of texts")
    return frozenset(values)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
