"""The prepared texts of one document, in which terms are counted where a score is explained."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any, ClassVar

from corpus.value import replace
from indexer.opensearch.layout import TEXT_FIELDS
from indexer.opensearch.prepared_text import encoded, prepared_word
from indexer.store.columns import RANKED_FIELDS, WORD_FIELDS
from searcher.execution.arrays import plain
from searcher.execution.opensearch.queries import is_looked_for, prepared
from searcher.execution.plan import String
from searcher.execution.plan_matching import TermKey
from searcher.execution.ranking import SET_ASIDE, FieldWeight


class ScoredText:
    """What a document's scores are made of."""

    FIELDS: ClassVar = (
        *TEXT_FIELDS,
        *(f"{name}_words" for name in WORD_FIELDS),
        *(f"{name}_length" for name in RANKED_FIELDS),
        "demoted",
    )

    def __init__(self, source: Mapping[str, Any]) -> None:
        """`source` has the FIELDS of the document."""
        self.is_demoted = bool(source.get("demoted"))
        self._texts = {name: source.get(name, "") for name in TEXT_FIELDS}
        self._words = {name: source.get(f"{name}_words", "").split(" ") for name in WORD_FIELDS}
        self._lengths = {name: source.get(f"{name}_length", 0) for name in RANKED_FIELDS}

    def weight(self, key: TermKey, weights: Mapping[str, FieldWeight], k1: float) -> float:
        """BM25F of a term without its own weight."""
        fields = []
        for field, weight in weights.items():
            if frequency := self.frequency(key, field):
                length = memoryview(array("Q", [self._lengths.get(field, 0)]))
                fields.append(({0: frequency}, replace(weight, lengths=replace(weight.lengths, numbers=length))))
        return plain.weight_at(plain.weigh(fields, k1), 0)

    def frequency(self, key: TermKey, field: str) -> int:
        """How often a field has a term."""
        if isinstance(key, str):
            return self._words[field].count(encoded(prepared_word(key))) if field in self._words else 0
        return sum(self._string_frequency(string, field) for string in key)

    def _string_frequency(self, string: String, field: str) -> int:
        if not is_looked_for(string, field):
            return 0
        if string.is_word and field != SET_ASIDE:
            return self.frequency(string.text, field)
        return _occurrences(prepared(string), self._texts[field])


def _occurrences(wanted: str, text: str) -> int:
    """How often a text has a string, overlapping ones included."""
    count, at = 0, text.find(wanted) if wanted else -1
    while at >= 0:
        count += 1
        at = text.find(wanted, at + 1)
    return count
