"""Articles with words that jieba's dictionary lacks, from which an index learns them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

#: Words of the dictionary that texts are made of, in a random order that does not recur.
COMMON: Final = (
    *("桥梁", "湖泊", "公园", "村庄", "渔船", "码头", "海岸", "岛屿", "森林", "草原", "沙漠", "河流", "山脉", "城市"),
    *("街道", "房屋", "窗户", "桌子", "椅子", "书籍", "报纸", "杂志", "电影", "音乐", "舞蹈", "绘画", "雕塑", "照片"),
    *("邮票", "茶叶", "咖啡", "牛奶", "面包", "水果", "蔬菜", "粮食", "棉花", "丝绸", "陶瓷", "玻璃", "钢铁", "煤炭"),
)


def articles(words: Sequence[str], number: int = 12, seed: str = "") -> list[dict[str, str]]:
    """Articles that have each word once, between common words."""
    chance = Random(repr((words, seed)))
    made = []
    for at in range(number):
        text = "".join(f"{chance.choice(COMMON)}{word}{chance.choice(COMMON)}。" for word in words)
        rest = "，".join(chance.sample(COMMON, 12))
        date = f"2025-{at % 12 + 1:02}-01"
        made.append({"aid": f"{seed}{at}", "title": f"第{at}篇{seed}", "content": f"{text}{rest}。", "date": date})
    return made
