"""Searches an index: `Searcher`, its requests and results, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import lazy_exports

if TYPE_CHECKING:
    from searcher.diagnostics.reports import Explanation, Similar, WhyNot
    from searcher.errors import BadRequest, SearcherError
    from searcher.results import (
        HELPERS,
        Applied,
        Article,
        Completion,
        FacetValue,
        Heading,
        Hit,
        IndexInfo,
        NoHitsReport,
        QueryProblem,
        Request,
        SearchPage,
        SectionPlace,
        Totals,
    )
    from searcher.service import Searcher

__all__ = [
    "HELPERS",
    "Applied",
    "Article",
    "BadRequest",
    "Completion",
    "Explanation",
    "FacetValue",
    "Heading",
    "Hit",
    "IndexInfo",
    "NoHitsReport",
    "QueryProblem",
    "Request",
    "SearchPage",
    "Searcher",
    "SearcherError",
    "SectionPlace",
    "Similar",
    "Totals",
    "WhyNot",
]

if not TYPE_CHECKING:  # a type checker takes the imports above
    __getattr__ = lazy_exports(
        __name__,
        __all__,
        (
            "searcher.errors",
            "searcher.results",
            "searcher.preload",  # programs ask more than once
            "searcher.service",
            "searcher.diagnostics.reports",
        ),
    )
