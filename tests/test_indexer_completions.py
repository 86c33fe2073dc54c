"""The file of completions: its terms, names and titles, the pinyin keys, and its size."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.analysis.pinyin import pinyin_keys, readings
from indexer.analysis.title_phrases import PhraseCounter
from indexer.completions import FILE, CompletionTable
from indexer.errors import IndexDamaged
from indexer.store.generations import current
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

ARTICLES = (
    {
        "title": "上海建设脑机接口产业园",
        "content": "脑机接口进入临床试验。",
        "account": "浦江科技",
        "date": "2025-03-01",
    },
    {
        "title": "脑机接口专项申报通知",
        "content": "申报脑机接口专项的单位。",
        "account": "浦江科技",
        "date": "2025-04-01",
    },
    {
        "title": "量子计算专项申报通知",
        "content": "量子计算与临床试验无关。",
        "account": "东湖量子",
        "date": "2025-02-01",
    },
    {"title": "一图读懂｜量子计算怎么用", "content": "量子计算很快。", "account": "東湖量子", "date": "2025-01-01"},
)


@pytest.fixture
def table(make_searcher: MakeSearcher, tmp_path: Path) -> CompletionTable:
    """The completions of four articles."""
    make_searcher(*ARTICLES)
    return CompletionTable(current(tmp_path / "index0").path)


@pytest.mark.parametrize(
    ("normal", "expected"),
    [
        pytest.param("脑机接口", {"naojijiekou", "njjk"}, id="han"),
        pytest.param("6g技术", {"6gjishu", "6gjs"}, id="mixed"),
        pytest.param("重庆", {"zhongqing", "chongqing", "zq", "cq"}, id="two-readings"),
        pytest.param("绿色", {"lvse", "luse", "ls"}, id="u-umlaut"),
        pytest.param("·量子·", {"liangzi", "lz"}, id="signs-are-passed-over"),
        pytest.param("openssl", set(), id="no-han"),
        pytest.param("かな", set(), id="no-reading"),
        pytest.param("", set(), id="empty"),
    ],
)
def test_keys_are_what_one_types(normal: str, expected: set[str]) -> None:
    """The keys are all syllables in full and their first letters, with every common reading."""
    assert pinyin_keys(normal) >= expected
    assert bool(pinyin_keys(normal)) == bool(expected)


def test_the_commonest_reading_stands_first() -> None:
    """Readings have no tones, ü is written v, and the most frequent one is first."""
    assert readings("的")[0] == "de"
    assert readings("科") == ("ke",)
    assert readings("绿")[0] == "lv"
    assert readings("a") == ()


def test_ways_of_reading_are_few() -> None:
    """A long string of characters with several readings has a bounded number of keys."""
    assert len(pinyin_keys("重行长乐" * 20)) <= 8


def test_a_term_stands_in_several_documents(table: CompletionTable) -> None:
    """Words of at least two documents are terms; those of most titles are ranked first."""
    terms = [table.text(number) for number in range(table.terms)]
    assert {"接口", "临床试验", "通知", "量子"} <= set(terms)
    assert "产业园" not in terms
    assert table.count(terms.index("接口")) == 2
    assert terms.index("通知") < terms.index("临床试验")


def test_names_count_their_documents(table: CompletionTable) -> None:
    """Accounts keep their spelling and are ranked by their number of documents."""
    names = [(table.text(number), table.count(number)) for number in range(table.terms, table.accounts)]
    assert names == [("浦江科技", 2), ("东湖量子", 1), ("東湖量子", 1)]


def test_beginnings_are_found_in_normal_form(table: CompletionTable) -> None:
    """A prefix finds names by their normal form and by pinyin."""
    assert {table.text(number) for number in table.with_prefix("东湖")} == {"东湖量子", "東湖量子"}
    assert list(table.with_prefix("没有")) == []
    assert {table.text(number) for number in table.with_pinyin_prefix("donghu")} == {"东湖量子", "東湖量子"}


def test_containing_stays_inside_one_term(table: CompletionTable) -> None:
    """A string across the boundary of two stored terms is found in neither."""
    texts = [table.text(number) for number in range(table.terms)]
    for first, second in pairwise(texts):
        border = first[-1] + second[0]
        assert [texts[number] for number in table.containing(border)] == [text for text in texts if border in text]
    assert [texts[number] for number in table.containing("机接")] == [text for text in texts if "机接" in text]


def test_phrases_recur_and_hold_together() -> None:
    """Words that are adjacent in several titles are a phrase; its parts are not offered."""
    counter = PhraseCounter()
    for rest in ("方案", "标准", "样机"):
        counter.add(f"柔性电极{rest}", ["柔性", "电", "极", rest])
    assert counter.recurring({"柔性": 3, "电": 3, "极": 3}) == {"柔性电极": 3}


def test_phrases_stop_at_signs() -> None:
    """Words with a comma between them are not a phrase, nor are words adjacent in two titles only."""
    counter = PhraseCounter()
    for number in range(5):
        counter.add(f"柔性,电极{number}", ["柔性", "电极"])
    for number in range(2):
        counter.add(f"柔性芯片{number}", ["柔性", "芯片"])
    assert counter.recurring({"柔性": 7, "电极": 5, "芯片": 2}) == {}


def test_phrases_have_no_function_words() -> None:
    """A phrase contains no function word such as 的."""
    counter = PhraseCounter()
    for number in range(5):
        counter.add(f"机构的电极{number}", ["机构", "的", "电极"])
    assert counter.recurring({"机构": 5, "的": 5, "电极": 5}) == {}


def test_the_file_is_the_same_each_time(make_searcher: MakeSearcher, tmp_path: Path) -> None:
    """Two runs over the same articles write the same bytes."""
    make_searcher(*ARTICLES)
    make_searcher(*ARTICLES)
    first, second = (current(tmp_path / name).path / FILE for name in ("index0", "index1"))
    assert first.read_bytes() == second.read_bytes()


def test_odd_texts_are_written(make_searcher: MakeSearcher) -> None:
    """Articles without title, account or words, and very long names, can be written and read."""
    searcher = make_searcher(
        {"title": "", "content": "只有正文。", "account": ""},
        {"title": "🙂🙂", "content": "。。。", "account": "\u202e甲"},
        {"title": "｜｜｜", "content": "字" * 5000, "account": "号" * 300},
    )
    assert searcher.complete("号")[0].text == "号" * 300
    assert searcher.complete("只有正文")[0].kind == "title"


@pytest.mark.parametrize("size", [0, 10, 40])
def test_a_short_file_is_damage(make_searcher: MakeSearcher, tmp_path: Path, size: int) -> None:
    """A truncated file is reported as damage, not as empty completions."""
    make_searcher(*ARTICLES)
    path = current(tmp_path / "index0").path / FILE
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(IndexDamaged, match=FILE):
        CompletionTable(path.parent)


@pytest.mark.shared
def test_the_file_is_small_beside_the_texts(seeds_index: Path) -> None:
    """The file takes less than 5 % of an index, even of few texts."""
    path = current(seeds_index).path
    everything = sum(file.stat().st_size for file in path.rglob("*.*"))
    assert (path / FILE).stat().st_size < 0.05 * everything
