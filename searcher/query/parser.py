"""Query text to `Query`. User text never raises: what cannot be taken as written is a `QueryProblem` with its place.

    query    all { OR all }                    NOT binds before AND, AND before OR
    all      one { [AND] one }
    one      { NOT | field } ( word | quoted | "(" query ")" )

    脑机接口 上海 · AND && & + 且              all of them, each as an unbroken string
    OR || | 或                                 one or the other
    -词 NOT 词 非 词                           documents without it
    ( … ) （ … ）                              a group
    "…" “…” 「…」 『…』                         this exact string
    前缀*                                      words that begin with it
    title: account: type: genre: source: date:       a field, with : or ：, for a word, a quoted string, a group
    标题：公众号：类型：体裁：来源：日期：

Which sign is an operator and which is text: `searcher/query/lexer.py`. An operator that has nothing to join is a word
like others. Sentence marks at the end of an unquoted word are left out: a question is no part of what is looked for.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, Literal

from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from searcher.query.build_tree import all_of, any_of, bare, negated
from searcher.query.lexer import FIELDS, MARKS, Field, Kind, Token, tokenize
from searcher.query.tree import Days, Leaf, Node, Query, Term, Value, ValueField
from searcher.results import ProblemKind, QueryProblem

if TYPE_CHECKING:
    from datetime import date

#: A prefix of one letter stands for a large part of all words.
MIN_PREFIX_CHARS: Final = 2
#: Whatever the settings say: each bracket takes some calls, of which Python allows a thousand.
_DEEPEST: Final = 100
#: Operators that nobody takes for a word, so that one without effect is worth telling.
_TELLING: Final = frozenset({"AND", "&&", "OR", "|", "||", "NOT"})


def parse(text: str, settings: Settings, today: date | None = None) -> tuple[Query, tuple[QueryProblem, ...]]:
    """The query that a user's text means, and what could not be taken as written, in the order of the text."""
    problems: list[QueryProblem] = []
    text = _limited(text, settings, problems)
    tokens, found = tokenize(text)
    problems += found
    tokens = _shallow(tokens, min(settings.max_query_depth, _DEEPEST), problems)
    root = _Parser(tokens, text, settings, problems, today).query()
    if root is None and text.strip():
        # Marks without content must not answer with everything.
        root = Term(text="", is_literal=True, start=0, end=len(text))
    return Query(root), tuple(sorted(problems, key=lambda problem: problem.start))


def parse_exact(text: str, settings: Settings) -> tuple[Query, tuple[QueryProblem, ...]]:
    """The query for this string as it stands: no operator, no quote has a meaning."""
    problems: list[QueryProblem] = []
    text = _limited(text, settings, problems)
    normal = normalise(text)
    if not normal:
        message = "there is nothing to search for"
        problems.append(QueryProblem(kind="empty_query", message=message, start=0, end=len(text)))
    return Query(Term(text=normal, is_literal=True, start=0, end=len(text))), tuple(problems)


def _limited(text: str, settings: Settings, problems: list[QueryProblem]) -> str:
    limit = settings.max_query_chars
    if len(text) <= limit:
        return text
    message = f"only the first {limit} characters are searched (max_query_chars)"
    problems.append(QueryProblem(kind="too_long", message=message, start=limit, end=len(text)))
    return text[:limit]


def _shallow(tokens: list[Token], limit: int, problems: list[QueryProblem]) -> list[Token]:
    """The tokens without the brackets that are nested deeper than the limit."""
    kept = []
    depth, is_told = 0, False
    for token in tokens:
        depth -= token.kind == "close"
        if token.kind not in ("open", "close") or depth < limit:
            kept.append(token)
        elif not is_told:
            message = f"brackets nested deeper than {limit} are left out (max_query_depth)"
            problems.append(QueryProblem(kind="too_deep", message=message, start=token.start, end=token.end))
            is_told = True
        depth += token.kind == "open"
    return kept


