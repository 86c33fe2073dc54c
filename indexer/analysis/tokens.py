"""Analysis: the words and grams of a normal form, the same for documents and queries.

*Words* are jieba's words of Han characters, and runs of letters and digits; they rank.
*Grams* are single characters, bigrams, and the boundaries of runs; they decide what matches. The grams cover every
character of the normal form, so that the positions of a few grams prove any string of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final, Protocol

from corpus.chinese import HAN, is_han
from indexer.analysis.normalise import NORMAL_FORM_VERSION, fold_fingerprint

#: Bump this if a token changes for any text; older indexes then need a reindex.
ANALYSIS_VERSION: Final = 1

#: The other half of a gram at the beginning or end of a run; no normal form contains it.
RUN_BOUNDARY: Final = "\x01"

#: The range that jieba segments; each Han character outside it is a word.
_JIEBA_RUN: Final = "\u4e00-\u9fd5"
#: The strings of Han characters that are segmented.
HAN_RUNS: Final = re.compile(f"[{_JIEBA_RUN}]+")
#: Not compiled here: most queries have Han characters only, and importing this module must be fast.
_OTHER_WORDS: Final = rf"(?![{_JIEBA_RUN}])(?:[{HAN}]|[^\W_{HAN}]+)"


class Cutter(Protocol):
    """Segments Han characters into words: `Segmenter` for documents, `PackedDictionary` for queries."""

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The words of these strings of Han characters, in order; joined they equal the strings."""


class WordDictionary(Cutter, Protocol):
    """The words that documents were cut into, with their probabilities: queries may be cut with further words."""

    @property
    def total(self) -> int:
        """The sum of the frequencies of all words."""

    def words_at(self, text: str, start: int) -> list[tuple[float, int]]:
        """The logarithm of the probability, and the end, of every word that begins at an offset of a text.

        There is a Han character that is segmented (see `HAN_RUNS`).
        """


def words_of(normal: str, cutter: Cutter) -> list[str]:
    """The words of a normal form: first those of Han characters, then the others, each in text order.

    A sequence of letters and digits, such as 6g, is a word, and so is each run of it (6, g), because an unquoted term
    may be such a run.
    """
    runs = HAN_RUNS.findall(normal)
    words = cutter.cut(runs)
    if sum(map(len, runs)) < len(normal):
        for run in re.findall(_OTHER_WORDS, normal):
            words.append(run)
            if run.isalpha() or run.isdecimal():
                continue
            parts = ["".join(part) for _, part in groupby(run, run_class)]
            if len(parts) > 1:
                words += parts
    return words


def is_run(normal: str) -> bool:
    """True if the string consists of letters only or of digits only; unquoted, such a term matches as a word."""
    kind = run_class(normal[:1])
    return kind > 0 and all(run_class(character) == kind for character in normal)


def fingerprint() -> str:
    """Identifies the analysis without the dictionary: versions of this code, fold tables and Unicode version."""
    parts = (ANALYSIS_VERSION, NORMAL_FORM_VERSION, unicodedata.unidata_version, fold_fingerprint())
    return "-".join(map(str, parts))


@lru_cache(maxsize=65536)
def run_class(character: str) -> int:
    """1 for a digit, 2 for a letter (not Han), 0 for any other character and the empty string.

    Cached for the process, because the class depends on the character only.
    """
    if character.isdecimal():
        return 1
    return 2 if character.isalnum() and not is_han(character) else 0


def string_grams(normal: str, starts_whole: bool, ends_whole: bool) -> list[tuple[str, int]]:
    """The fewest grams, with their offsets, whose positions prove the string; none for the empty string.

    `starts_whole` and `ends_whole` (both true for an unquoted term) require that the string does not begin or end
    inside a run: 6g does not match 26ghz, ai does not match fair.
    """
    left = starts_whole and run_class(normal[:1])
    right = ends_whole and run_class(normal[-1:])
    pairs = [(normal[at : at + 2], at) for at in _bigram_offsets(len(normal))]
    if left:
        pairs.append((RUN_BOUNDARY + normal[0], 0))
    if right:
        pairs.append((normal[-1] + RUN_BOUNDARY, len(normal) - 1))
    return pairs or [(character, 0) for character in normal]


def _bigram_offsets(length: int) -> list[int]:
    """The offsets of the fewest bigrams that cover a string of this length."""
    last = length - 2
    return [*range(0, last, 2), last] if length > 1 else []


def cuts_run(normal: str, at: int) -> bool:
    """True if the boundary before this character is inside a run."""
    if not 0 < at < len(normal):
        return False
    left = run_class(normal[at - 1])
    return left > 0 and left == run_class(normal[at])
