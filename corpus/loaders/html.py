"""Loads saved pages: the article becomes the text, everything else that a reader sees is set aside."""

from __future__ import annotations

import re
from typing import Final

from corpus.document import SetAside
from corpus.loaders.page import wechat
from corpus.loaders.page.main_text import furniture, main_elements, wechat_asides
from corpus.loaders.page.metadata import Metadata, shown_day, shown_source, title_element, without_site
from corpus.loaders.page.tree import Element, line_of, parse, text_of
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord

_ACCOUNTS: Final = ("#js_name", ".__meta__ .nick_name", ".wx_follow_nickname")
_DAYS: Final = ("#publish_time", ".__meta__ .create_time")
_EXPORTERS_LINK: Final = ".__page_content__ blockquote.source a[href]"
#: What exporters write where a value is missing.
_NOTHING: Final = ("", "undefined", "null", "(无标题)", "微信公众平台")
#: The moment in the page's script; `create_time` last, for comments have one too.
_MOMENT: Final = r"""["']?\s{0,4}[:=]\s{0,4}(?:JsDecode\()?["']?(\d{10}\b|\d{4}-\d\d-\d\d[^"'<]{0,9})"""
_PUBLISHED: Final = tuple(
    re.compile(rf"\b(?:{names}){_MOMENT}")
    for names in ("ct|ori_create_time|oriCreateTime", "publish_time|createTime|create_time")
)
#: The head of an article may hold its day and source.
_HEAD_CHARS: Final = 300


def load(text: str, stem: str) -> list[Item]:
    """The one article of a saved page."""
    soup = parse(text)
    notice = wechat.notice_of(soup)
    if notice is not None:
        message = f"the page shows a notice instead of an article, {line_of(notice)[:40]!r}; export it again"
        return [LoadIssue(number=None, kind="placeholder", message=message)]
    record = _Page(soup, text).record(stem)
    if not record.title and not record.text.strip():
        return [LoadIssue(number=None, kind="no_title_no_text", message="neither title nor text")]
    return [record]


class _Page:
    """A parsed page: where its parts are found, and the record that they make."""

    def __init__(self, soup: Element, markup: str) -> None:
        self._soup = soup
        self._markup = markup
        self._is_wechat = wechat.is_wechat(markup)
        self._told = Metadata(soup)
        self._window = line_of(soup.select_one("title"))

    def record(self, stem: str) -> RawRecord:
        """The article, its metadata and what stands around it."""
        soup = self._soup
        mains = main_elements(soup)
        title, heading, whole_title = self._title(mains)
        around = wechat_asides(soup)
        if not self._is_wechat:
            around |= set().union(*(furniture(main) for main in mains))
        around |= {id(heading)} if heading is not None else set()
        script_text = wechat.post_text(soup, self._markup) if self._is_wechat else ""
        article = script_text or "\n\n".join(text_of(main, around) for main in mains)
        taken = {id(heading)} if heading is not None else set()
        if not script_text:
            taken |= {id(main) for main in mains}
        body = soup.select_one("body") or soup
        rest = [text_of(body, taken)] if id(body) not in taken else []
        rest += [] if script_text else [text_of(inner) for main in mains for inner in _left_out(main, around - taken)]
        set_aside = [SetAside("navigation", rest_text) for rest_text in rest if rest_text.strip()]
        known = _plain("\n".join((title, article)))
        names = [name for name in (self._window, whole_title) if _plain(name) not in known]
        set_aside += [SetAside("page_title", name) for name in dict.fromkeys(names)]
        lines = "\n".join((*rest, article[:_HEAD_CHARS]))
        return RawRecord(
            number=1,
            title=title,
            account=self._account(lines),
            date=self._published(lines),
            url=self._link(),
            text=article,
            stem=stem,
            set_aside=tuple(set_aside),
            visible="\n".join((self._window, text_of(body), script_text)),
        )

    def _title(self, mains: list[Element]) -> tuple[str, Element | None, str]:
        """The title, the element that shows it, and a longer text in a title's place."""
        if self._is_wechat:
            title, whole = wechat.title_of(self._soup, self._markup)
            if _something(title):
                shown = self._soup.select("#activity-name,#js_text_title,#js_image_title,h1")
                return title, next((tag for tag in shown if line_of(tag) == title), None), whole
        heading = title_element(self._soup, self._window, mains)
        shown_title = _something(line_of(heading))
        if not self._is_wechat:
            told = self._told.title()
            if told:
                same = heading if told == shown_title else _heading_with(self._soup, told)
                return told, same, ""
        if shown_title:
            return shown_title, heading, ""
        return _something(without_site(self._told.shared_title())) or _something(without_site(self._window)), None, ""

    def _account(self, lines: str) -> str:
        shown = _first_line(self._soup, _ACCOUNTS)
        if shown or self._is_wechat:
            return shown or _something(wechat.account_of(self._markup))
        return self._told.source() or shown_source(lines) or _something(self._told.site())

    def _published(self, lines: str) -> str | None:
        """The day as the page tells or shows it; the script's moment where it does neither, or says 昨天."""
        shown = _first_line(self._soup, _DAYS)
        if shown[:4].isdecimal():
            return shown
        told = "" if self._is_wechat else self._told.day()
        if told:
            return told
        moment = next((found for pattern in _PUBLISHED if (found := pattern.search(self._markup))), None)
        if moment:
            return moment[1]
        return shown_day(self._soup, lines) or self._told.day() or shown or None

    def _link(self) -> str:
        told = self._told.link(self._soup, self._markup)
        if told:
            return told
        shown = self._soup.select_one(_EXPORTERS_LINK)
        return str(shown["href"]) if shown is not None else wechat.link_of(self._markup)


def _left_out(main: Element, without: set[int]) -> list[Element]:
    """The outermost elements of an article that were left out of its text."""
    found: list[Element] = []
    inside: set[int] = set()
    for tag in main.find_all(True):
        if id(tag) in without and id(tag) not in inside:
            found.append(tag)
            inside.update(map(id, tag.find_all(True)))
    return found


def _heading_with(soup: Element, title: str) -> Element | None:
    wanted = _plain(title)
    return next((tag for tag in soup.select("h1,h2,h3") if _plain(line_of(tag)) == wanted), None)


def _plain(text: str) -> str:
    return "".join(text.split())


def _first_line(soup: Element, places: tuple[str, ...]) -> str:
    """What the first of some places says that says anything."""
    return next((line for place in places if (line := _something(line_of(soup.select_one(place))))), "")


def _something(line: str) -> str:
    """A value; nothing for what exporters write where there is none."""
    return "" if line in _NOTHING else line
