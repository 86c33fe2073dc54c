"""Reads and validates rule files: the packaged taxonomy.toml, and users' own files that add to it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from corpus.errors import CorpusError
from corpus.taxonomy.patterns import compile_bounded

#: The rules that come with the program.
PACKAGED_TAXONOMY: Final = Path(__file__).with_name("taxonomy.toml")

#: Where a trigger may look for its pattern, the most reliable position first.
POSITIONS: Final = ("title", "lead", "heading", "body")

#: What code knows about a value, so that no code depends on a value's name. Each role belongs to exactly one value.
_ROLES: Final[Mapping[str, Set[str]]] = {"type": {"none"}, "genre": {"digest", "default"}}
_CONDITIONS: Final = ("near", "not", "anywhere", "nowhere")
_ENTRY_KEYS: Final = frozenset({"name", "group", "definition", "trigger"})
_TRIGGER_KEYS: Final = frozenset({"position", "pattern", "genre", "hits", "chars", *_CONDITIONS})


class TaxonomyError(CorpusError):
    """A rule file cannot be used; the message names the file, the rule and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A rule that decides for `value`: `pattern` matches in one of `positions`, and all conditions that are set hold.

    `near` and `unless` are searched in the same sentence or heading, `anywhere` and `nowhere` in the whole document.
    `genres` restricts the document's genre (empty: any); the pattern must match `hits` times, and the body must have
    at least `chars` characters.
    """

    value: str
    positions: tuple[str, ...]  # in the order of POSITIONS
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    nowhere: re.Pattern[str] | None
    genres: tuple[str, ...]
    hits: int
    chars: int


@dataclass(frozen=True, slots=True)
class ProgramType:
    """A program type with the heading of its group, and a sentence that defines it for readers."""

    name: str
    group: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All values and triggers of the rule files.

    `no_type` is the name that a document without a program type gets; it is not among `types`. `digest` is the genre
    of digests, `default_genre` the genre of documents for which no trigger decides. Genres and their triggers are
    listed by priority.
    """

    types: tuple[ProgramType, ...]
    genres: tuple[str, ...]
    type_triggers: tuple[Trigger, ...]
    genre_triggers: tuple[Trigger, ...]
    no_type: str
    digest: str
    default_genre: str

    @property
    def program_types(self) -> tuple[str, ...]:
        """All names that a document's program type may have, `no_type` last."""
        return (*(type.name for type in self.types), self.no_type)


class _Entry(NamedTuple):
    """A value as a rule file declares it; `where` names file and value in messages."""

    name: str
    where: str
    table: Mapping[str, Any]


def read_rules(*own: Path) -> Rules:
    """The packaged rules, and users' own files, which add types, or triggers to the type of the same name.

    Raises TaxonomyError.
    """
    packaged = PACKAGED_TAXONOMY
    table = _read(packaged, _ROLES.keys())
    genres = _entries(table, "genre", packaged, _ROLES["genre"])
    types = _entries(table, "type", packaged, _ROLES["type"])
    no_type = _with_role("none", types, packaged)
    types.remove(no_type)
    for path in own:
        types += _entries(_read(path, {"type"}), "type", path)
    found: dict[str, ProgramType] = {}
    for name, where, entry in types:
        _check(name != no_type.name, where, "this name says that there is no type")
        if name not in found:
            found[name] = ProgramType(name, _string(entry, "group", where), _string(entry, "definition", where))
    names = tuple(genre.name for genre in genres)
    return Rules(
        types=tuple(found.values()),
        genres=names,
        type_triggers=_triggers(types, names),
        genre_triggers=_triggers(genres, names),
        no_type=no_type.name,
        digest=_with_role("digest", genres, packaged).name,
        default_genre=_with_role("default", genres, packaged).name,
    )


def _read(path: Path, keys: Set[str]) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaxonomyError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise TaxonomyError(f"{path.name}: cannot be read: save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError(f"{path.name}: cannot be read as TOML: {error}") from error
    _check_keys(table, keys, path.name)
    return table


def _entries(table: Mapping[str, Any], kind: str, path: Path, roles: Set[str] = frozenset()) -> list[_Entry]:
    """The values of a kind that a file declares; `roles` are those that it may give to them."""
    found = []
    for number, entry in enumerate(_tables(table, kind, path.name), 1):
        name = _string(entry, "name", f"{path.name}: {kind} {number}")
        where = f"{path.name}: {name}"
        _check_keys(entry, _ENTRY_KEYS | {"role"} if roles else _ENTRY_KEYS, where)
        _check(entry.get("role") in (None, *roles), where, f"role: not one of {', '.join(sorted(roles))}")
        found.append(_Entry(name, where, entry))
    return found


def _with_role(role: str, entries: Sequence[_Entry], path: Path) -> _Entry:
    found = [entry for entry in entries if entry.table.get("role") == role]
    _check(len(found) == 1, path.name, f"the role {role} is given to {len(found)} values, and must be given to one")
    return found[0]


def _triggers(entries: Sequence[_Entry], genres: Sequence[str]) -> tuple[Trigger, ...]:
    return tuple(
        _trigger(entry.name, table, f"{entry.where}: trigger {number}", genres)
        for entry in entries
        for number, table in enumerate(_tables(entry.table, "trigger", entry.where), 1)
    )


def _trigger(value: str, table: Mapping[str, Any], where: str, genres: Sequence[str]) -> Trigger:
    _check_keys(table, _TRIGGER_KEYS, where)
    positions, only = table.get("position", []), table.get("genre", [])
    for key, items, allowed in (("position", positions, POSITIONS), ("genre", only, genres)):
        is_known = isinstance(items, list) and all(item in allowed for item in items)
        _check(is_known, where, f"{key}: not a list of some of {', '.join(allowed)}")
    _check(bool(positions), where, "position: missing")
    hits, chars = table.get("hits", 1), table.get("chars", 0)
    _check(type(hits) is int and hits > 0 and type(chars) is int, where, "hits or chars: not a whole number")
    pattern = _pattern(table, "pattern", where)
    near, unless, anywhere, nowhere = (_pattern(table, key, where) if key in table else None for key in _CONDITIONS)
    return Trigger(
        value=value,
        positions=tuple(position for position in POSITIONS if position in positions),
        pattern=pattern,
        near=near,
        unless=unless,
        anywhere=anywhere,
        nowhere=nowhere,
        genres=tuple(only),
        hits=hits,
        chars=chars,
    )


def _pattern(table: Mapping[str, Any], key: str, where: str) -> re.Pattern[str]:
    try:
        return compile_bounded(_string(table, key, where))
    except ValueError as fault:
        raise TaxonomyError(f"{where}: {key}: {fault}") from fault


def _tables(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = table.get(key, [])
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    _check(is_list, where, f"{key}: not a list of tables")
    return list(value)


def _string(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    _check(isinstance(value, str) and value != "", where, f"{key}: missing, or no text")
    return str(value)


def _check_keys(table: Mapping[str, Any], keys: Set[str], where: str) -> None:
    unknown = ", ".join(sorted(set(table) - keys))
    _check(not unknown, where, f"unknown key {unknown}; there are {', '.join(sorted(keys))}")


def _check(condition: bool, where: str, fault: str) -> None:
    if not condition:
        raise TaxonomyError(f"{where}: {fault}")
