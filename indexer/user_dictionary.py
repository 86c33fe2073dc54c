"""Reads and changes the user's dictionary: words that queries are cut into, and learned words that they are not.

One word a line, of Chinese characters, letters and digits, with the signs between them (5g-a). A frequency and a part
of speech may follow, as in the files of jieba and IK, after blanks or a comma; they are not used. # begins a comment,
and - before a word rejects it: it is no word, although the index has learned it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final, NamedTuple

from corpus.errors import SettingsError
from indexer.analysis.normalise import normalise

#: The longest word, the longest line without its comment, and the longest file (jieba's own dictionary has 5 MB).
_MAX_CHARS: Final = 50
_MAX_LINE_CHARS: Final = 100
_MAX_BYTES: Final = 16 * 1024 * 1024
#: Lines that are named, at most.
_MAX_MESSAGES: Final = 20

_WORD: Final = re.compile(r"[^\W_]+(?:[-.·+&/'][^\W_]+)*")
_AFTER_WORD: Final = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]{0,10}")


class UserWords(NamedTuple):
    """The words of the user, and the learned words that the user rejects, in normal form."""

    own: frozenset[str]
    rejected: frozenset[str]


#: A number for each state of a file; None if there is none.
_Version = tuple[int, ...] | None


class UserDictionary:
    """The words of a file, read again when the file has changed; for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: _Version = None
        self._words: UserWords | None = None

    def words(self) -> UserWords:
        """The words of the file; the same object as before unless the file has changed.

        Raises SettingsError if the file cannot be read. If it could be read before, its words of then stay, and the
        error is logged: a server must not stop answering because the file is being saved.
        """
        version = self._current_version()
        if self._words is None or version != self._version:
            try:
                self._words = read_words(self._path)
            except SettingsError as error:
                if self._words is None:
                    raise
                _warn(f"{error}; the words that were read before stay")
            self._version = version
        return self._words

    def _current_version(self) -> _Version:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_ino, state.st_size, state.st_mtime_ns


def read_words(path: Path) -> UserWords:
    """The words of a file; lines without effect are logged. Raises SettingsError."""
    own, rejected = set(), set()
    bad_lines = []
    for number, line in enumerate(_read_text(path).split("\n"), 1):
        entry = _entry(line)
        if not entry:
            continue
        word = _word_of(entry.removeprefix("-"))
        if not word:
            bad_lines.append(number)
        elif entry.startswith("-"):
            rejected.add(word)
        else:
            own.add(word)
    for number in bad_lines[:_MAX_MESSAGES]:
        _warn(
            f"user_dictionary: {path}, line {number} has no effect; write one word of Chinese characters, letters and "
            f"digits, {_MAX_CHARS} characters at most; its frequency may follow"
        )
    if len(bad_lines) > _MAX_MESSAGES:
        _warn(f"user_dictionary: {path}: {len(bad_lines) - _MAX_MESSAGES} further lines have no effect")
    return UserWords(frozenset(own), frozenset(rejected))


def change_words(path: Path, accepted: Collection[str], rejected: Collection[str]) -> None:
    """Add words to a file, which need not exist, and take them out as the opposite; all other lines stay.

    Raises SettingsError if the file cannot be read or written, or if one of these is no word.
    """
    entries = [*accepted, *(f"-{word}" for word in rejected)]
    changed = {word: entry for entry in entries if (word := _word_of(entry.removeprefix("-")))}
    if len(changed) < len(entries):
        raise SettingsError(
            f"user_dictionary: a word consists of Chinese characters, letters and digits, {_MAX_CHARS} at most, and is "
            "either accepted or rejected"
        )
    lines = _read_text(path).splitlines() if path.exists() else []
    kept = [line for line in lines if _word_of(_entry(line).removeprefix("-")) not in changed]
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_text("".join(f"{line}\n" for line in (*kept, *changed.values())), "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise SettingsError(f"user_dictionary: {path} cannot be written: {error.strerror}") from error


def _entry(line: str) -> str:
    """What a line says without its comment."""
    return line.partition("#")[0].strip()


def _word_of(entry: str) -> str:
    """The word of a line, in normal form; empty if it is none."""
    if len(entry) > _MAX_LINE_CHARS:
        return ""
    parts = entry.replace(",", " ").replace("，", " ").split()
    word, others = normalise(parts[0]) if parts else "", parts[1:]
    if len(word) > _MAX_CHARS or not (word.isalnum() or _WORD.fullmatch(word)):
        return ""
    if not all(map(_AFTER_WORD.fullmatch, others)):
        return ""
    # "open source" is two words, "开源 n" a word with its part of speech.
    return "" if word.isascii() and others and others[0].isalpha() else word


def _read_text(path: Path) -> str:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if path.is_file() and size <= _MAX_BYTES else None
    except OSError as error:
        raise SettingsError(f"user_dictionary: {path} cannot be read: {error.strerror}") from error
    if data is None:
        raise SettingsError(f"user_dictionary: {path} is no file of at most {_MAX_BYTES // 2**20} MB")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"user_dictionary: {path}, line {line} is not UTF-8; save the file as UTF-8") from None


def _warn(message: str) -> None:
    import logging  # deferred: files without mistakes need none

    logging.getLogger(__name__).warning("%s", message)
