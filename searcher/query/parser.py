"""Parser of the query language: query text to a query tree. It never raises; it reports `QueryProblem`s with spans.

    query    all { OR all }                    NOT binds before AND, AND before OR
    all      one { [AND] one }
    one      { NOT | field } ( word | quoted | "(" query ")" )

    脑机接口 上海 · AND && & + 且              all of them, each as an unbroken string
    OR || | 或                                 one or the other
    -词 NOT 词 非 词                           documents without it
    ( … ) （ … ）                              a group
    "…" “…” 「…」 『…』                         this exact string; inside a sentence a part of it
    前缀*                                      words that begin with it
    in:all 范围：全部                          unquoted terms too are looked for in what is set aside
    title: account: type: genre: source: date:       a field, with : or ：, before a word, a quoted string or a group
    标题：公众号：类型：体裁：来源：日期：

`searcher/query/lexer.py` says where a sign is an operator and where it is text. An operator without an operand is a
word like others. Sentence marks at the end of an unquoted word are left out: they are no part of what is looked for.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, Literal

from corpus.fields import QUERY_NAMES, QueryField, ValueField
from corpus.settings import Settings
from indexer.analysis.normalise import context_forms, normalise
from searcher.query.build_tree import all_of, any_of, negated
from searcher.query.lexer import MARKS, Lexeme, LexemeKind, split_lexemes
from searcher.query.quotations import without_quotations
from searcher.query.tree import Alternatives, DateRange, FieldValue, Leaf, Node, Query, Term
from searcher.results import ProblemKind, QueryProblem

if TYPE_CHECKING:
    from datetime import date

#: A prefix of one character matches a large part of all words.
MIN_PREFIX_CHARS: Final = 2
#: A limit on top of the setting: each bracket takes some nested calls, and Python allows a thousand.
_MAX_DEPTH: Final = 100
#: Operators that nobody types as words, so that one without effect is reported.
_UNMISTAKABLE: Final = frozenset({"AND", "&&", "OR", "|", "||", "NOT"})


def parse(text: str, settings: Settings, today: date | None = None) -> tuple[Query, tuple[QueryProblem, ...]]:
    """The query tree of a user's text, and its problems in the order of the text; `today` is for ranges like 近一月."""
    problems: list[QueryProblem] = []
    text = _truncate(text, settings, problems)
    lexemes, found = split_lexemes(text)
    problems += found
    lexemes = without_quotations(lexemes)
    lexemes = _drop_deep_brackets(lexemes, min(settings.max_query_depth, _MAX_DEPTH), problems)
    is_everywhere = any(lexeme.kind == "everywhere" for lexeme in lexemes)
    lexemes = [lexeme for lexeme in lexemes if lexeme.kind != "everywhere"]
    root = _Parser(lexemes, text, settings, problems, today).query()
    if root is None and text.strip():
        # A text without a term must not match every document.
        root = Term(text="", is_literal=True, start=0, end=len(text))
    return Query(root, is_everywhere), tuple(sorted(problems, key=lambda problem: problem.start))


def parse_exact(text: str, settings: Settings) -> tuple[Query, tuple[QueryProblem, ...]]:
    """The query for the text as one literal string, without operators and quotes."""
    problems: list[QueryProblem] = []
    text = _truncate(text, settings, problems)
    normal = normalise(text)
    if not normal:
        message = "there is nothing to search for"
        problems.append(QueryProblem(kind="empty_query", message=message, start=0, end=len(text)))
    return Query(_phrase(text, 0, len(text))), tuple(problems)


def _phrase(text: str, start: int, end: int, *, is_title: bool = False) -> Term | Alternatives:
    """The literal term for a string, with the other normal forms that it may have inside a longer text."""
    forms = context_forms(text)
    terms = tuple(Term(text=form, is_literal=True, is_title=is_title, start=start, end=end) for form in forms)
    return terms[0] if len(terms) == 1 else Alternatives(terms)


def _truncate(text: str, settings: Settings, problems: list[QueryProblem]) -> str:
    limit = settings.max_query_chars
    if len(text) <= limit:
        return text
    message = f"only the first {limit} characters are searched (max_query_chars)"
    problems.append(QueryProblem(kind="too_long", message=message, start=limit, end=len(text)))
    return text[:limit]


def _drop_deep_brackets(lexemes: list[Lexeme], limit: int, problems: list[QueryProblem]) -> list[Lexeme]:
    """The lexemes without brackets that are nested deeper than the limit."""
    kept = []
    depth, is_reported = 0, False
    for lexeme in lexemes:
        depth -= lexeme.kind == "close"
        if lexeme.kind not in ("open", "close") or depth < limit:
            kept.append(lexeme)
        elif not is_reported:
            message = f"brackets nested deeper than {limit} are left out (max_query_depth)"
            problems.append(QueryProblem(kind="too_deep", message=message, start=lexeme.start, end=lexeme.end))
            is_reported = True
        depth += lexeme.kind == "open"
    return kept


