"""Plans a query: its tree and filters, the grams that prove each string, and the words that score documents."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, TypeGuard

from corpus.chinese import is_han
from corpus.document import DocumentKind
from corpus.fields import FACETS, FacetName
from corpus.value import Value, field, replace
from indexer.analysis.tokens import cuts_run, is_run, string_grams
from searcher.errors import BadRequest
from searcher.query.build_tree import all_of, any_of
from searcher.query.query_cutter import QueryCutter
from searcher.query.stop_words import is_stop_word, subjects
from searcher.query.tree import (
    Alternatives,
    And,
    DateRange,
    FieldValue,
    Node,
    Not,
    Or,
    Query,
    Term,
    all_terms,
    conjuncts,
    wanted_parts,
)
from searcher.results import Request, Sort

_FORMS: Final[Mapping[str, DocumentKind]] = {
    **{"article": "article", "plan": "plan", "report": "report"},
    **{"文章": "article", "规划": "plan", "报告": "report"},
}


#: With more, a text is found by its words, and each pair costs a posting list.
_MOST_NEAREST_PAIRS: Final = 64

#: Where a string is looked for.
Scope = Literal["text", "set_aside", "everywhere"]


class String(Value, kw_only=True):
    """A string to be found: by its grams with their offsets, for a document has it where all of them meet.

    A string that must be a whole run of letters or digits is a word, and found as one where words are indexed. It is
    looked for in the text, in what is set aside, or in both.
    """

    text: str
    is_word: bool
    is_title: bool
    grams: tuple[tuple[str, int], ...] = field(hash=False)  # strings are looked up often, and the text tells most
    scope: Scope = "text"

    @property
    def in_text(self) -> bool:
        """True if the string is looked for in title, headings and body."""
        return self.scope != "set_aside"

    @property
    def in_set_aside(self) -> bool:
        """True if the string is looked for in what is set aside."""
        return self.scope != "text"


class Filters(Value, kw_only=True):
    """Selected values of facets (alternatives within one), and days as proleptic ordinals, both ends included.

    `forms` are the forms of documents asked for, any where empty.
    """

    chosen: Mapping[FacetName, frozenset[str]]
    forms: frozenset[str]
    first_day: int | None
    last_day: int | None

    @property
    def is_empty(self) -> bool:
        """True if every document passes."""
        return not (self.chosen or self.forms or self.first_day or self.last_day)

    def each(self) -> dict[str, Filters]:
        """Every filter alone, by the facet's name, "date" for the days, or "form" for the kinds of documents."""
        found: dict[str, Filters] = {}
        for name, values in self.chosen.items():
            found[name] = replace(NO_FILTERS, chosen={name: values})
        if self.first_day is not None or self.last_day is not None:
            found["date"] = replace(NO_FILTERS, first_day=self.first_day, last_day=self.last_day)
        if self.forms:
            found["form"] = replace(NO_FILTERS, forms=self.forms)
        return found


NO_FILTERS: Final = Filters(chosen={}, forms=frozenset(), first_day=None, last_day=None)


class Plan(Value, kw_only=True):
    """What an engine executes.

    Documents that satisfy `root` are exact hits; every term of it has its string in `strings`. `words` rank them.
    Where `has_related`, documents that satisfy `strict` and hold enough of the words are hits too, related ones, and
    `pairs` of neighbouring characters, and `characters`, rank them as well. Where `is_compound` the words are those of
    one term, cut by us and not by whoever asks. Those of the words that documents were not cut into are `further` ones,
    found by their strings, some of them `learned`; what the dictionary makes of them is among the words too.
    """

    root: Node | None
    strict: Node | None
    has_related: bool
    strings: Mapping[Term, String]
    words: tuple[str, ...]
    further: Mapping[str, String]
    learned: frozenset[str]
    pairs: tuple[String, ...]
    characters: tuple[String, ...]
    is_compound: bool
    filters: Filters
    sort: Sort


