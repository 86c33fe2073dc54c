"""Tokens: which words rank, where a term may begin and end, and when an index must be made again."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from indexer.analysis import Analyzer, edges, make_analyzer
from indexer.normalise import is_han, normalise


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    """The analyzer of the default settings."""
    return make_analyzer("", 200)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("，。！ …", [], id="punctuation-only"),
        pytest.param("脑机接口产品", ["脑机接口", "产品"], id="packaged-word"),
        pytest.param("衔接AI4S与6G网络", ["衔接", "ai4s", "与", "6g", "网络"], id="latin-and-digits-together"),
        pytest.param("3月的1.36万家", ["3", "月", "的", "1", "36", "万家"], id="single-digits-kept"),
        pytest.param("𠮷科技", ["𠮷", "科技"], id="outside-the-range-of-jieba"),
        pytest.param("r&d_人员", ["r", "d", "人员"], id="ampersand-and-underscore-part"),
        pytest.param("データ 한국 graphène", ["データ", "한국", "graphène"], id="other-scripts-as-whole-runs"),
    ],
)
def test_words(analyzer: Analyzer, text: str, words: list[str]) -> None:
    """Han runs by jieba, every other run of letters and digits whole, nothing dropped for being short or common."""
    assert analyzer.words(normalise(text)) == words


@hypothesis.settings(deadline=None, derandomize=True, max_examples=500)
@hypothesis.given(text=st.text(st.one_of(st.sampled_from("量子计算的𠮷a1Ａ ，。_·"), st.characters()), max_size=30))
def test_words_hold_every_letter(analyzer: Analyzer, text: str) -> None:
    """The words of a text, joined, are its letters, digits and Han characters in order."""
    normal = normalise(text)
    kept = "".join(character for character in normal if character.isalnum() or is_han(character))
    assert "".join(analyzer.words(normal)) == kept


@pytest.mark.parametrize(
    ("text", "term", "stands"),
    [
        pytest.param("发展6g网络", "6g", True, id="between-han"),
        pytest.param("26ghz频段", "6g", False, id="within-digits-and-letters"),
        pytest.param("6ghz频段", "6g", False, id="end-within-letters"),
        pytest.param("数据fair原则", "ai", False, id="within-a-word"),
        pytest.param("ai4s", "ai", True, id="letters-end-where-digits-begin"),
        pytest.param("2026年", "26", False, id="end-of-a-number"),
        pytest.param("2026年", "20", False, id="begin-of-a-number"),
        pytest.param("量子计算机", "子计", True, id="han-is-no-run"),
        pytest.param("covid-19", "covid-19", True, id="own-inside-does-not-count"),
        pytest.param("a_b", "a", True, id="underscore-is-no-letter"),
    ],
)
def test_edges(text: str, term: str, stands: bool) -> None:
    """An unquoted term must not begin or end within a run of letters or of digits."""
    start = text.index(term)
    assert edges(text)(start, start + len(term)) is stands


def test_fingerprint_is_the_same_in_every_process() -> None:
    """Two analyzers of the same settings agree, and the fingerprint is short enough to be shown."""
    first, second = make_analyzer("", 200).fingerprint, make_analyzer("", 200).fingerprint
    assert first == second
    assert len(first) == 16
    assert set(first) <= set("0123456789abcdef")


def test_fingerprint_follows_dictionary_and_limit(tmp_path: Path) -> None:
    """Whatever may change a word changes the fingerprint."""
    path = tmp_path / "words.txt"
    path.write_text("衔枢神经\n", "utf-8")
    analyzers = [make_analyzer("", 200), make_analyzer(str(path), 200), make_analyzer("", 199)]
    assert len({analyzer.fingerprint for analyzer in analyzers}) == 3
