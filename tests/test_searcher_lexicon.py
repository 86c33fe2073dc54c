"""What the helpers ask an index."""

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
def test_count(lexicon: Lexicon, text: str, documents: int) -> None:
    """Documents that have a string as an unquoted term has it."""
    assert lexicon.count(text) == documents


def test_count_in_titles(lexicon: Lexicon) -> None:
    """Titles alone, where that is asked."""
    assert (lexicon.count("脑机接口", True), lexicon.count("脑科学", True)) == (1, 0)


def test_followers(lexicon: Lexicon) -> None:
    """What stands after a character, with the number of places; ends and edges are no characters."""
    assert lexicon.followers("脑") == {"机": 2, "科": 1, "的": 1}
    assert lexicon.title_followers("脑") == {"机": 1}
    assert lexicon.followers("龙") == {}
    assert (lexicon.pair("脑", "机"), lexicon.pair("机", "脑")) == (2, 0)


def test_words(lexicon: Lexicon) -> None:
    """Words join to the text."""
    assert lexicon.words("脑机接口+6g大脑") == ["脑机接口", "+6g", "大脑"]
    assert lexicon.borders("脑机接口大脑") == {0, 4, 6}


def test_answers_are_remembered(lexicon: Lexicon) -> None:
    """A function is asked once for the same arguments, also where it has no answer."""
    asked = []

    def answer(lexicon: Lexicon, text: str) -> None:
        asked.append(text)

    assert [lexicon.remembered(answer, "a"), lexicon.remembered(answer, "a")] == [None, None]
    assert asked == ["a"]