def make_plan(query: Query, request: Request, cutter: QueryCutter) -> Plan:
    """The plan of a query; raises BadRequest for an unknown filter, or a month or date that does not exist."""
    loose = [part for part in conjuncts(query) if _is_loose(part)]
    strict = tuple(part for part in conjuncts(query) if not _is_loose(part))
    texts = [term.text for term in map(_main, loose)]
    parts = [part for text in texts for part in subjects(text, cutter.split)]
    words, further = _words(parts, cutter, is_question=parts != texts)
    # The pairs are those of question words as well: a text that asks the same is likely to answer.
    learned = _learned(further, cutter)
    if texts == list(learned):  # a document has it or not, as a word of the dictionary; its parts are no matches
        words = tuple(learned)
    # A single word that is the query is a string already; one that is left of a question is not.
    has_related = len(words) > 1 or (bool(words) and texts != list(words))
    return Plan(
        root=query.root,
        strict=And(strict) if len(strict) > 1 else strict[0] if strict else None,
        has_related=has_related,
        strings={term: _string(term, query.is_everywhere) for term in all_terms(query.root)},
        words=words,
        further=further,
        learned=learned,
        pairs=_pairs(texts, further) if has_related else (),
        characters=_characters(parts) if has_related else (),
        is_compound=len(texts) == 1,
        filters=_filters(request),
        sort=request.sort,
    )


def nearest_plan(plan: Plan, cutter: QueryCutter) -> Plan:
    """The plan for `NearestHits` of a plan without hits.

    What the query excludes or asks of fields and dates stays; of all its terms, the quoted ones too, only the words,
    pairs and characters do, and of a long text only the words.
    """
    terms = [_main(part).text for part in wanted_parts(plan.root)]
    texts = [part for text in terms for part in subjects(text, cutter.split)]
    words, further = _words(texts, cutter, is_question=True)
    # Two letters or digits of a longer run say nothing.
    pairs = [pair for pair in _pairs(texts, further) if not cuts_run(pair.text, 1)]
    is_long = len(pairs) > _MOST_NEAREST_PAIRS
    return replace(
        plan,
        root=_conditions(plan.root),
        strict=None,
        has_related=False,
        words=words,
        further=further,
        learned=_learned(further, cutter),
        pairs=() if is_long else tuple(pairs),
        characters=() if is_long else _characters(texts),
    )


def _conditions(node: Node | None) -> Node | None:
    """What a node asks of a document besides its terms; None if nothing."""
    if isinstance(node, And):
        return all_of(part for part in map(_conditions, node.parts) if part is not None)
    if isinstance(node, Or):
        parts = [part for part in map(_conditions, node.parts) if part is not None]
        return any_of(parts) if len(parts) == len(node.parts) else None
    return node if isinstance(node, Not | FieldValue | DateRange) else None


def node_plan(plan: Plan, node: Node | None, filters: Filters = NO_FILTERS) -> Plan:
    """The plan for the documents that match one node of a plan's query tree, without related ones."""
    return replace(plan, root=node, strict=None, has_related=False, filters=filters)


def term_plan(term: Term) -> Plan:
    """The plan for the documents that match one term."""
    return Plan(
        root=term,
        strict=None,
        has_related=False,
        strings={term: _string(term)},
        words=(),
        further={},
        learned=frozenset(),
        pairs=(),
        characters=(),
        is_compound=True,
        filters=NO_FILTERS,
        sort="relevance",
    )


def _is_loose(part: Node) -> TypeGuard[Term | Alternatives]:
    """May words stand for it? Those of an unquoted term may, wherever the document has them."""
    if not isinstance(part, Term | Alternatives):
        return False
    term = _main(part)
    return not (term.is_literal or term.is_prefix or term.is_title)


def _main(part: Term | Alternatives) -> Term:
    """The term whose words stand for the part."""
    return part if isinstance(part, Term) else part.terms[part.main]


