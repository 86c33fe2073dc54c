"""Regular expressions of rule files: those that could run away are refused, the others are made to search fast."""

from __future__ import annotations

import re
from math import prod
from typing import Final

#: Two gaps of 99, or three of 36: a text that is made against a pattern then costs seconds, not hours.
MAX_WAYS: Final = 50_000

_TOKEN: Final = re.compile(r"\\.|\[[^\]]*\]|.", re.DOTALL)  # an escape, a class or one character
_ATOM: Final = re.compile(r"\\.|\[[^\]]*\]")  # a `+` inside them repeats nothing
_UNBOUNDED: Final = re.compile(r"[*+]|\{\d*,\}|\{\d*,?\d{3,}\}|\)\{")
_SIDE_BY_SIDE: Final = re.compile(r"[._]\{\d*,\d\d\}\??[._]\{\d*,\d\d\}")
_BOUND: Final = re.compile(r"\{\d*,?(\d+)\}")
_INNERMOST: Final = re.compile(r"\((?:\?(?:[:=!]|<[=!]))?([^()]*)\)")


def compile_bounded(pattern: str) -> re.Pattern[str]:
    """The pattern, of which no part crosses the end of a line; `^` and `$` match at every line.

    Every repetition is bounded, none repeats a group, none matches the empty text. Raises ValueError, which says what
    to do.
    """
    plain = _ATOM.sub("_", pattern)
    _check(not _UNBOUNDED.search(plain), "repeat at most 99 times, as in .{0,20}, and repeat no group")
    _check(not _SIDE_BY_SIDE.search(plain), "two gaps stand side by side; make one of them, as in .{0,40}")
    ways = f"the gaps multiply to more than {MAX_WAYS:,} ways; use fewer or shorter ones"
    _check(_ways(plain) <= MAX_WAYS, ways)
    try:
        compiled = re.compile(_unfolded(pattern).replace("[^", "[^\\n"), re.MULTILINE)
    except re.error as error:
        raise ValueError(f"no regular expression: {error.msg}") from error
    _check(not compiled.search(""), "matches the empty text")
    return compiled


def _check(holds: bool, fault: str) -> None:
    if not holds:
        raise ValueError(fault)


def _ways(pattern: str) -> int:
    """In how many ways the gaps of one alternative, groups included, can be filled at one place of a text."""

    def of(alternatives: str) -> int:
        return max(prod(int(bound) or 1 for bound in _BOUND.findall(one)) for one in alternatives.split("|"))

    while group := _INNERMOST.search(pattern):
        pattern = f"{pattern[: group.start()]}_{{0,{of(group[1])}}}{pattern[group.end() :]}"
    return of(pattern)


def _unfolded(pattern: str) -> str:
    """The same pattern with (a|b)c as ac|bc.

    Only where every alternative begins with a letter does `re` skip to those letters, which is three times faster.
    """
    pieces = []
    for piece in _alternatives(pattern):
        end = _end_of_group(piece)
        if end and not piece.startswith("(?") and piece[end : end + 1] != "?":
            pieces += [_unfolded(start + piece[end:]) for start in _alternatives(piece[1 : end - 1])]
        else:
            pieces.append(piece)
    return "|".join(pieces)


def _alternatives(pattern: str) -> list[str]:
    """The pattern cut at every | that stands in no group and no class."""
    pieces, depth = [""], 0
    for part in _TOKEN.findall(pattern):
        depth += _step(part)
        if part == "|" and not depth:
            pieces.append("")
        else:
            pieces[-1] += part
    return pieces


def _end_of_group(pattern: str) -> int:
    """Where the group ends with which the pattern begins; 0 without one."""
    depth = at = 0
    for part in _TOKEN.findall(pattern):
        at += len(part)
        depth += _step(part)
        if not depth:
            return at if part == ")" else 0
    return 0


def _step(part: str) -> int:
    return {"(": 1, ")": -1}.get(part, 0)
