"""Segments the Han characters of documents into words with jieba or its Rust port rjieba.

The reference is jieba 0.42.1 without its hidden Markov model (deterministic, linear time). rjieba gives the same words
ten times faster and is used if it is installed; a test holds the two equal. Learned words and those of the user are
none of a document's: they act when a query is cut (searcher/query/query_cutter.py).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Cut = Callable[[str], Sequence[str]]


class Segmenter:
    """Segments Han characters (U+4E00 to U+9FD5) into words; the dictionary is loaded on first use."""

    def __init__(self, max_run_chars: int = 200, engine: str = "") -> None:
        """`engine` is "jieba", "rjieba", or empty for the faster one that is installed."""
        self._max_run_chars = max_run_chars
        self._engine = engine

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The words of strings of Han characters, in order; longer strings are first divided every `max_run_chars`.

        jieba is called once for all strings, with a line break between them, because it never joins across one.
        """
        size = self._max_run_chars
        pieces = list(runs)
        if max(map(len, pieces), default=0) > size:
            pieces = [piece for run in pieces for piece in _divided(run, size)]
        return [word for word in self._cut("\n".join(pieces)) if word != "\n"]

    @cached_property
    def _cut(self) -> Cut:
        """The engine's function, with its dictionary loaded. Cached in this object."""
        if self._engine != "jieba":
            try:
                return _rjieba_cut()
            except ImportError:
                if self._engine == "rjieba":
                    raise
        return _jieba_cut()

    def parts_of_speech(self, words: Collection[str]) -> dict[str, str]:
        """The part of speech of each of the words that jieba's dictionary has, as it abbreviates it (n, vn, uj)."""
        spec = find_spec("jieba")  # not imported, which takes 300 ms
        file = Path(spec.origin).with_name("dict.txt") if spec is not None and spec.origin else None
        if file is None:
            return {}
        parts = file.read_text("utf-8").split()  # word, frequency, part of speech, and so on
        return {word: tag for word, tag in zip(parts[::3], parts[2::3], strict=True) if word in words}

    @cached_property
    def fingerprint(self) -> str:
        """Changes if and only if the words of some text may change. Cached in this object."""
        parts = ["jieba", version("jieba"), "hmm-off", str(self._max_run_chars)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _divided(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(0, len(run), size)]


def _rjieba_cut() -> Cut:
    import rjieba  # deferred: 120 ms, and a machine may lack it

    cut = rjieba.Jieba().cut
    return lambda run: cut(run, False)


def _jieba_cut() -> Cut:
    engine = _jieba_engine()
    return lambda run: engine.lcut(run, HMM=False)


def _jieba_engine() -> Any:
    import jieba  # deferred: 700 ms with its dictionary

    jieba.setLogLevel(logging.WARNING)
    engine = jieba.Tokenizer()
    # Not `initialize`: it trusts a cache file in the shared temporary folder, which any user may have written.
    engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
    engine.initialized = True
    return engine
