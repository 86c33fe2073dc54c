"""Reads WeChat posts: selectors of title and text, and the values that only the page's script holds.

Of a picture, text, video or short post the page's elements are empty until its script has run; the script holds the
text as a JavaScript string, in one of several variables.
"""

from __future__ import annotations

import re
from typing import Final

from corpus.loaders.page.fragment import html_to_text
from corpus.loaders.page.tree import Element, line_of, parse, text_of

#: What only these pages hold.
_MARKS: Final = (
    "activity-name",
    "cgiDataNew",
    "a_value_which_never_exists",
    "__QMTPL_SSR_DATA__",
    "js_article",
    "js_content",
    "msg_link",
)
#: Where a post's text stands once the script has run.
_POSTS: Final = "#js_text_desc,#js_image_desc,#js_common_share_desc,#js_audio_desc"
_ARTICLE: Final = "#js_content"
#: What stands around an article on those pages: credits, tips, advertisements, readers' comments.
ASIDES: Final = ",".join(
    (
        *("#meta_content", ".__meta__", ".__page_content__ blockquote.source", "#js_top_ad_area", "#js_top_profile"),
        *("#js_tags_preview_toast", "#content_bottom_area", "#js_pc_qr_code", "#wx_stream_article_slide_tip"),
        *("#js_article_bottom_bar", "#js_cmt_area", "#js_comment_area", ".discuss_container"),
    )
)
_NOTICES: Final = ".weui-msg,.mesg-block,.global_error_msg"
_QUOTED: Final = r"""(?:'(?P<one>[^'\\]*+(?:\\.[^'\\]*+)*+)'|"(?P<two>[^"\\]*+(?:\\.[^"\\]*+)*+)")"""
_VALUE: Final = (
    r"""["']?\s{0,9}[:=]\s{0,9}(?:window\.\w{1,60}\s{0,9}(?:\|\||=)\s{0,9})?(?:(?:JsDecode|htmlDecode)\(\s?)?"""
    + _QUOTED
)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "0": ""}
#: The variables that may hold the text; the longest is the whole.
_TEXTS: Final = ("content_noencode", "(?:Text|video|audio)?ContentNoEncode", "contentNoEncode", "videoContentNoEncode")
_SUMMARIES: Final = ("desc", "msg_desc", "digest")
_TITLES: Final = ("msg_title", "title")
_ACCOUNTS: Final = ("nick_name", "nickname")
_LINKS: Final = ("msg_link", "link")
#: WeChat allows a title of 64 characters.
_MAX_TITLE: Final = 64
_TITLE_END: Final = re.compile("[^。！？；]{8,63}[。！？；]")
_WEB: Final = re.compile(r"https?://[^\s\"'<>]{4,2000}")


def is_wechat(markup: str) -> bool:
    """True for a page of WeChat, raw or as exporters keep it."""
    return any(mark in markup for mark in _MARKS)


def notice_of(soup: Element) -> Element | None:
    """The element with WeChat's notice that there is no article; None for a page that shows more than one."""
    found = soup.select_one(_NOTICES)
    if found is None or soup.select_one(f"{_ARTICLE},#js_article,{_POSTS}") is not None:
        return None
    if 2 * len(line_of(found)) < len(line_of(soup)):
        return None
    return found.select_one("[class*=title]") or found


def post_text(soup: Element, markup: str) -> str:
    """The text that only the script holds, where the page's own elements are empty; with entities for cleaning."""
    asides = {id(tag) for tag in soup.select(f"{ASIDES},#js_text_title,#activity-name,h1")}
    places = soup.select(_POSTS) or soup.select(_ARTICLE)
    if any(text_of(place, asides).strip() for place in places):
        return ""
    for names in (_TEXTS, _SUMMARIES):
        found = max(values(markup, names), key=len, default="")
        if found.strip():
            return _rendered(found)
    descriptions = soup.select('meta[property="og:description"],meta[name="description"]')
    return _rendered(max((unescape(str(meta.get("content") or "")) for meta in descriptions), key=len, default=""))


def title_of(soup: Element, markup: str) -> tuple[str, str]:
    """The post's title, and the longer text that stands in its place where nobody gave it one."""
    shown = line_of(soup.select_one("#activity-name,#js_text_title,#js_image_title")) if is_wechat(markup) else ""
    meta = soup.select_one('meta[property="og:title"]')
    told = unescape(str(meta.get("content") or "")).strip() if meta else ""
    whole = shown or told or next(iter(values(markup, _TITLES)), "")
    lines = [" ".join(line.split()) for line in html_to_text(whole).splitlines() if line.strip()]
    if not lines:
        return "", ""
    title = lines[0]
    if len(title) > _MAX_TITLE:  # the text itself: nobody gave the post a title
        end = _TITLE_END.match(title)
        title = end[0] if end else title[:_MAX_TITLE]
    return title, whole if title != " ".join(whole.split()) else ""


def account_of(markup: str) -> str:
    """The name of the account, from the script."""
    return next(iter(values(markup, _ACCOUNTS)), "")


def link_of(markup: str) -> str:
    """The post's address, from the script."""
    found = (value.replace("&amp;", "&") for value in values(markup, _LINKS))
    return next((value for value in found if _WEB.fullmatch(value) and "/s" in value), "")


def values(markup: str, names: tuple[str, ...]) -> list[str]:
    """What the script gives these names, decoded, without empty ones, name after name."""
    found = (match for name in names for match in re.finditer(rf"\b(?:{name}){_VALUE}", markup))
    decoded = (unescape(match["one"] or match["two"] or "") for match in found)
    return [value for value in decoded if value.strip()]


def unescape(text: str) -> str:
    r"""A JavaScript string's text: \x0a, \u4e2d, \n and \' are characters."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _CONTROLS.get(escape[3], escape[3])


def _rendered(text: str) -> str:
    """A script's text as the page shows it: line breaks stay, tags and one level of entities go."""
    return text_of(parse(text.replace("\r\n", "\n").replace("\n", "<br>"))) if "<" in text else text
