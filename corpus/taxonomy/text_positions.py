"""The positions of a document that triggers look at: title, lead, headings and body, cut into sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import Final

from corpus.chinese import ASCII_SENTENCE_ENDS, HAN, NUMERAL, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.taxonomy.rule_file import Trigger

_TITLE_CHARS: Final = 300  # the longest title seen has 60
_LEAD_CHARS: Final = 300  # measured: a notice or a report has named its subject by then
_BODY_CHARS: Final = 100_000  # the longest book seen has 70,000
_SENTENCE_CHARS: Final = 400  # longer ones are cut, which keeps the search for `near` linear in the text
_HEADING_CHARS: Final = 60  # a title quoted as an item of a digest fits, a sentence of prose rarely does
_MAX_HEADINGS: Final = 400  # a list of winners has thousands of short lines, and the later ones add nothing
_CONTEXT_CHARS: Final = 200  # what `near` and `not` see after a heading
_REPEATED_TITLE_LINES: Final = 8  # a repeated title takes up to four lines, below an issuer or a document number

_NUMBERED: Final = re.compile(
    rf"第[{NUMERAL_CHARS}百零\d]{{1,5}}[条章节]|[（(]?{NUMERAL}[）)、]|[（(]?\d{{1,2}}[）).．、]"
    r"|0\d\b|[·•【]"
)
_CREDIT: Final = re.compile(
    r"(?:本文)?转载自|(?:资料)?来源[:：]|综合自|资料提供|编辑[:：]|作者[:：]|拍摄[:：]|觉得不错|欢迎转发"
    r"|“[^”]{1,10}”出品|↓|阅读原文|各?有?关?单位[:：]|附件"
)
_PREFIX: Final = re.compile(r"^【[^】]{1,8}】")
_WORDS: Final = re.compile(rf"[{HAN}](?:[^{HAN}]*[{HAN}]){{2}}")  # three characters at least


class _Position:
    """The sentences or headings of one position, a line each, with the contexts that `near` and `not` look at."""

    def __init__(self, units: list[str], contexts: list[str] | None = None) -> None:
        self.text = "\n".join(units)
        self._units = units
        self._contexts = units if contexts is None else contexts

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(unit) + 1 for unit in self._units[:-1]), initial=0))

    def find(self, trigger: Trigger) -> re.Match[str] | None:
        """The first match whose context fulfils the conditions, provided that there are `trigger.hits` of them."""
        found = []
        for match in trigger.pattern.finditer(self.text):
            context = self._contexts[bisect_right(self._starts, match.start()) - 1]
            if _fulfils(context, trigger.near, trigger.unless):
                found.append(match)
                if len(found) == trigger.hits:
                    return found[0]
        return None


class ClassifiedText:
    """A document for the triggers; each position is computed when a trigger first looks at it."""

    def __init__(self, title: str, body: str) -> None:
        self._title = " ".join(title.split())[:_TITLE_CHARS]
        self._body = body[:_BODY_CHARS]
        self._chars = len(body)
        self.title = _Position([self._title])

    def matches(self, position: str, triggers: Iterable[Trigger]) -> Iterator[tuple[Trigger, re.Match[str]]]:
        """The triggers that hold at one of POSITIONS, each with its first match."""
        found: _Position = getattr(self, position)
        for trigger in triggers:
            if not trigger.pattern.search(found.text):  # true of most triggers, hence the first test
                continue
            match = found.find(trigger) if self._chars >= trigger.chars else None
            if match and _fulfils(self._whole, trigger.anywhere, trigger.nowhere):
                yield trigger, match

    @cached_property
    def _whole(self) -> str:
        return f"{self._title}\n{self._body}"

    @cached_property
    def _lines(self) -> list[str]:
        return _without_title(self._title, self._body)

    @cached_property
    def lead(self) -> _Position:
        """The first sentences of running text, without credits and numbered items."""
        prose, room = [], _LEAD_CHARS
        for line in self._lines:
            if not _CREDIT.match(line) and not _NUMBERED.match(line):
                prose.append(line[:room])
                room -= len(line) + 1
                if room <= 0:
                    break
        return _Position(_sentences("\n".join(prose)))

    @cached_property
    def heading(self) -> _Position:
        """Short lines and the first words of numbered items; the context includes the line below."""
        units: list[str] = []
        contexts: list[str] = []
        lines = self._lines
        for number, line in enumerate(lines, 1):
            unit = line
            if _NUMBERED.match(line):
                unit = _one_sentence_a_line(line).split("\n", 1)[0][:_HEADING_CHARS]
            elif len(line) > _HEADING_CHARS or line[-1] in "。；，、,;":
                continue
            if _WORDS.search(unit) and not _CREDIT.match(line):
                below = lines[number] if number < len(lines) else ""
                units.append(unit)
                contexts.append(f"{line} {below}"[: len(unit) + _CONTEXT_CHARS])
                if len(units) == _MAX_HEADINGS:
                    break
        return _Position(units, contexts)

    @cached_property
    def body(self) -> _Position:
        """Every sentence of the body."""
        return _Position(_sentences("\n".join(self._lines)))


def _fulfils(text: str, wanted: re.Pattern[str] | None, unwanted: re.Pattern[str] | None) -> bool:
    """True if the wanted pattern matches in the text and the unwanted one does not; None sets no condition."""
    return (not wanted or bool(wanted.search(text))) and not (unwanted and unwanted.search(text))


def _one_sentence_a_line(text: str) -> str:
    """The text with a line feed instead of each mark that ends a sentence."""
    for mark in SENTENCE_ENDS + ASCII_SENTENCE_ENDS:  # thirty times as fast as `translate`
        text = text.replace(mark, "\n")
    return text


def _sentences(text: str) -> list[str]:
    sentences = [sentence for sentence in _one_sentence_a_line(text).split("\n") if sentence]
    cut = _SENTENCE_CHARS
    if all(len(sentence) <= cut for sentence in sentences):
        return sentences
    return [sentence[at : at + cut] for sentence in sentences for at in range(0, len(sentence), cut)]


def _without_title(title: str, body: str) -> list[str]:
    """The lines of the body, without blank ones and the title that many bodies repeat over several lines."""
    lines = [line for line in map(str.strip, body.split("\n")) if line]
    wanted, seen = "".join(_PREFIX.sub("", title).split()), ""
    for number, line in enumerate(lines[:_REPEATED_TITLE_LINES], 1):
        seen += "".join(line[:_TITLE_CHARS].split())
        if wanted and seen.endswith(wanted):
            return lines[number:]
    return lines
