"""Stop words: words of a query that say nothing about its subject; they find and rank no related documents."""

from __future__ import annotations

from typing import Final

#: Question words, then particles and other function words.
STOP_WORDS: Final = frozenset(
    (
        *("什么", "哪些", "哪个", "哪里", "哪儿", "哪", "谁", "几", "几个", "是否", "何时", "为何", "为什么", "请问"),
        *("多少", "多久", "多大", "多长", "怎么", "怎样", "怎么样", "怎么办", "如何", "吗", "呢", "吧", "啊"),
        *("的", "了", "是", "有", "在", "和", "与"),
    )
)
