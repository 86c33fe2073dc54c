"""Saved WeChat pages and HTML inside exports, read with BeautifulSoup behind a guard against hostile markup."""

from __future__ import annotations

import re
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from bs4.exceptions import ParserRejectedMarkup

from corpus.loaders.raw import Fault, Item, RawRecord

_INVISIBLE: Final = frozenset(("script", "style", "noscript", "template", "textarea", "iframe", "svg", "head", "title"))
_BLOCKS: Final = frozenset(
    (
        *("p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "address", "center"),
        *("blockquote", "figure", "figcaption", "details", "summary", "caption"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "hr", "pre", "dl", "dt", "dd"),
    )
)
_XML: Final = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
#: The page hides its text until its script has run: `visibility: hidden` there does not mean hidden from readers.
_PUBLISHED: Final = re.compile(
    r"""\b(?:create_time|publish_time|ori_create_time|ct)["']?\s*[:=]\s*["'](\d{10}|\d{4}-\d\d-\d\d[^"']{0,9})["']"""
)


def load(text: str, stem: str) -> list[Item]:
    """The one article of a saved page; the page's title and main text are found in WeChat's places first."""
    soup = _parse(text)
    articles = soup.select("article")
    body = soup.select_one("#js_content") or (articles[0] if len(articles) == 1 else soup.body) or soup
    names = [soup.select_one(place) for place in ("#activity-name", "h1", "title")]
    name = next((tag for tag in names if _line(tag)), None)
    account = soup.select_one("#js_name")
    url = soup.select_one('meta[property="og:url"]') or soup.select_one('link[rel="canonical"]')
    record = RawRecord(
        number=1,
        title=_line(name),
        account=_line(account),
        date=_published(soup, text),
        url=str((url.get("content") or url.get("href") or "") if url else ""),
        text=_text(body, without=name),
        stem=stem,
    )
    if not record.title and not record.text.strip():
        return [Fault(number=None, kind="no_title_no_text", message="neither title nor text")]
    return [record]


def text_of_html(markup: str) -> str:
    """The visible text of a piece of HTML, a line for each block."""
    return _text(_parse(markup))


def _parse(markup: str) -> BeautifulSoup:
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


def _published(soup: BeautifulSoup, text: str) -> str | None:
    """The day as the page shows it; the script's moment where it shows none, or says 昨天."""
    shown = _line(soup.select_one("#publish_time"))
    if shown[:4].isdecimal():
        return shown
    match = _PUBLISHED.search(text)
    return match[1] if match else shown or None


def _line(tag: Tag | None) -> str:
    return " ".join(_text(tag).split()) if tag is not None else ""


def _text(root: Tag, without: Tag | None = None) -> str:
    """The visible text below a tag, with & as &amp; like all exporters' texts, which cleaning decodes once.

    One walk that leaves the tree alone: each change of it costs time that grows with the number of siblings.
    """
    pieces: list[str] = []
    waiting: list[PageElement | str] = list(reversed(root.contents))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Tag):
            if type(node) in (str, NavigableString):  # not comments and declarations, nor CDATA, a comment in HTML
                pieces.append(str(node))
        elif node.name == "br":
            pieces.append("\n")
        elif node is not without and node.name not in _INVISIBLE and not _is_hidden(node):
            if node.name in _BLOCKS:
                end = "\n\n" if node.name == "p" else "\n"
                pieces.append(end)
                waiting.append(end)
            elif node.name in ("td", "th"):
                waiting.append(" ")
            waiting += reversed(node.contents)
    return "".join(pieces).replace("&", "&amp;")


def _is_hidden(tag: Tag) -> bool:
    return tag.has_attr("hidden") or bool(_HIDDEN_STYLE.search(str(tag.get("style") or "")))
