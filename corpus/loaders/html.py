"""Loads saved WeChat pages and HTML inside exports with BeautifulSoup, guarded against hostile markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from bs4.exceptions import ParserRejectedMarkup

from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

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
#: Selectors of articles: WeChat's pages, its text and picture messages, and exporters' versions of them.
_BODIES: Final = ("#js_content", "#js_text_desc", "#js_image_desc", '[class*="item_show_type_"]')
_WHOLE_PAGES: Final = ("#js_article", ".__page_content__")
#: Selectors of what surrounds an article: credits, tips, advertisements, readers' comments.
_ASIDES: Final = ",".join(
    (
        *(
            "#meta_content",
            ".__meta__",
            ".__page_content__ blockquote.source",
            "#js_top_ad_area",
            "#js_tags_preview_toast",
        ),
        *("#content_bottom_area", "#js_pc_qr_code", "#wx_stream_article_slide_tip", "#js_article_bottom_bar"),
        *("#js_cmt_area", "#js_comment_area", ".discuss_container"),
    )
)
_TITLES: Final = ("#activity-name", "h1", 'meta[property="og:title"]', "title")
_ACCOUNTS: Final = ("#js_name", ".__meta__ .nick_name", ".wx_follow_nickname")
_DAYS: Final = ("#publish_time", ".__meta__ .create_time")
_LINKS: Final = ('meta[property="og:url"]', 'link[rel="canonical"]', ".__page_content__ blockquote.source a[href]")
#: What exporters write for a missing value.
_NOTHING: Final = ("", "undefined", "null", "(无标题)")
#: The publication time in the page's script; `create_time` last, because comments have one too.
_MOMENT: Final = r"""["']?\s{0,4}[:=]\s{0,4}(?:JsDecode\()?["']?(\d{10}\b|\d{4}-\d\d-\d\d[^"'<]{0,9})"""
_PUBLISHED: Final = tuple(
    re.compile(rf"\b(?:{names}){_MOMENT}")
    for names in ("ct|ori_create_time|oriCreateTime", "publish_time|createTime|create_time")
)


def load(text: str, stem: str) -> list[Item]:
    """The one article of a saved page; WeChat's selectors are tried before the general ones."""
    soup = _parse(text)
    name = _first(soup, _TITLES)
    url = _first(soup, _LINKS, "content", "href")
    asides = {id(tag) for tag in soup.select(_ASIDES)} | ({id(name)} if name else set())
    record = RawRecord(
        number=1,
        title=_value(name),
        account=_value(_first(soup, _ACCOUNTS)),
        date=_published(soup, text),
        url=str((url.get("content") or url.get("href") or "") if url else ""),
        text=_text(_body(soup), without=asides),
        stem=stem,
    )
    if not record.title and not record.text.strip():
        return [LoadIssue(number=None, kind="no_title_no_text", message="neither title nor text")]
    return [record]


def _body(soup: BeautifulSoup) -> Tag:
    """The element of the article: WeChat's first selector with a text, else the only article element, else the body."""
    tags = [tag for selector in _BODIES if (tag := soup.select_one(selector))]
    tags += [] if tags else [tag for selector in _WHOLE_PAGES if (tag := soup.select_one(selector))]
    found = next((tag for tag in tags if _line(tag)), tags[0] if tags else None)
    if found is not None:
        return found
    articles = soup.select("article")
    return articles[0] if len(articles) == 1 else soup.body or soup


def _first(soup: BeautifulSoup, selectors: Iterable[str], *attributes: str) -> Tag | None:
    """The first selected element with a value: in one of the attributes, or without attributes its text."""
    for selector in selectors:
        tag = soup.select_one(selector)
        if tag is not None and (any(tag.get(name) for name in attributes) if attributes else _value(tag)):
            return tag
    return None


def _value(tag: Tag | None) -> str:
    """The text of a tag, or the content of a meta element; empty for an exporter's `undefined`."""
    line = "" if tag is None else " ".join(str(tag.get("content") or "").split()) if tag.name == "meta" else _line(tag)
    return "" if line in _NOTHING else line


def text_of_html(markup: str) -> str:
    """The visible text of a piece of HTML, one line for each block."""
    return _text(_parse(markup))


def _parse(markup: str) -> BeautifulSoup:
    # The line break and the missing XML declaration avoid Beautiful Soup's warnings about XML and addresses.
    markup = "\n" + _XML.sub("", guard(markup))
    try:
        return BeautifulSoup(markup, "html.parser")
    except ParserRejectedMarkup:  # an unknown declaration, such as `<![x]>`
        return BeautifulSoup(markup.replace("<!", "&lt;!"), "html.parser")


def guard(markup: str) -> str:
    """Make markup safe for `html.parser`, which takes quadratic time on unclosed comments and tags (CVE-2025-6069).

    Marks of comments and CDATA that are never closed, and each `<` after the last `>`, become text.
    """
    for mark, end in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        last = markup.rfind(end)
        head, tail = (markup[: last + len(end)], markup[last + len(end) :]) if last >= 0 else ("", markup)
        markup = head + tail.replace(mark, "&lt;" + mark[1:])
    close = markup.rfind(">")
    return markup[: close + 1] + markup[close + 1 :].replace("<", "&lt;")


def _published(soup: BeautifulSoup, text: str) -> str | None:
    """The date that the page shows; that of its script if the page shows none, or 昨天."""
    shown = _value(_first(soup, _DAYS))
    if shown[:4].isdecimal():
        return shown
    match = next((match for pattern in _PUBLISHED if (match := pattern.search(text))), None)
    return match[1] if match else shown or None


def _line(tag: Tag | None) -> str:
    return " ".join(_text(tag).split()) if tag is not None else ""


def _text(root: Tag, without: Collection[int] = ()) -> str:
    """The visible text of a tag, with & as &amp; as in all exporters' texts, which cleaning decodes once.

    The tree is not changed, because each change takes time linear in the number of siblings. `without` holds the
    `id()` of tags that are left out.
    """
    pieces: list[str] = []
    waiting: list[PageElement | str] = list(reversed(root.contents))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Tag):
            if type(node) in (str, NavigableString):  # without comments, declarations and CDATA
                pieces.append(str(node))
        elif node.name == "br":
            pieces.append("\n")
        elif id(node) not in without and node.name not in _INVISIBLE and not _is_hidden(node):
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
