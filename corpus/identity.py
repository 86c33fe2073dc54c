"""Which article is it: an identity that is the same in every export of it, and of no other article.

WeChat's link names the account (`__biz`) and the article inside it. Without a link it is the account's name and the
exporter's id, for an id alone is unique only within one account; without a name or an id, title and text help out.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

_SHORT_LINK: Final = re.compile(r"/s/([\w-]{16,64})")


def article_key(url: str) -> tuple[str, ...] | None:
    """The account and number inside it that a WeChat link names, or its short id; None for any other link.

    `chksm`, `scene` and fragments differ from export to export and are left out.
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
    """What makes an article this one, for `document_id`."""
    linked = article_key(url)
    if linked:
        return linked
    # Exports differ in the blanks of an account's name.
    name = "account:" + "".join(account.split())
    if not source_id:
        return (name, title, date or "", body)
    return (name, source_id) if account else (name, source_id, title)
