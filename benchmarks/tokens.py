"""Segments texts by rjieba (HMM off) for the engines that have no segmenter of Chinese."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def words(text: str) -> list[str]:
    """Words in the order of the text, in lower case, without punctuation."""
    return [word for word in _cutter()(text.lower(), False) if word[0].isalnum()]


@cache
def _cutter() -> Callable[[str, bool], list[str]]:
    """rjieba's `cut`; its dictionary must not be in the memory of processes that only ask."""
    import rjieba  # deferred: 40 MB

    return rjieba.cut
