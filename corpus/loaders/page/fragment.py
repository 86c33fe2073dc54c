"""Converts HTML in a field to text; recognises text that only mentions tags, and leaves it unchanged."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import Final

from corpus.chinese import HAN
from corpus.loaders.page.tree import parse, text_of

#: Elements that have an end: without it, one of them is no evidence of HTML.
_PAIRED: Final = frozenset(
    (
        *("a", "abbr", "acronym", "address", "article", "aside", "audio", "b", "bdi", "bdo", "big", "blockquote"),
        *("body", "button", "caption", "center", "cite", "code", "data", "dd", "del", "details", "dfn", "dialog"),
        *("dir", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "head", "header", "hgroup", "html", "i", "iframe", "ins", "kbd", "label", "legend"),
        *("li", "main", "map", "mark", "marquee", "menu", "nav", "nobr", "noscript", "object", "ol", "optgroup"),
        *("option", "output", "p", "picture", "pre", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "script"),
        *("section", "select", "small", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table"),
        *("tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "tt", "u", "ul"),
        *("var", "video"),
    )
)
_ALONE: Final = frozenset(
    ("br", "hr", "img", "wbr", "input", "col", "colgroup", "source", "track", "meta", "link", "base", "embed")
)
#: Elements whose end may be left out; a text that begins with one is HTML.
_OPEN_ENDED: Final = frozenset(
    ("p", "li", "td", "th", "tr", "dd", "dt", "div", "section", "body", "html", "head", "table")
)
_VALUE: Final = r"""(?:"[^"]{0,2000}"|'[^']{0,2000}'|[^\s"'<>=]{1,2000})"""
_FLAGS: Final = (
    r"(?:hidden|controls|disabled|checked|selected|nowrap|noshade|async|defer|compact|reversed|open|contenteditable"
    r"|loop|muted|autoplay|reportloaderror|allowfullscreen|leaf|data-[\w-]{1,60})"
)
#: A tag as it is written: attributes have values, but for a few. `<b and c>` is no tag, nor is `<10 kW`.
_TAG: Final = re.compile(
    rf"<(?P<end>/)?(?P<name>[a-z][a-z0-9]{{0,11}}|[a-z]{{1,20}}(?:-[a-z0-9]{{1,30}}){{1,5}}|[a-z]{{1,3}}:[a-z]{{1,20}})"
    rf"(?P<attributes>(?:\s{{1,20}}(?:[\w:@.-]{{1,60}}\s?=\s?{_VALUE}|{_FLAGS}(?=[\s/>])))*+)\s{{0,20}}/?>",
    re.IGNORECASE,
)
_DOCTYPE: Final = re.compile(r"<!doctype\b[^<>]{0,200}>", re.IGNORECASE)
_HAN: Final = re.compile(f"[{HAN}]")
#: How a text names a tag: in quotation marks, or with the word for it behind.
_QUOTE_BEFORE: Final = "`“‘「『\"'"
_NAMED_AFTER: Final = re.compile(r"[`”’」』\"']|\s?(?:标签|标记|元素|节点|tags?\b|elements?\b)", re.IGNORECASE)
_MAX_ESCAPES: Final = 2
#: Signs that were escaped twice; nobody shows their names to readers, as a text about HTML may do with &lt;.
_ESCAPED_TWICE: Final = re.compile(
    r"&amp;(?=(?:amp;)?(?:quot|apos|[lr][sd]quo|[mn]dash|hellip|middot|bull|times|yen|#\d{2,5}|#x[\da-f]{2,4});)",
    re.IGNORECASE,
)


def html_to_text(text: str) -> str:
    """The visible text of a field that holds HTML, escaped or not, a line for each block; any other text as it is.

    In both, entities are left for cleaning, which decodes them once.
    """
    for _ in range(_MAX_ESCAPES + 1):
        if "<" in text and (tags := _tags(text)):
            return text_of(parse(_escaped(text, tags)))
        if "&" not in text or "lt;" not in text:
            break
        once = html.unescape(text)
        if not _is_html_inside(once):
            break
        text = once
    return _ESCAPED_TWICE.sub("&", text) if "&amp;" in text else text


def _is_html_inside(text: str) -> bool:
    """True if a text is HTML once it is unescaped, or once more."""
    return bool(_tags(text)) or ("lt;" in text and bool(_tags(html.unescape(text))))


def _tags(text: str) -> list[tuple[int, int]]:
    """Where the tags and comments of a text stand; none at all if the text is no HTML."""
    found = _written(text)
    names = [match["name"].lower() for match in found]
    opened = {name for name, match in zip(names, found, strict=True) if not match["end"]}
    closed = {name for name, match in zip(names, found, strict=True) if match["end"]}
    pairs = {name for name in closed & opened if name in _PAIRED or "-" in name or ":" in name}
    comments = _comments(text)
    begins = bool(found) and not text[: found[0].start()].strip() and names[0] in _OPEN_ENDED
    is_marked = any(not _HAN.search(text, start, end) for start, end in comments)
    if not (pairs or begins or is_marked or _ALONE & opened):
        return []
    known = [
        match.span()
        for name, match in zip(names, found, strict=True)
        if name in pairs
        or name in _ALONE
        or name in _OPEN_ENDED
        or (name in _PAIRED and (match["attributes"] or match["end"]))
    ]
    return sorted((*known, *comments))


def _comments(text: str) -> list[tuple[int, int]]:
    """Where the comments and the doctype of a text stand."""
    found = [match.span() for match in _DOCTYPE.finditer(text)]
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (end := text.find("-->", start) + 3) > 2:
        found.append((start, end))
    return found


def _written(text: str) -> list[re.Match[str]]:
    """The tags of a text but for those that it speaks of; `<b>电子</b>标签` speaks of none, for its tags are a pair."""
    tags = list(_TAG.finditer(text))
    mentioned = [_is_mention(text, tag) for tag in tags]
    found = [tag for tag, is_mention in zip(tags, mentioned, strict=True) if not is_mention]
    if len(found) == len(tags):
        return found
    for at, (one, other) in enumerate(pairwise(tags)):
        is_pair = one["name"].lower() == other["name"].lower() and not one["end"] and other["end"]
        if is_pair and mentioned[at] != mentioned[at + 1]:
            found.append(one if mentioned[at] else other)
    return sorted(found, key=re.Match.start)


def _is_mention(text: str, tag: re.Match[str]) -> bool:
    """True for a tag that the text speaks of."""
    before = text[tag.start() - 1 : tag.start()]
    after = _NAMED_AFTER.match(text, tag.end())
    if after is None:
        return False
    return before in _QUOTE_BEFORE if len(after[0]) == 1 and not after[0].isalnum() else True


def _escaped(text: str, tags: list[tuple[int, int]]) -> str:
    """The text with every `<` that begins no tag as an entity, for the parser would take it for one."""
    pieces, at = [], 0
    for start, end in tags:
        if start >= at:
            pieces += [text[at:start].replace("<", "&lt;"), text[start:end]]
            at = end
    pieces.append(text[at:].replace("<", "&lt;"))
    return "".join(pieces)
