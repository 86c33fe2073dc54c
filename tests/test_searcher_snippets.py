"""Snippets: stretches of the text itself, around what matched, marks and all."""

from __future__ import annotations

from itertools import pairwise

import hypothesis
import pytest
from hypothesis import strategies as st

from corpus.cleaning import clean_text
from indexer.normalise import normalise
from searcher.marking import find_spans
from searcher.page import Marked
from searcher.snippets import snippets

SENTENCE = "会议由办公室主持，相关处室负责人参加，并就下一步安排交换了意见。"


def of(body: str, *strings: str, count: int = 3, length: int = 40) -> tuple[Marked, ...]:
    """Snippets of a body for a query of these strings."""
    return snippets(body, find_spans(body, [(normalise(string), True) for string in strings], ()), count, length)


def plain(snippet: Marked) -> str:
    """A snippet without its marks."""
    return "".join(piece for piece, _ in snippet)


def marks(snippet: Marked) -> list[str]:
    """What is marked."""
    return [piece for piece, is_match in snippet if is_match]


def test_match_at_the_start() -> None:
    """A match at the very start is shown from the start."""
    assert of("脑机接口获批。" + SENTENCE * 5, "脑机接口")[0][0] == ("脑机接口", True)


def test_match_at_the_end() -> None:
    """A match at the very end is shown to the end."""
    assert of(SENTENCE * 5 + "获批的是脑机接口", "脑机接口")[0][-1] == ("脑机接口", True)


def test_short_body_whole() -> None:
    """A body shorter than a snippet is shown whole."""
    assert of("植入式脑机接口获批", "脑机接口") == ((("植入式", False), ("脑机接口", True), ("获批", False)),)


def test_whole_sentences() -> None:
    """Where sentences are near a snippet begins and ends with one."""
    body = SENTENCE * 3 + "昨天脑机接口产品获批进入市场，这在全国还是第一例，业内反响热烈。" + SENTENCE * 3
    text = plain(of(body, "脑机接口")[0])
    assert text.startswith("昨天")
    assert text.endswith("。")


def test_without_match() -> None:
    """Without any match the beginning of the body is shown, unmarked."""
    shown = of(SENTENCE * 10, "脑机接口")
    assert len(shown) == 1
    assert marks(shown[0]) == []
    assert (SENTENCE * 10).startswith(plain(shown[0]))


@pytest.mark.parametrize(("body", "count"), [pytest.param("", 3, id="no-body"), pytest.param("脑机接口", 0, id="none")])
def test_nothing_to_show(body: str, count: int) -> None:
    """No body, or no snippet wanted: none."""
    assert of(body, "脑机接口", count=count) == ()


def test_most_matches_first_chosen_then_text_order() -> None:
    """With one snippet only, it is the place with most of the query; with more, they stand in the order of the text."""
    body = f"先提脑机接口。{SENTENCE * 5}同时提上海的脑机接口。{SENTENCE * 5}再提上海。{SENTENCE * 5}"
    only = of(body, "脑机接口", "上海", count=1)
    assert [sorted(marks(snippet)) for snippet in only] == [["上海", "脑机接口"]]
    three = of(body, "脑机接口", "上海", count=3)
    assert [marks(snippet) for snippet in three] == [["脑机接口"], ["上海", "脑机接口"], ["上海"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("科" * 300 + "脑机接口" + "技" * 300, id="no-break-at-all"),
        pytest.param("脑机接口" * 200, id="nothing-but-matches"),
        pytest.param("<b>&amp;</b>" * 30 + "脑机接口" + "<i>&lt;</i>" * 30, id="markup"),
        pytest.param("\n".join(["脑机接口", "科技"] * 50), id="lines"),
        pytest.param("。".join(["脑机接口"] * 100), id="short-sentences"),
    ],
)
def test_awkward_bodies(body: str) -> None:
    """Snippets are stretches of the body, together of bounded length, each with a match, and no two share a character."""
    shown = of(body, "脑机接口")
    assert 1 <= len(shown) <= 3
    assert sum(map(len, map(plain, shown))) <= 3 * 40 * 2
    at = 0
    for snippet in shown:
        text = plain(snippet)
        assert marks(snippet)
        at = body.index(text, at) + len(text)


def test_long_body_many_matches() -> None:
    """Two million characters with a match in every sentence give three snippets."""
    shown = of(("脑机接口" + SENTENCE) * 55_000, "脑机接口")
    assert len(shown) == 3


pieces = st.sampled_from(["脑机接口", "量子", "科", "技", "，", "。", "\n", "a", " ", "：", "！”", "２", "腦機"])
bodies = st.lists(pieces, max_size=80).map("".join).map(clean_text)
thorough = hypothesis.settings(deadline=None, derandomize=True, max_examples=1500)


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_snippets_are_disjoint_stretches(body: str, count: int, length: int) -> None:
    """Stripping the marks gives stretches of the body, in order, without overlap, each with a match if there is any."""
    spans = find_spans(body, [("脑机", True), ("量子", True), ("科", True)], ())
    shown = snippets(body, spans, count, length)
    assert len(shown) <= count
    assert bool(shown) == bool(body)
    at = 0
    for snippet in shown:
        found = body.find(plain(snippet), at)
        assert found >= 0
        at = found + len(plain(snippet))
        assert bool(marks(snippet)) == bool(spans)


def test_snippet_ends_outside_of_matches() -> None:
    """Also where no sentence ends nearby no mark of a snippet is half a match."""
    body = "、".join(["科学技术委员会"] * 60)
    for snippet in of(body, "科学技术委员会", length=100):
        assert set(marks(snippet)) == {"科学技术委员会"}


@thorough
@hypothesis.given(bodies, st.integers(1, 4), st.integers(5, 60))
def test_snippets_never_cut_a_mark(body: str, count: int, length: int) -> None:
    """Every mark of a snippet is a whole match."""
    spans = find_spans(body, [("脑机接口", True), ("量子", True)], ())
    for snippet in snippets(body, spans, count, length):
        assert {normalise(mark) for mark in marks(snippet)} <= {"脑机接口", "量子"}


@thorough
@hypothesis.given(bodies)
def test_pieces_alternate(body: str) -> None:
    """A snippet is no longer a list of pieces than it must be: unmarked pieces never touch, none is empty."""
    for snippet in of(body, "脑机", "量子"):
        assert all(piece for piece, _ in snippet)
        assert not any(not left and not right for (_, left), (_, right) in pairwise(snippet))
