"""Makes the body of a document as OpenSearch indexes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from corpus.fields import FIELDS
from indexer.analysis.normalise import normalise
from indexer.completions import SORT_CHARACTERS
from indexer.opensearch.layout import NORMAL_VALUE_FIELDS, TEXT_FIELDS, VALUE_FIELDS, stored_json
from indexer.opensearch.prepared_text import encoded, prepared_text, prepared_value, prepared_word
from indexer.record import IndexRecord
from indexer.store.columns import RANKED_FIELDS, WORD_FIELDS
from indexer.store.stored_documents import head_fields, text_fields
from indexer.titles import shown_title, title_starts


def document_body(record: IndexRecord) -> dict[str, Any]:
    """All fields that depend on the document alone: without since, until, part, demoted and the cluster.

    Fields without a value are left out, and so are empty texts.
    """
    document = record.document
    values = {name: _values(FIELDS[name].values(document)) for name in VALUE_FIELDS}  # type: ignore[misc]  # all have
    title = shown_title(record)
    body: dict[str, Any] = {
        "id": document.id,
        "source_id": prepared_value(document.source_id),
        **{name: prepared_text(getattr(record, name)) for name in TEXT_FIELDS},
        **{f"{name}_words": _joined(getattr(record, f"{name}_words")) for name in WORD_FIELDS},
        "title_starts": [encoded(title[start : start + SORT_CHARACTERS]) for start in title_starts(title)],
        "days": date.fromisoformat(document.date).toordinal() if document.date else None,
        **{name: list(map(prepared_value, found)) for name, found in values.items()},
        **{f"{name}_normal": [prepared_value(normalise(one)) for one in values[name]] for name in NORMAL_VALUE_FIELDS},
        "head": stored_json(head_fields(document)),
        "text": stored_json(text_fields(document)),
    }
    lengths = {f"{name}_length": len(getattr(record, name)) for name in RANKED_FIELDS}
    return {name: value for name, value in body.items() if value} | lengths


def _joined(words: Iterable[str]) -> str:
    """Words as one text, in which blanks separate them."""
    return encoded(" ".join(map(prepared_word, words)))


def _values(values: Iterable[str]) -> list[str]:
    """The values of a field; an empty one means that there is none."""
    return [value for value in values if value]