def _words(
    texts: Iterable[str], cutter: QueryCutter, *, is_question: bool
) -> tuple[tuple[str, ...], dict[str, String]]:
    """The words of some terms, and the strings of the further ones among them.

    Instead of a word that no document has there are its parts that documents have. A word without such parts is left
    out of a question, which often holds words that its answer does not.
    """
    found = dict.fromkeys(word for text in texts for word in cutter.further_words(text) if not is_stop_word(word))
    # The words by the dictionary alone stay: documents may have only these, and are related hits as before.
    cut = [word for text in texts for word in cutter.dictionary_words(text) if not is_stop_word(word)]
    known = [part for word in cut for part in cutter.known_parts(word) or ([] if is_question else [word])]
    return tuple(dict.fromkeys((*found, *(known or cut)))), {word: _string(Term(text=word)) for word in found}


def _learned(further: Iterable[str], cutter: QueryCutter) -> frozenset[str]:
    """The further words that are none of the user's."""
    return frozenset(word for word in further if not cutter.further.is_own(word))


def _pairs(texts: Iterable[str], further: Collection[str]) -> tuple[String, ...]:
    """The pairs of neighbouring characters; a further word of two is no pair as well."""
    pairs = dict.fromkeys(text[at : at + 2] for text in texts for at in range(len(text) - 1))
    return tuple(_literal(pair) for pair in pairs if pair not in further)


def _characters(texts: Iterable[str]) -> tuple[String, ...]:
    return tuple(map(_literal, dict.fromkeys(character for text in texts for character in text if is_han(character))))


def set_aside_only(term: Term) -> String:
    """The string of a term, looked for only in what is set aside."""
    return String(text=term.text, is_word=False, is_title=False, grams=_grams(term), scope="set_aside")


def _string(term: Term, is_everywhere: bool = False) -> String:
    """Literal strings are looked for everywhere."""
    is_word = not (term.is_literal or term.is_prefix) and is_run(term.text)
    scope: Scope = "everywhere" if (term.is_literal or is_everywhere) and not term.is_title else "text"
    grams = () if is_word and scope == "text" else _grams(term)
    return String(text=term.text, is_word=is_word, is_title=term.is_title, grams=grams, scope=scope)


def _grams(term: Term) -> tuple[tuple[str, int], ...]:
    is_bounded = not term.is_literal
    return tuple(string_grams(term.text, is_bounded, is_bounded and not term.is_prefix))


def _literal(text: str) -> String:
    return String(text=text, is_word=False, is_title=False, grams=((text, 0),))


def _filters(request: Request) -> Filters:
    first, last = _day(request.date_from, "from"), _day(request.date_to, "to")
    if first is not None and last is not None and first > last:
        raise BadRequest("--from is later than --to")
    chosen = {name: frozenset(_checked(name, values)) for name, values in request.filters.items()}
    # No program type is called plan or 报告: whoever asks for such a type means a form of document.
    types = chosen.pop("type", frozenset())
    forms = {_FORMS[value] for value in types if value in _FORMS}
    types -= _FORMS.keys()
    if types:
        chosen["type"] = types
    return Filters(chosen=chosen, forms=frozenset(forms), first_day=first, last_day=last)


def _checked(name: str, values: Collection[str]) -> Collection[str]:
    spec = FACETS.get(name)  # type: ignore[call-overload]  # callers of Python are not always type-checked
    if spec is None:
        raise BadRequest(f"there is no filter of this name; the filters are {', '.join(FACETS)}")
    if spec.pattern and not all(re.fullmatch(spec.pattern, value) for value in values):
        raise BadRequest(f"--{name} must be written {spec.example}")
    return values


def _day(text: str | None, name: str) -> int | None:
    if not text:
        return None
    from datetime import date  # deferred: few queries have a filter of days

    try:
        day = date.fromisoformat(text)
        if day.isoformat() == text:  # fromisoformat takes weeks and days without hyphens too
            return day.toordinal()
        raise ValueError
    except ValueError:
        raise BadRequest(f"--{name} must be a date that exists, written YYYY-MM-DD") from None
