"""What a token is: two streams over the normal form, made by one function for documents and for queries.

*words* are jieba's words of Han runs and whole runs of letters and digits; they decide the order of hits.
*grams* are every character, every pair of neighbours, and the edges of letter and digit runs; they decide what is a
hit. Every character of the normal form is in the grams, so any string of it can be proved from them.
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

#: Bump when a token changes for any text.
ANALYSIS_VERSION: Final = 1

#: Stands beside the first or last character of a letter or digit run; the normal form never contains it.
RUN_BOUNDARY: Final = "\x01"

#: jieba's own range; Han characters outside it are words of their own.
_JIEBA_RUN: Final = "\u4e00-\u9fd5"
_HAN_RUNS: Final = re.compile(f"[{_JIEBA_RUN}]+")
#: Compiled when it is first met: most queries have nothing but Han runs.
_OTHER_WORDS: Final = rf"(?![{_JIEBA_RUN}])(?:[{HAN}]|[^\W_{HAN}]+)"


class Cutter(Protocol):
    """What cuts runs of Han characters into words: `Segmenter` for documents, `PackedDictionary` for queries."""

    def cut(self, runs: Iterable[str]) -> list[str]:
        """Words of the runs, in order; joined they are the runs."""


def words_of(normal: str, cutter: Cutter) -> list[str]:
    """Words of a normal form: those of its Han runs in order, then the runs of letters and digits in order.

    A run of both, such as 6g, is a word, and so are its parts: whoever asks for a whole run of letters or of digits
    finds it as a word.
    """
    runs = _HAN_RUNS.findall(normal)
    words = cutter.cut(runs)
    if sum(map(len, runs)) < len(normal):
        for run in re.findall(_OTHER_WORDS, normal):
            words.append(run)
            parts = ["".join(part) for _, part in groupby(run, run_class)]
            if len(parts) > 1:
                words += parts
    return words


def is_run(normal: str) -> bool:
    """True for a string of letters only, or of digits only: unquoted, it is found as a word."""
    kind = run_class(normal[:1])
    return kind > 0 and all(run_class(character) == kind for character in normal)


def fingerprint() -> str:
    """Changes when the tokens of some text may change, the dictionary apart: code, fold tables, Unicode version."""
    parts = (ANALYSIS_VERSION, NORMAL_FORM_VERSION, unicodedata.unidata_version, fold_fingerprint())
    return "-".join(map(str, parts))


@lru_cache(maxsize=65536)
def run_class(character: str) -> int:
    """1 for a digit, 2 for a letter (not Han), 0 for a character that belongs to no run, or none."""
    if character.isdecimal():
        return 1
    return 2 if character.isalnum() and not is_han(character) else 0


def string_grams(normal: str, starts_whole: bool, ends_whole: bool) -> list[tuple[str, int]]:
    """The fewest grams, each with its offset, that together prove the string.

    Where it starts or ends whole (an unquoted term does both) that end must not lie within a run of letters or of
    digits: 6g is not in 26ghz, ai is not in fair. The empty string has no proof.
    """
    left = starts_whole and run_class(normal[:1])
    right = ends_whole and run_class(normal[-1:])
    pairs = [(normal[at : at + 2], at) for at in _cover(len(normal))]
    if left:
        pairs.append((RUN_BOUNDARY + normal[0], 0))
    if right:
        pairs.append((normal[-1] + RUN_BOUNDARY, len(normal) - 1))
    return pairs or [(character, 0) for character in normal]


def _cover(length: int) -> list[int]:
    """Where the fewest pairs begin that cover a string of this length."""
    last = length - 2
    return [*range(0, last, 2), last] if length > 1 else []


def cuts_run(normal: str, at: int) -> bool:
    """Does a border before this character cut a run of letters or of digits?"""
    if not 0 < at < len(normal):
        return False
    left = run_class(normal[at - 1])
    return left > 0 and left == run_class(normal[at])
