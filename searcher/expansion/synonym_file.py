"""Reads a synonym file of the user: our own notation, comma-separated groups, and the files of Solr and of IK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

#: A backslash keeps the next character from separating. Commas between digits belong to a number.
_TOKEN: Final = re.compile(
    r"\\(?P<escaped>.)|(?P<quoted>\"[^\"]*\"|“[^”]*”)|(?P<comment>(?:(?<=\s)|^)[#＃].*)"
    r"|(?P<one_way>[=＝]\s*[>＞]|-\s?[>＞]|→|⇒|(?<![<＜])[>＞])|(?P<equal>[=＝])|(?P<comma>(?<!\d),|,(?!\d)|[，;；\t])|(?P<text>.)",
    re.DOTALL,
)
#: An equals sign is part of a name (E=mc2) in a line that has one between blanks.
_SPACED_EQUAL: Final = re.compile(r"\s[=＝](?![>＞])|[=＝]\s")
_MAX_LINES: Final = 1_000_000


class Group(NamedTuple):
    """A line of a file: `names`, each with the names that are its synonyms."""

    names: tuple[str, ...]
    synonyms: tuple[str, ...]
    is_one_way: bool


class Misunderstood(NamedTuple):
    """A line that is no group of names; `line` counts from 1."""

    line: int
    reason: str


def read_groups(text: str) -> Iterator[Group | Misunderstood]:
    """The groups of a file, and the lines that cannot be understood."""
    for number, line in enumerate(text.splitlines()[:_MAX_LINES], 1):
        line = line.strip(" \t\u3000\ufeff")
        if not line or line[0] in "#＃":
            continue
        sides = _sides(line)
        if len(sides) > 2:
            yield Misunderstood(number, "more than one arrow")
        elif len(sides) == 2 and sides[0] and sides[1]:
            yield Group(tuple(sides[0]), tuple(sides[1]), is_one_way=True)
        elif len(sides) == 1 and len(sides[0]) > 1:
            yield Group(tuple(sides[0]), tuple(sides[0]), is_one_way=False)
        else:
            yield Misunderstood(number, "a name without another; write 名称 = 别名, or 名称 => 别名 for one direction")


def _sides(line: str) -> list[list[str]]:
    """The names on each side of the arrows of a line."""
    is_spaced = bool(_SPACED_EQUAL.search(line))
    sides: list[list[str]] = [[]]
    name: list[str] = []

    def end_name() -> None:
        if whole := "".join(name).strip():
            sides[-1].append(whole)
        name.clear()

    for token in _TOKEN.finditer(line):
        kind = token.lastgroup
        around = line[token.start() - 1 : token.start()] + line[token.end() : token.end() + 1]
        if kind == "comment":
            break
        if kind == "comma" or (kind == "equal" and (not is_spaced or any(map(str.isspace, around)))):
            end_name()
        elif kind == "one_way":
            end_name()
            sides.append([])
        else:
            name.append(token[0][1:-1] if kind == "quoted" else token["escaped"] or token[0])
    end_name()
    return sides
