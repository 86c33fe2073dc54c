"""Program types (计划类型) and genre (体裁) of a document, decided by rules that are data.

`taxonomy.toml` lists what words count, where, beside what, and unless what; this module reads and applies it.
A text is seen through four views, strongest first: title, lead (the first sentences after a repeated title),
heading (short lines and numbered items), body. A match is judged inside its own sentence or heading.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from corpus.chinese import ASCII_SENTENCE_ENDS, HAN, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.errors import CorpusError
from corpus.taxonomy.patterns import compile_bounded

#: The rules that come with the program.
PACKAGED_TAXONOMY: Final = Path(__file__).with_name("taxonomy.toml")

POSITIONS: Final = ("title", "lead", "heading", "body")  # strongest first, as types are listed
TITLE_CHARS: Final = 300  # the longest title seen has 60
LEAD_CHARS: Final = 300  # measured: what a notice or a report is about is said by then
BODY_CHARS: Final = 100_000  # the longest book seen has 70,000
SENTENCE_CHARS: Final = 400  # longer ones are cut, which keeps the search for `near` linear in the text
HEADING_CHARS: Final = 60  # a title quoted as an item of a digest fits, a sentence of prose rarely does
HEADINGS: Final = 400  # a list of winners has thousands of short lines and says nothing new after these
CONTEXT_CHARS: Final = 200  # what `near` and `not` see after a heading
REPEAT_LINES: Final = 8  # a repeated title takes up to four lines, below an issuer or a document number

_BREAKS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS  # a line ends a sentence too
_NUMBERED: Final = re.compile(
    rf"第[{NUMERAL_CHARS}百零\d]{{1,5}}[条章节]|[（(]?{NUMERAL}[）)、]|[（(]?\d{{1,2}}[）).．、]"
    r"|0\d\b|[·•【]"
)
_CREDIT: Final = re.compile(
    r"(?:本文)?转载自|(?:资料)?来源[:：]|综合自|资料提供|编辑[:：]|作者[:：]|拍摄[:：]|觉得不错|欢迎转发"
    r"|“[^”]{1,10}”出品|↓|阅读原文|各?有?关?单位[:：]|附件"
)
_PREFIX: Final = re.compile(r"^【[^】]{1,8}】")
_WORDS: Final = re.compile(rf"[{HAN}](?:[^{HAN}]*[{HAN}]){{2}}")  # three characters at least
_CONDITIONS: Final = ("near", "not", "anywhere", "nowhere")
_ENTRY_KEYS: Final = frozenset({"name", "group", "definition", "trigger"})
_RULE_KEYS: Final = frozenset({"position", "pattern", "genre", "hits", "chars", *_CONDITIONS})


class TaxonomyError(CorpusError):
    """A rule file cannot be used; the message names the file, the rule and the fault."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that decided a value, and where they stand."""

    kind: str  # "type" or "genre"
    value: str
    position: str  # one of POSITIONS
    text: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What a document is; program_types has the main one first and is never empty."""

    program_types: tuple[str, ...]
    genre: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One trigger: `pattern` in one of `positions`, where all the conditions that are set hold."""

    value: str
    positions: tuple[str, ...]  # in the order of POSITIONS
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None  # near and unless: in the same sentence; anywhere and nowhere: in the whole text
    unless: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    nowhere: re.Pattern[str] | None
    genres: tuple[str, ...]
    hits: int
    chars: int


def _holds(wanted: re.Pattern[str] | None, unwanted: re.Pattern[str] | None, text: str) -> bool:
    """Of the two conditions, those that are set are true of the text."""
    return (not wanted or bool(wanted.search(text))) and not (unwanted and unwanted.search(text))


class _View:
    """The units of one position, one per line, each with the context that `near` and `not` look at."""

    def __init__(self, units: list[str], contexts: list[str] | None = None) -> None:
        self.text = "\n".join(units)
        self._units = units
        self._contexts = units if contexts is None else contexts

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(unit) + 1 for unit in self._units[:-1]), initial=0))

    def find(self, rule: _Rule) -> re.Match[str] | None:
        """The first occurrence that counts, provided that `rule.hits` of them do."""
        found = []
        for match in rule.pattern.finditer(self.text):
            if _holds(rule.near, rule.unless, self._contexts[bisect_right(self._starts, match.start()) - 1]):
                found.append(match)
                if len(found) == rule.hits:
                    return found[0]
        return None


