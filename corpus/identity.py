"""Which article is it: the identity that WeChat's links carry, the same in every export of it."""

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
        query = parse_qs(parts.query)
    except ValueError:
        return None
    if not parts.netloc.endswith("mp.weixin.qq.com"):
        return None
    names = [query.get(name, [""])[0] for name in ("__biz", "mid", "idx")]
    if all(names):
        return ("weixin", *names)
    short = _SHORT_LINK.fullmatch(parts.path)
    return ("weixin", short[1]) if short else None


def account_key(account: str) -> str:
    """An account's name as part of an identity, without the blanks that exports differ in."""
    return "account:" + "".join(account.split())
