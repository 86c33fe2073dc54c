"""Parses Markdown to tokens with markdown-it, with rules for what Chinese authors write beside CommonMark.

Lenient rules read what CommonMark leaves as it is, because an editor or an exporter meant it: emphasis that touches
Chinese punctuation (`**“一”**是`), `==marks==`, references without a definition. `parse_strictly` reads without them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from corpus.chinese import CJK_PUNCTUATION, HAN

__all__ = ["MAX_NESTING", "Token", "parse", "parse_inline", "parse_strictly"]

#: Blocks nested deeper than this are not read by the parser; Python's own stack ends at about three times as many.
MAX_NESTING: Final = 100
#: The parser looks for the end of each bracket: a paragraph with more inside each other stays as it is.
_MAX_OPEN_BRACKETS: Final = 50
_STRICT: Final = "is_strict"
_LENIENT: Final = "is_lenient"
_DROPPED: Final = "is_dropped"
#: Han characters and the signs that stand between them without a blank.
_CJK: Final = re.compile(f"(?!\\s)[{HAN}{CJK_PUNCTUATION}\uff00-\uffef“”‘’…—·]")
_HAN: Final = re.compile(f"[{HAN}]")
#: `2**10`: no mark.
_POWER: Final = re.compile(rf"[A-Za-z0-9]\*\*\d+(?![\d%.{HAN}])")
_PUNCTUATION: Final = re.compile(r"[^\w\s]|_")
_BRACKET: Final = re.compile(r"[\[\]]")
_MARKS: Final = "*_~="
#: `list_2.xlsx`: an underscore inside a file's name is no mark.
_NAME_BEFORE: Final = re.compile(r"[\w.-]{0,80}$")
_NAME_AFTER: Final = re.compile(r"_+[\w-]{1,80}\.[A-Za-z][A-Za-z\d]{1,4}(?![A-Za-z\d])")
_ADDRESS: Final = re.compile(r"://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]{0,2000}[A-Za-z0-9/#=&%]")
_SCHEME: Final = re.compile(r"(?:https?|ftp)$", re.IGNORECASE)
_FORMULA: Final = re.compile(
    r"(?:\$\$(?:\\.|[^$\\]){1,2000}\$\$|\$(?![\s$])(?:\\.|[^$\\]){1,1000}(?<!\s)\$(?![\d$]))", re.DOTALL
)
_WIKI_LINK: Final = re.compile(r"(!?)\[\[(?=[^\]]*[^\W\d])([^\s\[\]|][^\[\]|\n]{0,200})(?:\|([^\[\]|\n]{1,200}))?\]\]")
_LABEL: Final = re.compile(r"\[[^\[\]\n]{0,200}\]")
#: A target that CommonMark refuses because of its blanks.
_TARGET: Final = re.compile(r"\((?=https?:|\.{0,2}/|[^()\n]{1,200}\.\w{2,5}[ )])[^()\n]{1,500}\)")
_LETTER: Final = re.compile(r"[^\W\d_]")
_NOTE: Final = re.compile(r"\[\^[\w-]{1,20}\](?![+*?:])")
_HIDDEN: Final = re.compile(r"%%(?!%)([^%\n]{1,500})%%")
_TASK: Final = re.compile(r"\[[ xX]\][ \t]+")
_CALLOUT: Final = re.compile(r"\[![A-Za-z-]{2,20}\][+-]?[ \t]*\n?")
_HEADING_ATTRIBUTES: Final = re.compile(r"[ \t]*\{[ \t]*[#.:][^{}\n]{0,200}\}[ \t]*$")
#: `::: tip 提示` opens a box with the title 提示, `:::` closes it.
_BOX: Final = re.compile(r"^:{3,}[ \t]*(?:\{[^{}\n]{0,200}\}|[A-Za-z][\w-]{0,40})?[ \t]*", re.MULTILINE | re.ASCII)


def parse(text: str) -> tuple[list[Token], dict[str, Any]]:
    """The tokens of a text, and the definitions of its references for `parse_strictly`."""
    env: dict[str, Any] = {}
    return _parser().parse(text, env), env


def parse_inline(content: str, env: dict[str, Any]) -> list[Token]:
    """The inline tokens of one paragraph."""
    return _parser().parseInline(content, env)[0].children or []


def parse_strictly(token: Token, env: dict[str, Any]) -> list[Token] | None:
    """The inline tokens of a paragraph without the lenient rules; None where these did not change it."""
    if not token.meta.get(_LENIENT):
        return None
    return parse_inline(token.content, {**env, _STRICT: True})


class _Parser(MarkdownIt):
    """markdown-it for texts that are read and not shown: no address is dangerous, and none is rewritten."""

    def validateLink(self, url: str) -> bool:  # the library's name
        return True

    def normalizeLinkText(self, link: str) -> str:
        return link


@cache
def _parser() -> MarkdownIt:
    """The parser, cached for the process: what it reads is in its states."""
    parser = _Parser("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    footnote_plugin(parser, inline=False, move_to_end=False)
    dollarmath_plugin(parser)
    parser.block.ruler.before("fence", "hidden_block", _hidden_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.core.ruler.after("block", "page_marks", _drop_block_marks)
    parser.core.ruler.at("inline", _inline)
    inline = parser.inline.ruler
    inline.after("text", "address", _address)
    inline.at("math_inline", _formula)
    inline.at("emphasis", _marks)
    inline.before("link", "wiki_link", _wiki_link)
    inline.after("footnote_ref", "open_reference", _open_reference)
    inline.after("entity", "hidden", _hidden)
    parser.inline.ruler2.at("emphasis", _drop_matched_marks)
    return parser


def _inline(state: StateCore) -> None:
    """The library's rule, which also notes where lenient rules changed a paragraph."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if _open_brackets(token.content) > _MAX_OPEN_BRACKETS:
            token.children.append(Token("text", "", 0, content=token.content))
            continue
        env = {**state.env, _LENIENT: False}
        state.md.inline.parse(token.content, state.md, env, token.children)
        token.meta[_LENIENT] = env[_LENIENT]