class _Text:
    """A document as the rules see it; a view is cut when a rule first asks for it."""

    def __init__(self, title: str, body: str) -> None:
        title, self.chars = " ".join(title.split())[:TITLE_CHARS], len(body)
        self._body = body[:BODY_CHARS]
        self._title = title
        self.title = _View([title])

    @cached_property
    def whole(self) -> str:
        """What `anywhere` and `nowhere` look at."""
        return f"{self._title}\n{self._body}"

    @cached_property
    def _lines(self) -> list[str]:
        return _without_title(self._title, self._body)

    @cached_property
    def lead(self) -> _View:
        """The first sentences of running text: neither credits nor numbered items."""
        prose, room = [], LEAD_CHARS
        for line in self._lines:
            if not _CREDIT.match(line) and not _NUMBERED.match(line):
                prose.append(line[:room])
                room -= len(line) + 1
                if room <= 0:
                    break
        return _View(_sentences("\n".join(prose)))

    @cached_property
    def heading(self) -> _View:
        """Short lines and the opening words of numbered items; the line below a heading is its context."""
        units: list[str] = []
        contexts: list[str] = []
        lines = self._lines
        for number, line in enumerate(lines, 1):
            unit = line
            if _NUMBERED.match(line):
                unit = _separated(line).split("\n", 1)[0][:HEADING_CHARS]
            elif len(line) > HEADING_CHARS or line[-1] in "。；，、,;":
                continue
            if _WORDS.search(unit) and not _CREDIT.match(line):
                below = lines[number] if number < len(lines) else ""
                units.append(unit)
                contexts.append(f"{line} {below}"[: len(unit) + CONTEXT_CHARS])
                if len(units) == HEADINGS:
                    break
        return _View(units, contexts)

    @cached_property
    def body(self) -> _View:
        """Every sentence."""
        return _View(_sentences("\n".join(self._lines)))

    def matches(self, position: str, rules: list[_Rule]) -> Iterator[tuple[_Rule, re.Match[str]]]:
        """The rules that hold at the position, with the words that fulfil them."""
        view: _View = getattr(self, position)
        for rule in rules:
            if not rule.pattern.search(view.text):  # most rules on most texts, so nothing else comes before
                continue
            match = view.find(rule) if self.chars >= rule.chars else None
            if match and _holds(rule.anywhere, rule.nowhere, self.whole):
                yield rule, match


class Taxonomy:
    """The loaded tables; one object serves any number of documents and threads."""

    def __init__(self) -> None:
        self.program_types: tuple[str, ...] = ()
        self.genres: tuple[str, ...] = ()
        self.groups: dict[str, str] = {}  # type → its heading in the facet
        self.definitions: dict[str, str] = {}  # type → one sentence for the reader
        self._rules: dict[str, list[_Rule]] = {"genre": [], "type": []}
        self._genre_rules: list[tuple[str, list[_Rule]]] = []  # by position
        self._type_rules: dict[str, list[tuple[str, list[_Rule]]]] = {}  # genre → what may hold in it, by position

    @classmethod
    def load(cls, *extra: Path) -> Taxonomy:
        """The packaged table, then users' own files, which add types, or triggers to a type of that name.

        Raises TaxonomyError.
        """
        own = PACKAGED_TAXONOMY
        taxonomy, table = cls(), _read(own, {"none", "type", "genre"})
        genres = _entries(table, "genre", own.name)
        taxonomy.genres = tuple(_string(entry, "name", own.name) for entry in genres)
        none = _string(table, "none", own.name)
        taxonomy._add(table, own.name, none)
        for path in extra:
            taxonomy._add(_read(path, {"type"}), path.name, none)
        taxonomy.program_types = (*taxonomy.groups, none)
        taxonomy._genre_rules = _by_position(taxonomy._rules["genre"])
        for genre in taxonomy.genres:
            rules = [rule for rule in taxonomy._rules["type"] if not rule.genres or genre in rule.genres]
            taxonomy._type_rules[genre] = _by_position(rules)
        return taxonomy

    def _add(self, table: Mapping[str, Any], file: str, none: str) -> None:
        for kind, rules in self._rules.items():
            for number, entry in enumerate(_entries(table, kind, file), 1):
                name = _string(entry, "name", f"{file}: {kind} {number}")
                where = f"{file}: {name}"
                _known(entry, _ENTRY_KEYS, where)
                _check(name != none, where, "this name says that there is no type")
                if kind == "type" and name not in self.groups:
                    self.groups[name] = _string(entry, "group", where)
                    self.definitions[name] = _string(entry, "definition", where)
                for count, item in enumerate(_entries(entry, "trigger", where), 1):
                    rules.append(_rule(name, item, f"{where}: trigger {count}", self.genres))

    def _genre(self, text: _Text) -> Evidence | None:
        """All rules on the title in order of priority, then all on the lead, and so on: the first that holds."""
        for position, rules in self._genre_rules:
            for rule, match in text.matches(position, rules):
                return Evidence("genre", rule.value, position, match.group())
        return None

    def classify(self, title: str, body: str) -> Classification:
        """Decide both facets; never raises, and takes time linear in the text."""
        text = _Text(title, body)
        proof = self._genre(text)
        genre = proof.value if proof else self.genres[-1]
        evidences: list[Evidence] = []
        for position, rules in self._type_rules[genre]:
            found = {evidence.value for evidence in evidences}
            here: dict[str, re.Match[str]] = {}
            for rule, match in text.matches(position, rules):
                if rule.value not in found:
                    here[rule.value] = min(match, here.get(rule.value, match), key=_start)
            ordered = sorted(here.items(), key=lambda item: _start(item[1]))
            evidences += [Evidence("type", value, position, match.group()) for value, match in ordered]
        types = tuple(evidence.value for evidence in evidences) or self.program_types[-1:]
        return Classification(types, genre, (*evidences, *([proof] if proof else [])))