class _Parser:
    def __init__(
        self,
        lexemes: list[Lexeme],
        text: str,
        settings: Settings,
        problems: list[QueryProblem],
        today: date | None,
    ) -> None:
        self.lexemes = lexemes
        self.at = 0
        self.text = text
        self.settings = settings
        self.problems = problems
        self.today = today
        self.leaves: set[Node] = set()
        self.is_full = False

    def query(self, field: QueryField | None = None) -> Node | None:
        """Parse alternatives up to a closing bracket or the end; None if they contain no term."""
        parts = [self._all(field)]
        while self._joins("or"):
            self.at += 1
            parts.append(self._all(field))
        return any_of(part for part in parts if part is not None)

    def _all(self, field: QueryField | None) -> Node | None:
        begin = self.at
        parts = []
        while self._has_operand():
            if self.at > begin and self._joins("or"):
                break
            if self.at > begin and self._joins("and"):
                self.at += 1
            parts.append(self._one(field))
        return all_of(part for part in parts if part is not None)

    def _one(self, field: QueryField | None) -> Node | None:
        is_negated = False
        start = begin = self.lexemes[self.at].start
        while self._joins("not") or self.lexemes[self.at].kind in ("minus", "field"):
            lexeme = self.lexemes[self.at]
            self.at += 1
            if not self._has_operand():
                self._report("empty_term", "there is nothing to search for here", lexeme.start, lexeme.end)
                return None
            if lexeme.kind == "field":
                field = QUERY_NAMES[lexeme.text]
            else:
                is_negated = not is_negated
                start = self.lexemes[self.at].start
        node = self._group(field) if self.lexemes[self.at].kind == "open" else self._leaf(field, start)
        if not is_negated:
            return node
        return negated(node, begin, self.lexemes[min(self.at, len(self.lexemes)) - 1].end)

    def _group(self, field: QueryField | None) -> Node | None:
        opening = self.lexemes[self.at]
        self.at += 1
        if not self._has_operand():
            end = self.lexemes[self.at].end if self.at < len(self.lexemes) else opening.end
            self._report("empty_term", "there is nothing to search for here", opening.start, end)
        node = self.query(field)
        self.at += 1
        return node

    def _has_operand(self) -> bool:
        """True if anything but the end of a group is next."""
        return self.at < len(self.lexemes) and self.lexemes[self.at].kind != "close"

    def _joins(self, kind: LexemeKind) -> bool:
        """True if an operator of this kind is next, and after it something that it can apply to."""
        if not self._has_operand() or self.lexemes[self.at].kind != kind:
            return False
        return self.at + 1 < len(self.lexemes) and self.lexemes[self.at + 1].kind != "close"

    def _leaf(self, field: QueryField | None, start: int) -> Node | None:
        lexeme = self.lexemes[self.at]
        self.at += 1
        if lexeme.kind in ("and", "or", "not") and unicodedata.normalize("NFKC", lexeme.text) in _UNMISTAKABLE:
            message = "this operator has nothing to join here; it is taken as a word"
            self._report("dangling", message, lexeme.start, lexeme.end)
        node = self._date_range(lexeme, start) if field == "date" else self._string(lexeme, field, lexeme.text, start)
        if node is None or node in self.leaves:
            return node
        if len(self.leaves) < self.settings.max_query_terms:
            self.leaves.add(node)
            return node
        if not self.is_full:
            self.is_full = True
            message = f"only the first {self.settings.max_query_terms} terms are searched (max_query_terms)"
            self._report("too_many_terms", message, start, len(self.text))
        return None

    def _string(
        self, lexeme: Lexeme, field: Literal["title"] | ValueField | None, text: str, start: int
    ) -> Leaf | Alternatives | None:
        normal = normalise(text)
        if not normal:
            self._report("empty_term", "there is nothing to search for here", start, lexeme.end)
            return None
        # The normal form of some signs contains a blank; such a word can only match as a literal string.
        is_literal = lexeme.kind == "quoted" or " " in normal or "\n" in normal
        is_prefix = False
        if not is_literal:
            body = normal.rstrip(MARKS) or normal
            is_prefix = "*" in normal[len(body) :]
            normal = body
        if field is not None and field != "title":
            return FieldValue(field=field, text=normal, is_literal=is_literal, start=start, end=lexeme.end)
        if is_prefix and len(normal) < MIN_PREFIX_CHARS:
            message = f"a prefix needs at least {MIN_PREFIX_CHARS} characters; it is taken without the star"
            self._report("short_prefix", message, start, lexeme.end)
            is_prefix = False
        if is_literal:
            return _phrase(text, start, lexeme.end, is_title=field == "title")
        return Term(text=normal, is_prefix=is_prefix, is_title=field == "title", start=start, end=lexeme.end)

    def _date_range(self, lexeme: Lexeme, start: int) -> Leaf | Alternatives | None:
        from searcher.query.date_ranges import parse_date_range, today_in_shanghai  # deferred: few queries name days

        if self.today is None:
            self.today = today_in_shanghai()
        days = parse_date_range(normalise(lexeme.text).rstrip(MARKS), self.today)
        if days is None:
            message = (
                "there is no such day, so this is taken as text; write 2025, 2025-10, 2025-10-09 or 2025-09..2025-12"
            )
            self._report("bad_date", message, start, lexeme.end)
            return self._string(lexeme, None, self.text[start : lexeme.end], start)
        if days.is_reversed:
            self._report("reversed_range", "the range ends before it begins; its ends are swapped", start, lexeme.end)
        return DateRange(first=days.first, last=days.last, start=start, end=lexeme.end)

    def _report(self, kind: ProblemKind, message: str, start: int, end: int) -> None:
        self.problems.append(QueryProblem(kind=kind, message=message, start=start, end=end))
