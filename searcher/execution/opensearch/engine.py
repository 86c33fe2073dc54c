"""The OpenSearch engine: executes plans over one generation of an index in a cluster, without any local file."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from corpus.document import Document
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.tokens import words_of
from indexer.completions import SORT_CHARACTERS
from indexer.opensearch.client import OpenSearchClient
from indexer.opensearch.layout import completions_id, learned_words_id
from indexer.opensearch.prepared_text import decoded, encoded, prepared_value
from indexer.opensearch.published_state import PublishedState
from indexer.store.columns import RANKED_FIELDS, WORD_FIELDS
from searcher.execution.collectors import Collected, Collector
from searcher.execution.engine import MAX_TITLES
from searcher.execution.opensearch.document_cache import DocumentCache
from searcher.execution.opensearch.execution import ClusterExecution, ClusterResources
from searcher.execution.opensearch.generation_searches import GenerationSearches, total
from searcher.execution.opensearch.queries import Query
from searcher.execution.opensearch.scores import ORDERS
from searcher.execution.opensearch.terms import ClusterTerms
from searcher.execution.plan import Plan, term_plan
from searcher.execution.ranking import Lengths, Parameters, field_weights
from searcher.query.tree import Term
from searcher.results import IndexInfo

if TYPE_CHECKING:
    from indexer.completions import CompletionTable
    from searcher.execution.score_explanation import ScoreExplanation

#: Documents that may have the same id of their source.
_MOST_SOURCE_IDS: Final = 10_000


class OpenSearchEngine:
    """One generation in a cluster; see `Engine`. The number of a document is its id."""

    def __init__(
        self,
        client: OpenSearchClient,
        index: str,
        state: PublishedState,
        parameters: Parameters,
        check_kept: Callable[[], None],
    ) -> None:
        """`check_kept` raises IndexMissing once the generation is deleted; it is called before every request."""
        manifest = state.manifest
        self.info = IndexInfo.of(manifest)
        self.no_type = manifest.no_type
        self.parameters = parameters
        self.dictionary = PackedDictionary()
        self._state = state
        self._searches = GenerationSearches(client, index, manifest.generation, check_kept)
        lengths = {field: Lengths(memoryview(b""), state.lengths[field].mean) for field in RANKED_FIELDS}
        self._terms = ClusterTerms(self._searches, field_weights(lengths, parameters))
        self._cache = DocumentCache(self._searches)
        self._resources = ClusterResources(self._searches, self._terms, self._cache, parameters, manifest.documents)

    def expect(self, text: str) -> None:
        """Ask at once for the counts of a query's words and the tables of its characters."""
        self._terms.ask_for(words_of(text, self.dictionary), map(encoded, text))

    def learned_words(self, character: str) -> list[str]:
        """The words beginning with a character that the generation has learned; no document was cut into them."""
        return self._learned_words.get(character, [])

    @cached_property
    def _learned_words(self) -> dict[str, list[str]]:
        """The learned words by their first characters. Cached for the engine, which never changes."""
        [source] = self._searches.get([learned_words_id(self._state.learned_words)], ("table",))
        found: dict[str, list[str]] = {}
        for word in source["table"]["words"].split() if source is not None else ():
            found.setdefault(word[0], []).append(word)
        return found

    @cached_property
    def completions(self) -> CompletionTable:
        """The terms and names that queries are completed from, opened when first asked for."""
        from indexer.completions import CompletionTable  # deferred: a search needs none

        keys = [completions_id(self._state.completions, piece) for piece in range(self._state.completion_pieces)]
        sources = self._searches.get(keys, ("table",))
        return CompletionTable.of_bytes(b"".join(base64.b64decode(each["table"]["data"]) for each in sources if each))

    def titles(self, normal: str, limit: int) -> list[int]:
        """The newest documents whose title, or a part of it, has this prefix; none if too many have it."""
        query = {"prefix": {"title_starts": encoded(normal[:SORT_CHARACTERS])}}
        [answer] = self._searches.search([self._searches.body(query, size=limit, sort=ORDERS["newest"], _source=False)])
        return self._numbers(answer) if total(answer) <= MAX_TITLES else []

    def execute(self, plan: Plan, *collectors: Collector[Any]) -> Collected:
        """Match the plan's query tree under its filters and collect what is asked for."""
        return ClusterExecution(self._resources, plan).collect(collectors)

    def matches(self, plan: Plan, number: int) -> bool:
        """True if a document is a hit of the plan, in either tier."""
        return ClusterExecution(self._resources, plan).tier_of(number) is not None

    def explain(self, plan: Plan, numbers: Sequence[int]) -> ScoreExplanation:
        """What the scores of hits consist of; the share of the query's weight also for documents that are none."""
        from searcher.execution.score_explanation import ScoreRecorder, explain_scores  # deferred: few requests ask

        recorder: ScoreRecorder[Any] = ScoreRecorder()
        return explain_scores(ClusterExecution(self._resources, plan, recorder), recorder, plan, numbers)

    def document_frequency(self, term: Term) -> int:
        """How many documents have a term; the number is kept for the search that follows."""
        return self._terms.documents(tuple(term_plan(term).strings.values()))

    def word_frequency(self, word: str) -> int:
        """How many documents have a word in the title or in the body, whichever are more."""
        return max(self._terms.in_field(word, field) for field in WORD_FIELDS)

    def has_word(self, word: str) -> bool:
        """True if a document has a word."""
        return self._terms.documents(word) > 0

    def followers(self, character: str, *, is_title: bool = False) -> dict[str, int]:
        """The characters that follow one somewhere, or in titles, with the number of occurrences."""
        table, found = self._terms.table(encoded(character)), Counter[str]()
        for field in ("title",) if is_title else RANKED_FIELDS:
            found.update(table.get(field, {}))
        return {decoded(one): count for one, count in found.items()}

    def bigram_count(self, first: str, second: str) -> int:
        """How often one character follows another in all fields."""
        table, after = self._terms.table(encoded(first)), encoded(second)
        return sum(int(table.get(field, {}).get(after, 0)) for field in RANKED_FIELDS)

    def find(self, id: str) -> int | None:
        """The number of the document with an id, None if there is none."""
        return next(iter(self._found({"term": {"id": encoded(id)}}, 1)), None)

    def with_source_id(self, source_id: str) -> list[int]:
        """The numbers of all documents with an id of their source."""
        return self._found({"term": {"source_id": prepared_value(source_id)}}, _MOST_SOURCE_IDS)

    def head(self, number: int) -> Document:
        """A document without body, sections and notes; raises IndexDamaged."""
        return self._cache.head(number)

    def read(self, number: int) -> Document:
        """A whole document; raises IndexDamaged."""
        return self._cache.read(number)

    def raise_damage(self, error: Exception) -> None:
        """Damage is reported by the search that meets it: a cluster verifies its files itself."""

    def close(self) -> None:
        """Release the dictionary; the connections are those of the source."""
        if "completions" in self.__dict__:
            self.completions.close()
        self.dictionary.close()

    def _found(self, query: Query, most: int) -> list[int]:
        """The numbers of the documents that match, in ascending order."""
        body = self._searches.body(query, size=most, sort=[{"id": "asc"}], _source=False)
        return self._numbers(self._searches.search([body])[0])

    def _numbers(self, answer: Any) -> list[int]:
        return self._cache.expect([hit["_id"] for hit in answer["hits"]["hits"]])
