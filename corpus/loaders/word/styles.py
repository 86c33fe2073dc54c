"""The paragraph styles of a Word document: heading levels and lists, each inherited from the style it is based on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from corpus.loaders.word.numbering import to_level
from corpus.loaders.xml_events import Event

#: Word stores `heading 1` in every language; some writers store the visible name.
_HEADING: Final = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)
_TITLES: Final = ("title", "标题")
#: Word allows eleven; more would make each paragraph slow.
_MAX_BASES: Final = 30


class Styles:
    """What styles.xml says about each style; a style that says nothing inherits."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._levels: dict[str, int] = {}
        self._bases: dict[str, str] = {}
        self._nums: dict[str, str] = {}
        self._list_levels: dict[str, int] = {}
        #: The style of paragraphs that name none.
        self.default = ""
        style = ""
        for event in events:
            if event.kind != "start":
                continue
            value = event.attributes.get("val", "")
            if event.name == "style":
                style = event.attributes.get("styleId", "")
                if event.attributes.get("type") == "paragraph" and event.attributes.get("default") in ("1", "true"):
                    self.default = style
            elif event.name == "name" and value.casefold() in _TITLES:
                self._levels[style] = 0
            elif event.name == "name" and (heading := _HEADING.fullmatch(value)):
                self._levels[style] = int(heading[1])
            elif event.name == "outlineLvl" and (level := to_level(value)) >= 0:
                self._levels.setdefault(style, level + 1)
            elif event.name == "basedOn":
                self._bases[style] = value
            elif event.name == "numId":
                self._nums[style] = value
            elif event.name == "ilvl":
                self._list_levels[style] = to_level(value)

    def level(self, style: str) -> int | None:
        """The heading level of a style; 0 for the document's title, which is not inherited; None for other styles."""
        if style in self._levels:
            return self._levels[style]
        return next((self._levels[base] for base in self._line(style) if base in self._levels), None) or None

    def list_of(self, style: str) -> tuple[str, str, int | None]:
        """The list (num) of a style, the style that sets it, and its level if that is set too; "" for no list."""
        owner = next((base for base in self._line(style) if base in self._nums), None)
        return (self._nums[owner], owner, self._list_levels.get(owner)) if owner is not None else ("", "", None)

    @property
    def lists(self) -> dict[str, str]:
        """Style → num, for styles that name a list themselves."""
        return self._nums

    def _line(self, style: str) -> Iterator[str]:
        """The style and those that it is based on; damaged files have circles."""
        seen: set[str] = set()
        while style and style not in seen and len(seen) < _MAX_BASES:
            seen.add(style)
            yield style
            style = self._bases.get(style, "")
