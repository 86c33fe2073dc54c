"""Query text to `Query`. User text never raises: what cannot be taken as written is a `Problem` with its place.

脑机接口 上海        both words, each as an unbroken string
"…" “…” 「…」 『…』   this exact string
-词 －词              documents without it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from corpus.settings import Settings
from indexer.normalise import normalise
from searcher.page import Problem
from searcher.query import And, Node, Not, Query, Term

_CLOSING: Final = {'"': '"', "“": "”", "”": "”", "「": "」", "『": "』", "＂": "＂"}
#: Authors and input methods mix the forms of a double quote; any of them closes what any of them opened.
_DOUBLE: Final = frozenset('"“”„‟＂')
_MINUS: Final = frozenset("-－−")
_BLANK: Final = re.compile(r"\s+")


def parse(text: str, settings: Settings) -> tuple[Query, tuple[Problem, ...]]:
    """The query that a user's text means, and what could not be taken as written."""
    problems: list[Problem] = []
    text = _limited(text, settings, problems)
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for piece in _pieces(text, problems):
        normal = normalise(piece.text)
        if not normal:
            message = "there is nothing to search for here"
            problems.append(Problem(kind="empty_term", message=message, start=piece.start, end=piece.end))
            continue
        term = Term(text=normal, is_literal=piece.is_quoted, start=piece.start, end=piece.end)
        if len(wanted) + len(unwanted) == settings.max_query_terms:
            message = f"only the first {settings.max_query_terms} terms are searched (max_query_terms)"
            problems.append(Problem(kind="too_many_terms", message=message, start=piece.start, end=len(text)))
            break
        side = unwanted if piece.is_excluded else wanted
        if all((term.text, term.is_literal) != (other.text, other.is_literal) for other in side):
            side.append(term)
    if not wanted and not unwanted and any(problem.kind == "empty_term" for problem in problems):
        wanted.append(_nothing(text))
    parts: tuple[Node, ...] = (*wanted, *map(Not, unwanted))
    return Query(And(parts) if len(parts) > 1 else parts[0] if parts else None), tuple(problems)


def parse_exact(text: str, settings: Settings) -> tuple[Query, tuple[Problem, ...]]:
    """The query for this string as it stands: no operator, no quote has a meaning."""
    problems: list[Problem] = []
    text = _limited(text, settings, problems)
    normal = normalise(text)
    if not normal:
        message = "there is nothing to search for"
        problems.append(Problem(kind="empty_query", message=message, start=0, end=len(text)))
    term = Term(text=normal, is_literal=True, start=0, end=len(text))
    return Query(term), tuple(problems)


def _nothing(text: str) -> Term:
    """The term that no document has: a query of marks without content must not answer with everything."""
    return Term(text="", is_literal=True, start=0, end=len(text))


class _Piece(NamedTuple):
    text: str
    start: int
    end: int
    is_quoted: bool
    is_excluded: bool


def _limited(text: str, settings: Settings, problems: list[Problem]) -> str:
    limit = settings.max_query_chars
    if len(text) <= limit:
        return text
    message = f"only the first {limit} characters are searched (max_query_chars)"
    problems.append(Problem(kind="too_long", message=message, start=limit, end=len(text)))
    return text[:limit]


def _pieces(text: str, problems: list[Problem]) -> Iterator[_Piece]:
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank:
            at = blank.end()
            continue
        start = at
        is_excluded = text[at] in _MINUS and at + 1 < len(text) and not text[at + 1].isspace()
        at += is_excluded
        if text[at] in _CLOSING:
            end = _quote_end(text, at)
            if end is None:
                message = "the quotation mark is not closed; the rest is taken as quoted"
                problems.append(Problem(kind="open_quote", message=message, start=at, end=len(text)))
            inner_end = len(text) if end is None else end
            yield _Piece(text[at + 1 : inner_end], start, min(inner_end + 1, len(text)), True, is_excluded)
            at = inner_end + 1
        else:
            end = next((i for i in range(at, len(text)) if text[i].isspace() or _opens_quote(text, i)), len(text))
            yield _Piece(text[at:end], start, end, False, is_excluded)
            at = end


def _opens_quote(text: str, at: int) -> bool:
    """A quotation mark inside a word begins a quoted string only when it is closed later: 5" disks stay one word."""
    return text[at] in _CLOSING and _quote_end(text, at) is not None


def _quote_end(text: str, start: int) -> int | None:
    closing = _DOUBLE if text[start] in _DOUBLE else frozenset(_CLOSING[text[start]])
    return next((at for at in range(start + 1, len(text)) if text[at] in closing), None)
