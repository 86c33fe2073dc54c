"""Finds the document that somebody means by an id: ours, or the one of its source."""

from __future__ import annotations

from typing import Final

from searcher.errors import BadRequest
from searcher.execution.engine import Engine

#: Documents with the same source id that are named.
_MOST_NAMED: Final = 5


def find_number(id: str, engine: Engine) -> int:
    """The document's number; raises BadRequest if no document has the id, or several have it."""
    number = engine.find(id)
    if number is not None:
        return number
    found = engine.with_source_id(id)
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadRequest("the index has no document with this id or source id")
    names = ", ".join(engine.head(number).id for number in found[:_MOST_NAMED])
    more = ", …" if len(found) > _MOST_NAMED else ""
    raise BadRequest(f"{len(found)} documents have this source id; give the id of one of them: {names}{more}")
