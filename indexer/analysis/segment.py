"""Segments the Han characters of documents into words with jieba or its Rust port rjieba.

The reference is jieba 0.42.1 without its hidden Markov model (deterministic, linear time). rjieba gives the same words
ten times faster and is used if it is installed; a test holds the two equal. Words of the user are none of a document's:
they act when a query is cut (searcher/query/query_cutter.py).
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from indexer.analysis.dictionary import FILE, write_dictionary

#: Words of policy and science texts that jieba's dictionary of 2012 lacks.
PACKAGED_WORDS: Final = Path(__file__).with_name("data") / "words.txt"

Cut = Callable[[str], Sequence[str]]


class Segmenter:
    """Segments Han characters (U+4E00 to U+9FD5) into words; the dictionary is loaded on first use."""

    def __init__(self, max_run_chars: int = 200, engine: str = "") -> None:
        """`engine` is "jieba", "rjieba", or empty for the faster one that is installed."""
        self._words = PACKAGED_WORDS.read_text("utf-8").split()
        self._max_run_chars = max_run_chars
        self._engine = engine

    def cut(self, runs: Iterable[str]) -> list[str]:
        """The words of strings of Han characters, in order; longer strings are first divided every `max_run_chars`.

        jieba is called once for all strings, with a line break between them, because it never joins across one.
        """
        size = self._max_run_chars
        pieces = [run if len(run) <= size else "\n".join(_divided(run, size)) for run in runs]
        return [word for word in self._cut("\n".join(pieces)) if word != "\n"]

    @cached_property
    def _cut(self) -> Cut:
        """The engine's function, with its dictionary loaded. Cached in this object."""
        if self._engine != "jieba":
            try:
                return _rjieba_cut(self._words)
            except ImportError:
                if self._engine == "rjieba":
                    raise
        return _jieba_cut(self._words)

    def write_dictionary(self, directory: Path, previous: Path | None = None) -> None:
        """Write the dictionary for the segmentation of queries (see dictionary.py).

        `previous` is the folder of a generation with the same dictionary: its file is linked instead of written again.
        """
        if previous is not None:
            with suppress(OSError):
                os.link(previous / FILE, directory / FILE)
                return
        engine = _jieba_engine(self._words)
        write_dictionary(directory, engine.FREQ, engine.total)

    @cached_property
    def fingerprint(self) -> str:
        """Changes if and only if the words of some text may change. Cached in this object, with its words."""
        parts = ["jieba", version("jieba"), "hmm-off", str(self._max_run_chars), *self._words]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _divided(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(0, len(run), size)]


def _rjieba_cut(words: Sequence[str]) -> Cut:
    import rjieba  # deferred: 120 ms, and a machine may lack it

    engine = rjieba.Jieba()
    for word in words:
        engine.add_word(word, None, None)
    cut = engine.cut
    return lambda run: cut(run, False)


def _jieba_cut(words: Sequence[str]) -> Cut:
    engine = _jieba_engine(words)
    return lambda run: engine.lcut(run, HMM=False)


def _jieba_engine(words: Sequence[str]) -> Any:
    import jieba  # deferred: 700 ms with its dictionary

    jieba.setLogLevel(logging.WARNING)
    engine = jieba.Tokenizer()
    # Not `initialize`: it trusts a cache file in the shared temporary folder, which any user may have written.
    engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
    engine.initialized = True
    for word in words:
        engine.add_word(word)
    return engine
