"""Suggestions as somebody who types sees them: what is completed, in which order, and how little is read for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.settings import Settings
from indexer.analysis.normalise import normalise
from indexer.analysis.pinyin import pinyin_keys
from indexer.store.stored_documents import DocumentReader
from searcher.completions import MAX_COMPLETIONS, MAX_PREFIX_CHARS
from searcher.results import Completion, Request
from searcher.service import Searcher

MakeSearcher = Callable[..., Searcher]

ARTICLES = (
    {"title": "脑机接口专项申报通知", "content": "上海。", "account": "浦江科技", "date": "2025-04-01"},
    {"title": "脑机接口产业园开工", "content": "上海，脑科学。", "account": "浦江科技", "date": "2025-03-01"},
    {"title": "脑科学十年", "content": "上海的脑科学。", "account": "东湖量子", "date": "2025-02-01"},
    {"title": "一图读懂｜AI 与 6G 专项", "content": "量子计算很快。", "account": "东湖量子", "date": "2025-01-01"},
    {"title": "6G 与 AI 专项", "content": "量子计算很快。", "account": "脑海观察", "date": "2024-01-01"},
    {"title": "脑机接口专项申报通知", "content": "另一处的转载。", "account": "重庆科普", "date": "2023-01-01"},
)


@pytest.fixture(scope="module")
def searcher(make_module_searcher: MakeSearcher) -> Searcher:
    """Six articles."""
    return make_module_searcher(*ARTICLES)


def texts(found: tuple[Completion, ...], kind: str = "") -> list[str]:
    """The texts of the suggestions, or of those of one kind, in order."""
    return [suggestion.text for suggestion in found if kind in ("", suggestion.kind)]


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        pytest.param("脑机", "脑机接口", id="han"),
        pytest.param("腦機", "脑机接口", id="traditional"),
        pytest.param("naojij", "脑机接口", id="pinyin"),
        pytest.param("NaoJi", "脑机接口", id="pinyin-capitals"),
        pytest.param("nao'ji", "脑机接口", id="pinyin-apostrophe"),
        pytest.param("njj", "脑机接口", id="initials"),
        pytest.param("机接", "脑机接口", id="inside"),
        pytest.param("６", "6g", id="full-width"),
        pytest.param("上海 脑机", "上海 脑机接口", id="last-word"),
        pytest.param("“原文” 脑机", "“原文” 脑机接口", id="after-quoted"),
        pytest.param("上海  OR njjk", "上海  OR 脑机接口", id="after-operator"),
    ],
)
def test_the_last_word_is_completed(searcher: Searcher, typed: str, term: str) -> None:
    """Whatever way a beginning is typed, the term follows, after all that stood before it."""
    assert term in texts(searcher.complete(typed), "term")


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blanks"),
        pytest.param("“脑", id="open-quote"),
        pytest.param("“脑”", id="quoted"),
        pytest.param("-脑", id="minus"),
        pytest.param("title:脑", id="field"),
        pytest.param("(脑", id="bracket"),
        pytest.param("脑 ", id="word-is-over"),
        pytest.param("脑。", id="mark"),
        pytest.param("zzzz", id="nothing-begins-so"),
        pytest.param("口专", id="across-words"),
        pytest.param("\x00\ud800\U0010ffff", id="no-characters"),
        pytest.param("脑机接口", id="complete"),
        pytest.param("脑" * (MAX_PREFIX_CHARS + 1), id="pasted"),
    ],
)
def test_nothing_else_is_completed(searcher: Searcher, typed: str) -> None:
    """Operators, quotes, ended words and what no term begins with give no terms, and never an error."""
    assert texts(searcher.complete(typed), "term") == []


def test_names_follow_terms(searcher: Searcher) -> None:
    """Accounts are found by their own characters and by pinyin, in any common reading, with their documents."""
    found = searcher.complete("脑", limit=20)
    assert [suggestion.kind for suggestion in found] == sorted(
        (suggestion.kind for suggestion in found), key=["term", "account", "type", "title"].index
    )
    assert texts(found, "account") == ["脑海观察"]
    for typed in ("chongq", "zhongq", "cqkp"):
        (account,) = [item for item in searcher.complete(typed) if item.kind == "account"]
        assert (account.text, account.count) == ("重庆科普", 1)


def test_names_do_not_carry_what_stood_before(searcher: Searcher) -> None:
    """A name replaces the word as a filter, so it comes alone."""
    assert texts(searcher.complete("上海 脑海"), "account") == ["脑海观察"]


def test_titles_are_newest_first_and_once(searcher: Searcher) -> None:
    """Titles that begin so, each once with its newest document."""
    found = [item for item in searcher.complete("脑机接口") if item.kind == "title"]
    assert [item.text for item in found] == ["脑机接口专项申报通知", "脑机接口产业园开工"]
    article = searcher.article(found[0].id)
    assert article is not None
    assert article.date == "2025-04-01"


def test_parts_of_titles_count(searcher: Searcher) -> None:
    """What follows a label such as 一图读懂｜ is found too, and the title is shown whole."""
    assert texts(searcher.complete("AI 与"), "title") == ["一图读懂｜AI 与 6G 专项"]


def test_long_beginnings_of_titles(make_searcher: MakeSearcher) -> None:
    """Beyond the characters that are sorted the title itself decides."""
    same = "关于组织开展某某某某年度重点专项项目申报工作的"
    searcher = make_searcher({"title": same + "通知", "content": "甲"}, {"title": same + "补充说明", "content": "乙"})
    assert sorted(texts(searcher.complete(same), "title")) == [same + "补充说明", same + "通知"]
    assert texts(searcher.complete(same + "补"), "title") == [same + "补充说明"]


def test_every_kind_has_a_place(make_searcher: MakeSearcher) -> None:
    """Many terms leave room for names and titles."""
    rows = [
        {"title": f"科{word}", "content": f"科{word}", "account": f"科{name}"}
        for word in ("学", "技", "研", "普", "室", "目", "幻", "教")
        for name in ("甲", "乙", "丙")
    ]
    found = make_searcher(*rows).complete("科", limit=8)
    kinds = [suggestion.kind for suggestion in found]
    assert len(found) == 8
    assert kinds.count("account") >= 2
    assert kinds.count("title") >= 2
    assert kinds.count("term") >= 2


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 3, 8, MAX_COMPLETIONS, 1000])
def test_limits_hold(searcher: Searcher, limit: int) -> None:
    """Never more than asked for, nothing twice, and the same each time."""
    for typed in ("脑", "n", "上海 脑", "6"):
        found = searcher.complete(typed, limit)
        assert len(found) <= max(min(limit, MAX_COMPLETIONS), 0)
        assert len({(item.kind, item.text) for item in found}) == len(found)
        assert found == searcher.complete(typed, limit)


def test_little_is_read(make_searcher: MakeSearcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many documents begin alike, a suggestion reads the beginnings of some tens of them and no text."""
    rows = [{"title": f"关于第{number}号项目的通知", "content": "申报。"} for number in range(600)]
    searcher = make_searcher(*rows)
    searcher.info()
    read: list[int] = []
    head = DocumentReader.head

    def counted(self: DocumentReader, number: int) -> Any:
        read.append(number)
        return head(self, number)

    monkeypatch.setattr(DocumentReader, "head", counted)
    monkeypatch.setattr(DocumentReader, "read", None)
    assert len(texts(searcher.complete("关于第"), "title")) == 8
    assert len(read) < 60


def test_program_types_are_names(settings: Settings) -> None:
    """A program type is suggested by its characters and by pinyin, with the number of documents that have it."""
    searcher = Searcher(settings.index_dir, settings)
    facet = searcher.search(Request(query="")).facets["type"]
    values = [value for value in facet if len(value.value) > 2]
    assert values
    for value in values:
        for typed in (value.value[:2], *pinyin_keys(normalise(value.value))):
            found = searcher.complete(typed, limit=20)
            assert Completion(text=value.value, kind="type", count=value.count) in found, typed
    assert "无" not in texts(searcher.complete("无"))
    searcher.close()


def test_closed_suggesters_hold_no_files(sample_index: Path) -> None:
    """Twenty searchers, asked and closed, leave no descriptor behind, also where an answer is still held."""

    def once() -> tuple[Completion, ...]:
        searcher = Searcher(sample_index, Settings())
        found = searcher.complete("科")
        searcher.close()
        return found

    held = [once()]
    before = len(list(Path("/proc/self/fd").iterdir()))
    held += [once() for _ in range(20)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert all(found == held[0] for found in held)
