"""Which document somebody means by an id: ours, or the one of the source it came from."""

from __future__ import annotations

from typing import Final

from indexer.store.stored_documents import DocumentReader
from searcher.errors import BadRequest
from searcher.execution.evaluator import Evaluator

#: Documents with the same source id that are named.
_MOST_NAMED: Final = 5


def find_number(id: str, evaluator: Evaluator, texts: DocumentReader) -> int:
    """The document's number; raises BadRequest where none has the id, or several do.

    Ours is found at once; for the source's all heads are read (measured: 100,000 in 2 s).
    """
    number = evaluator.number(id)
    if number is not None:
        return number
    found = [number for number in range(len(texts)) if texts.head(number).source_id == id]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadRequest("the index has no document with this id or source id")
    names = ", ".join(texts.head(number).id for number in found[:_MOST_NAMED])
    more = ", …" if len(found) > _MOST_NAMED else ""
    raise BadRequest(f"{len(found)} documents have this source id; give the id of one of them: {names}{more}")
