"""The data layout in OpenSearch: names of indices, mapping and settings, ids, stored documents, and who sees what.

An index `kesou-000007` is named after the generation that created it; the alias `kesou` names the index that answers.
Its documents are of three kinds:

* Versions of documents, with `_id` `<document id>-<since>`. `since` is the first generation that has the version,
  `until` the first one that has it no longer; it is missing while there is none. A reader of a generation asks for
  `visible_at(generation)` and so sees one whole generation, whatever runs write meanwhile.
* Tables, with `_id` `table/…` and no `since`: counts of bigrams, learned words, completions.
* None else; the mapping is strict. Its `_meta` holds the published state (see published_state.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from corpus.document import Cluster, Document
from corpus.fields import FACETS, FIELDS
from indexer.errors import IndexDamaged
from indexer.opensearch.prepared_text import decoded, encoded, prepared_string
from indexer.store.columns import RANKED_FIELDS, SIMILARITY_PARTS, WORD_FIELDS
from indexer.store.stored_documents import make_document

#: Bump this if indices of older versions can no longer be read or continued.
LAYOUT_VERSION: Final = 1

#: The text fields that are searched for strings, each as `<name>.pairs` and `<name>.characters`.
TEXT_FIELDS: Final = (*RANKED_FIELDS, "set_aside")
#: Keyword fields of the values of a document: facets and the form, `<name>_normal` for the fields of queries.
VALUE_FIELDS: Final = (*FACETS, "form")
NORMAL_VALUE_FIELDS: Final = tuple(name for name in FACETS if FIELDS[name].is_in_queries)
#: What a stored document is read from; `HEAD_SOURCE` is enough for its head.
HEAD_SOURCE: Final = ("id", "head", "cluster_earliest", "cluster_similarity")
WHOLE_SOURCE: Final = (*HEAD_SOURCE, "text")

#: What the `_id` of the tables begins with that belong to a generation; their field `part` has it too.
GENERATION_TABLES: Final = ("table/learned_words/", "table/completions/")

_GENERATION_DIGITS: Final = 6
_UNINDEXED: Final = {"type": "keyword", "index": False, "doc_values": False}
_LENGTH: Final = {"type": "integer", "index": False}


def index_name(alias: str, generation: int) -> str:
    """The name of the index that a generation creates."""
    return f"{alias}-{generation:0{_GENERATION_DIGITS}d}"


def generation_of(index: str, alias: str) -> int | None:
    """The generation that created an index of an alias, None if the name is not that of one."""
    match = re.fullmatch(rf"{re.escape(alias)}-([0-9]{{{_GENERATION_DIGITS},12}})", index)
    return int(match[1]) if match else None


def lock_index(alias: str) -> str:
    """The name of the index that holds the lock of the alias."""
    return f"{alias}-lock"


def version_id(id: str, since: int) -> str:
    """The `_id` of a version of a document."""
    return f"{id}-{since}"


def grams_id(character: str) -> str:
    """The `_id` of the table of the bigrams that begin with a character, given as it is encoded.

    Its `table` has for each ranked field the characters that follow, with their numbers of occurrences; `occurrences`
    counts the character itself in all bodies.
    """
    return f"table/grams/{'-'.join(f'{ord(one):x}' for one in character)}"


def learned_words_id(generation: int) -> str:
    """The `_id` of the table of the words that a generation learned: `words`, sorted, joined by blanks."""
    return f"table/learned_words/{generation}"


def completions_id(generation: int, piece: int) -> str:
    """The `_id` of a piece of the completions that a generation made: `data`, in base64 (see completion_table.py)."""
    return f"table/completions/{generation}/{piece}"


def visible_at(generation: int) -> dict[str, Any]:
    """The query for the documents of a generation; no table is one."""
    return {
        "bool": {
            "filter": [{"range": {"since": {"lte": generation}}}],
            "must_not": [{"range": {"until": {"lte": generation}}}],
        }
    }


def having(field: str, string: str) -> dict[str, Any]:
    """The query for the documents that have a string in normal form, of two characters or more, in a text field."""
    return {"match_phrase": {f"{field}.pairs": prepared_string(string, False, False)}}


def index_body(shards: int, replicas: int, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The body that creates an index: settings and mapping."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "codec": "best_compression",
            "similarity": {"frequency": {"type": "scripted", "script": {"source": "return doc.freq;"}}},
            "analysis": {
                "tokenizer": {
                    "pairs": {"type": "ngram", "min_gram": 2, "max_gram": 2},
                    "characters": {"type": "ngram", "min_gram": 1, "max_gram": 1},
                },
                "analyzer": {
                    "pairs": {"type": "custom", "tokenizer": "pairs"},
                    "characters": {"type": "custom", "tokenizer": "characters"},
                },
            },
        },
        "mappings": {"dynamic": "strict", "_meta": dict(meta), "properties": _properties()},
    }


def _properties() -> dict[str, Any]:
    """The mapping of each field."""
    words = _scored_text("whitespace", "freqs")
    return {
        "id": {"type": "keyword"},
        "source_id": {"type": "keyword"},
        "since": {"type": "integer"},
        "until": {"type": "integer"},
        "part": {"type": "keyword"},
        **{name: _text() for name in TEXT_FIELDS},
        **{f"{name}_words": words for name in WORD_FIELDS},
        **{f"{name}_length": _LENGTH for name in RANKED_FIELDS},
        "title_starts": {"type": "keyword"},
        "days": {"type": "integer"},
        "demoted": {"type": "boolean"},
        **{name: {"type": "keyword"} for name in VALUE_FIELDS},
        **{f"{name}_normal": {"type": "keyword"} for name in NORMAL_VALUE_FIELDS},
        "cluster_earliest": {"type": "keyword"},
        "cluster_similarity": _LENGTH,
        "head": _UNINDEXED,
        "text": _UNINDEXED,
        "table": {"type": "object", "enabled": False},
    }


def _text() -> dict[str, Any]:
    """A text in normal form, prepared (see prepared_text.py), that strings are found in."""
    parts = {"pairs": _scored_text("pairs", "positions"), "characters": _scored_text("characters", "freqs")}
    return {"type": "text", "index": False, "fields": parts}


def _scored_text(analyzer: str, index_options: str) -> dict[str, Any]:
    """A text whose score is the frequency of what was asked for; lengths are fields of their own.

    Lucene adds up the scores of the terms of a phrase: that of one is its frequency times the number of its terms.
    """
    return {
        "type": "text",
        "analyzer": analyzer,
        "index_options": index_options,
        "norms": False,
        "similarity": "frequency",
    }


def stored_json(fields: Mapping[str, Any]) -> str:
    """A stored document, or its head, as a value of the field `text` or `head`."""
    return encoded(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))


def stored_document(source: Mapping[str, Any]) -> Document:
    """The document of a `_source` with WHOLE_SOURCE, only its head with HEAD_SOURCE; raises IndexDamaged."""
    try:
        head, text = (json.loads(decoded(source.get(name, "{}"))) for name in ("head", "text"))
        return make_document(head, text, _cluster(source))
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise IndexDamaged(f"the stored document {source.get('id')} cannot be read") from error


def _cluster(source: Mapping[str, Any]) -> Cluster | None:
    earliest = source.get("cluster_earliest")
    if earliest is None:
        return None
    return Cluster(id=earliest, earliest=earliest, similarity=source["cluster_similarity"] / SIMILARITY_PARTS)
