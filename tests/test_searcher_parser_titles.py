"""A title or a question that somebody pastes finds the text that it is from: each of its parts stands in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.import_issue import ImportIssue
from corpus.settings import Settings
from corpus.sources.files import find_files
from indexer.analysis.normalise import normalise
from searcher.query.parser import parse
from searcher.query.tree import And, Node, Not, Or, Term

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


def holds(node: Node | None, text: str) -> bool:
    """True if a text in normal form matches the node, boundaries of runs set aside; field values match no text here."""
    if isinstance(node, And):
        return all(holds(part, text) for part in node.parts)
    if isinstance(node, Or):
        return any(holds(part, text) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, text)
    return isinstance(node, Term) and node.text in text


@pytest.mark.parametrize(
    "title",
    [
        "【公示】关于“未来之星”（第二批）拟立项名单的公示",
        "（征求意见稿）某市行动方案（2024—2027年）",
        "某市行动方案 （2024 - 2027 年）",
        "聚焦｜这里有什么新变化？一文读懂→",
        "聚焦 丨 R(D) 费用与 C++ 编译器 + 工具",
        "新知 | 读懂“脑机接口”，从一块芯片开始",
        "深观察|为什么“AI+制造”先在这里落地，专家这么说",
        "“甲”-“乙”、“丙”！",
        "时间：10点 地点：《某中心》（A馆|B馆）",
        '屏幕 5" 与 6" 的比较',
        "他说：“这里的未完",
        "未完的标题（上",
        "下）的标题",
    ],
)
def test_titles(title: str) -> None:
    """Marks of titles take no text away: a title as typed meets its own query, and nothing is excluded."""
    query, _ = parse(title, Settings())
    assert holds(query.root, normalise(title))


@pytest.mark.shared
def test_all_titles_of_real_sources(read_files: Callable[..., list[Document | ImportIssue]]) -> None:
    """Each of the 232 titles meets its own query, and all but a few that have a bar are a list of strings."""
    if not SEEDS.is_dir():
        pytest.skip("needs ../shared")
    settings = Settings()
    files, _ = find_files([SEEDS])
    titles = [item.title for item in read_files(files) if isinstance(item, Document)]
    assert len(titles) == 232
    queries = {title: parse(title, settings)[0].root for title in titles}
    assert [title for title, root in queries.items() if not holds(root, normalise(title))] == []
    assert sum(isinstance(root, Or) for root in queries.values()) <= 2