class _Parser:
    def __init__(
        self,
        tokens: list[Token],
        text: str,
        settings: Settings,
        problems: list[QueryProblem],
        today: date | None,
    ) -> None:
        self.tokens = tokens
        self.at = 0
        self.text = text
        self.settings = settings
        self.problems = problems
        self.today = today
        self.leaves: set[Node] = set()
        self.is_full = False

    def query(self, field: Field | None = None) -> Node | None:
        """What stands between brackets, or the whole; None without content."""
        parts = [self._all(field)]
        while self._joins("or"):
            self.at += 1
            parts.append(self._all(field))
        return any_of(part for part in parts if part is not None)

    def _all(self, field: Field | None) -> Node | None:
        begin = self.at
        parts = []
        while self._has_operand():
            if self.at > begin and self._joins("or"):
                break
            if self.at > begin and self._joins("and"):
                self.at += 1
            parts.append(self._one(field))
        return all_of(part for part in parts if part is not None)

    def _one(self, field: Field | None) -> Node | None:
        is_negated = False
        start = self.tokens[self.at].start
        while self._joins("not") or self.tokens[self.at].kind in ("minus", "field"):
            token = self.tokens[self.at]
            self.at += 1
            if not self._has_operand():
                self._tell("empty_term", "there is nothing to search for here", token.start, token.end)
                return None
            if token.kind == "field":
                field = FIELDS[token.text]
            else:
                is_negated = not is_negated
                start = self.tokens[self.at].start
        node = self._group(field) if self.tokens[self.at].kind == "open" else self._leaf(field, start)
        return negated(node) if is_negated else node

    def _group(self, field: Field | None) -> Node | None:
        opening = self.tokens[self.at]
        self.at += 1
        if not self._has_operand():
            end = self.tokens[self.at].end if self.at < len(self.tokens) else opening.end
            self._tell("empty_term", "there is nothing to search for here", opening.start, end)
        node = self.query(field)
        self.at += 1
        return node

    def _has_operand(self) -> bool:
        """Does anything but the end of a group stand here?"""
        return self.at < len(self.tokens) and self.tokens[self.at].kind != "close"

    def _joins(self, kind: Kind) -> bool:
        """Does an operator of this kind stand here, and something after it that it can apply to?"""
        if not self._has_operand() or self.tokens[self.at].kind != kind:
            return False
        return self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind != "close"

    def _leaf(self, field: Field | None, start: int) -> Node | None:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind in ("and", "or", "not") and unicodedata.normalize("NFKC", token.text) in _TELLING:
            message = "this operator has nothing to join here; it is taken as a word"
            self._tell("dangling", message, token.start, token.end)
        node = self._days(token, start) if field == "date" else self._string(token, field, token.text, start)
        if node is None or (key := bare(node)) in self.leaves:
            return node
        if len(self.leaves) < self.settings.max_query_terms:
            self.leaves.add(key)
            return node
        if not self.is_full:
            self.is_full = True
            message = f"only the first {self.settings.max_query_terms} terms are searched (max_query_terms)"
            self._tell("too_many_terms", message, start, len(self.text))
        return None

    def _string(self, token: Token, field: Literal["title"] | ValueField | None, text: str, start: int) -> Leaf | None:
        normal = normalise(text)
        if not normal:
            self._tell("empty_term", "there is nothing to search for here", start, token.end)
            return None
        # Some signs have a blank in their normal form; such a word is a string that words cannot be.
        is_literal = token.kind == "quoted" or " " in normal or "\n" in normal
        is_prefix = False
        if not is_literal:
            body = normal.rstrip(MARKS) or normal
            is_prefix = "*" in normal[len(body) :]
            normal = body
        if field is not None and field != "title":
            return Value(field=field, text=normal, is_literal=is_literal, start=start, end=token.end)
        if is_prefix and len(normal) < MIN_PREFIX_CHARS:
            message = f"a prefix needs at least {MIN_PREFIX_CHARS} characters; it is taken without the star"
            self._tell("short_prefix", message, start, token.end)
            is_prefix = False
        return Term(
            text=normal,
            is_literal=is_literal,
            is_prefix=is_prefix,
            is_title=field == "title",
            start=start,
            end=token.end,
        )

    def _days(self, token: Token, start: int) -> Leaf | None:
        from searcher.query.date_ranges import read_days, today_in_shanghai  # deferred: few queries name days

        if self.today is None:
            self.today = today_in_shanghai()
        days = read_days(normalise(token.text).rstrip(MARKS), self.today)
        if days is None:
            message = (
                "there is no such day, so this is taken as text; write 2025, 2025-10, 2025-10-09 or 2025-09..2025-12"
            )
            self._tell("bad_date", message, start, token.end)
            return self._string(token, None, self.text[start : token.end], start)
        if days.is_reversed:
            self._tell("reversed_range", "the range ends before it begins; its ends are swapped", start, token.end)
        return Days(first=days.first, last=days.last, start=start, end=token.end)

    def _tell(self, kind: ProblemKind, message: str, start: int, end: int) -> None:
        self.problems.append(QueryProblem(kind=kind, message=message, start=start, end=end))
