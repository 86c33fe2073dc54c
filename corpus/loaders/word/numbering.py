"""The automatic numbering of Word: which number a paragraph of a list shows.

Lists (`num`) share the counters of the definition (`abstractNum`) that they refer to, unless a list sets its own start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from corpus.loaders.word.number_formats import MAX_NUMBER, number_text
from corpus.loaders.xml_events import Event

#: Word has nine levels.
LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")
_MAX_DIGITS: Final = 9
#: Glyphs of symbol fonts; they mean nothing outside the font.
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_BULLET: Final = "•"
#: No blank is written between these and the text of the paragraph.
_CLOSE: Final = "、，。．：）】》〕］"
_MAX_LABEL_CHARS: Final = 100
_PADDED: Final = "padded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of a list; `text` shows the numbers of this and higher levels as %1 to %9.

    `restart` is the level, counted from 1, after which this one begins again; 0 for never, None for any higher one.
    `is_close` is True if no gap follows the number; `width` is that of numbers with zeros in front.
    """

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    is_legal: bool = False
    restart: int | None = None
    style: str = ""
    is_close: bool = False
    width: int = 0


class Numbering:
    """Counts the paragraphs of all lists of a document."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._levels: dict[str, dict[int, Level]] = {}
        self._definition_of: dict[str, str] = {}
        self._own_levels: dict[tuple[str, int], Level] = {}
        self._starts: dict[tuple[str, int], int] = {}
        #: Definition → the style of lists that holds its levels.
        self._style_links: dict[str, str] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._read(events)

    def _read(self, events: Iterable[Event]) -> None:
        definition = num = ""
        index = -1
        for event in events:
            if event.kind != "start":
                if event.kind == "end" and event.name in ("abstractNum", "num"):
                    definition = num = ""
                continue
            attributes = event.attributes
            value = attributes.get("val", "")
            if event.name == "abstractNum":
                definition = attributes.get("abstractNumId", "")
                self._levels[definition] = {}
            elif event.name == "num":
                num = attributes.get("numId", "")
            elif event.name == "abstractNumId" and num:
                self._definition_of[num] = value
            elif event.name == "numStyleLink" and definition:
                self._style_links[definition] = value
            elif event.name in ("lvl", "lvlOverride"):
                index = to_level(attributes.get("ilvl", ""))
                if event.name == "lvl" and index >= 0:
                    self._put(definition, num, index, Level())
            elif event.name == "startOverride" and num and index >= 0:
                self._starts[num, index] = _number(value)
            elif index >= 0:
                self._put(definition, num, index, _with(self._at(definition, num, index), event.name, attributes))

    def _put(self, definition: str, num: str, index: int, level: Level | None) -> None:
        if level is None:
            return
        if num:
            self._own_levels[num, index] = level
        elif definition:
            self._levels[definition][index] = level

    def _at(self, definition: str, num: str, index: int) -> Level | None:
        return self._own_levels.get((num, index)) if num else self._levels.get(definition, {}).get(index)

    def link_styles(self, list_styles: Mapping[str, str]) -> None:
        """Give definitions that refer to a style of lists the levels of that style; style → num."""
        for definition, style in self._style_links.items():
            linked = self._definition_of.get(list_styles.get(style, ""), "")
            if linked != definition and self._levels.get(linked) and not self._levels.get(definition):
                self._levels[definition] = self._levels[linked]

    def level_of_style(self, num: str, style: str) -> int:
        """The level of a list that belongs to a style of paragraphs; 0 if there is none."""
        levels = self._levels.get(self._definition_of.get(num, ""), {})
        return next((index for index, level in levels.items() if level.style == style), 0)

    def label(self, num: str, index: int) -> str:
        """Count a paragraph, and return what Word shows before its text, with a blank where Word shows a gap."""
        definition = self._definition_of.get(num)
        level = self._level(num, index)
        if definition is None or level is None:
            return ""
        counts = self._counts.setdefault(definition, [None] * LEVELS)
        before = counts[index]
        if (num, index) in self._starts and (num, index) not in self._begun:
            counts[index] = self._starts[num, index]
        else:
            counts[index] = level.start if before is None else min(before + 1, MAX_NUMBER)
        self._begun.add((num, index))
        for lower in range(index + 1, LEVELS):
            restart = (self._level(num, lower) or level).restart
            if restart is None or index < restart:
                counts[lower] = None
        return self._shown(num, level, counts)

    def _level(self, num: str, index: int) -> Level | None:
        return self._own_levels.get((num, index)) or self._levels.get(self._definition_of.get(num, ""), {}).get(index)

    def _shown(self, num: str, level: Level, counts: list[int | None]) -> str:
        if level.number_format == "bullet":
            text = _PRIVATE.sub(_BULLET, level.text).strip()
            return f"{text} " if text else ""

        def number(place: re.Match[str]) -> str:
            index = int(place[1]) - 1
            at = self._level(num, index) or Level()
            count = counts[index]
            value = at.start if count is None else count
            text = number_text(value, "decimal" if level.is_legal else at.number_format)
            return text.zfill(min(at.width, _MAX_DIGITS)) if at.number_format == _PADDED else text

        text = _PLACE.sub(number, level.text)[:_MAX_LABEL_CHARS].strip()
        return text if not text or level.is_close or text[-1] in _CLOSE else f"{text} "


def to_level(text: str) -> int:
    """The number of a level, from 0; -1 if it is none that Word has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 1 and int(text) < LEVELS else -1


def _number(text: str) -> int:
    return min(int(text), MAX_NUMBER) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else 1


def _with(level: Level | None, name: str, attributes: Mapping[str, str]) -> Level | None:
    """The level with what an element inside its definition says."""
    if level is None:
        return None
    value = attributes.get("val", "")
    if name == "start":
        return replace(level, start=_number(value))
    if name == "numFmt":
        # Word 2010 and later write `custom` for 01, 002 and the like, then a form for older versions.
        if level.number_format == _PADDED:
            return level
        pattern = attributes.get("format", "").partition(",")[0]
        return replace(level, number_format=_PADDED if pattern.startswith("0") else value, width=len(pattern))
    if name == "lvlText":
        return replace(level, text=value[:_MAX_LABEL_CHARS])
    if name == "isLgl":
        return replace(level, is_legal=value not in ("0", "false"))
    if name == "lvlRestart":
        return replace(level, restart=_number(value))
    if name == "pStyle":
        return replace(level, style=value)
    return replace(level, is_close=value == "nothing") if name == "suff" else level
