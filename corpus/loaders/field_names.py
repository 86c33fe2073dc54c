"""The names that exporters and offices give to the fields of a record, compared in one canonical form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from corpus.chinese import HAN

#: Field of a record → names that exporters use for it, best first; the best one with a value is used. Case, blanks,
#: hyphens and underscores make no difference: `publish_time` also stands for publishTime and Publish Time.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "source_id": ("文章标识符aid", "aid", "id", "_id", "article_id", "msgid", "news_id", "doc_id", "guid", "文章id"),
    "title": (
        *("标题title", "title", "标题", "文章标题", "article_title", "post_title", "news_title", "headline", "subject"),
        *("题目", "题名", "文章名称", "文章名", "新闻标题", "通知标题", "公文标题", "文件标题", "文件名称"),
        *("政策名称", "政策标题", "法规名称", "法规标题", "项目名称", "信息标题", "名称", "主题", "heading"),
    ),
    "url": (
        *("链接url", "url", "link", "content_url", "链接", "文章链接", "原文链接", "永久链接", "permalink", "href"),
        *("article_url", "page_url", "source_url", "original_url", "canonical_url", "web_url", "html_url", "link_url"),
        *("share_url", "网址", "链接地址", "原文地址", "原文网址", "文章地址", "文章网址", "网页链接", "来源链接"),
    ),
    "date": (
        *("时间time", "date", "publish_time", "publish_date", "publish_at", "published_time", "published_date"),
        *("published_at", "date_published", "published", "published_on", "pub_date", "pub_time", "post_date"),
        *("post_time", "posted_at", "posted_on", "release_date", "release_time", "issue_date", "issued_at"),
        *("update_time", "create_time", "time", "datetime", "date_time", "timestamp"),
        *("发布时间", "发布日期", "发表时间", "发表日期", "发文日期", "发文时间", "成文日期", "成文时间", "印发日期"),
        *("印发时间", "公布日期", "公布时间", "公开日期", "刊发日期", "刊登日期", "签发日期", "出版日期", "报道日期"),
        *("推送时间", "推送日期", "发稿时间", "上线时间", "发送时间", "文章日期", "创建时间", "创建日期", "日期"),
        *("时间", "更新时间", "更新日期", "ori_create_time", "created_at", "created", "create_date", "created_time"),
        *("date_created", "ctime", "updated_at", "updated", "update_date", "date_modified", "modified", "date_gmt"),
        *("dc:date", "day"),
    ),
    "account": (
        *("公众号名称", "account", "account_name", "nickname", "nick_name", "mp_name", "公众号", "公众号名"),
        *("公众号昵称", "账号", "账号名称", "帐号", "帐号名称", "official_account", "mp_nickname", "biz_name"),
        *("account_nickname", "feed_title", "feed_name", "channel_name", "site_name", "media_name", "媒体", "媒体名称"),
        *("publisher", "发布机构", "发布单位", "发布机关", "发布者", "发文机关", "发文单位", "发文机构", "制发机关"),
        *("印发机关", "来源公众号", "来源账号"),
    ),
    "text": (
        *("finalContent", "content", "content_text", "text", "正文", "文章内容", "内容", "body"),
        *("full_text", "full_content", "article", "article_content", "article_text", "article_body", "content_plain"),
        *("plain_text", "text_content", "plain_content", "main_text", "main_content", "raw_text", "clean_text"),
        *("body_text", "content_md", "content_markdown", "markdown", "news_content", "post_content", "page_content"),
        *("全文", "全文内容", "文章正文", "正文内容", "正文文本", "正文全文", "文章全文", "文本", "文本内容", "原文"),
        *("原文内容", "新闻内容", "新闻正文", "通知内容", "通知正文", "公告内容", "信息内容", "文件内容", "文件正文"),
        *("政策内容", "政策原文", "法规正文", "详情", "详细内容", "内容详情", "公文正文", "推文内容", "文章"),
    ),
    "html": (
        *("content_html", "content_noencode", "html", "html_content", "body_html", "article_html", "content_encoded"),
        *("content:encoded", "raw_html", "page_html", "rich_text", "html_body", "网页内容", "html源码"),
    ),
    "summary": (
        *("digest", "摘要", "summary", "description", "desc", "abstract", "excerpt", "intro", "introduction"),
        *("文章摘要", "内容摘要", "简介", "内容简介", "文章简介", "概要", "导语", "导读", "content_summary"),
    ),
}
#: Names of moments and days that no list foresees, and those that are not of a publication.
_DAY_KEY: Final = re.compile(r"(?:日期|时间|date|time|_at|[a-z]At|_on)$", re.IGNORECASE)
_OTHER_DAY: Final = re.compile(
    "截止|结束|开始|起始|到期|有效|抓取|采集|爬取|导出|下载|入库|归档|生日|出生|阅读|删除|deadline|end|start|begin|expir"
    "|crawl|fetch|scrap|export|download|import|read|delet|birth|life|run|elapsed|duration|timeout",
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(r"[\W_]+")
_TWO_SCRIPTS: Final = re.compile(f"([{HAN}]+)([a-z]+)|([a-z]+)([{HAN}]+)")


class KnownName(NamedTuple):
    """The field that a name stands for, and the rank of the name among those of the field; lower is better."""

    field: str
    rank: int


@lru_cache(maxsize=4096)
def known_name(key: str) -> KnownName | None:
    """The field that a key or a column's name stands for; None for any other name."""
    name = _canonical(key[:100])
    found = _KNOWN.get(name)
    if found is None and (parts := _TWO_SCRIPTS.fullmatch(name)):  # 发布时间publish_time, title（标题）
        found = next((known for part in parts.groups() if part and (known := _KNOWN.get(part))), None)
    return found


def names_a_day(key: str) -> bool:
    """True if a key that stands for no field may name the day of a publication."""
    return bool(_DAY_KEY.search(key.strip()) and not _OTHER_DAY.search(key))


def _canonical(key: str) -> str:
    """The key in small letters and digits, without what separates its words."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", key).casefold())


def _table() -> Mapping[str, KnownName]:
    table: dict[str, KnownName] = {}
    for field, names in ALIASES.items():
        for rank, name in enumerate(names):
            table.setdefault(_canonical(name), KnownName(field, rank))
    return table


_KNOWN: Final = _table()
