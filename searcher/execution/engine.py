"""The engine protocol: what the searcher needs of an index, whatever holds it.

`EmbeddedEngine` reads packed Whoosh segments from a local folder. Another engine, such as a cluster, implements
`Engine` and `EngineSource` here and `GenerationWriter` in `indexer.generation_writer`, and passes
tests/test_engine_conformance.py. Publishing must be atomic: readers see the old generation or the new one, and nothing
between.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from corpus.document import Document
    from indexer.analysis.tokens import WordDictionary
    from indexer.completions import CompletionTable
    from searcher.execution.collectors import Collected, Collector
    from searcher.execution.plan import Plan
    from searcher.execution.ranking import Parameters
    from searcher.execution.score_explanation import ScoreExplanation
    from searcher.query.tree import Term
    from searcher.results import IndexInfo


#: A prefix of more titles than this is that of none of them.
MAX_TITLES: Final = 2000


class Engine(Protocol):
    """One opened generation. It never changes, and threads may share it.

    Document numbers are handles of this engine and generation: any int, not nearly a rank (a cluster may use the 64
    bits of the document id). They never leave the searcher.
    """

    @property
    def info(self) -> IndexInfo:
        """The generation's number and what it covers."""

    @property
    def no_type(self) -> str:
        """The program type of documents that have none, as the taxonomy of the index names it."""

    @property
    def parameters(self) -> Parameters:
        """The ranking parameters that scores are computed with."""

    @property
    def dictionary(self) -> WordDictionary:
        """The words that the generation's documents were cut into; queries are cut by it."""

    def expect(self, text: str) -> None:
        """Told that a query will be about a text in normal form, so that what is asked of it may be got at once."""

    def learned_words(self, character: str) -> list[str]:
        """The words beginning with a character that the generation has learned; no document was cut into them."""

    @property
    def completions(self) -> CompletionTable:
        """The terms and names that queries are completed from, opened when first asked for."""

    def execute(self, plan: Plan, *collectors: Collector[Any]) -> Collected:
        """Match the plan's query tree under its filters and collect what is asked for."""

    def matches(self, plan: Plan, number: int) -> bool:
        """True if a document is a hit of the plan, in either tier."""

    def explain(self, plan: Plan, numbers: Sequence[int]) -> ScoreExplanation:
        """What the scores of hits consist of; the share of the query's weight also for documents that are none."""

    def document_frequency(self, term: Term) -> int:
        """How many documents have a term."""

    def word_frequency(self, word: str) -> int:
        """How many documents have a word in the title or in the body, whichever are more."""

    def has_word(self, word: str) -> bool:
        """True if a document has a word; cheaper than the number of those that do."""

    def followers(self, character: str, *, is_title: bool = False) -> dict[str, int]:
        """The characters that follow one somewhere, or in titles, with the number of occurrences."""

    def bigram_count(self, first: str, second: str) -> int:
        """How often one character follows another in all fields."""

    def find(self, id: str) -> int | None:
        """The number of the document with an id, None if there is none."""

    def with_source_id(self, source_id: str) -> list[int]:
        """The numbers of all documents with an id of their source; slow, for it may read all heads."""

    def titles(self, normal: str, limit: int) -> list[int]:
        """The newest documents whose title, or a part of it, begins with a text in normal form, the newest first.

        None if more than MAX_TITLES have it.
        """

    def head(self, number: int) -> Document:
        """A document without body, sections and notes; raises IndexDamaged."""

    def read(self, number: int) -> Document:
        """A whole document; raises IndexDamaged."""

    def raise_damage(self, error: Exception) -> None:
        """Raise IndexDamaged after an error that damage has led to; it names what is damaged."""

    def close(self) -> None:
        """Release files and connections; no call may be under way."""


class EngineSource(Protocol):
    """Where generations are opened."""

    def version(self) -> Hashable:
        """Another value after every publishing, and when an index was found damaged; cheap enough for every request."""

    def open(self) -> Engine:
        """Open the newest generation; raises IndexMissing, IndexDamaged or ReindexNeeded."""
