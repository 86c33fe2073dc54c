"""Compiles the regular expressions of rule files: refuses unbounded ones, and optimises the others for searching."""

from __future__ import annotations

import re
from math import prod
from typing import Final

#: Two gaps of 99, or three of 36: then a text made for the worst case takes seconds, not hours.
MAX_WAYS: Final = 50_000

_TOKEN: Final = re.compile(r"\\.|\[[^\]]*\]|.", re.DOTALL)  # an escape, a class or one character
_ATOM: Final = re.compile(r"\\.|\[[^\]]*\]")  # a `+` inside them repeats nothing
_UNBOUNDED: Final = re.compile(r"[*+]|\{\d*,\}|\{\d*,?\d{3,}\}|\)\{")
_SIDE_BY_SIDE: Final = re.compile(r"[._]\{\d*,\d\d\}\??[._]\{\d*,\d\d\}")
_BOUND: Final = re.compile(r"\{\d*,?(\d+)\}")
_INNERMOST: Final = re.compile(r"\((?:\?(?:[:=!]|<[=!]))?([^()]*)\)")


def compile_bounded(pattern: str) -> re.Pattern[str]:
    """The compiled pattern; no part of it matches across the end of a line, `^` and `$` match at every line.

    Every repetition must be bounded, none may repeat a group, and the pattern must not match the empty string. Raises
    ValueError with a message that says what to do.
    """
    plain = _ATOM.sub("_", pattern)
    _check(not _UNBOUNDED.search(plain), "repeat at most 99 times, as in .{0,20}, and repeat no group")
    _check(not _SIDE_BY_SIDE.search(plain), "two gaps stand side by side; make one of them, as in .{0,40}")
    ways = f"the gaps multiply to more than {MAX_WAYS:,} ways; use fewer or shorter ones"
    _check(_ways(plain) <= MAX_WAYS, ways)
    try:
        compiled = re.compile(_expanded(pattern).replace("[^", "[^\\n"), re.MULTILINE)
    except re.error as error:
        raise ValueError(f"no regular expression: {error.msg}") from error
    _check(not compiled.search(""), "matches the empty text")
    return compiled


def _check(condition: bool, fault: str) -> None:
    if not condition:
        raise ValueError(fault)


def _ways(pattern: str) -> int:
    """The number of ways to match the gaps of one alternative, groups included, at one position of a text."""

    def of(alternatives: str) -> int:
        return max(prod(int(bound) or 1 for bound in _BOUND.findall(one)) for one in alternatives.split("|"))

    while group := _INNERMOST.search(pattern):
        pattern = f"{pattern[: group.start()]}_{{0,{of(group[1])}}}{pattern[group.end() :]}"
    return of(pattern)


def _expanded(pattern: str) -> str:
    """The same pattern with (a|b)c expanded to ac|bc.

    Only if every alternative begins with a character does `re` skip to these characters, which is three times faster.
    """
    pieces = []
    for piece in _alternatives(pattern):
        end = _end_of_group(piece)
        if end and not piece.startswith("(?") and piece[end : end + 1] != "?":
            pieces += [_expanded(start + piece[end:]) for start in _alternatives(piece[1 : end - 1])]
        else:
            pieces.append(piece)
    return "|".join(pieces)


def _alternatives(pattern: str) -> list[str]:
    """The pattern split at every | outside of groups and classes."""
    pieces, depth = [""], 0
    for part in _TOKEN.findall(pattern):
        depth += _depth_change(part)
        if part == "|" and not depth:
            pieces.append("")
        else:
            pieces[-1] += part
    return pieces


def _end_of_group(pattern: str) -> int:
    """The end of the group with which the pattern begins; 0 if it does not begin with one."""
    depth = at = 0
    for part in _TOKEN.findall(pattern):
        at += len(part)
        depth += _depth_change(part)
        if not depth:
            return at if part == ")" else 0
    return 0


def _depth_change(part: str) -> int:
    """By how much a token changes the depth of groups."""
    return {"(": 1, ")": -1}.get(part, 0)
