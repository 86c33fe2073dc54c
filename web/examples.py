"""Examples of the query language for the help page; each is a query with a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Example:
    """A query and the key of its description; `is_basic` examples are shown below the search box too."""

    query: str
    key: str
    is_basic: bool = False


#: Key of a title → its examples.
EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    "help_terms": (
        Example("脑机接口 上海", "help_words", True),
        Example("“揭榜挂帅”", "help_quotes", True),
        Example("量子计算 -通知", "help_not", True),
        Example("元宇宙 OR 区块链", "help_or", True),
        Example("(脑机接口 OR 量子计算) 上海", "help_group"),
        Example("deep*", "help_prefix"),
    ),
    "help_fields": (
        Example("标题:通知", "help_title", True),
        Example("日期:2025-10", "help_date", True),
        Example("日期:2025-09..2025-12", "help_dates"),
        Example("公众号:科技", "help_account"),
        Example("类型:揭榜挂帅", "help_type"),
        Example("体裁:申报通知", "help_genre"),
        Example("来源:日报", "help_source"),
        Example("分享 in:all", "help_everywhere"),
    ),
    "help_helpers": (
        Example("腦機接口", "help_forms"),
        Example("naojijiekou", "help_pinyin"),
        Example("脑机结口", "help_typo"),
        Example("中科院", "help_synonym"),
    ),
}
