"""Errors of asking an index; those of opening one are in indexer/errors.py.

SearcherError (a KesouError)
└── BadRequest    a limit, date or choice that cannot be answered: the caller's to change

Query text itself never raises: it yields `QueryProblem`s (see parse.py).
"""

from __future__ import annotations

from corpus.errors import KesouError


class SearcherError(KesouError):
    """Root of this package's errors."""


class BadRequest(SearcherError):
    """The request cannot be answered as it stands; the text says what is allowed."""
