"""Words by jieba: runs of Han characters in, words out; the pieces always join to the run.

jieba 0.42.1 with its hidden Markov model off (deterministic and linear) is the segmenter of record; its Rust port
rjieba gives the same words ten times faster and is used where it is installed. A test holds the two equal.
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

from corpus.errors import SettingsError
from indexer.analysis.dictionary import FILE, write_dictionary
from indexer.analysis.normalise import normalise

#: Words of this field that jieba's dictionary of 2012 lacks.
PACKAGED_WORDS: Final = Path(__file__).with_name("data") / "words.txt"

Cut = Callable[[str], Sequence[str]]


class Segmenter:
    """Cuts runs of Han characters (U+4E00 to U+9FD5); the dictionary is loaded at the first cut."""

    def __init__(self, user_dictionary: Path | None = None, max_run_chars: int = 200, engine: str = "") -> None:
        """`engine` is "jieba", "rjieba" or empty for the faster one that is installed."""
        self._words = tuple(_read_words(PACKAGED_WORDS)) + tuple(_read_words(user_dictionary))
        self._max_run_chars = max_run_chars
        self._engine = engine

    def cut(self, runs: Iterable[str]) -> list[str]:
        """Words of runs, in order; a run without a break for `max_run_chars` is cut there first.

        The runs go through jieba in one call, with a line break between them: it never joins across one.
        """
        size = self._max_run_chars
        pieces = (run[at : at + size] for run in runs for at in range(0, len(run), size))
        return [word for word in self._cut("\n".join(pieces)) if word != "\n"]

    @cached_property
    def _cut(self) -> Cut:
        if self._engine != "jieba":
            try:
                return _rjieba_cut(self._words)
            except ImportError:
                if self._engine == "rjieba":
                    raise
        return _jieba_cut(self._words)

    def write_dictionary(self, directory: Path, earlier: Path | None = None) -> None:
        """Write the dictionary, with the user's words, for queries to be cut by (see dictionary.py).

        `earlier` is a folder with one of the same fingerprint: its file is linked rather than made again.
        """
        if earlier is not None:
            with suppress(OSError):
                os.link(earlier / FILE, directory / FILE)
                return
        engine = _jieba_engine(self._words)
        write_dictionary(directory, engine.FREQ, engine.total)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when, and only when, the words of some run may change."""
        parts = ["jieba", version("jieba"), "hmm-off", str(self._max_run_chars), *self._words]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read_words(path: Path | None) -> list[str]:
    """Words of a dictionary file, one a line; blank lines and lines that begin with # are passed over."""
    if path is None:
        return []
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"user_dictionary: {path} cannot be read as UTF-8 text ({error})") from error
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [normalise(line.split()[0]) for line in lines if line]


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
    # Without `initialize`, which trusts a cache file that anybody may have put into the shared temporary folder.
    engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
    engine.initialized = True
    for word in words:
        engine.add_word(word)
    return engine
