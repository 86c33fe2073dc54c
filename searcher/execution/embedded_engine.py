"""The embedded engine: executes plans over the packed Whoosh segment of a local generation.

Posting lists are read as they are stored; neither Whoosh nor its matchers, query parser or highlighter are used.
"""

from __future__ import annotations

import heapq
import sys
import time
from collections.abc import Hashable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from corpus.document import Document
from corpus.errors import KesouError
from indexer.analysis.dictionary import PackedDictionary
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import fingerprint
from indexer.learned_words import LearnedWords
from indexer.postings.reader import PackedIndex
from indexer.store.columns import RANKED_FIELDS
from indexer.store.generations import Generation, open_current, publication
from indexer.store.stored_documents import DocumentReader
from indexer.store.verification import raise_damage
from searcher.execution.collectors import Collected, Collector
from searcher.execution.engine import MAX_TITLES
from searcher.execution.lru_cache import LruCache, document_characters
from searcher.execution.plan import Plan, term_plan
from searcher.execution.plan_execution import AnyExecution, PlanExecution, Resources
from searcher.execution.plan_matching import Recorder
from searcher.execution.posting_lists import PostingLists
from searcher.execution.ranking import Parameters, field_weights, lengths_of
from searcher.execution.term_matching import TermMatcher
from searcher.execution.term_statistics import bigram_count, followers
from searcher.query.tree import Term
from searcher.results import IndexInfo

if TYPE_CHECKING:
    from indexer.completions import CompletionTable
    from searcher.execution.arrays.protocol import ArrayOperations
    from searcher.execution.score_explanation import ScoreExplanation

    # Which implementation serves is decided per plan, so that its types are not known.
    AnyArrays: TypeAlias = ArrayOperations[Any, Any, Any, Any, Any, Any, Any]

#: Numbers that the standard library decodes in about the time that importing numpy takes (100 ms).
_PLAIN_LIMIT: Final = 300_000
#: The same where numpy has been imported already: what its calls cost, some sixty of them for a plan.
_PLAIN_LIMIT_BESIDE_NUMPY: Final = 500
#: Documents of all terms whose matches are kept, at 16 bytes each.
_CACHED_DOCUMENTS: Final = 3_000_000
#: Characters of documents read last that are kept, at two bytes each: long reports match most queries, and decoding
#: such a one takes as long as all the rest of a page.
_CACHED_CHARACTERS: Final = 500_000
#: The stamps of all files are compared at most so often (measured: 40 µs for a segment).
_LOOK_SECONDS: Final = 1.0
#: After an error that no damage explains, files are not read for the next ones.
_VERIFY_SECONDS: Final = 60.0


class EmbeddedSource:
    """The index in a local folder; opens its newest generation."""

    def __init__(
        self,
        directory: Path,
        parameters: Parameters | None = None,
        arrays: AnyArrays | None = None,
        *,
        verifies_all: bool = False,
    ) -> None:
        """`arrays` is the implementation of the array operations; by default each plan gets the faster one.

        With `verifies_all` every opening reads every file, not only those that were not verified before.
        """
        self._directory = directory
        self._parameters = parameters or Parameters()
        self._arrays = arrays
        self._verifies_all = verifies_all
        self._opened: Generation | None = None
        self._is_untouched = True
        self._next_look = 0.0

    def version(self) -> Hashable:
        """Another value after every publishing, and after a file of the open generation was changed or truncated.

        So a long-lived reader reports damage as damage; reading a part of a mapped file that is gone would kill it.
        """
        now = time.monotonic()
        if self._opened is not None and now >= self._next_look:
            self._is_untouched = self._opened.is_untouched()
            self._next_look = now + _LOOK_SECONDS
        return publication(self._directory), self._is_untouched

    def open(self) -> EmbeddedEngine:
        """Open the newest generation, verified; raises an IndexerError."""
        return open_current(self._directory, fingerprint(), self._engine, is_complete=self._verifies_all)

    def _engine(self, generation: Generation) -> EmbeddedEngine:
        try:
            engine = EmbeddedEngine(generation, self._parameters, self._arrays)
        except Exception as error:
            raise_damage(error, generation.path)
            raise
        self._opened, self._is_untouched, self._next_look = generation, True, time.monotonic() + _LOOK_SECONDS
        return engine


