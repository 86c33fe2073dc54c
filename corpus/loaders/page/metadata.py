"""Reads the metadata of a page: title, date, source and link, from meta elements, JSON-LD and visible lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from corpus.loaders.page.fragment import html_to_text
from corpus.loaders.page.main_text import is_furniture
from corpus.loaders.page.tree import Element, line_of, names_of

#: Names of meta elements in any case, best first. The first ones are those of the standard for government sites.
_TITLES: Final = ("articletitle", "article:title", "dc.title", "citation_title")
_SHARED_TITLES: Final = ("og:title", "twitter:title", "title")
_DAYS: Final = (
    *("pubdate", "article:published_time", "og:published_time", "publishdate", "publish_date", "pub_date"),
    *(
        "publishtime",
        "publish_time",
        "firstpublishedtime",
        "datepublished",
        "dc.date",
        "dc.date.issued",
        "dcterms.date",
    ),
    *("citation_publication_date", "og:release_date", "weibo:article:create_at", "apub:time", "date", "createdate"),
)
_SOURCES: Final = ("contentsource", "source", "article:source", "mediaid")
_SITES: Final = ("sitename", "og:site_name", "application-name")
_LINKS: Final = ("url", "og:url", "twitter:url", "contenturl")
_WEB: Final = re.compile(r"https?://[^\s\"'<>]{4,2000}")
#: What browsers write above a page that they save.
_SAVED_FROM: Final = re.compile(
    r"<!--\s{0,9}(?:saved from url=\(\d{1,6}\)|Page saved with SingleFile\s{1,9}url: )(https?://\S{1,2000})"
)
_ARTICLES: Final = re.compile("Article|Posting|Report|WebPage")
_DAY: Final = (
    r"(?P<day>(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?(?:\s{0,3}T?\d{1,2}:\d{2}(?::\d{2})?)?)"
)
_SHOWN_DAYS: Final = tuple(
    re.compile(rf"(?:{words})(?:时间|日期|于)?\s{{0,5}}[:：]?\s{{0,5}}{_DAY}")
    for words in ("发布|发表|刊发|发稿", "时间|日期|更新|修改|录入|添加|上传|公开|信息生成|生成", "发文|印发|成文")
)
#: A day on the line that tells source, author or readers.
_LINE_DAY: Final = re.compile(
    rf"^(?=.{{0,200}}(?:来源|作者|浏览|阅读|点击|访问|编辑|字号|字体|稿源)).{{0,120}}?{_DAY}", re.MULTILINE
)
_LONE_DAY: Final = re.compile(rf"^\s{{0,9}}{_DAY}\s{{0,9}}$", re.MULTILINE)
_SHOWN_SOURCE: Final = re.compile(r"(?:信息|文章|稿件|新闻)?(?:来源|稿源|出处)\s{0,3}[:：]\s{0,3}([^\s|｜:：<>]{2,40})")
#: 2025-03-12-16:20:00, as the central government's pages have it.
_JOINED_TIME: Final = re.compile(r"(?<=\d-\d\d)-(?=\d\d:)")
_SITE_PARTS: Final = re.compile(r"\s{0,3}[-_|｜—–»>]{1,2}\s{0,3}")
_SITE: Final = re.compile(
    "(?:网|网站|局|厅|部|委|委员会|政府|办公室|办公厅|门户|频道|博客|论坛|社区|大学|学院|研究院|知乎|新闻|公众平台|Blog|平台|中心)$"
)
_TITLE_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:title|tit|bt|biaoti|headline|arti-?title|subject)(?:$|[\s_-])|title$", re.IGNORECASE
)
_FURNITURE: Final = re.compile("logo|site|nav|head(?!line)|brand|foot", re.IGNORECASE)
_MIN_TITLE: Final = 4
#: A heading without a word of the page's own title counts if the page's title begins with a word of one section.
_SHORT: Final = 8
#: Looking at a heading costs time that grows with what stands in it.
_MAX_HEADINGS: Final = 400
_MAX_PARENTS: Final = 40
_MAX_JSON: Final = 200_000


class Metadata:
    """The page's meta elements and the articles of its JSON-LD, by name."""

    def __init__(self, soup: Element) -> None:
        self._metas: dict[str, str] = {}
        for tag in soup.select("meta[content]"):
            value = " ".join(str(tag["content"]).split())
            for name in (tag.get("name"), tag.get("property"), tag.get("itemprop")):
                if name and value:
                    self._metas.setdefault(str(name).strip().lower(), value)
        self._data = next(_linked_articles(soup), {})

    def title(self) -> str:
        """The article's title, as a name that means nothing else tells it."""
        return self._first(_TITLES) or self._linked("headline")

    def shared_title(self) -> str:
        """The title for links to the page, which may name the site."""
        return self._first(_SHARED_TITLES)

    def day(self) -> str:
        """The day of publication as it is written."""
        day = self._first(_DAYS) or self._linked("datePublished") or self._linked("dateCreated")
        return _JOINED_TIME.sub(" ", day, count=1)

    def source(self) -> str:
        """Who published the article."""
        return self._first(_SOURCES) or self._linked("publisher") or self._linked("author")

    def site(self) -> str:
        """The name of the site."""
        return self._first(_SITES)

    def link(self, soup: Element, markup: str) -> str:
        """The page's whole address; empty where there is none, or part of one."""
        canonical = soup.select_one('link[rel="canonical"]')
        saved = _SAVED_FROM.search(markup[:2000])
        found = (
            *(self._metas.get(name, "") for name in _LINKS),
            str(canonical.get("href") or "") if canonical else "",
            self._linked("url") or self._linked("mainEntityOfPage"),
            saved[1] if saved else "",
        )
        return next((link for link in found if _WEB.fullmatch(link)), "")

    def _first(self, names: Iterable[str]) -> str:
        values = (" ".join(html_to_text(self._metas[name]).split()) for name in names if name in self._metas)
        return next((value for value in values if value not in ("", "undefined", "null")), "")

    def _linked(self, name: str) -> str:
        value = self._data.get(name)
        value = value[0] if isinstance(value, list) and value else value
        value = (value.get("name") or value.get("@id")) if isinstance(value, Mapping) else value
        return " ".join(html_to_text(value).split()) if isinstance(value, str) else ""


