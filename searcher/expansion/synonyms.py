"""Synonyms: other names for a term, from the packaged `synonyms.txt` and from a file of the user.

One group a line: `高企 = 高新技术企业` makes each name a synonym of all others, `AI > 人工智能` only the names after >
synonyms of the first. Blank lines and lines that begin with # are skipped. The files are plain lines, not
TOML, because every process that answers a query reads them, in 0.8 ms; importing tomllib and parsing takes 6 to 7 ms.
A file of the user may also have the notations of other programs (synonym_file.py).
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
#: Lines of a file that are named in messages, at most.
_MAX_MESSAGES: Final = 20
#: Synonyms of one term, at most.
_MAX_SYNONYMS: Final = 12


class Synonyms:
    """A table of names and their synonyms."""

    def __init__(self, user_file: Path | None = None) -> None:
        """Read the packaged file and the user's, if any; raises SettingsError if that cannot be read."""
        self._names: dict[str, list[str]] = {}
        self._add_packaged(PACKAGED.read_text("utf-8"))
        if user_file is not None:
            try:
                self._add_own(user_file.read_text("utf-8-sig"), user_file)
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"synonyms: {user_file} cannot be read as UTF-8 text ({error})") from error
        self._longest = max(map(len, self._names), default=0)

    def _add_packaged(self, text: str) -> None:
        """Add the groups of the packaged file, which is in normal form except for capitals.

        A test checks that, because normalising each of its names would take 3 ms.
        """
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, *one_way = line.split(" > ", 1)
            if one_way:
                synonyms = one_way[0].split(" = ")
                self._names.setdefault(name.casefold(), []).extend(synonym.strip() for synonym in synonyms)
                continue
            group = [name.strip() for name in line.split(" = ")]
            if len(group) > 1:
                for name in group:
                    self._names.setdefault(name.casefold(), []).extend(other for other in group if other != name)

    def _add_own(self, text: str, file: Path) -> None:
        """Add the groups of the user's file; lines that cannot be understood are logged, once for each process."""
        from searcher.expansion.synonym_file import Group, read_groups  # deferred: few users have a file

        misunderstood = []
        for group in read_groups(text):
            if isinstance(group, Group):
                for name in group.names:
                    others = [other for other in group.synonyms if other != name]
                    self._names.setdefault(normalise(name), []).extend(others)
            else:
                misunderstood.append(group)
        if misunderstood:
            import logging  # deferred: files without mistakes need none

            for line, reason in misunderstood[:_MAX_MESSAGES]:
                logging.getLogger(__name__).warning("synonyms: %s, line %d is not understood: %s", file, line, reason)
            if len(misunderstood) > _MAX_MESSAGES:
                rest = len(misunderstood) - _MAX_MESSAGES
                logging.getLogger(__name__).warning("synonyms: %s: %d further lines are not understood", file, rest)

    def is_name(self, text: str) -> bool:
        """True if a string in normal form is a name that has synonyms."""
        return text in self._names

    def names(self) -> tuple[str, ...]:
        """All names that have synonyms, in normal form."""
        return tuple(self._names)

    def of(self, text: str, lexicon: Lexicon) -> list[str]:
        """The synonyms of a term in normal form, as the files write them, without the term itself.

        Names inside the term are replaced too if they begin and end at word boundaries: 高企 in 高企认定, but not in
        最高企业.
        """
        variants = [""]
        at = start = 0
        boundaries: set[int] | None = None
        while at < len(text):
            name = self._name_at(text, at)
            if name is not None and len(name) < len(text):
                boundaries = lexicon.word_boundaries(text) if boundaries is None else boundaries
                name = self._whole_name_at(text, at, boundaries)
            if name is None:
                at += 1
                continue
            between = text[start:at]
            options = (name, *self._names[name])
            variants = list(islice((variant + between + one for variant in variants for one in options), _MAX_SYNONYMS))
            at += len(name)
            start = at
        rest = text[start:]
        return [variant for variant in dict.fromkeys(each + rest for each in variants) if normalise(variant) != text]

    def _name_at(self, text: str, at: int) -> str | None:
        """The longest name that begins at an offset."""
        for end in range(min(len(text), at + self._longest), at, -1):
            if text[at:end] in self._names:
                return text[at:end]
        return None

    def _whole_name_at(self, text: str, at: int, boundaries: set[int]) -> str | None:
        """The longest name that begins at an offset and consists of whole words and runs."""
        if at not in boundaries or cuts_run(text, at):
            return None
        for end in range(min(len(text), at + self._longest), at, -1):
            if text[at:end] in self._names and end in boundaries and not cuts_run(text, end):
                return text[at:end]
        return None
