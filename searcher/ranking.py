"""How well a document answers: BM25F over title and body, of the strings asked for and of their words.

The parameters are data, tuned on development queries only.
"""

from __future__ import annotations

import math
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Characters of title and body of every document, with their means (never zero)."""

    title: memoryview
    body: memoryview
    title_mean: float
    body_mean: float


def inverse_frequency(matching: int, documents: int) -> float:
    """BM25's weight of a term that occurs in `matching` of `documents`; positive for every term."""
    return math.log(1 + (documents - matching + 0.5) / (matching + 0.5))
