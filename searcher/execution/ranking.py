"""Ranking: BM25F over title, headings and body, for the strings, words, character pairs and characters of a query.

The parameters are data, tuned on development queries only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from corpus.value import Value
from indexer.store.columns import RANKED_FIELDS, ColumnReader

#: The text field that is only matched.
SET_ASIDE: Final = "set_aside"


class Parameters(Value, kw_only=True):
    """k1 and b as in BM25; in a title or heading a term counts `title` times, and `title_bonus` is added, unsaturated.

    The length of a text counts up to `longest` times the mean: a report of a hundred pages is no weaker a source for
    what one of its sections is about.

    Strings as typed and their words weigh 1. `pairs` and `characters` weigh, for related documents, their pairs of
    neighbouring characters and single characters; of these only such as stand, on the average, in fewer places than
    `rare` a document. For both, b is 1: they are found by chance as often as a text is long.

    The score of digests and of later copies is multiplied by `demotion`: the text that they repeat comes first.

    A related document must hold a share of the query's weight (by inverse document frequency of its words): under it
    lies noise. `share` is asked of terms that somebody set apart, `share_of_compound` of the two words of one term,
    `share_of_unknown` of one with a word that no document has, `share_of_sentence` of `sentence` words and more, which
    no document repeats. A document that is offered because nothing was found must hold `share_of_nearest` of the weight
    of all words, pairs and characters that documents have.
    """

    k1: float = 1.2
    b: float = 0.55
    title: float = 2.0
    title_bonus: float = 0.2
    longest: float = 4.0
    pairs: float = 0.35
    characters: float = 0.8
    rare: float = 0.7
    demotion: float = 0.95
    share: float = 0.6
    share_of_compound: float = 0.3
    share_of_unknown: float = 0.6
    share_of_sentence: float = 0.2
    share_of_nearest: float = 0.15
    sentence: int = 5

    def least_share(self, words: int, unknown: int, is_compound: bool) -> float:
        """The share that a document must hold of a query of so many words, some of which no document has."""
        few = self.share if not is_compound else self.share_of_unknown if unknown else self.share_of_compound
        return few + (self.share_of_sentence - few) * min(max(words - 2, 0) / (self.sentence - 2), 1.0)


class Lengths(Value):
    """Characters of a field in every document, and their mean over the documents that have any (never zero)."""

    numbers: memoryview
    mean: float


def lengths_of(columns: ColumnReader) -> dict[str, Lengths]:
    """The lengths of the ranked fields of a generation."""
    return {
        field: Lengths(columns[f"{field}_lengths"], columns.header[f"{field}_mean"] or 1.0) for field in RANKED_FIELDS
    }


class FieldWeight(Value):
    """How the occurrences in a field count: `weight` times each, less in longer fields by `b`; and `bonus` for any."""

    lengths: Lengths
    weight: float
    bonus: float
    b: float
    longest: float


class FieldWeights(Value):
    """How occurrences in each text field count: those of strings and words, and those of pairs and characters."""

    terms: Mapping[str, FieldWeight]
    characters: Mapping[str, FieldWeight]


def field_weights(lengths: Mapping[str, Lengths], parameters: Parameters) -> FieldWeights:
    """How much occurrences count in each ranked field, given its lengths; those in set-aside text count nothing."""
    p = parameters

    def weights(b: float) -> dict[str, FieldWeight]:
        return {
            "title": FieldWeight(lengths["title"], p.title, p.title_bonus, b, p.longest),
            "heading": FieldWeight(lengths["heading"], p.title, p.title_bonus, b, p.longest),
            "body": FieldWeight(lengths["body"], 1.0, 0.0, b, p.longest),
            SET_ASIDE: FieldWeight(lengths["body"], 0.0, 0.0, 0.0, p.longest),
        }

    return FieldWeights(terms=weights(p.b), characters=weights(1.0))


def inverse_frequency(matching: int, documents: int) -> float:
    """BM25's weight of a term that occurs in `matching` of `documents`; positive for every term."""
    return math.log(1 + (documents - matching + 0.5) / (matching + 0.5))
