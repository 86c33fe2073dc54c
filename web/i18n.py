"""Translation of the pages: texts by key in Chinese and English, with numbers and plural forms filled in.

The language is a parameter of every link (``lang=en``), never a cookie. Texts stand in `web/texts/`, one file for each
language; names of facets and helpers come from their registries.
"""

from __future__ import annotations

from typing import Final, Literal

from corpus.fields import FACETS
from searcher.results import HELPERS
from web.texts import en, zh

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

#: Language → key → text. A number is written {count}; {count:match|matches} is the form that goes with it, for one or
#: for any other number.
TEXTS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        **zh.TEXTS,
        **{f"facet_{name}": spec.chinese for name, spec in FACETS.items()},
        **{f"helper_{name}": spec.chinese for name, spec in HELPERS.items()},
    },
    "en": {
        **en.TEXTS,
        **{f"facet_{name}": spec.english.capitalize() for name, spec in FACETS.items()},
        **{f"helper_{name}": spec.english.capitalize() for name, spec in HELPERS.items()},
    },
}


def number(value: int) -> str:
    """A count with a comma at every third digit."""
    return f"{value:,}"


class _Number(int):
    """A number in a text: with commas, or as a choice between singular and plural."""

    def __format__(self, forms: str) -> str:
        singular, is_choice, plural = forms.partition("|")
        return (singular if self == 1 else plural) if is_choice else number(int(self))


class Words:
    """The texts in one language: ``words("total_exact", count=3)``."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.tag: Final = "zh-Hans" if language == "zh" else "en"
        self._texts = TEXTS[language]

    def __call__(self, key: str, **values: int | str) -> str:
        """The text of a key with its values filled in; KeyError for an unknown key."""
        ready = {name: _Number(value) if isinstance(value, int) else value for name, value in values.items()}
        return self._texts[key].format(**ready)

    def around(self, key: str, name: str) -> tuple[str, str]:
        """The parts of a text before and after the place of a value, for a value that a template marks up itself."""
        before, _, after = self._texts[key].partition(f"{{{name}}}")
        return before, after

    def has(self, key: str) -> bool:
        """True if there is a text of that key."""
        return key in self._texts
