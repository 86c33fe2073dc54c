"""Saved WeChat pages and HTML inside exports, read with BeautifulSoup behind a guard against hostile markup."""

from __future__ import annotations

import re
from typing import Final

from bs4 import BeautifulSoup, Tag

from corpus.loaders.raw import Fault, Item, RawRecord

_INVISIBLE: Final = ("script", "style", "noscript", "template", "textarea", "iframe", "svg", "head", "title")
_BLOCKS: Final = (
    *("p", "div", "section", "article", "header", "footer", "blockquote", "figure", "figcaption"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "hr", "pre", "dl", "dt", "dd"),
)
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
#: The page hides its text until its script has run: `visibility: hidden` there does not mean hidden from readers.
_PUBLISHED: Final = re.compile(
    r"""(?:create_time|publish_time|ori_create_time|ct)["']?\s*[:=]\s*["'](\d{10}|\d{4}-\d\d-\d\d[^"']{0,9})["']"""
)


def load(text: str, stem: str) -> list[Item]:
    """The one article of a saved page; the page's title and main text are found in WeChat's places first."""
    soup = _parse(text)
    body = soup.select_one("#js_content") or soup.select_one("article") or soup.body or soup
    name = soup.select_one("#activity-name") or soup.select_one("h1") or soup.select_one("title")
    account = soup.select_one("#js_name")
    url = soup.select_one('meta[property="og:url"]') or soup.select_one('link[rel="canonical"]')
    title = _line(name)
    if isinstance(name, Tag) and name in body.descendants:
        name.extract()
    record = RawRecord(
        number=1,
        source_id=stem,
        title=title,
        account=_line(account),
        date=_published(soup, text),
        url=str((url.get("content") or url.get("href") or "") if url else ""),
        text=_text(body),
    )
    if not record.title and not record.text.strip():
        return [Fault(number=None, kind="no_title_no_text", message="a page without title and text")]
    return [record]


def text_of_html(markup: str) -> str:
    """The visible text of a piece of HTML, a line for each block."""
    return _text(_parse(markup))


def _parse(markup: str) -> BeautifulSoup:
    return BeautifulSoup(guard(markup), "html.parser")


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
    shown = soup.select_one("#publish_time")
    if shown is not None and _line(shown):
        return _line(shown)
    match = _PUBLISHED.search(text)
    return match[1] if match else None


def _line(tag: Tag | None) -> str:
    return " ".join(tag.get_text(" ").split()) if tag is not None else ""


def _text(root: Tag) -> str:
    for tag in root.find_all(_INVISIBLE):
        tag.extract()
    for tag in root.find_all(_is_hidden):
        tag.extract()
    for tag in root.find_all("br"):
        tag.replace_with("\n")
    for tag in root.find_all(_BLOCKS):
        tag.insert_before("\n")
        tag.append("\n\n" if tag.name == "p" else "\n")
    return root.get_text()


def _is_hidden(tag: Tag) -> bool:
    return tag.has_attr("hidden") or bool(_HIDDEN_STYLE.search(str(tag.get("style") or "")))
