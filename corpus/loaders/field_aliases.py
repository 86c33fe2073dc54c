"""Maps the field names of exporters to the fields of a record, for JSON, tables and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from corpus.loaders.page.fragment import html_to_text
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.text import without_bold_marks

#: Field of a record → names that exporters use for it, best first; the best one with a value is used.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "source_id": ("文章标识符aid", "aid", "id", "ID", "msgid"),
    "title": ("标题title", "title", "标题", "文章标题"),
    "url": ("链接url", "url", "link", "content_url", "链接", "文章链接", "原文链接", "永久链接"),
    "date": (
        *("时间time", "date", "publish_time", "update_time", "create_time", "time", "datetime"),
        *("发布时间", "发布日期", "创建时间", "日期", "时间", "date_published", "pubDate", "ori_create_time"),
    ),
    "account": (
        *("公众号名称", "account", "account_name", "_accountName", "nickname", "nick_name"),
        *("mp_name", "mpName", "公众号"),
    ),
    "text": ("finalContent", "content", "content_text", "text", "正文", "文章内容", "内容", "body"),
    "html": ("content_html", "content_noencode"),
    "summary": ("digest", "摘要", "summary", "description"),
}
#: Name → field, and the rank of the name; lower is better.
_FIELDS: Final[Mapping[str, tuple[str, int]]] = {
    name: (field, rank) for field, names in ALIASES.items() for rank, name in enumerate(names)
}
#: In a feed the author is the account; in an export it is the person who wrote the article.
_FEED_AUTHORS: Final = ("author", "authors")
_WECHAT: Final = "https://mp.weixin.qq.com/s?__biz={}&mid={}&idx={}"
_WECHAT_NUMBERS: Final = (("biz", "__biz"), ("mid", "appmsgid"), ("idx", "itemidx"))
_NO_TEXT: Final = ("summary_only", "no text; its summary is used instead")


def record_of(
    number: int,
    entry: Mapping[str, Any],
    stem: str = "",
    *,
    repeated_keys: tuple[str, ...] = (),
    notices: tuple[tuple[str, str], ...] = (),
    feed: str | None = None,
) -> Item:
    """The record of an exporter's entry, or the issue of an entry without title and text.

    `feed` is the name of the entry's feed, None for an entry of an export.
    """
    found = _fields(entry)
    if not ("title" in found or "text" in found or "html" in found):
        keys = ", ".join(sorted(key[:40] for key in entry)[:8]) or "none"
        message = f"neither title nor text; its keys are: {keys}"
        return LoadIssue(number=number, kind="no_title_no_text", message=message)
    text = html_to_text(str(found.get("text") or ""))
    if not text.strip():
        text = html_to_text(str(found.get("html") or ""))
    if not text.strip() and found.get("summary"):
        text = html_to_text(str(found["summary"]))
        notices += (_NO_TEXT,)
    if "source_id" not in found or "url" not in found:
        found = {**_wechat_names(entry), **found}
    account = html_to_text(str(found.get("account") or ""))
    return RawRecord(
        number=number,
        source_id=str(found.get("source_id", "")),
        title=without_bold_marks(html_to_text(str(found.get("title") or ""))),
        account=account or ("" if feed is None else _author(entry) or feed),
        date=found.get("date"),
        url=str(found.get("url") or ""),
        text=without_bold_marks(text),
        repeated_keys=repeated_keys,
        stem=stem,
        notices=notices,
    )


def is_article(entry: Mapping[str, Any]) -> bool:
    """True if the entry has a text of its own."""
    found = _fields(entry)
    return "text" in found or "html" in found


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value of an entry: the value with the best name that is neither empty nor an object or array."""
    found: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    for key, value in entry.items():
        known = _FIELDS.get(key)
        if known is not None and value is not None and value != "" and not isinstance(value, dict | list):
            field, rank = known
            if rank < ranks.get(field, len(_FIELDS)):
                found[field], ranks[field] = value, rank
    return found


def _author(entry: Mapping[str, Any]) -> str:
    """The author of a feed's entry, written as a name, an object with a name, or a list of these; empty without one."""
    for key in _FEED_AUTHORS:
        value = entry.get(key)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _wechat_names(entry: Mapping[str, Any]) -> dict[str, str]:
    """The id and the link of WeChat's own page object, built from its numbers; empty if these are missing."""
    biz, mid, idx = (str(entry.get(name) or entry.get(other) or "") for name, other in _WECHAT_NUMBERS)
    if not (biz and mid.isdecimal() and idx.isdecimal()):
        return {}
    return {"source_id": f"{mid}_{idx}", "url": _WECHAT.format(quote(biz, safe="="), mid, idx)}
