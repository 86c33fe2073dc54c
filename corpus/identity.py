"""Identifies articles: the same identity for every export of one article, different ones for different articles.

A WeChat link names the account (`__biz`) and the article. Without such a link the identity is the account's name and
the exporter's id, which is unique within one account only; without a name or an id it includes title and text.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

_SHORT_LINK: Final = re.compile(r"/s/([\w-]{16,64})")


def article_key(url: str) -> tuple[str, ...] | None:
    """Account and article number of a WeChat link, or its short id; None for any other link.

    `chksm`, `scene` and fragments differ between exports and are ignored.
    """
    try:
        parts = urlsplit(html.unescape(url))
        host, query = parts.hostname, parse_qs(parts.query)
    except ValueError:
        return None
    if host != "mp.weixin.qq.com":
        return None
    names = [query.get(name, [""])[0] for name in ("__biz", "mid", "idx")]
    if all(names):
        return ("weixin", *names)
    short = _SHORT_LINK.fullmatch(parts.path)
    return ("weixin", short[1]) if short else None


def identity(*, url: str, account: str, source_id: str, title: str, date: str | None, body: str) -> tuple[str, ...]:
    """The values that identify an article, for `document_id`."""
    linked = article_key(url)
    if linked:
        return linked
    # Exports write the name of an account with different blanks.
    name = "account:" + "".join(account.split())
    if not source_id:
        return (name, title, date or "", body)
    return (name, source_id) if account else (name, source_id, title)
