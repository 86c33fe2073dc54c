"""Reader of relevance judgements: a folder of judged queries, as `search --eval` takes it.

queries.jsonl     {"id", "text", "kind"?, "filters"?: {"account", "type", "genre", "source", "month", "date_from",
                  "date_to"}}, one a line; other keys are notes
qrels.tsv         query id, document, grade: tabs or blanks between; a document is our id, its source id or what
                  ids.tsv maps this to
substring.jsonl   {"id", "text", "docs": […], "either"?: […], "kind"?}: exactly the documents with this string, not
                  counting those of `either`
ids.tsv           source id, judged id
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corpus.fields import FACETS
from searcher.errors import BadRequest
from searcher.results import Request

#: The gain doubles with every grade; a higher number is a mistake in the file.
_HIGHEST_GRADE: Final = 10

_DATES: Final = ("date_from", "date_to")
_NO_KIND: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuery:
    """A query and the grades of its documents; without a grade above zero it should find nothing."""

    id: str
    kind: str
    request: Request
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedString:
    """A string and exactly the documents that contain it; those of `either` may or may not."""

    id: str
    kind: str
    text: str
    documents: frozenset[str]
    either: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """The judgements of a folder; `names` maps source ids to judged ids."""

    queries: tuple[JudgedQuery, ...]
    strings: tuple[JudgedString, ...]
    names: Mapping[str, str]

    @property
    def min_relevant_grade(self) -> int:
        """The lowest grade of a relevant document: 2, or 1 if no document has a higher one."""
        return min(2, max((grade for query in self.queries for grade in query.grades.values()), default=1))


def read_judgements(folder: Path, ids_map: Path | None = None) -> Judgements:
    """Read a folder; raises BadRequest, which names file and line, for a mistake in it."""
    if not os.path.isdir(folder):  # Path.is_dir raises an error for a name that is too long
        raise BadRequest("--eval takes a folder with queries.jsonl and qrels.tsv")
    grades = _grades(folder / "qrels.tsv")
    queries = tuple(_query(where, fields, grades) for where, fields in _objects(folder / "queries.jsonl"))
    seen = {query.id for query in queries}
    if len(seen) < len(queries):
        raise BadRequest("queries.jsonl: an id occurs twice")
    unknown = next((name for name in grades if name not in seen), None)
    if unknown is not None:
        raise BadRequest(f"qrels.tsv judges the query {unknown[:40]!r}, which queries.jsonl does not have")
    strings = folder / "substring.jsonl"
    names = ids_map or folder / "ids.tsv"
    return Judgements(
        queries=queries,
        strings=tuple(_string(where, fields) for where, fields in _objects(strings)) if strings.exists() else (),
        names=_names(names) if ids_map or names.exists() else {},
    )


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines that are not blank, each after its location for messages (file name and line number)."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise BadRequest(f"{path.name} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        where = f"{path.name} line {number}"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise BadRequest(f"{where} is not UTF-8") from None
        if text.strip():
            yield where, text


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, line in _lines(path):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            raise BadRequest(f"{where} is no valid JSON") from None
        if not isinstance(fields, dict):
            raise BadRequest(f"{where} is no JSON object")
        yield where, fields


def _query(where: str, fields: dict[str, Any], grades: Mapping[str, Mapping[str, int]]) -> JudgedQuery:
    id, text = _text(where, fields, "id"), _text(where, fields, "text")
    filters = fields.get("filters") or {}
    if not isinstance(filters, dict) or filters.keys() - {*FACETS, *_DATES}:
        raise BadRequest(f"{where}: filters is an object with some of " + ", ".join((*FACETS, *_DATES)))
    request = Request(
        query=text,
        filters={name: _texts(where, filters, name) for name in FACETS},
        date_from=_text(where, filters, "date_from") if filters.get("date_from") else None,
        date_to=_text(where, filters, "date_to") if filters.get("date_to") else None,
    )
    return JudgedQuery(id=id, kind=_kind(where, fields), request=request, grades=grades.get(id, {}))


def _string(where: str, fields: dict[str, Any]) -> JudgedString:
    if not isinstance(fields.get("docs"), list):
        raise BadRequest(f"{where}: docs is missing, a list of the documents with the string")
    return JudgedString(
        id=_text(where, fields, "id"),
        kind=_kind(where, fields),
        text=_text(where, fields, "text"),
        documents=frozenset(_texts(where, fields, "docs")),
        either=frozenset(_texts(where, fields, "either")),
    )


def _kind(where: str, fields: dict[str, Any]) -> str:
    name = next((name for name in ("kind", "class") if fields.get(name) is not None), None)
    return _NO_KIND if name is None else _text(where, fields, name)


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for where, line in _lines(path):
        columns = line.rstrip("\r").split("\t") if line.count("\t") >= 2 else line.split()
        if len(columns) == 4:  # TREC's files have an iteration as second column
            del columns[1]
        if len(columns) != 3:
            raise BadRequest(f"{where}: write query id, document and grade, with tabs or blanks between")
        query, document, grade = map(str.strip, columns)
        if not grade.isdecimal() or int(grade) > _HIGHEST_GRADE:
            raise BadRequest(f"{where}: the grade is a whole number from 0 to {_HIGHEST_GRADE}")
        judged = grades.setdefault(query, {})
        if judged.setdefault(document, int(grade)) != int(grade):
            raise BadRequest(f"{where}: this document has another grade above")
    return grades


def _names(path: Path) -> dict[str, str]:
    names = {}
    for where, line in _lines(path):
        columns = line.rstrip("\r").split("\t") if "\t" in line else line.split()
        if len(columns) != 2:
            raise BadRequest(f"{where}: write source id and judged id, with a tab or blanks between")
        names[columns[0].strip()] = columns[1].strip()
    return names


def _text(where: str, fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and name == "id":
        return str(value)
    if not isinstance(value, str):
        raise BadRequest(f"{where}: {name} is missing, or no text")
    return value


def _texts(where: str, fields: dict[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name) or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
        raise BadRequest(f"{where}: {name} must be a text or a list of texts")
    return tuple(values)
