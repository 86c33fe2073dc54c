"""Errors of search requests; those of opening an index are in indexer/errors.py.

SearcherError (a KesouError)
└── BadRequest    a limit, date or choice that is not valid; the caller can correct it

Query text itself never raises: it yields `QueryProblem`s (see query/parser.py).
"""

from __future__ import annotations

from corpus.errors import KesouError


class SearcherError(KesouError):
    """The root of this package's errors."""


class BadRequest(SearcherError):
    """The request is not valid; the message says what is."""
