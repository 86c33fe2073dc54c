"""How well a document answers: BM25F over title and body, of the strings asked for and of their words.

The parameters are data, tuned on development queries only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """k1 and b as in BM25; `title` is how many times a word of the title counts.

    `strings` weighs the strings as typed against their words; `share` is the part of the query's weight (by inverse
    document frequency) that a document's words must hold to be related: under it lies noise.
    """

    k1: float = 1.2
    b: float = 0.6
    title: float = 4.0
    strings: float = 1.0
    share: float = 0.7


PARAMETERS: Final = Parameters()

#: Document number → occurrences.
Frequencies = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Words of title and body of every document, with their means."""

    title: Sequence[int]
    body: Sequence[int]
    title_mean: float
    body_mean: float


def inverse_frequency(matching: int, documents: int) -> float:
    """BM25's weight of a term that occurs in `matching` of `documents`; positive for every term."""
    return math.log(1 + (documents - matching + 0.5) / (matching + 0.5))


def bm25f(
    title: Frequencies, body: Frequencies, lengths: Lengths, parameters: Parameters = PARAMETERS
) -> dict[int, float]:
    """Document number → the term's saturated frequency (0 to k1 + 1), to be multiplied by its weight."""
    k1, b = parameters.k1, parameters.b
    weights: dict[int, float] = {}
    for number, count in title.items():
        norm = 1 - b + b * lengths.title[number] / (lengths.title_mean or 1)
        weights[number] = parameters.title * count / norm
    for number, count in body.items():
        norm = 1 - b + b * lengths.body[number] / (lengths.body_mean or 1)
        weights[number] = weights.get(number, 0.0) + count / norm
    return {number: weight * (k1 + 1) / (weight + k1) for number, weight in weights.items()}