def shown_day(soup: Element, text: str) -> str:
    """The day that the page shows: a `<time>`, or a line such as 发布时间：2025-09-13."""
    for tag in soup.select("time[datetime]"):
        if re.match(r"(?:19|20)\d\d", str(tag["datetime"])) and not _is_in_furniture(tag):
            return str(tag["datetime"]).strip()
    for pattern in (_SHOWN_DAYS[0], _LINE_DAY, *_SHOWN_DAYS[1:], _LONE_DAY):
        found = pattern.search(text)
        if found:
            return " ".join(found["day"].split())
    return ""


def shown_source(text: str) -> str:
    """Who the page says the text is from: 来源：…"""
    found = _SHOWN_SOURCE.search(text)
    return found[1].strip("()（）[]【】") if found else ""


def title_element(soup: Element, window: str, mains: list[Element]) -> Element | None:
    """The heading that names the article: one in the page's own title, else the best by its place; None without."""
    inside = _plain(window)
    site = _plain(_SITE_PARTS.split(window)[-1]) if _SITE_PARTS.search(window) else ""
    headings = [tag for tag in islice(_headings(soup), _MAX_HEADINGS) if _plain(line_of(tag)) not in ("", site)]
    named = [tag for tag in headings if len(_plain(line_of(tag))) >= _MIN_TITLE and _plain(line_of(tag)) in inside]
    if named:
        return max(named, key=lambda tag: len(_plain(line_of(tag))))
    own = [tag for tag in headings if not _FURNITURE.search(names_of(tag)) and not _is_in_furniture(tag)]
    first = next((tag for tag in own if tag.name == "h1"), None)
    if first is not None or (window and len(_plain(_SITE_PARTS.split(window)[0])) > _SHORT):
        return first
    held = {id(inner) for main in mains for inner in main.find_all(True)}
    own = [tag for tag in own if id(tag) not in held or tag.name in ("h2", "h3")]
    return next((tag for tag in own if len(_plain(line_of(tag))) > _SHORT), None)


def without_site(title: str) -> str:
    """A page's own title without the name of the site behind it."""
    parts = list(_SITE_PARTS.finditer(title))
    if parts and parts[0].start() >= _MIN_TITLE and _SITE.search(title):
        first = title[: parts[0].start()]
        return first if len(_plain(first)) > _SHORT else title[: parts[-1].start()]
    return title


def _headings(soup: Element) -> Iterator[Element]:
    for tag in soup.find_all(True):
        if tag.name in ("h1", "h2", "h3") or (
            tag.name in ("div", "p", "span", "td", "strong")
            and _TITLE_NAMES.search(names_of(tag))
            and len(tag.find_all(True, limit=9)) < 9
        ):
            yield tag


def _plain(text: str) -> str:
    return "".join(text.split())


def _is_in_furniture(tag: Element) -> bool:
    parents = islice(tag.parents, _MAX_PARENTS)
    return any(parent.name == "li" or is_furniture(parent) for parent in parents)


def _linked_articles(soup: Element) -> Iterator[Mapping[str, Any]]:
    """The articles that the page's JSON-LD describes, those with a headline first."""
    found: list[Mapping[str, Any]] = []
    for tag in soup.select('script[type="application/ld+json"]'):
        text = tag.get_text()
        if len(text) > _MAX_JSON:
            continue
        try:
            waiting = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(200):
            if not waiting:
                break
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                waiting += [value[name] for name in ("@graph", "mainEntity") if name in value]
                if _ARTICLES.search(str(value.get("@type"))):
                    found.append(value)
    return iter(sorted(found, key=lambda value: ("headline" not in value, "datePublished" not in value)))
