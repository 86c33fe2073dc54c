"""BM25F as queries of OpenSearch: what a document matches adds up to its score, with our lengths and frequencies.

The fields of an index give the frequency of a term as its score (see layout.py), and scripts make weights of it:

    factor × (sum × (k1 + 1) / (sum + k1) + bonuses), where sum is that of weight × frequency / norm over the fields
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from searcher.execution.opensearch.queries import Query, TermMatch, any_of, leaves
from searcher.execution.plan_matching import WeightedTerm
from searcher.execution.ranking import FieldWeight, Parameters
from searcher.results import Sort

#: Lucene refuses queries of more clauses.
_MOST_CLAUSES: Final = 1000
#: A document without a day comes last.
_NO_DAY_NEWEST: Final = 0
_NO_DAY_OLDEST: Final = 4_000_000

# All numbers are parameters, so that each script is compiled once.
_NORMALISED: Final = (
    "double length = doc[params.field].value / params.mean;"
    " return params.weight * _score"
    " / (1 - params.b + params.b * (length < params.longest ? length : params.longest));"
)
_SATURATED: Final = "return _score * (params.k1 + 1) / (_score + params.k1);"

_BY_DAY: Final = {"days": {"order": "desc", "missing": _NO_DAY_NEWEST}}
_BY_ID: Final = {"id": "asc"}
#: The keys of each order; the last one is the document's id.
ORDERS: Final[dict[Sort, list[dict[str, Any]]]] = {
    "relevance": [{"_score": {"order": "desc"}}, _BY_DAY, _BY_ID],
    "newest": [_BY_DAY, _BY_ID],
    "oldest": [{"days": {"order": "asc", "missing": _NO_DAY_OLDEST}}, _BY_ID],
}


def scored(found: Query, terms: Sequence[WeightedTerm[TermMatch]], parameters: Parameters) -> Query:
    """The documents found, scored by the terms and demoted.

    Where so many terms are more clauses than Lucene takes, those of the least factors are left out.
    """
    room = _MOST_CLAUSES - leaves(found)
    should: list[Query] = []
    for term in sorted(terms, key=lambda term: -term.factor) if _clauses(terms) > room else terms:
        clauses = _weighed(term.match, term.factor, parameters.k1)
        room -= leaves(clauses)
        if room < 0:
            break
        should += clauses
    return {
        "function_score": {
            "query": {"bool": {"filter": [found], "should": should}},
            "functions": [{"filter": {"term": {"demoted": True}}, "weight": parameters.demotion}],
            "boost_mode": "multiply",
        }
    }


def _clauses(terms: Sequence[WeightedTerm[TermMatch]]) -> int:
    return sum(leaves(_weighed(term.match, term.factor, 0.0)) for term in terms)


def _weighed(match: TermMatch, factor: float, k1: float) -> list[Query]:
    """Clauses whose scores are the weight of a term, times the factor."""
    ranked = {field: queries for field, queries in match.fields.items() if match.weights[field].weight}
    if not ranked:
        return []
    parts = [_normalised(query, field, match.weights[field]) for field, queries in ranked.items() for query in queries]
    saturated = {"source": _SATURATED, "params": {"k1": k1}}
    clauses: list[Query] = [
        {"script_score": {"query": {"bool": {"should": parts}}, "script": saturated, "boost": factor}}
    ]
    for field, queries in ranked.items():
        if bonus := factor * match.weights[field].bonus:
            clauses.append({"constant_score": {"filter": any_of(queries), "boost": bonus}})
    return clauses


def _normalised(query: Query, field: str, weight: FieldWeight) -> Query:
    params = {
        "field": f"{field}_length",
        "mean": weight.lengths.mean,
        "weight": weight.weight / _scores_per_occurrence(query),
        "b": weight.b,
        "longest": weight.longest,
    }
    return {"script_score": {"query": query, "script": {"source": _NORMALISED, "params": params}}}


def _scores_per_occurrence(query: Query) -> int:
    """How often Lucene adds up a frequency: for each term of a phrase, here a pair of characters."""
    phrase = query.get("match_phrase")
    return len(next(iter(phrase.values()))) - 1 if phrase else 1
