"""Query expansion: synonyms, pinyin and typo corrections as alternatives to the terms of a query.

The helpers run in a fixed order, each change is reported as `Applied`, and each helper can be switched off. Quoted
terms, prefixes and everything under a NOT are not expanded: a quoted string must match as typed, and an exclusion of
more than was typed would hide documents without notice.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from corpus.value import Value, replace
from indexer.analysis.normalise import fold_table, normalise
from searcher.expansion.lexicon import MAX_MISSPELT_DOCUMENTS, Lexicon
from searcher.query.tree import Alternatives, And, Node, Or, Query, Term, all_terms
from searcher.results import Applied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searcher.expansion.synonyms import Synonyms

_FIELD_PREFIX: Final = re.compile("[^:：]{1,12}[:：]")
#: Terms of one query that are expanded; the rest of a pasted text is searched as typed.
_MAX_TERMS: Final = 16
_LATIN: Final = re.compile("[a-z'’ü]+")
_HAS_LATIN: Final = re.compile("[a-z]")
#: Words of a name that is typed in several, at most.
_MAX_NAME_WORDS: Final = 6


class Expanded(Value, kw_only=True):
    """The query to be searched, the changes that led to it, and changes that are only suggested."""

    query: Query
    applied: tuple[Applied, ...]
    suggestions: tuple[Applied, ...]


def expand(
    query: Query,
    text: str,
    lexicon: Lexicon,
    load_synonyms: Callable[[], Synonyms],
    helpers_off: frozenset[str] = frozenset(),
) -> Expanded:
    """Expand a query, parsed from `text`, by all helpers that are not switched off."""
    expander = _Expander(text, lexicon, load_synonyms, helpers_off)
    root = expander.expand_node(expander.join_syllables(query.root))
    return Expanded(
        query=Query(root, query.is_everywhere),
        applied=(*report_folding(query, text, helpers_off), *dict.fromkeys(expander.applied)),
        suggestions=tuple(dict.fromkeys(expander.suggestions)),
    )


def report_folding(query: Query, text: str, helpers_off: frozenset[str] = frozenset()) -> tuple[Applied, ...]:
    """The terms whose normal form differs from what was typed by traditional characters or by width.

    Folding itself cannot be switched off, only its report: the index holds nothing but the normal form, and checking
    the original text of all matches would cost more than the search.
    """
    if text.isascii():
        return ()
    applied = []
    for term in all_terms(query.root):
        typed = _typed_form(term, text)
        if typed is None or typed == term.text:
            continue
        narrow = "".join(unicodedata.normalize("NFKC", char) if _is_wide(char) else char for char in typed)
        simplified = "".join(fold_table().get(ord(char), char) if _is_letter(char) else char for char in narrow)
        if simplified != narrow and "traditional" not in helpers_off:
            applied.append(Applied(kind="traditional", before=typed, after=simplified))
        elif narrow != typed and "width" not in helpers_off:
            applied.append(Applied(kind="width", before=typed, after=simplified))
    return tuple(dict.fromkeys(applied))


class _Expander:
    def __init__(
        self, text: str, lexicon: Lexicon, load_synonyms: Callable[[], Synonyms], helpers_off: frozenset[str]
    ) -> None:
        self._text = text
        self._lexicon = lexicon
        self._load_synonyms = load_synonyms
        self._helpers_off = helpers_off
        self._terms = 0
        self.applied: list[Applied] = []
        self.suggestions: list[Applied] = []

    def join_syllables(self, root: Node | None) -> Node | None:
        """The tree with pinyin typed in separate words (nao ji jie kou) as one term, unless documents contain each."""
        if "pinyin" in self._helpers_off or not isinstance(root, And):
            return root
        terms = [part for part in root.parts if isinstance(part, Term) and _is_expandable(part) and not part.is_title]
        if len(terms) < len(root.parts) or not all(_LATIN.fullmatch(term.text) for term in terms):
            return root
        from searcher.expansion.pinyin import is_syllable  # deferred: few queries are in Latin letters

        has_all = all(self._lexicon.document_frequency(term.text) for term in terms)
        if has_all or not all(is_syllable(term.text) for term in terms):
            return root
        return Term(text="'".join(term.text for term in terms), start=terms[0].start, end=terms[-1].end)

    def expand_node(self, node: Node | None) -> Node | None:
        """The tree with alternatives for its terms."""
        if isinstance(node, And):
            parts = [self._expand_words(words) for words in self._names_of_words(node.parts)]
            found = tuple(part for part in parts if part is not None)
            return found[0] if len(found) == 1 else And(found)
        if isinstance(node, Or):
            parts = [self.expand_node(part) for part in node.parts]
            return Or(tuple(part for part in parts if part is not None))
        if isinstance(node, Term) and _is_expandable(node) and node.text:
            self._terms += 1
            return self._expand_term(node) if self._terms <= _MAX_TERMS else node
        return node

    def _names_of_words(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
        """The parts of an AND, with the words that are one name together (tidal wave) in one group."""
        at = 0
        while at < len(parts):
            end = at + 1
            if "synonym" not in self._helpers_off:
                ends = range(min(len(parts), at + _MAX_NAME_WORDS), at + 1, -1)
                end = next((end for end in ends if self._is_name(parts[at:end])), end)
            yield parts[at:end]
            at = end

    def _is_name(self, parts: tuple[Node, ...]) -> bool:
        terms = [part for part in parts if isinstance(part, Term) and _is_expandable(part) and part.text]
        if len(terms) < len(parts) or not any(_HAS_LATIN.search(term.text) for term in terms):
            return False
        is_one_field = len({term.is_title for term in terms}) == 1
        return is_one_field and self._load_synonyms().is_name(_name_of(terms))

    def _expand_words(self, parts: tuple[Node, ...]) -> Node | None:
        """A part expanded; for the words of a name, they or a synonym of the name."""
        if len(parts) == 1:
            return self.expand_node(parts[0])
        terms = [part for part in parts if isinstance(part, Term)]
        name = replace(terms[0], text=_name_of(terms), end=terms[-1].end)
        found = self._synonyms(name)
        words = And(tuple(self.expand_node(term) or term for term in terms))
        return Or((words, *found.terms[1:])) if found else words

    def _expand_term(self, term: Term) -> Node:
        """The term with the alternatives of the first helper that has any."""
        for kind, helper in (("synonym", self._synonyms), ("pinyin", self._pinyin), ("typo", self._typo)):
            if kind not in self._helpers_off and (alternatives := helper(term)) is not None:
                return alternatives
        return term

    def _synonyms(self, term: Term) -> Alternatives | None:
        others = []
        for synonym in self._load_synonyms().of(term.text, self._lexicon):
            other = replace(term, text=normalise(synonym))
            # A string that contains the term is matched by it already.
            if term.text not in other.text and self._lexicon.document_frequency(other.text, term.is_title):
                others.append(other)
                self.applied.append(Applied(kind="synonym", before=self._typed(term), after=synonym))
        if not others:
            return None
        terms = (term, *others)
        return Alternatives(terms, max(range(len(terms)), key=lambda at: (self._rank_as_main(terms[at]), -at)))

    def _rank_as_main(self, term: Term) -> tuple[bool, int]:
        """How well the words of a term find related documents: words of one character, as in 高企, match by chance."""
        documents = self._lexicon.document_frequency(term.text, term.is_title)
        return bool(documents) and all(len(word) > 1 for word in self._lexicon.dictionary_words(term.text)), documents

    def _pinyin(self, term: Term) -> Alternatives | None:
        is_latin = len(term.text) > 1 and _LATIN.fullmatch(term.text)
        if not is_latin or self._lexicon.document_frequency(term.text, term.is_title):
            return None
        from searcher.expansion.pinyin import candidates  # deferred: few queries are in Latin letters

        typed = self._typed(term)
        names = (*self._load_synonyms().names(), *self._lexicon.own_words) if typed.islower() else ()
        found = self._lexicon.cached(candidates, term.text, names, term.is_title)
        changes = [Applied(kind="pinyin", before=typed, after=candidate.text) for candidate in found]
        if not found or not found[0].is_sure:
            self.suggestions += changes
            return None
        self.applied += changes
        return Alternatives((term, *(replace(term, text=candidate.text) for candidate in found)), 1)

    def _typo(self, term: Term) -> Alternatives | None:
        if self._lexicon.document_frequency(term.text, term.is_title) > MAX_MISSPELT_DOCUMENTS:
            return None
        from searcher.expansion.typos import correct  # deferred: most terms are spelt correctly

        correction = self._lexicon.cached(correct, term.text, term.is_title)
        if correction is None:
            return None
        change = Applied(kind="typo", before=self._typed(term), after=correction.text)
        if not correction.is_sure:
            self.suggestions.append(change)
            return None
        self.applied.append(change)
        return Alternatives((term, replace(term, text=correction.text)), 1, is_correction=True)

    def _typed(self, term: Term) -> str:
        return _typed_form(term, self._text) or self._text[term.start : term.end]


def _name_of(terms: list[Term]) -> str:
    return normalise(" ".join(term.text for term in terms))


def _is_expandable(term: Term) -> bool:
    """True if the term is neither quoted nor a prefix."""
    return not (term.is_literal or term.is_prefix)


def _typed_form(term: Term, text: str) -> str | None:
    """A term as it was typed, without field name, quotes and sentence marks; None if its span does not contain it."""
    typed = text[term.start : term.end]
    for piece in (typed, _FIELD_PREFIX.sub("", typed, count=1)):
        for inner in (piece, piece[1:-1], piece.rstrip("?？!！。,，.…;；:：")):
            if inner and normalise(inner) == term.text:
                return inner
    return None


def _is_wide(character: str) -> bool:
    """True if the character is the full-width form of a letter or digit of ASCII; of a sign nobody need be told."""
    return "\uff10" <= character <= "\uff5a" and character.isalnum()


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) == "Lo"