def _start(match: re.Match[str]) -> int:
    return match.start()


def _by_position(rules: list[_Rule]) -> list[tuple[str, list[_Rule]]]:
    """The rules of every position that has some, in the order in which they are tried."""
    table = [(position, [rule for rule in rules if position in rule.positions]) for position in POSITIONS]
    return [(position, there) for position, there in table if there]


def _separated(text: str) -> str:
    """The text with every sentence on a line of its own; as long as before."""
    for mark in _BREAKS:
        text = text.replace(mark, "\n")
    return text


def _sentences(text: str) -> list[str]:
    cut = SENTENCE_CHARS
    pieces = [piece for piece in _separated(text).split("\n") if piece]
    if all(len(piece) <= cut for piece in pieces):
        return pieces
    return [piece[at : at + cut] for piece in pieces for at in range(0, len(piece), cut)]


def _without_title(title: str, body: str) -> list[str]:
    """The lines of the body, without blank ones and the title that many bodies repeat over several lines."""
    lines = [line for line in map(str.strip, body.split("\n")) if line]
    wanted, seen = "".join(_PREFIX.sub("", title).split()), ""
    for number, line in enumerate(lines[:REPEAT_LINES], 1):
        seen += "".join(line[:TITLE_CHARS].split())
        if wanted and seen.endswith(wanted):
            return lines[number:]
    return lines


def _read(path: Path, keys: Set[str]) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaxonomyError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise TaxonomyError(f"{path.name}: cannot be read: save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError(f"{path.name}: cannot be read as TOML: {error}") from error
    return _known(table, keys, path.name)


def _check(holds: bool, where: str, fault: str) -> None:
    if not holds:
        raise TaxonomyError(f"{where}: {fault}")


def _known(table: Mapping[str, Any], keys: Set[str], where: str) -> Mapping[str, Any]:
    unknown = ", ".join(sorted(set(table) - keys))
    _check(not unknown, where, f"unknown key {unknown}; there are {', '.join(sorted(keys))}")
    return table


def _entries(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = table.get(key, [])
    tables = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    _check(tables, where, f"{key}: not a list of tables")
    return list(value)


def _string(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    _check(isinstance(value, str) and value != "", where, f"{key}: missing, or no text")
    return str(value)


def _rule(value: str, table: Mapping[str, Any], where: str, genres: tuple[str, ...]) -> _Rule:
    _known(table, _RULE_KEYS, where)
    positions, only = table.get("position", []), table.get("genre", [])
    for key, items, allowed in (("position", positions, POSITIONS), ("genre", only, genres)):
        known = isinstance(items, list) and all(item in allowed for item in items)
        _check(known, where, f"{key}: not a list of some of {', '.join(allowed)}")
    _check(bool(positions), where, "position: missing")
    hits, chars = table.get("hits", 1), table.get("chars", 0)
    _check(type(hits) is int and hits > 0 and type(chars) is int, where, "hits or chars: not a whole number")
    pattern = _compile(table, "pattern", where)
    near, unless, anywhere, nowhere = (
        _compile(table, key, where) if key in table else None for key in ("near", "not", "anywhere", "nowhere")
    )
    ordered = tuple(position for position in POSITIONS if position in positions)
    return _Rule(value, ordered, pattern, near, unless, anywhere, nowhere, tuple(only), hits, chars)


def _compile(table: Mapping[str, Any], key: str, where: str) -> re.Pattern[str]:
    try:
        return compile_bounded(_string(table, key, where))
    except ValueError as fault:
        raise TaxonomyError(f"{where}: {key}: {fault}") from fault
