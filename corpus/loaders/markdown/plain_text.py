"""Renders the tokens of a Markdown file as the text that a reader of the page sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from corpus.chinese import HAN
from corpus.cleaning.original_text import original_texts
from corpus.document import SetAside
from corpus.loaders.markdown.parser import MAX_NESTING, Token, parse, parse_inline, parse_strictly
from corpus.loaders.markdown.tags import alternative_texts, closed_names, components, shown_for
from corpus.loaders.page.tree import text_of_html
from corpus.outline.headings import escape_headings
from corpus.outline.page_marks import PAGE_COMMENT

#: A longer line that is underlined is a paragraph above a ruler.
_MAX_UNDERLINED_CHARS: Final = 60
#: Strings across a change that lenient reading made are found up to this length.
_CONTEXT: Final = 20
_HTML_HEADING: Final = re.compile(r"<h([1-6])\b[^<>]{0,500}>(.{0,1000}?)</h\1\s*>", re.IGNORECASE | re.DOTALL)
_CELL_BORDER: Final = re.compile(r"(?<!\\)\|")
_LINES_OF_HAN: Final = re.compile(f"(?<=[{HAN}])[ \t]*\n[ \t]*(?=[{HAN}])")
_HAN: Final = re.compile(f"[{HAN}]")
_LETTER: Final = re.compile(r"[^\W\d_]")
#: A Chinese paragraph that is indented by four blanks is no code.
_MIN_HAN_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainText:
    """A text with headings marked by #; `headings` are their positions, levels and titles, in order.

    Both, and what is set aside, have & as &amp;, for cleaning decodes entities once.
    """

    text: str
    headings: tuple[tuple[int, int, str], ...]
    set_aside: tuple[SetAside, ...]


def plain_text(markdown: str) -> PlainText:
    """Reads a whole file; a text nested too deeply for the parser stays as it is."""
    tokens, env = parse(markdown)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return PlainText(text=_escaped(escape_headings(markdown)), headings=(), set_aside=())
    reader = _Reader(env, markdown.split("\n"))
    for token in tokens:
        reader.take(token)
    return reader.result()


def inline_text(markdown: str) -> str:
    """One line of Markdown as its reader sees it."""
    return " ".join(_Reader({}, []).inline(parse_inline(markdown, {})).split())


class _Reader:
    """The blocks of text that the tokens have given so far."""

    def __init__(self, env: dict[str, Any], lines: Sequence[str]) -> None:
        self._env = env
        self._lines = lines
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[tuple[int, int, str]] = []
        self._set_aside: dict[str, None] = {}
        #: For each open list: the number of its next item, None in a list of bullets.
        self._lists: list[int | None] = []
        #: The bullet or number that the next block begins with.
        self._item = ""
        #: The cells of the open row of a table, and its line.
        self._row: list[str] | None = None
        self._source = ""
        self._level = 0
        self._is_underlined = self._is_tight = self._is_first = False

    def result(self) -> PlainText:
        """All that was read."""
        aside = tuple(SetAside("other", text) for text in self._set_aside if text.strip())
        return PlainText(text="".join(self._pieces), headings=tuple(self._headings), set_aside=aside)

    def take(self, token: Token) -> None:
        """Read on."""
        kind = token.type
        if kind == "inline":
            self._take_inline(token)
        elif kind == "paragraph_open":
            self._is_tight = token.hidden
        elif kind == "heading_open":
            self._level = int(token.tag[1]) if token.level == 0 else 0
            self._is_underlined = token.markup in ("=", "-")
        elif kind == "heading_close":
            self._level = 0
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._is_first = not self._lists
            self._lists.append(int(token.attrs.get("start", 1)) if kind == "ordered_list_open" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._item += self._marker(token)
        elif kind == "list_item_close":
            if self._item.strip("- "):
                self._put("", is_tight=True)
            self._item = ""
        elif kind == "tr_open":
            self._row = []
            self._source = self._lines[token.map[0]] if token.map else ""
        elif kind == "tr_close":
            row, self._row = self._row or [], None
            cells = _CELL_BORDER.split(self._source.strip().strip("|"))
            if len(cells) > len(row):  # more cells than the table has columns
                self._set_aside["\t".join(map(inline_text, cells))] = None
            self._put("\t".join(row), is_tight=True)
        elif kind == "table_open":
            self._put("", is_tight=False)
        elif kind == "fence":
            self._put(_escaped(token.content))
        elif kind == "code_block":
            self._put(self._indented(token.content))
        elif kind in ("math_block", "math_block_label"):
            self._put(_escaped(f"$${token.content}$$" + (f" ({token.info})" if token.info else "")))
        elif kind == "html_block":
            self._take_html(token.content)
        elif kind == "hidden":
            self._set_aside[_escaped(token.content)] = None

    def _take_inline(self, token: Token) -> None:
        text = self.inline(token.children or [])
        strict = parse_strictly(token, self._env)
        if strict is not None:
            for part in original_texts(self.inline(strict), text, _CONTEXT):
                self._set_aside[part] = None
        if self._row is not None:
            self._row.append(text.strip())
        elif self._level and not (
            self._is_underlined and ("\n" in token.content or len(token.content) > _MAX_UNDERLINED_CHARS)
        ):
            self._put_heading(self._level, text)
        else:
            self._put(text, is_tight=self._is_tight)

    def inline(self, tokens: Sequence[Token]) -> str:
        """The text of inline tokens; pictures' descriptions and comments are set aside."""
        closed = closed_names(token.content for token in tokens if token.type == "html_inline")
        pieces = []
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                pieces.append("\n")
            elif token.type == "image":
                self._set_aside[self.inline(token.children or [])] = None
            elif token.type == "hidden":
                self._set_aside[_escaped(token.content)] = None
            elif token.type == "html_inline":
                self._set_aside.update(dict.fromkeys(alternative_texts(token.content)))
                shown = shown_for(token.content, closed)
                pieces.append(_escaped(shown or ""))
                if shown is None and _LETTER.search(token.content):
                    self._set_aside[_escaped(token.content)] = None
            elif token.type != "footnote_ref":
                pieces.append(_escaped(token.content))
        return "".join(pieces)

    def _take_html(self, markup: str) -> None:
        """A block of HTML: its headings are headings, and the marks of pages stay."""
        self._set_aside.update(dict.fromkeys((*alternative_texts(markup), *components(markup))))
        at = 0
        for heading in _HTML_HEADING.finditer(markup):
            self._put_html(markup[at : heading.start()])
            self._put_heading(int(heading[1]), text_of_html(heading[2]))
            at = heading.end()
        self._put_html(markup[at:])

    def _put_html(self, markup: str) -> None:
        line, _, rest = markup.strip().partition("\n")
        if PAGE_COMMENT.fullmatch(line):
            self._put(line)
            markup = rest
        self._put(text_of_html(markup) if "<" in markup else markup)

    def _indented(self, content: str) -> str:
        """Code, or Chinese paragraphs that happen to be indented."""
        han = len(_HAN.findall(content))
        if han == 0 or han < _MIN_HAN_SHARE * len(_LETTER.findall(content)):
            return _escaped(content)
        text = self.inline(parse_inline(content, self._env))
        for part in original_texts(_escaped(content), text, _CONTEXT):
            self._set_aside[part] = None
        return text

    def _marker(self, token: Token) -> str:
        number = self._lists[-1]
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        written = int(token.info) if token.info.isdecimal() else number
        return f"{number if written in (0, 1) else written}{token.markup} "

    def _put_heading(self, level: int, text: str) -> None:
        title = " ".join(_LINES_OF_HAN.sub("", text).split())
        if title:
            self._begin_block(is_tight=False)
            self._headings.append((self._length, level, title))
            self._append(f"{'#' * level} {title}")

    def _put(self, text: str, *, is_tight: bool = False) -> None:
        """Adds a block, on the next line if its list is tight; without a text, only the border."""
        text = escape_headings(self._item + text.strip("\n"))
        self._item = ""
        self._begin_block(is_tight=is_tight)
        self._append(text)

    def _begin_block(self, *, is_tight: bool) -> None:
        if self._pieces:
            self._append("\n" if is_tight and not self._is_first else "\n\n")
        self._is_first = False

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;")
