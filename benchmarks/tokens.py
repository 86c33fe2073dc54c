"""The words that every engine gets which does not make its own: jieba's, by rjieba, hidden Markov model off."""

from __future__ import annotations

import rjieba


def words(text: str) -> list[str]:
    """Words in the order of the text, in lower case, without punctuation."""
    return [word for word in rjieba.cut(text.lower(), False) if word[0].isalnum()]
