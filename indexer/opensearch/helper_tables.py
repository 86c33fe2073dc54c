"""Makes the tables that helpers ask: learned words and completions, of the documents of a generation in the cluster.

They are made as the embedded engine makes them, and kept in the local folder too, for the next run.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from indexer.analysis.title_phrases import PhraseCounter
from indexer.completion_writer import MAX_NAMES, Terms, best_names, known_terms, rank_terms, write_table
from indexer.completions import FILE as COMPLETIONS
from indexer.learned_words import LearnedWords, write_words
from indexer.learning.learn import TaggedCutter, learn_words
from indexer.learning.write_learned_words import MAX_TEXT_CHARACTERS, NO_ID, SAMPLE_CHARACTERS, VERSION, sample_text
from indexer.opensearch.bulk import Action, table
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.collection_counts import read_titles, read_word_counts
from indexer.opensearch.layout import (
    WHOLE_SOURCE,
    completions_id,
    having,
    learned_words_id,
    stored_document,
    visible_at,
)
from indexer.opensearch.versions import both, sources
from indexer.store.columns import WORD_FIELDS

#: Bytes of the completions in one document.
_PIECE_BYTES: Final = 1 << 20
#: Searches in one request.
_SEARCHES: Final = 200


class GenerationTables:
    """The tables of a generation whose documents are written; `folder` is its local folder."""

    def __init__(self, client: OpenSearchClient, index: str, generation: int, folder: Path) -> None:
        self._client = client
        self._index = index
        self._generation = generation
        self._folder = folder

    def learn(self, cutter: TaggedCutter) -> Action:
        """Learn words from the documents with the lowest ids; returns what sends the table."""
        texts: list[str] = []
        characters, last_id = 0, NO_ID
        fields = (*WHOLE_SOURCE, "body_length")
        for source in sources(self._client, self._index, visible_at(self._generation), fields):
            texts.append(sample_text(stored_document(source)))
            characters += min(source["body_length"], MAX_TEXT_CHARACTERS)
            if characters >= SAMPLE_CHARACTERS:
                last_id = int(source["id"], 16)
                break
        words = learn_words(texts, cutter)
        write_words(self._folder, words, VERSION, last_id)
        return table(learned_words_id(self._generation), {"words": " ".join(words)})

    def complete(self, documents: int, previous: Path | None, changed: int) -> list[Action]:
        """Write the completions; returns what sends the pieces of the table.

        Terms are taken over from the generation in `previous` while few of its documents have changed since.
        """
        terms = known_terms(previous, changed, documents) or self._count_terms(documents)
        write_table(self._folder, terms, (self._names("account"), self._names("type")), [])
        content = (self._folder / COMPLETIONS).read_bytes()
        pieces = [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)]
        return [
            table(completions_id(self._generation, number), {"data": base64.b64encode(piece).decode("ascii")})
            for number, piece in enumerate(pieces)
        ]

    def _count_terms(self, documents: int) -> Terms:
        phrases = PhraseCounter()
        for _, title, words in read_titles(self._folder):
            phrases.add(title, words)
        parts = phrases.words
        titles_with = {count.word: count.titles for count in read_word_counts(self._folder) if count.word in parts}
        recurring = phrases.recurring({word: titles for word, titles in titles_with.items() if titles})
        return rank_terms(documents, recurring, read_word_counts(self._folder), list(self._learned()))

    def _learned(self) -> Iterator[tuple[int, int, str]]:
        """The learned words after their numbers of titles and of documents, both negative."""
        with closing(LearnedWords(self._folder)) as known:
            words = known.all()
        for start in range(0, len(words), _SEARCHES):
            some = words[start : start + _SEARCHES]
            counts = iter(self._counts([query for word in some for query in _in_title_and_text(word)]))
            yield from ((-titles, -either, word) for word, titles, either in zip(some, counts, counts, strict=True))

    def _counts(self, queries: Sequence[Any]) -> list[int]:
        """How many documents of the generation match each query."""
        visible = visible_at(self._generation)
        bodies = [{"query": both(query, visible), "size": 0, "track_total_hits": True} for query in queries]
        return [answer["hits"]["total"]["value"] for answer in self._client.search_each(self._index, bodies)]

    def _names(self, field: str) -> list[tuple[str, int]]:
        """The most frequent values of a field."""
        body = {
            "query": visible_at(self._generation),
            "size": 0,
            "aggs": {"names": {"terms": {"field": field, "size": MAX_NAMES, "shard_size": 2 * MAX_NAMES}}},
        }
        answer = self._client.search(self._index, body)
        return best_names({each["key"]: each["doc_count"] for each in answer["aggregations"]["names"]["buckets"]})


def _in_title_and_text(word: str) -> tuple[Any, Any]:
    """The queries for the documents with a string in the title, and in title or body."""
    title, body = (having(field, word) for field in WORD_FIELDS)
    return title, {"bool": {"should": [title, body]}}
