"""Other names for the same thing, from `synonyms.txt` and a file of the user's own.

One group a line: `高企 = 高新技术企业` where each stands for all others, `AI > 人工智能` where only the first stands
for the others. Blanks and lines that begin with # are passed over. Plain lines and not TOML: every process that answers
a query reads the file, in 0.8 ms; importing tomllib and parsing the same groups takes six to seven.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from corpus.errors import SettingsError
from indexer.analysis.normalise import normalise
from indexer.analysis.tokens import cuts_run
from searcher.expansion.lexicon import Lexicon

PACKAGED: Final = Path(__file__).with_name("data") / "synonyms.txt"
#: Ways to say a term that are looked for, at most.
_MOST: Final = 12


class Synonyms:
    """Names and what else they are called."""

    def __init__(self, own: Path | None = None) -> None:
        """Raises SettingsError when the file of the user's own cannot be read."""
        self._names: dict[str, list[str]] = {}
        self._longest = 0
        self._add(PACKAGED.read_text("utf-8"), is_normal=True)
        if own is not None:
            try:
                self._add(own.read_text("utf-8-sig"), is_normal=False)
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"synonyms: {own} cannot be read as UTF-8 text ({error})") from error
        self._longest = max(map(len, self._names), default=0)

    def _add(self, text: str, is_normal: bool) -> None:
        """The packaged file is in normal form but for capitals (a test holds it so): folding each name takes 3 ms."""
        fold = str.casefold if is_normal else normalise
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            first, *further = line.split(" > ", 1)
            if further:
                others = further[0].split(" = ")
                self._names.setdefault(fold(first), []).extend(other.strip() for other in others)
                continue
            same = [name.strip() for name in line.split(" = ")]
            if len(same) > 1:
                for name in same:
                    self._names.setdefault(fold(name), []).extend(other for other in same if other != name)

    def names(self) -> tuple[str, ...]:
        """All names, in normal form."""
        return tuple(self._names)

    def of(self, text: str, lexicon: Lexicon) -> list[str]:
        """Other ways to say a term in normal form, as the files write them, the term itself not among them.

        Names within a longer term stand for themselves only where words begin and end there: 高企 is in 高企认定,
        not in 最高企业.
        """
        ways = [""]
        at = start = 0
        borders: set[int] | None = None
        while at < len(text):
            name = self._name_at(text, at)
            if name is not None and len(name) < len(text):
                borders = lexicon.borders(text) if borders is None else borders
                name = self._bounded(text, at, borders)
            if name is None:
                at += 1
                continue
            kept = text[start:at]
            others = (name, *self._names[name])
            ways = list(islice((way + kept + other for way in ways for other in others), _MOST))
            at += len(name)
            start = at
        return [way for way in dict.fromkeys(way + text[start:] for way in ways) if normalise(way) != text]

    def _name_at(self, text: str, at: int) -> str | None:
        """The longest name that begins at a character."""
        for end in range(min(len(text), at + self._longest), at, -1):
            if text[at:end] in self._names:
                return text[at:end]
        return None

    def _bounded(self, text: str, at: int, borders: set[int]) -> str | None:
        """The same, if it begins and ends where words do."""
        if at not in borders or cuts_run(text, at):
            return None
        for end in range(min(len(text), at + self._longest), at, -1):
            if text[at:end] in self._names and end in borders and not cuts_run(text, end):
                return text[at:end]
        return None