def _open_brackets(text: str) -> int:
    """How many brackets are open at once."""
    most = now = 0
    for bracket in _BRACKET.findall(text):
        now = now + 1 if bracket == "[" else max(now - 1, 0)
        most = max(most, now)
    return most


def _drop_block_marks(state: StateCore) -> None:
    """Removes boxes of task lists, kinds of callouts, fences of boxes and attributes of headings from paragraphs."""
    before = ["", ""]
    for token in state.tokens:
        if token.type == "inline":
            if before == ["list_item_open", "paragraph_open"]:
                token.content = _TASK.sub("", token.content, count=1) if _TASK.match(token.content) else token.content
            elif before == ["blockquote_open", "paragraph_open"] and (match := _CALLOUT.match(token.content)):
                token.content = token.content[match.end() :]
            elif before[1] == "heading_open":
                token.content = _HEADING_ATTRIBUTES.sub("", token.content)
            if ":::" in token.content:
                token.content = _BOX.sub("", token.content)
        before = [before[1], token.type]


def _marks(state: StateInline, silent: bool) -> bool:
    """Takes a run of `*`, `_`, `~~` or `==` as tokens of their own, which may turn out to be marks."""
    mark = state.src[state.pos]
    if silent or mark not in _MARKS:
        return False
    strict = state.scanDelims(state.pos, mark != "_")
    can_open, can_close, length = strict.can_open, strict.can_close, strict.length
    if mark in "~=" and (length != 2 or (mark == "=" and state.env.get(_STRICT))):
        state.push("text", "", 0).content = mark * length
        state.pos += length
        return True
    if not state.env.get(_STRICT):
        can_open, can_close = _flanking(state.src, state.pos, length)
        if mark == "=" or (can_open, can_close) != (strict.can_open, strict.can_close):
            state.env[_LENIENT] = True
    is_inside_chinese = _is_inside_chinese(state.src, state.pos, length)
    for _ in range(length):
        state.push("text", "", 0).content = mark
        state.tokens[-1].meta[_DROPPED] = is_inside_chinese
        state.delimiters.append(
            Delimiter(
                marker=ord(mark),
                length=0 if mark in "~=" else length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += length
    return True


def _flanking(text: str, start: int, length: int) -> tuple[bool, bool]:
    """Whether a run of marks can open and can close, as in CommonMark but for the neighbourhood of Chinese.

    A Chinese character or sign beside the run counts as a border of words. Exporters write `**` around whatever was
    bold: in a Chinese paragraph, punctuation and blanks on its inner side are no obstacle.
    """
    mark, end = text[start], start + length
    before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
    before_is_cjk, after_is_cjk = bool(_CJK.match(before)), bool(_CJK.match(after))
    before_is_sign = not before_is_cjk and bool(_PUNCTUATION.match(before))
    after_is_sign = not after_is_cjk and bool(_PUNCTUATION.match(after))
    left = not after.isspace() and (not after_is_sign or before.isspace() or before_is_sign or before_is_cjk)
    right = not before.isspace() and (not before_is_sign or after.isspace() or after_is_sign or after_is_cjk)
    if mark == "_":
        if _is_in_name(text, start):
            return False, False
        return (
            left and (not right or before_is_sign or before_is_cjk),
            right and (not left or after_is_sign or after_is_cjk),
        )
    if mark == "*" and length == 2 and not _POWER.match(text, start - 1) and _HAN.search(text):
        return not after.isspace() or before_is_cjk, not before.isspace() or after_is_cjk
    return left, right


def _is_in_name(text: str, start: int) -> bool:
    before = _NAME_BEFORE.search(text, max(start - 80, 0), start)
    return bool(before and before[0] and _NAME_AFTER.match(text, start))


def _is_inside_chinese(text: str, start: int, length: int) -> bool:
    """True for `**` between Chinese characters or signs: it is a mark, even if it is the only one."""
    end = start + length
    is_between = _CJK.match(text, start - 1) if start else None
    return text[start] == "*" and length == 2 and bool(is_between) and bool(_CJK.match(text, end))


def _drop_matched_marks(state: StateInline) -> None:
    for delimiters in (state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta)):
        for opening in delimiters:
            if opening.end >= 0:
                state.tokens[opening.token].content = ""
                state.tokens[delimiters[opening.end].token].content = ""
            elif state.tokens[opening.token].meta.get(_DROPPED) and not state.env.get(_STRICT):
                state.tokens[opening.token].content = ""


def _formula(state: StateInline, silent: bool) -> bool:
    """Takes a formula with its dollar signs; `$100 和 $200` is none."""
    if state.src[state.pos] != "$" or state.src[state.pos - 1 : state.pos].isdigit():
        return False
    formula = _FORMULA.match(state.src, state.pos, state.posMax)
    return formula is not None and _take(state, silent, formula.end(), "text", formula[0])


def _address(state: StateInline, silent: bool) -> bool:
    """Takes a bare address whole: the signs in it are no marks."""
    if state.src[state.pos] != ":" or not _SCHEME.search(state.src, max(state.pos - 5, 0), state.pos):
        return False
    address = _ADDRESS.match(state.src, state.pos, state.posMax)
    return address is not None and _take(state, silent, address.end(), "text", address[0])


def _wiki_link(state: StateInline, silent: bool) -> bool:
    """`[[page|words]]` shows the words, `[[page#part]]` the names; what `![[file]]` embeds is not in the text."""
    if state.src[state.pos] not in "![":
        return False
    link = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if link is None:
        return False
    shown = link[3] or link[2].lstrip("#").replace("#", " > ")
    return _take(state, silent, link.end(), "hidden" if link[1] else "text", shown.strip())


def _open_reference(state: StateInline, silent: bool) -> bool:
    """`[words][1]` without a definition shows the words, and so does a link whose target has blanks."""
    if state.env.get(_STRICT) or state.src[state.pos] != "[":
        return False
    note = _NOTE.match(state.src, state.pos, state.posMax)
    if note is not None:
        state.env[_LENIENT] = True
        return _take(state, silent, note.end(), "text", "")
    before = state.src[state.pos - 1 : state.pos]
    start, last = state.pos + 1, state.posMax
    closing = state.md.helpers.parseLinkLabel(state, state.pos)
    if closing <= start or before in ("]", ")"):
        return False
    words = state.src[start:closing]
    target = _TARGET.match(state.src, closing + 1, last)
    found = target or _LABEL.match(state.src, closing + 1, last)
    if found is None or not (target or _LETTER.search(words)):
        return False
    if before.isascii() and before.isalnum() and not _HAN.search(words):  # rows[i][j]
        return False
    if not silent:
        state.env[_LENIENT] = True
        state.push("link_open", "a", 1)
        state.pos, state.posMax = start, closing
        state.md.inline.tokenize(state)
        state.push("link_close", "a", -1)
    state.pos, state.posMax = found.end(), last
    return True


def _hidden(state: StateInline, silent: bool) -> bool:
    """`%%…%%`, a comment in Obsidian."""
    if state.src[state.pos] != "%" or state.src[state.pos - 1 : state.pos].isdigit():
        return False
    comment = _HIDDEN.match(state.src, state.pos, state.posMax)
    return comment is not None and _take(state, silent, comment.end(), "hidden", comment[1].strip())


def _take(state: StateInline, silent: bool, end: int, kind: str, content: str) -> bool:
    if not silent:
        state.push(kind, "", 0).content = content
    state.pos = end
    return True


def _hidden_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines between two lines `%%`, a comment in Obsidian."""
    if _line(state, start) != "%%":
        return False
    last = next((number for number in range(start + 1, end) if _line(state, number) == "%%"), None)
    if last is None:
        return False
    if not silent:
        token = state.push("hidden", "", 0)
        token.content = state.getLines(start + 1, last, 0, False)
        token.map = [start, last + 1]
        state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    begin, end = state.bMarks[number] + state.tShift[number], state.eMarks[number]
    return state.src[begin : min(end, begin + 3)].rstrip()
