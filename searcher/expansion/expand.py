"""What helps a query that misses its words: in a fixed order, each helper announced, each to be switched off.

Quoted strings, prefixes and what stands under a NOT are left alone: a string in quotes is found as it stands, and an
exclusion that excluded more than was written would hide documents without a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from indexer.analysis.normalise import fold_table, normalise
from searcher.query.tree import Alternatives, And, Node, Or, Query, Term, all_terms
from searcher.results import Applied

if TYPE_CHECKING:
    from collections.abc import Callable

    from searcher.expansion.lexicon import Lexicon
    from searcher.expansion.synonyms import Synonyms

_FIELD: Final = re.compile("[^:：]{1,12}[:：]")
#: Terms of one query that are looked into: the rest of a pasted text is taken as it stands.
_MOST_TERMS: Final = 16
_LATIN: Final = re.compile("[a-z'’ü]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """The query as it is to be searched, what was done to it, and what might have been."""

    query: Query
    applied: tuple[Applied, ...]
    suggestions: tuple[Applied, ...]


def expand(
    query: Query, text: str, lexicon: Lexicon, rules: Callable[[], Synonyms], off: frozenset[str] = frozenset()
) -> Expanded:
    """Let other terms stand for those of a query (`text` is what was typed) where the index speaks for them."""
    helpers = _Helpers(text, lexicon, rules, off)
    root = helpers.node(helpers.joined(query.root))
    return Expanded(
        query=Query(root),
        applied=(*announce_folds(query, text, off), *dict.fromkeys(helpers.applied)),
        suggestions=tuple(dict.fromkeys(helpers.suggestions)),
    )


def announce_folds(query: Query, text: str, off: frozenset[str] = frozenset()) -> tuple[Applied, ...]:
    """Say where the normal form, which is always searched, differs from what was typed; nothing else is done.

    It cannot be searched without: the index holds the normal form alone, and reading all texts that have it for the
    characters their authors used would cost more than the search. Switched off, the fold goes unmentioned.
    """
    if text.isascii():
        return ()
    applied = []
    for term in all_terms(query.root):
        typed = _typed(term, text)
        if typed is None or typed == term.text:
            continue
        narrow = "".join(unicodedata.normalize("NFKC", sign) if _is_wide(sign) else sign for sign in typed)
        simple = "".join(fold_table().get(ord(sign), sign) if _is_letter(sign) else sign for sign in narrow)
        if simple != narrow and "traditional" not in off:
            applied.append(Applied(kind="traditional", before=typed, after=simple))
        elif narrow != typed and "width" not in off:
            applied.append(Applied(kind="width", before=typed, after=simple))
    return tuple(dict.fromkeys(applied))


class _Helpers:
    def __init__(self, text: str, lexicon: Lexicon, rules: Callable[[], Synonyms], off: frozenset[str]) -> None:
        self._text = text
        self._lexicon = lexicon
        self._rules = rules
        self._off = off
        self._terms = 0
        self.applied: list[Applied] = []
        self.suggestions: list[Applied] = []

    def joined(self, root: Node | None) -> Node | None:
        """The tree with syllables that were typed apart (nao ji jie kou) as one term, where the texts lack them."""
        if "pinyin" in self._off or not isinstance(root, And):
            return root
        terms = [part for part in root.parts if isinstance(part, Term) and _is_open(part) and not part.is_title]
        if len(terms) < len(root.parts) or not all(_LATIN.fullmatch(term.text) for term in terms):
            return root
        from searcher.expansion.pinyin import is_syllable  # deferred: few queries are in Latin letters

        if not all(is_syllable(term.text) for term in terms) or all(self._lexicon.count(term.text) for term in terms):
            return root
        return Term(text="'".join(term.text for term in terms), start=terms[0].start, end=terms[-1].end)

    def node(self, node: Node | None) -> Node | None:
        """The tree with what else may stand for its terms."""
        if isinstance(node, And | Or):
            parts = [self.node(part) for part in node.parts]
            return type(node)(tuple(part for part in parts if part is not None))
        if isinstance(node, Term) and _is_open(node) and node.text:
            self._terms += 1
            return self._term(node) if self._terms <= _MOST_TERMS else node
        return node

    def _term(self, term: Term) -> Node:
        for kind, helper in (("synonym", self._synonym), ("pinyin", self._pinyin), ("typo", self._typo)):
            if kind not in self._off and (found := helper(term)) is not None:
                return found
        return term

    def _synonym(self, term: Term) -> Alternatives | None:
        count = self._lexicon.count
        others = []
        for written in self._rules().of(term.text, self._lexicon):
            other = replace(term, text=normalise(written))
            # What contains the term is found by it already.
            if term.text not in other.text and count(other.text, term.is_title):
                others.append(other)
                self.applied.append(Applied(kind="synonym", before=self._typed(term), after=written))
        if not others:
            return None
        terms = (term, *others)
        return Alternatives(terms, max(range(len(terms)), key=lambda at: (self._speaks(terms[at]), -at)))

    def _speaks(self, term: Term) -> tuple[bool, int]:
        """How well a term's words find what is related; single characters, as of abbreviations, do so by chance."""
        documents = self._lexicon.count(term.text, term.is_title)
        return bool(documents) and all(len(word) > 1 for word in self._lexicon.words(term.text)), documents

    def _pinyin(self, term: Term) -> Alternatives | None:
        if not _LATIN.fullmatch(term.text) or len(term.text) < 2 or self._lexicon.count(term.text, term.is_title):
            return None
        from searcher.expansion.pinyin import read  # deferred: few queries are in Latin letters

        typed = self._typed(term)
        names = self._rules().names() if typed.islower() else ()
        readings = self._lexicon.remembered(read, term.text, names, term.is_title)
        said = [Applied(kind="pinyin", before=typed, after=reading.text) for reading in readings]
        if not readings or not readings[0].is_sure:
            self.suggestions += said
            return None
        self.applied += said
        return Alternatives((term, *(replace(term, text=reading.text) for reading in readings)), 1)

    def _typo(self, term: Term) -> Alternatives | None:
        if self._lexicon.count(term.text, term.is_title) > _RARE:
            return None
        from searcher.expansion.typos import correct  # deferred: most terms are right

        correction = self._lexicon.remembered(correct, term.text, term.is_title)
        if correction is None:
            return None
        said = Applied(kind="typo", before=self._typed(term), after=correction.text)
        if not correction.is_sure:
            self.suggestions.append(said)
            return None
        self.applied.append(said)
        return Alternatives((term, replace(term, text=correction.text)), 1)

    def _typed(self, term: Term) -> str:
        return _typed(term, self._text) or self._text[term.start : term.end]


#: As searcher.expansion.typos has it, which is not loaded for a term that is right.
_RARE: Final = 2


def _is_open(term: Term) -> bool:
    """May something else stand for it?"""
    return not (term.is_literal or term.is_prefix)


def _typed(term: Term, text: str) -> str | None:
    """A term as it was typed, without field name and quotes; None where that cannot be told."""
    typed = text[term.start : term.end]
    for piece in (typed, _FIELD.sub("", typed, count=1)):
        for inner in (piece, piece[1:-1], piece.rstrip("?？!！。,，.…;；:：")):
            if inner and normalise(inner) == term.text:
                return inner
    return None


def _is_wide(character: str) -> bool:
    """Is it a full-width form of an ASCII character?"""
    return "\uff01" <= character <= "\uff5e" or character == "\u3000"


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) == "Lo"
