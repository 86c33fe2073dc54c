"""The lexicon: document frequencies, followers and words of an index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from searcher.expansion.lexicon import Lexicon
from searcher.service import Searcher


@pytest.fixture(scope="module")
def lexicon(make_module_searcher: Callable[..., Searcher]) -> Lexicon:
    """The lexicon of two notes."""
    searcher = make_module_searcher(
        {"title": "脑机接口", "content": "脑机接口与脑科学。\n\n6G 与 26GHz 频段。"}, {"content": "大脑的科学。"}
    )
    return searcher._generation().lexicon


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        pytest.param("脑", 2, id="one-character"),
        pytest.param("脑机", 1, id="pair"),
        pytest.param("机脑", 0, id="absent-pair"),
        pytest.param("脑机科学", 0, id="pairs-that-do-not-join"),
        pytest.param("6g", 1, id="whole-runs"),
        pytest.param("ghz", 1, id="letters-of-a-mixed-run"),
        pytest.param("gh", 0, id="part-of-a-run"),
    ],
)
def test_document_frequency(lexicon: Lexicon, text: str, documents: int) -> None:
    """The number of documents that an unquoted term matches."""
    assert lexicon.document_frequency(text) == documents


def test_document_frequency_in_titles(lexicon: Lexicon) -> None:
    """With `is_title`, only matches in titles count."""
    assert (lexicon.document_frequency("脑机接口", True), lexicon.document_frequency("脑科学", True)) == (1, 0)


def test_followers(lexicon: Lexicon) -> None:
    """Followers of a character have their number of occurrences; ends of texts and of runs are no followers."""
    assert lexicon.followers("脑") == {"机": 2, "科": 1, "的": 1}
    assert lexicon.title_followers("脑") == {"机": 1}
    assert lexicon.followers("龙") == {}
    assert (lexicon.pair_frequency("脑", "机"), lexicon.pair_frequency("机", "脑")) == (2, 0)


def test_words(lexicon: Lexicon) -> None:
    """Joined words equal the text."""
    assert lexicon.words("脑科学+6g接口") == ["脑科学", "+6g", "接口"]
    assert lexicon.word_boundaries("脑科学接口") == {0, 3, 5}


def test_results_are_cached(lexicon: Lexicon) -> None:
    """A function is called once for the same arguments, also if it returns None."""
    asked = []

    def answer(lexicon: Lexicon, text: str) -> None:
        asked.append(text)

    assert [lexicon.cached(answer, "a"), lexicon.cached(answer, "a")] == [None, None]
    assert asked == ["a"]
