"""Lexer of the query language: query text to words, quoted strings, brackets, operators and field names, with spans.

People paste titles as queries, so the meaning of a sign depends on its context:

* A bracket opens a group at the beginning of a term, or if there is a blank, a bar or a quoted string between it and
  its partner. Any other bracket is part of its word: R(D), 行动方案（2024-2027年）. Either way a pasted title matches
  itself. A bracket without a partner is left out at the edge of a word, and text inside a word.
* A quotation mark inside a word opens a quoted string only if it is closed later: 5" disks.
* A minus excludes at the beginning of a term, unless another sign follows: covid-19, a - b, -- and -> are text.
* ASCII bars are operators anywhere, ｜ only between blanks, 丨 never: titles contain the latter two
  (一图读懂｜…). In a query that contains a clause, as titles do, no bar is an operator.
* AND OR NOT are operators only in capitals, and these and + & 且 或 非 only between blanks or brackets, because texts
  often contain and, 或, 非.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from corpus.chinese import HAN, SENTENCE_ENDS
from corpus.fields import QUERY_NAMES
from indexer.analysis.normalise import normalise
from searcher.results import ProblemKind, QueryProblem

LexemeKind = Literal["word", "quoted", "open", "close", "and", "or", "not", "minus", "field", "everywhere"]

#: The word that also looks in what is set aside, and how it is typed, in normal form.
EVERYWHERE: Final = "in:all"
_EVERYWHERE_FORMS: Final = frozenset({EVERYWHERE, "范围:全部"})
#: Marks at the end of an unquoted word that are not part of it, in normal form: sentence marks and the star.
MARKS: Final = "?!。,;:、*"
#: Authors and input methods mix the forms of a double quote; any of them closes what any of them opened.
_DOUBLE: Final = '"“”„‟＂'
_CLOSING: Final = {**dict.fromkeys(_DOUBLE, _DOUBLE), "「": "」", "『": "』"}
_OPEN: Final = frozenset("(（")
_BRACKETS: Final = frozenset("()（）")
_MINUS: Final = frozenset("-－−")
_NOT_AFTER_MINUS: Final = _MINUS | frozenset(">＞=＝|｜")
_MAX_FIELD_NAME: Final = max(map(len, QUERY_NAMES))
#: What titles contain and lists of keywords do not: a run longer than the name of an office, or text after a comma.
_CLAUSE: Final = rf"[{HAN}]{{13}}|[，{SENTENCE_ENDS}、…][^\s|｜]"
_WIDE: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_OPERATORS: Final[dict[str, LexemeKind]] = {
    **{"AND": "and", "&&": "and", "&": "and", "+": "and", "且": "and"},
    **{"OR": "or", "||": "or", "|": "or", "或": "or"},
    **{"NOT": "not", "非": "not"},
}
#: Operators that need no blank before a bracket: NOT(上海). 非（…） is a word with a remark.
_BEFORE_BRACKET: Final = frozenset({"AND", "OR", "NOT", "且", "或"})


class Lexeme(NamedTuple):
    """A part of a query with its span.

    `text` is the text between the quotes of a quoted string, and the canonical name of a field.
    """

    kind: LexemeKind
    text: str
    start: int
    end: int


def split_lexemes(text: str) -> tuple[list[Lexeme], list[QueryProblem]]:
    """The lexemes of a query in order, and its problems; never raises, and takes time linear in the text's length.

    Every closing bracket has its opening one. An opening bracket lacks its partner only if that is in a quoted string
    that is not closed.
    """
    lexer = _Lexer(text)
    lexer.run()
    return lexer.lexemes, lexer.problems


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lexemes: list[Lexeme] = []
        self.problems: list[QueryProblem] = []
        self.quotes = _closed_quotes(text)
        self.partners, self.group_brackets = _match_brackets(text, self.quotes)
        self.has_clause = _has_clause(text, self.quotes)
        self.has_reported_bar = False

    def run(self) -> None:
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            if character.isspace():
                self.at += 1
            elif character in _BRACKETS and self.at not in self.partners:
                self._skip_unmatched_brackets()
            elif character in _BRACKETS and self.partners[self.at] < self.at:
                self._add("close", self.at + 1)
            elif character in _OPEN and (self._is_start() or self.at in self.group_brackets):
                self._add("open", self.at + 1)
            elif character in _CLOSING:
                self._add_quoted()
            elif character == "|" and not self.has_clause:
                self._add("or", next((at for at in range(self.at, len(text)) if text[at] != "|"), len(text)))
            elif not self._is_start() or self._follows("field"):
                self._add_word(self._word_end())
            elif character in _MINUS and self._is_minus():
                self._add("minus", self.at + 1)
            else:
                self._add_field_or_word()

    def _add(self, kind: LexemeKind, end: int, text: str | None = None) -> None:
        self.lexemes.append(Lexeme(kind, self.text[self.at : end] if text is None else text, self.at, end))
        self.at = end

    def _report(self, kind: ProblemKind, message: str, start: int, end: int) -> None:
        self.problems.append(QueryProblem(kind=kind, message=message, start=start, end=end))

    def _follows(self, *kinds: LexemeKind) -> bool:
        """True if a lexeme of one of these kinds ends right here."""
        return bool(self.lexemes) and self.lexemes[-1].end == self.at and self.lexemes[-1].kind in kinds

    def _is_start(self) -> bool:
        """True if a term begins here: no word or quoted string ends right here."""
        return not self._follows("word", "quoted")

    def _add_word(self, end: int, kind: LexemeKind = "word") -> None:
        """Add a word, unless it is only marks right after another term or group (“量子”？)."""
        if self._follows("word", "quoted", "close") and not normalise(self.text[self.at : end]).strip(MARKS):
            self.at = end
        else:
            self._add(kind, end)

    def _add_quoted(self) -> None:
        end = self.quotes.get(self.at)
        if end is None:
            message = "the quotation mark is not closed; the rest is taken as quoted"
            self._report("open_quote", message, self.at, len(self.text))
            end = len(self.text)
        self._add("quoted", min(end + 1, len(self.text)), self.text[self.at + 1 : end])

    def _is_minus(self) -> bool:
        following = self.text[self.at + 1 : self.at + 2]
        is_text = not following or following.isspace() or following in _NOT_AFTER_MINUS
        return not is_text and not self._follows("close")

    def _add_field_or_word(self) -> None:
        head = self.text[self.at : self.at + _MAX_FIELD_NAME + 1].replace("：", ":")
        name, colon, _ = head.partition(":")
        field = QUERY_NAMES.get(normalise(name)) if colon and name.isalpha() and not self._follows("close") else None
        after = self.at + len(name) + 1
        if field is None:
            end = self._word_end()
            self._add_word(end, self._kind_of_word(end))
        elif self._ends_term(after):
            message = "this field has no value and is left out; write the value directly after the colon"
            self._report("empty_field", message, self.at, after)
            self.at = after
        else:
            self._add("field", after, field)

    def _kind_of_word(self, end: int) -> LexemeKind:
        word = self.text[self.at : end].translate(_WIDE)
        if normalise(word) in _EVERYWHERE_FORMS and not self._follows("minus"):
            return "everywhere"
        kind = _OPERATORS.get(word, "word")
        if word == "非" and not self.text[end : end + 1].isspace():
            return "word"
        if end in self.quotes:  # 或“计算” is part of a sentence
            return "word"
        if word in ("|", "||") and self.has_clause:
            self._report_bar(end)
            return "word"
        return kind

    def _ends_term(self, at: int) -> bool:
        """True if no value can begin at the offset: the text ends, or a blank, a bar or a closing bracket follows."""
        following = self.text[at : at + 1]
        is_closing = following in _BRACKETS and self.partners.get(at, at) <= at
        return not following or following.isspace() or (following == "|" and not self.has_clause) or is_closing

    def _word_end(self) -> int:
        """The end of the word that begins here."""
        text, at = self.text, self.at
        while at < len(text):
            character = text[at]
            if character.isspace() or at in self.quotes:
                break
            if character == "|":
                if not self.has_clause:
                    break
                self._report_bar(at + 1)
            if character not in _BRACKETS:
                at += 1
            elif at not in self.partners:
                end = self._unmatched_brackets_end(at)
                if end in self.quotes or text[end : end + 1] in _BRACKETS or self._ends_term(end):
                    break
                self._report("unbalanced", "this bracket has no partner; it is taken as text", at, end)
                at = end
            elif self.partners[at] < at or at in self.group_brackets or self._is_operator_before(at):
                break
            else:
                at = self.partners[at] + 1
        return at

    def _is_operator_before(self, at: int) -> bool:
        return at - self.at <= 3 and self.text[self.at : at].translate(_WIDE) in _BEFORE_BRACKET

    def _skip_unmatched_brackets(self) -> None:
        end = self._unmatched_brackets_end(self.at)
        self._report("unbalanced", "this bracket has no partner and is left out", self.at, end)
        self.at = end

    def _unmatched_brackets_end(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _BRACKETS and at not in self.partners:
            at += 1
        return at

    def _report_bar(self, end: int) -> None:
        if not self.has_reported_bar:
            self.has_reported_bar = True
            message = "the query reads like a title, so its bars are text; write OR for one or the other"
            self._report("bar_text", message, end - 1, end)


def _closed_quotes(text: str) -> dict[int, int]:
    """Opening → closing mark of every quoted string that is closed; quoted strings are not nested."""
    last = {closing: max(map(text.rfind, closing)) for closing in set(_CLOSING.values())}
    quotes = {}
    at = 0
    while at < len(text):
        closing = _CLOSING.get(text[at])
        if closing and last[closing] > at:
            start = at
            at = next(end for end in range(at + 1, len(text)) if text[end] in closing)
            quotes[start] = at
        at += 1
    return quotes


def _match_brackets(text: str, quotes: dict[int, int]) -> tuple[dict[int, int], set[int]]:
    """The partner of each bracket, and the opening ones with a blank, bar or quoted string before their partner."""
    partners: dict[int, int] = {}
    group_brackets = set()
    opened: list[tuple[int, int]] = []
    at = breaks = 0
    while at < len(text):
        character = text[at]
        if at in quotes or character == "|" or character.isspace():
            breaks += 1
        elif character in _OPEN:
            opened.append((at, breaks))
        elif character in _BRACKETS and opened:
            start, breaks_before = opened.pop()
            partners[start], partners[at] = at, start
            if breaks > breaks_before:
                group_brackets.add(start)
        at = quotes.get(at, at) + 1
    return partners, group_brackets


def _has_clause(text: str, quotes: dict[int, int]) -> bool:
    """True if the text outside quotes contains a clause, so that it is no list of keywords; only if it has bars."""
    if "|" not in text and "｜" not in text:
        return False
    pieces, at = [], 0
    for start, end in quotes.items():
        pieces.append(text[at:start])
        at = end + 1
    return re.search(_CLAUSE, "\n".join([*pieces, text[at:]])) is not None
