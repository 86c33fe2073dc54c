"""Sets of documents as queries of OpenSearch: terms, values, days, and what is made of them (filter context only).

A query that decides only which documents match is a plain JSON object. Unions are `dis_max`, so that they do not nest
`bool` queries deeper than a cluster allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeAlias

from corpus.value import Value
from indexer.analysis.tokens import RUN_BOUNDARY
from indexer.opensearch.layout import TEXT_FIELDS
from indexer.opensearch.prepared_text import encoded, prepared_string, prepared_value, prepared_word
from indexer.store.columns import WORD_FIELDS
from searcher.execution.plan import String
from searcher.execution.plan_matching import TermKey
from searcher.execution.ranking import SET_ASIDE, FieldWeight
from searcher.query.tree import FieldValue

# Any: a query is JSON.
Query: TypeAlias = dict[str, Any]

ALL: Final[Query] = {"match_all": {}}
NONE: Final[Query] = {"match_none": {}}

#: A sum of powers of two up to this one is exact in the 32 bits of a score.
_MOST_BITS: Final = 24
#: Relative: what a score may have lost when it was rounded to 32 bits.
_ROUNDING: Final = 1e-6
#: 1 for documents that hold enough: the bits of the score say which words they have, summed as `plain` does.
_ENOUGH: Final = (
    "int held = (int) _score; double sum = 0;"
    " for (int at = 0; at < params.weights.length; at++) {"
    " if (((held >> at) & 1) == 1) { sum += params.weights[at]; } }"
    " return sum >= params.least ? 1 : 0;"
)


class TermMatch(Value):
    """The documents of a term: its queries in each field, how many they are, and how its fields weigh."""

    fields: Mapping[str, Sequence[Query]]
    documents: int
    weights: Mapping[str, FieldWeight]

    @property
    def query(self) -> Query:
        """The documents that have the term in any field."""
        return documents_with(self.fields)


def fields_of(key: TermKey) -> dict[str, list[Query]]:
    """The queries of a word, or of strings of which one is enough, in each field that may have it."""
    if isinstance(key, str):
        return {field: [_word(key, field)] for field in WORD_FIELDS}
    found = {field: [query for string in key if (query := _string(string, field))] for field in TEXT_FIELDS}
    return {field: queries for field, queries in found.items() if queries}


def documents_with(fields: Mapping[str, Sequence[Query]]) -> Query:
    """The documents that have a term in any of the fields."""
    return any_of([query for queries in fields.values() for query in queries])


def _word(word: str, field: str) -> Query:
    return {"term": {f"{field}_words": encoded(prepared_word(word))}}


def _string(string: String, field: str) -> Query | None:
    """A string in one field; None if it is not looked for there."""
    if not is_looked_for(string, field):
        return None
    if string.is_word and field != SET_ASIDE:
        return _word(string.text, field) if field in WORD_FIELDS else None
    text = prepared(string)
    if not text:
        return None
    if len(text) == 1:
        return {"term": {f"{field}.characters": text}}
    return {"term": {f"{field}.pairs": text}} if len(text) == 2 else {"match_phrase": {f"{field}.pairs": text}}


def is_looked_for(string: String, field: str) -> bool:
    """True if a document may be found by a string in a field."""
    if field == SET_ASIDE:
        return string.in_set_aside
    return string.in_text and (field == "title" or not string.is_title)


def prepared(string: String) -> str:
    """What prepared texts contain where they have a string; empty for one that no text has."""
    grams = [gram for gram, _ in string.grams]
    starts_whole = any(gram.startswith(RUN_BOUNDARY) for gram in grams)
    ends_whole = any(gram.endswith(RUN_BOUNDARY) for gram in grams)
    return prepared_string(string.text, starts_whole, ends_whole) if grams else ""


def any_of(queries: Sequence[Query]) -> Query:
    """Documents that match one of the queries."""
    if not queries:
        return NONE
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": list(queries)}}


def with_any(field: str, values: Collection[str]) -> Query:
    """Documents with one of the values."""
    return {"terms": {field: sorted(map(prepared_value, values))}}


def with_value(node: FieldValue) -> Query:
    """Documents with a value that contains the text, or equals it if the node is literal."""
    field, text = f"{node.field}_normal", prepared_value(node.text)
    if node.is_literal:
        return {"term": {field: text}}
    pattern = "".join(f"\\{character}" if character in "*?\\" else character for character in text)
    return {"wildcard": {field: {"value": f"*{pattern}*"}}}


def dated(first: int, last: int) -> Query:
    """Documents dated from one day to another, as ordinals, both included."""
    return {"range": {"days": {"gte": first, "lte": last}}}


def leaves(query: Any) -> int:
    """How many clauses Lucene counts in a query: those that have none inside."""
    if isinstance(query, list):
        return sum(map(leaves, query))
    if not isinstance(query, dict):
        return 0
    own = sum(name in _LEAVES for name in query)
    return own + sum(leaves(value) for name, value in query.items() if name not in _LEAVES)


_LEAVES: Final = frozenset(("term", "terms", "match_phrase", "range", "wildcard", "match_all", "match_none"))


class QuerySets:
    """Sets of documents as queries (see `SetOperations`); the numbers of places are of no use here."""

    def no_document(self, documents: int) -> Query:
        """The empty set."""
        return NONE

    def documents_of(self, match: TermMatch, documents: int) -> Query:
        """The documents that match."""
        return match.query

    def min_should_match(self, matches: Sequence[tuple[TermMatch, float]], least: float, documents: int) -> Query:
        """Documents the sum of whose matches' weights, given beside each, reaches `least`, which is above zero.

        The sum is that of `plain`, bit by bit, for up to 24 matches; of more it is that of 32-bit scores.
        """
        held = [(match.query, weight) for match, weight in matches if match.documents]
        if not held:
            return NONE
        is_exact = len(held) <= _MOST_BITS
        boosts = [float(1 << at) for at in range(len(held))] if is_exact else [weight for _, weight in held]
        should = [
            {"constant_score": {"filter": query, "boost": boost}}
            for (query, _), boost in zip(held, boosts, strict=True)
        ]
        script: dict[str, Any] = {"source": "_score"}
        if is_exact:
            script = {"source": _ENOUGH, "params": {"weights": [weight for _, weight in held], "least": least}}
        lowest = 1.0 if is_exact else least * (1 - _ROUNDING)
        return {"script_score": {"query": {"bool": {"should": should}}, "script": script, "min_score": lowest}}

    def intersect(self, left: Query, right: Query) -> Query:
        """Documents in both."""
        (wanted, unwanted), (further, excluded) = _conditions(left), _conditions(right)
        return _with_conditions([*wanted, *further], [*unwanted, *excluded])

    def union(self, left: Query, right: Query) -> Query:
        """Documents in either."""
        return any_of([*_alternatives(left), *_alternatives(right)])

    def difference(self, left: Query, right: Query) -> Query:
        """Documents in the left one only."""
        wanted, unwanted = _conditions(left)
        return _with_conditions(wanted, [*unwanted, *_alternatives(right)])


def _with_conditions(wanted: list[Query], unwanted: list[Query]) -> Query:
    if not unwanted and len(wanted) < 2:
        return wanted[0] if wanted else ALL
    return {"bool": {"filter": wanted, "must_not": unwanted}}


def _conditions(query: Query) -> tuple[list[Query], list[Query]]:
    """What a query asks for and what it excludes."""
    if query == ALL:
        return [], []
    parts = query.get("bool", {})
    return (parts["filter"], parts["must_not"]) if "filter" in parts else ([query], [])


def _alternatives(query: Query) -> list[Query]:
    if query == NONE:
        return []
    parts = query.get("dis_max")
    return [query] if parts is None else parts["queries"]
