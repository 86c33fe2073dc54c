"""bm25s, given words ready-made: scores of all documents as one array; fields and facets are kept beside it."""

from __future__ import annotations

import json
from array import array
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import bm25s
import numpy as np

from benchmarks.documents import read
from benchmarks.peers import FACET_VALUES, TOP, Answer, StoredHit
from benchmarks.queries import Question
from benchmarks.tokens import words

_FACETS: Final = ("account", "type", "month")
_STORED: Final = "documents.jsonl"


class Bm25s:
    """An array of scores: no positions, no boolean operators, no filters of its own."""

    title = "bm25s"
    most_documents: int | None = None
    notes: tuple[str, ...] = (
        "bm25s has neither phrases nor boolean operators and stores nothing: it answers single terms and any-of "
        "questions, with filters, facets and stored fields added here from arrays and a file beside its index.",
    )

    @property
    def version(self) -> str:
        """bm25s's."""
        return version("bm25s")

    def index(self, documents: Path, directory: Path) -> None:
        """Title and text as one list of words."""
        directory.mkdir(parents=True)
        vocabulary: dict[str, int] = {}
        tokens: list[list[int]] = []
        columns: dict[str, list[str]] = {name: [] for name in _FACETS}
        days, offsets = array("q"), array("q")
        with (directory / _STORED).open("wb") as stored:
            for document in read(documents):
                found = words(f"{document.title}\n{document.text}")
                tokens.append([vocabulary.setdefault(word, len(vocabulary)) for word in found])
                for name, column in columns.items():
                    column.append(getattr(document, name))
                days.append(document.day)
                offsets.append(stored.tell())
                stored.write(json.dumps(asdict(document), ensure_ascii=False).encode() + b"\n")
        model = bm25s.BM25()
        model.index((tokens, vocabulary), show_progress=False)
        model.save(str(directory))
        for name, column in columns.items():
            values, codes = np.unique(np.array(column), return_inverse=True)
            np.save(directory / f"{name}.values.npy", values)
            np.save(directory / f"{name}.codes.npy", codes.astype(np.int32))
        np.save(directory / "days.npy", np.array(days))
        np.save(directory / "offsets.npy", np.array(offsets))

    def open(self, directory: Path) -> Bm25sReader:
        """Map the scores, read the vocabulary and the columns."""
        return Bm25sReader(directory)


class Bm25sReader:
    """One loaded model."""

    def __init__(self, directory: Path) -> None:
        self._model: Any = bm25s.BM25.load(str(directory), mmap=True)
        self._columns = {
            name: (np.load(directory / f"{name}.values.npy"), np.load(directory / f"{name}.codes.npy"))
            for name in _FACETS
        }
        self._days = np.load(directory / "days.npy")
        self._offsets = np.load(directory / "offsets.npy")
        self._stored = (directory / _STORED).open("rb")

    def search(self, query: Question) -> Answer | None:
        """Any of the terms."""
        if query.match != "any":
            return None
        vocabulary = self._model.vocab_dict
        scores = self._model.get_scores_from_ids([vocabulary[term] for term in query.terms if term in vocabulary])
        matching = np.flatnonzero((scores > 0) & self._passing(query))
        best = matching[np.argsort(-scores[matching], kind="stable")[:TOP]]
        facets = {name: _counts(values, codes[matching]) for name, (values, codes) in self._columns.items()}
        return Answer(total=len(matching), hits=tuple(self._hit(number) for number in best), facets=facets)

    def close(self) -> None:
        """Release file and model."""
        self._stored.close()
        self._model = None

    def _passing(self, query: Question) -> Any:
        passing: Any = True
        if query.account is not None:
            values, codes = self._columns["account"]
            passing = codes == np.searchsorted(values, query.account)
        if query.date_from is not None and query.date_to is not None:
            first, last = (date.fromisoformat(day).toordinal() for day in (query.date_from, query.date_to))
            passing = passing & (self._days >= first) & (self._days <= last)
        return passing

    def _hit(self, number: int) -> StoredHit:
        self._stored.seek(int(self._offsets[number]))
        stored = json.loads(self._stored.readline())
        return StoredHit(**{name: stored[name] for name in ("id", "title", "account", "date", "text")})


def _counts(values: Any, codes: Any) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(values))
    largest = np.argsort(-counts, kind="stable")[:FACET_VALUES]
    return {str(values[code]): int(counts[code]) for code in largest if counts[code]}
