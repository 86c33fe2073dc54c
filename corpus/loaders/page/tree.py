"""Parses HTML with BeautifulSoup behind a guard against hostile markup, and renders the text that a reader sees."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from bs4.exceptions import ParserRejectedMarkup

#: Other files know elements by this name, so that the parser is named in this one alone.
Element = Tag

_INVISIBLE: Final = frozenset(("script", "style", "noscript", "template", "textarea", "iframe", "svg", "head", "title"))
BLOCKS: Final = frozenset(
    (
        *("p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "address", "center", "form"),
        *("blockquote", "figure", "figcaption", "details", "summary", "caption", "fieldset", "legend", "option"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "hr", "pre", "dl", "dt", "dd", "body"),
    )
)
_XML: Final = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_KEPT_SPACE: Final = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
#: Blanks and line breaks of the source are one blank, as in a browser.
_SPACE: Final = re.compile("[ \t\n\r\f]+")


def parse(markup: str) -> BeautifulSoup:
    """The tree of a page or a piece of one; never raises, and takes time that grows with the markup's length."""
    # Beautiful Soup warns of markup that could be meant as XML, or on one line as an address; for us it is a text.
    sound = "\n" + _XML.sub("", guard(markup))
    try:
        return BeautifulSoup(sound, "html.parser")
    except ParserRejectedMarkup:  # a declaration that nobody declared, such as `<![x]>`
        return BeautifulSoup(sound.replace("<!", "&lt;!"), "html.parser")


def guard(markup: str) -> str:
    """The markup made safe for `html.parser`, which is quadratic on unclosed comments and tags (CVE-2025-6069).

    A comment or CDATA mark that is never closed, and every `<` after the last `>`, become text.
    """
    for mark, end in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        last = markup.rfind(end)
        head, tail = (markup[: last + len(end)], markup[last + len(end) :]) if last >= 0 else ("", markup)
        markup = head + tail.replace(mark, "&lt;" + mark[1:])
    close = markup.rfind(">")
    return markup[: close + 1] + markup[close + 1 :].replace("<", "&lt;")


def text_of(root: Element, without: Collection[int] = ()) -> str:
    """The visible text below an element, with & as &amp; like all exporters' texts, which cleaning decodes once.

    One walk that leaves the tree alone: each change of it costs time that grows with the number of siblings.
    `without` holds the identities of elements that are left out.
    """
    pieces: list[str] = []
    waiting: list[tuple[PageElement | str, bool]] = [(node, False) for node in reversed(root.contents)]
    while waiting:
        node, keeps_space = waiting.pop()
        if not isinstance(node, Tag):
            if type(node) is str:
                pieces.append(node)
            elif type(node) is NavigableString:  # not comments and declarations, nor CDATA, a comment in HTML
                pieces.append(str(node) if keeps_space else _SPACE.sub(" ", node))
        elif node.name == "br":
            pieces.append("\n")
        elif id(node) not in without and not is_hidden(node):
            if node.name in BLOCKS:
                end = "\n\n" if node.name == "p" else "\n"
                pieces.append(end)
                waiting.append((end, False))
            elif node.name in ("td", "th"):
                waiting.append((" ", False))
            keeps = keeps_space or node.name == "pre" or bool(_KEPT_SPACE.search(str(node.get("style") or "")))
            waiting += [(child, keeps) for child in reversed(node.contents)]
    return "".join(pieces).replace("&", "&amp;")


def text_of_html(markup: str) -> str:
    """The visible text of a piece of HTML."""
    return text_of(parse(markup))


def line_of(element: Element | None) -> str:
    """The visible text of an element on one line; empty for none."""
    return " ".join(text_of(element).split()) if element is not None else ""


def is_hidden(element: Element) -> bool:
    """True for an element of which a reader sees nothing."""
    return (
        element.name in _INVISIBLE
        or element.has_attr("hidden")
        or bool(_HIDDEN_STYLE.search(str(element.get("style") or "")))
    )


def own_text(element: Element) -> str:
    """The text in an element, without that of the elements inside."""
    return "".join(node for node in element.children if type(node) is NavigableString)


def names_of(element: Element) -> str:
    """The class and id of an element, which say what it is for."""
    classes = element.get("class") or ()
    return " ".join((str(element.get("id") or ""), *([classes] if isinstance(classes, str) else classes)))
