"""`search --batch`: reads one JSON request per line and writes one JSON result per line, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, TextIO

import searcher.preload  # noqa: F401  # now, so that no line waits for it
from corpus.errors import KesouError
from corpus.fields import FACETS
from corpus.settings import Settings
from searcher.commands.json_form import json_line, page_json
from searcher.errors import BadRequest
from searcher.results import HELPERS, Request
from searcher.service import Searcher

_KEYS: Final = frozenset(
    (
        *("id", "query", "exact", *FACETS, "from", "to"),
        *("sort", "limit", "offset", "explain", "helpers"),
    )
)
_HELPERS_FORM: Final = (
    "helpers must be true, false or an object such as " + '{"typo": false}; known are ' + ", ".join(HELPERS)
)
_SORTS: Final = ("relevance", "newest", "oldest")
_DEFAULT_LIMIT: Final = 10
#: Far longer than any request; without a limit a file without line breaks would be read into memory.
MAX_LINE_BYTES: Final = 1 << 20


def answer_lines(lines: Iterable[bytes], output: TextIO, searcher: Searcher, settings: Settings) -> None:
    """Answer every line that is not blank and flush each answer.

    A line that cannot be answered, whatever the reason, is answered by {"id"?, "error"}, and the next one follows.
    """
    for line in lines:
        if line.strip():
            output.write(_answer(line, searcher, settings) + "\n")
            output.flush()


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a batch; of one that is longer than MAX_LINE_BYTES only the beginning, which is no JSON.

    Raises BadRequest if the file cannot be read on.
    """
    try:
        while line := file.readline(MAX_LINE_BYTES):
            yield line
            while len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
    except OSError as error:
        raise BadRequest(f"the batch cannot be read: {error.strerror or error}") from error


def _answer(line: bytes, searcher: Searcher, settings: Settings) -> str:
    identity: dict[str, Any] = {}
    try:
        fields = _fields(line)
        if "id" in fields:
            identity = {"id": fields["id"]}
        is_explained = _flag(fields, "explain")
        request = _request(fields, settings)
        if is_explained:
            from searcher.commands.report_json import explanation_json  # deferred: few requests ask

            return json_line({**identity, **explanation_json(searcher.explain(request))})
        return json_line({**identity, **page_json(searcher.search(request))})
    except KesouError as error:
        return json_line({**identity, "error": str(error)})
    except Exception as error:  # unforeseen: the other lines must be answered all the same
        return json_line({**identity, "error": f"internal error: {type(error).__name__}"})


def _fields(line: bytes) -> dict[str, Any]:
    if len(line) >= MAX_LINE_BYTES and not line.endswith(b"\n"):
        raise BadRequest(f"the line is longer than {MAX_LINE_BYTES:,} bytes")
    try:
        fields = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse)
        json.dumps(fields)  # an id that is nested so deeply that it cannot be written again is refused too
    except (ValueError, RecursionError):
        raise BadRequest("the line is not valid JSON") from None
    if not isinstance(fields, dict):
        raise BadRequest('a request is a JSON object such as {"id": 1, "query": "脑机接口"}')
    return fields


def _refuse(name: str) -> None:
    raise ValueError(name)


def _request(fields: dict[str, Any], settings: Settings) -> Request:
    fields = {name: value for name, value in fields.items() if value is not None}
    if fields.keys() - _KEYS:
        raise BadRequest("unknown key; known are " + ", ".join(sorted(_KEYS)))
    sort = fields.get("sort", "relevance")
    if sort not in _SORTS:
        raise BadRequest("sort must be relevance, newest or oldest")
    limit, offset = _count(fields, "limit", _DEFAULT_LIMIT), _count(fields, "offset", 0)
    if limit > settings.max_hits:
        raise BadRequest(f"limit must not exceed {settings.max_hits:,}")
    if "query" not in fields:
        raise BadRequest("query is missing")
    return Request(
        query=_text(fields, "query") or "",
        exact=_flag(fields, "exact"),
        filters={name: _texts(fields, name) for name in FACETS},
        date_from=_text(fields, "from"),
        date_to=_text(fields, "to"),
        sort=sort,
        limit=limit,
        offset=offset,
        helpers_off=_helpers_off(fields.get("helpers", True)),
    )


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false")
    return bool(value)


def _helpers_off(helpers: Any) -> frozenset[str]:
    """The helpers that are switched off: all of them for false, or those that an object maps to false."""
    if isinstance(helpers, bool):
        return frozenset() if helpers else frozenset(HELPERS)
    if not isinstance(helpers, dict) or helpers.keys() - set(HELPERS):
        raise BadRequest(_HELPERS_FORM)
    if not all(isinstance(wanted, bool) for wanted in helpers.values()):
        raise BadRequest(_HELPERS_FORM)
    return frozenset(name for name, wanted in helpers.items() if not wanted)


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} must be a string")
    return value


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    """A text or a list of texts, as a tuple."""
    value = fields.get(name, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
        raise BadRequest(f"{name} must be a string or a list of strings")
    return tuple(values)


def _count(fields: dict[str, Any], name: str, default: int) -> int:
    value = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequest(f"{name} must be a whole number of at least 0")
    return value
