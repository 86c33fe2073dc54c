"""The JSON of one result, as docs/json.md documents it; the command line, batches and the web API all use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from corpus.document import Facts
from corpus.value import as_dict
from searcher.results import Applied, Completion, Hit, IndexInfo, NoHitsReport, SearchPage

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def json_line(value: dict[str, Any]) -> str:
    """The value as one line of JSON; lone surrogates, which UTF-8 cannot encode, stay escaped."""
    line = json.dumps(value, ensure_ascii=False)
    return line if line.isascii() or not _SURROGATES.search(line) else json.dumps(value)


def page_json(page: SearchPage) -> dict[str, Any]:
    """A result page as a JSON object."""
    return {
        "query": page.query,
        "index": index_json(page.index),
        "total": {"exact": page.exact_total, "related": page.related_total, "set_aside": page.set_aside_total},
        "hits": [hit_json(hit) for hit in page.hits],
        "facets": {name: [vars(value) for value in values] for name, values in page.facets.items()},
        "applied": list(map(_helper_json, page.applied)),
        "suggestions": list(map(_helper_json, page.suggestions)),
        "problems": [as_dict(problem) for problem in page.problems],
        "zero": None if page.zero is None else _no_hits_json(page.zero),
        "nearest": [hit_json(hit) for hit in page.nearest],
    }


def index_json(info: IndexInfo) -> dict[str, Any]:
    """The generation that answers, as a JSON object."""
    return {
        "generation": info.generation,
        "documents": info.documents,
        "characters": info.characters,
        "fallback": info.is_fallback,
    }


def _no_hits_json(report: NoHitsReport) -> dict[str, Any]:
    return {
        **as_dict(report),
        "missing": [part.text for part in report.missing],
        "apart": [[part.text for part in group] for group in report.apart],
    }


def _helper_json(helper: Applied) -> dict[str, str]:
    return {"kind": helper.kind, "from": helper.before, "to": helper.after}


def completion_json(completion: Completion) -> dict[str, Any]:
    """A completion as a JSON object; only titles have an `id`."""
    value = as_dict(completion)
    return value if completion.id else {name: value[name] for name in ("text", "kind", "count")}


def json_pieces(page: SearchPage, hits: Iterable[Hit]) -> Iterator[str]:
    """The JSON of a page with these hits, in pieces, so that only one hit is in memory at a time."""
    form = page_json(page)
    names = list(form)
    at = names.index("hits")
    before, after = ({name: form[name] for name in part} for part in (names[:at], names[at + 1 :]))
    yield json_line(before)[:-1] + ', "hits": ['
    for number, hit in enumerate(hits):
        yield (", " if number else "") + json_line(hit_json(hit))
    yield "], " + json_line(after)[1:]


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as a JSON object."""
    return {
        "id": hit.id,
        "source_id": hit.source_id,
        "title": hit.title,
        "url": hit.url,
        "account": hit.account,
        "date": hit.date,
        "program_types": list(hit.program_types),
        "genre": hit.genre,
        "score": hit.score,
        "tier": hit.tier,
        "matches": hit.matches,
        "section": {"path": list(hit.section.path), "page": hit.section.page} if hit.section else None,
        "snippets": [[list(piece) for piece in snippet] for snippet in hit.snippets],
        "facts": _facts_json(hit.facts),
        "cluster": as_dict(hit.cluster) if hit.cluster else None,
        "set_aside": hit.set_aside,
    }


def _facts_json(facts: Facts) -> dict[str, Any]:
    """The facts that the document has."""
    return {name: value for name, value in as_dict(facts).items() if value}