class EmbeddedEngine:
    """One generation in local files; see `Engine`."""

    def __init__(self, generation: Generation, parameters: Parameters, arrays: AnyArrays | None = None) -> None:
        manifest = generation.manifest
        self.info = IndexInfo.of(manifest, is_fallback=generation.is_fallback)
        self.no_type = manifest.no_type
        self.parameters = parameters
        self.dictionary = PackedDictionary()
        self._learned_words = LearnedWords(generation.path)
        self._path = generation.path
        self._next_verification = 0.0
        self._index = PackedIndex(generation.path)
        self._stored = DocumentReader(generation.path, self._index.columns)
        self._arrays = arrays
        self._lists = PostingLists(self._index)
        self._fields = field_weights(lengths_of(self._index.columns), parameters)
        self._resources = Resources(self._index.columns, self._lists, parameters)
        self._matches: LruCache[Any] = LruCache(_CACHED_DOCUMENTS)  # matches of either implementation
        self._documents: LruCache[Document] = LruCache(_CACHED_CHARACTERS)

    def expect(self, text: str) -> None:
        """Nothing: what a query asks for is read from memory."""

    def learned_words(self, character: str) -> list[str]:
        """The words beginning with a character that the generation has learned; no document was cut into them."""
        return self._learned_words.beginning_with(character)

    @cached_property
    def completions(self) -> CompletionTable:
        """The terms, names and titles that queries are completed from, opened when first asked for."""
        from indexer.completions import CompletionTable  # deferred: 6 ms, and a search needs none

        return CompletionTable(self._path)

    def execute(self, plan: Plan, *collectors: Collector[Any]) -> Collected:
        """Match the plan's query tree under its filters and collect what is asked for."""
        execution = self._execution(plan)
        return Collected({collector: execution.collect(collector) for collector in collectors})

    def matches(self, plan: Plan, number: int) -> bool:
        """True if a document is a hit of the plan, in either tier."""
        return self._execution(plan).tier_of(number) is not None

    def explain(self, plan: Plan, numbers: Sequence[int]) -> ScoreExplanation:
        """What the scores of hits consist of; the share of the query's weight also for documents that are none."""
        from searcher.execution.score_explanation import ScoreRecorder, explain_scores  # deferred: few requests ask

        recorder: ScoreRecorder[Any] = ScoreRecorder()
        return explain_scores(self._execution(plan, recorder), recorder, plan, numbers)

    def document_frequency(self, term: Term) -> int:
        """How many documents have a term; its match is kept for the search that follows."""
        return self._execution(term_plan(term)).document_frequency()

    def word_frequency(self, word: str) -> int:
        """How many documents have a word in the title or in the body, whichever are more."""
        lists = self._lists.of_word(word)
        most = max((found.length for found in lists.values()), default=0)
        if self._index.columns.live is None:
            return most
        matcher = self._matcher(self._arrays or _faster_arrays(most > _plain_limit()))
        return max((matcher.document_frequency(word, field) for field in lists), default=0)

    def has_word(self, word: str) -> bool:
        """True if a document has a word: decodes its list only if all of its documents may be deleted."""
        deleted = self._index.columns.max_document - self._index.columns.documents
        return any(found.length > deleted for found in self._lists.of_word(word).values()) or (
            deleted > 0 and self.word_frequency(word) > 0
        )

    def followers(self, character: str, *, is_title: bool = False) -> dict[str, int]:
        """The characters that follow one somewhere, or in titles, with the number of occurrences."""
        return followers(self._lists, character, ("title",) if is_title else RANKED_FIELDS)

    def bigram_count(self, first: str, second: str) -> int:
        """How often one character follows another in all fields."""
        return bigram_count(self._lists, first, second, RANKED_FIELDS)

    def find(self, id: str) -> int | None:
        """The number of the document with an id, None if there is none."""
        try:
            wanted = int(id, 16)
        except ValueError:
            return None
        return self._index.columns.number_of(wanted) if wanted >= 0 and id == f"{wanted:016x}" else None

    def with_source_id(self, source_id: str) -> list[int]:
        """The numbers of all documents with an id of their source (measured: 100,000 heads are read in 2 s)."""
        columns = self._index.columns
        live, ids = columns.live, columns["ids"]
        numbers = (number for number in range(columns.max_document) if live is None or live[number])
        return sorted(
            (number for number in numbers if self._stored.head(number).source_id == source_id), key=ids.__getitem__
        )

    def titles(self, normal: str, limit: int) -> list[int]:
        """The newest documents whose title, or a part of it, begins with a text; those of one day by their ids."""
        found = self.completions.title_documents(normal, lambda number: normalise(self.head(number).title))
        if len(found) > MAX_TITLES:
            return []
        days, ids = self._index.columns["days"], self._index.columns["ids"]
        return heapq.nsmallest(limit, set(found), key=lambda number: (-days[number], ids[number]))

    def head(self, number: int) -> Document:
        """A document without body, sections and notes; raises IndexDamaged."""
        return self._stored.head(number)

    def read(self, number: int) -> Document:
        """A whole document; raises IndexDamaged."""
        return self._documents.get(number, lambda: self._stored.read(number), document_characters)

    def raise_damage(self, error: Exception) -> None:
        """Raise IndexDamaged after an error that damage has led to; reads all files, but not again within a minute."""
        now = time.monotonic()
        if now >= self._next_verification and not isinstance(error, KesouError):
            raise_damage(error, self._path)
            self._next_verification = now + _VERIFY_SECONDS

    def close(self) -> None:
        """Release all files."""
        if "completions" in self.__dict__:
            self.completions.close()
        self._stored.close()
        self.dictionary.close()
        self._learned_words.close()
        self._index.close()

    def _execution(self, plan: Plan, recorder: Recorder[Any] | None = None) -> AnyExecution:
        arrays = self._arrays or self._arrays_for(plan)
        return PlanExecution(self._resources, arrays, self._matcher(arrays), plan, recorder)

    def _matcher(self, arrays: AnyArrays) -> TermMatcher[Any, Any, Any]:
        return TermMatcher(self._index, self._lists, self._fields, self.parameters.k1, arrays, self._matches)

    def _arrays_for(self, plan: Plan) -> AnyArrays:
        limit = _plain_limit()
        if not plan.strings or not plan.filters.is_empty:
            limit -= self._index.columns.max_document
        return _faster_arrays(self._lists.is_longer(plan, limit))


def _plain_limit() -> int:
    """The most numbers that the standard library decodes faster."""
    return _PLAIN_LIMIT if "numpy" not in sys.modules else _PLAIN_LIMIT_BESIDE_NUMPY


def _faster_arrays(is_much: bool) -> AnyArrays:
    """The implementation that is faster for much or for little."""
    if is_much:
        from searcher.execution.arrays import numpy_

        return numpy_
    from searcher.execution.arrays import plain

    return plain
