"""Lists the learned words of the generation that a cluster answers with, as word_list.py does for local files."""

from __future__ import annotations

from typing import Any, Final

from indexer.errors import IndexDamaged
from indexer.learning.word_list import DAYS_BEFORE, RECENT_DAYS, WRONG_DATES, LearnedWord, Periods, ranked, with_example
from indexer.opensearch import versions
from indexer.opensearch.client import OpenSearchClient, quoted
from indexer.opensearch.indices import Published
from indexer.opensearch.layout import WHOLE_SOURCE, having, learned_words_id, stored_document, visible_at
from indexer.store.columns import WORD_FIELDS

_SEARCHES: Final = 100
#: The server answers no hits after these without a cursor.
_LAST_PLACE: Final = 9_999


def list_words(
    client: OpenSearchClient, published: Published, limit: int | None, *, is_rising: bool
) -> tuple[tuple[LearnedWord, ...], int]:
    """The learned words of a generation, and how many there are; raises IndexDamaged."""
    id = learned_words_id(published.state.learned_words)
    answer = client.ask("GET", f"/{quoted(published.index)}/_doc/{quoted(id)}", ignored=(404,))
    if not answer.get("found"):
        raise IndexDamaged(f"{id} is missing in the index {published.index}")
    words = answer["_source"]["table"]["words"].split()
    counter = _Counter(client, published)
    found = ranked(counter.count(words), is_rising=is_rising)[:limit]
    return tuple(counter.with_examples(found)), len(words)


class _Counter:
    """Counts the documents of words in one generation."""

    def __init__(self, client: OpenSearchClient, published: Published) -> None:
        self._client = client
        self._index = published.index
        self._visible = visible_at(published.state.generation)
        dated = versions.both(self._visible, {"exists": {"field": "days"}})
        place = min(versions.count(client, self._index, dated) // WRONG_DATES, _LAST_PLACE)
        newest = {"query": dated, "sort": [{"days": "desc"}], "from": place, "size": 1, "_source": ["days"]}
        hits = self._search([newest])[0]["hits"]["hits"]
        self._last = hits[0]["_source"]["days"] if hits else 0
        all_recent, all_before = self._periods(self._search([self._body(self._visible)])[0])
        self._all = Periods(recent=all_recent, before=all_before)

    def count(self, words: list[str]) -> list[LearnedWord]:
        """The words with their numbers, still without examples."""
        found = []
        for start in range(0, len(words), _SEARCHES):
            some = words[start : start + _SEARCHES]
            answers = self._search([self._body(self._query(word)) for word in some])
            for word, answer in zip(some, answers, strict=True):
                recent, before = self._periods(answer)
                found.append(self._all.word(word, answer["hits"]["total"]["value"], recent, before))
        return found

    def with_examples(self, entries: list[LearnedWord]) -> list[LearnedWord]:
        """The words with examples from their newest documents."""
        found = []
        for entry in entries:
            body = {
                "query": self._query(entry.word),
                "size": 1,
                "sort": [{"days": {"order": "desc", "missing": "_last"}}, {"id": "desc"}],
                "_source": list(WHOLE_SOURCE),
            }
            hits = self._search([body])[0]["hits"]["hits"]
            found.append(with_example(entry, stored_document(hits[0]["_source"])) if hits else entry)
        return found

    def _query(self, word: str) -> dict[str, Any]:
        return versions.both(self._visible, {"bool": {"should": [having(field, word) for field in WORD_FIELDS]}})

    def _body(self, query: dict[str, Any]) -> dict[str, Any]:
        """A search that counts the documents of both times."""
        first = self._last - RECENT_DAYS + 1
        times = {"recent": {"gte": first}, "before": {"gte": first - DAYS_BEFORE, "lt": first}}
        counts = {name: {"filter": {"range": {"days": days}}} for name, days in times.items()}
        return {"query": query, "size": 0, "track_total_hits": True, "aggs": counts}

    def _periods(self, answer: dict[str, Any]) -> tuple[int, int]:
        counts = answer["aggregations"]
        return counts["recent"]["doc_count"], counts["before"]["doc_count"]

    def _search(self, bodies: list[Any]) -> list[Any]:
        return self._client.search_each(self._index, bodies)
